//! Between events and bytes.

use serde::de::DeserializeOwned;

use super::Event;

/// Why bytes are no event, or an event no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Nothing with this name and version is known: a newer binary wrote it.
    #[error("event {event_type} version {version} is unknown to this binary")]
    Unknown {
        /// The event's name.
        event_type: String,
        /// Its schema version.
        version: u16,
    },
    /// The payload does not decode.
    #[error("event {event_type} version {version} does not decode: {reason}")]
    Malformed {
        /// The event's name.
        event_type: String,
        /// Its schema version.
        version: u16,
        /// What the decoder said.
        reason: String,
    },
    /// The event does not encode.
    #[error("event {event_type} does not encode: {reason}")]
    Encode {
        /// The event's name.
        event_type: String,
        /// What the encoder said.
        reason: String,
    },
}

/// Decodes the whole slice: trailing bytes are an error, though the decoder would let them pass.
pub(super) fn from_slice<T: DeserializeOwned>(
    event_type: &str,
    version: u16,
    bytes: &[u8],
) -> Result<T, CodecError> {
    let malformed = |reason: String| CodecError::Malformed {
        event_type: event_type.to_owned(),
        version,
        reason,
    };
    let mut rest = bytes;
    let mut decoder = rmp_serde::Deserializer::new(&mut rest);
    let value = T::deserialize(&mut decoder).map_err(|error| malformed(error.to_string()))?;
    if !rest.is_empty() {
        return Err(malformed(format!("{} bytes are left over", rest.len())));
    }
    Ok(value)
}

macro_rules! events {
    ($($name:literal, $version:literal => $variant:ident;)*) => {
        impl Event {
            /// The stable dotted name, as stored.
            #[must_use]
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// The version of the payload's schema, as stored.
            #[must_use]
            pub const fn schema_version(&self) -> u16 {
                match self { $(Self::$variant(_) => $version,)* }
            }

            /// Every name and version that this binary reads.
            pub const READABLE: &[(&str, u16)] = &[$(($name, $version),)*];
        }

        /// The payload as named MessagePack.
        ///
        /// # Errors
        /// Only if the encoder fails, which it does not for these types.
        pub fn encode(event: &Event) -> Result<Vec<u8>, CodecError> {
            let bytes = match event { $(Event::$variant(payload) => rmp_serde::to_vec_named(payload),)* };
            bytes.map_err(|source| CodecError::Encode {
                event_type: event.type_name().to_owned(),
                reason: source.to_string(),
            })
        }

        /// Reads a stored payload.
        ///
        /// # Errors
        /// When the name or version is unknown, or the bytes are not exactly one such payload.
        pub fn decode(event_type: &str, version: u16, payload: &[u8]) -> Result<Event, CodecError> {
            match (event_type, version) {
                $(($name, $version) => from_slice(event_type, version, payload).map(Event::$variant),)*
                _ if super::personal::is_sealed(event_type, version) => {
                    super::personal::tombstone(event_type, payload)
                }
                _ => Err(CodecError::Unknown { event_type: event_type.to_owned(), version }),
            }
        }
    };
}

// The names are stored: never change one, never reuse one.
events! {
    "account.created", 1 => AccountCreated;
    "account.plan_changed", 1 => AccountPlanChanged;
    "member.invited", 1 => MemberInvited;
    "member.downgraded", 1 => MemberDowngraded;
    "member.promoted", 1 => MemberPromoted;
    "member.roles_assigned", 1 => MemberRolesAssigned;
    "member.role_attributes_set", 1 => MemberAttributesSet;
    "member.invitation_issued", 1 => InvitationIssued;
    "member.joined", 1 => MemberJoined;
    "member.admitted", 1 => MemberAdmitted;
    "member.removed", 1 => MemberRemoved;
    "member.erased", 1 => MemberErased;
    "role.created", 1 => RoleCreated;
    "role.updated", 1 => RoleUpdated;
    "role.deleted", 1 => RoleDeleted;
    "team.created", 1 => TeamCreated;
    "team.updated", 1 => TeamUpdated;
    "team.members_changed", 1 => TeamMembersChanged;
    "team.roles_changed", 1 => TeamRolesChanged;
    "team.grants_changed", 1 => TeamGrantsChanged;
    "team.deleted", 1 => TeamDeleted;
    "token.created", 1 => TokenCreated;
    "token.reset", 1 => TokenReset;
    "token.updated", 1 => TokenUpdated;
    "token.deleted", 1 => TokenDeleted;
}
