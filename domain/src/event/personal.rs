//! What events say of a person, as it is stored: sealed under a key of that person's own. See ADR 0009.
//!
//! An event with personal data is written as version 1 and stored as version 2: the whole of version 1, encrypted,
//! beside the fields that are about nobody in particular. Whoever has the key reads version 1 again. When the key is
//! gone, version 2 still says what happened, and the person is a tombstone.
//!
//! Encrypting is not done here: keys and ciphers are the storage's.

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, from_slice};
use super::{Event, MemberInvited, MemberJoined};
use crate::ids::{MemberId, RoleId};
use crate::policy::RoleAttributes;
use crate::role::BuiltIn;

/// The schema version of sealed events.
pub const SEALED: u16 = 2;
/// The schema version that is sealed, and read again with the key.
pub const PLAIN: u16 = 1;
const INVITED: &str = "member.invited";
const JOINED: &str = "member.joined";

/// `member.invited` version 2.
#[derive(Serialize, Deserialize)]
struct Invited {
    id: MemberId,
    role: BuiltIn,
    custom_roles: Vec<RoleId>,
    role_attributes: RoleAttributes,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

/// `member.joined` version 2.
#[derive(Serialize, Deserialize)]
struct Joined {
    id: MemberId,
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
}

/// The e-mail of a member whose key is gone. `.invalid` is nobody's domain (RFC 2606).
#[must_use]
pub fn erased_email(id: MemberId) -> String {
    format!("erased-{id}@erased.invalid")
}

/// Whether a stored event is sealed.
#[must_use]
pub fn is_sealed(event_type: &str, version: u16) -> bool {
    version == SEALED && (event_type == INVITED || event_type == JOINED)
}

/// Whether an event has to be sealed before it is stored.
#[must_use]
pub fn is_personal(event_type: &str, version: u16) -> bool {
    version == PLAIN && (event_type == INVITED || event_type == JOINED)
}

/// The payload of version 2 for one of version 1, whose encryption is `sealed`.
///
/// # Errors
/// When the payload is not what [`is_personal`] asks about.
pub fn seal(event_type: &str, payload: &[u8], sealed: Vec<u8>) -> Result<Vec<u8>, CodecError> {
    let bytes = match super::decode(event_type, PLAIN, payload)? {
        Event::MemberInvited(event) => rmp_serde::to_vec_named(&Invited {
            id: event.id,
            role: event.role,
            custom_roles: event.custom_roles,
            role_attributes: event.role_attributes,
            sealed,
        }),
        Event::MemberJoined(event) => rmp_serde::to_vec_named(&Joined {
            id: event.id,
            sealed,
        }),
        _ => return Err(unknown(event_type)),
    };
    bytes.map_err(|source| CodecError::Encode {
        event_type: event_type.to_owned(),
        reason: source.to_string(),
    })
}

/// What is sealed in a payload of version 2.
///
/// # Errors
/// When the payload is no such one.
pub fn sealed(event_type: &str, payload: &[u8]) -> Result<Vec<u8>, CodecError> {
    match event_type {
        INVITED => from_slice(event_type, SEALED, payload).map(|event: Invited| event.sealed),
        JOINED => from_slice(event_type, SEALED, payload).map(|event: Joined| event.sealed),
        _ => Err(unknown(event_type)),
    }
}

/// The event of a payload whose key is gone.
pub(super) fn tombstone(event_type: &str, payload: &[u8]) -> Result<Event, CodecError> {
    match event_type {
        INVITED => {
            let event: Invited = from_slice(event_type, SEALED, payload)?;
            Ok(Event::MemberInvited(MemberInvited {
                email: erased_email(event.id),
                first_name: String::new(),
                last_name: String::new(),
                id: event.id,
                role: event.role,
                custom_roles: event.custom_roles,
                role_attributes: event.role_attributes,
                password_hash: None,
            }))
        }
        JOINED => {
            let event: Joined = from_slice(event_type, SEALED, payload)?;
            Ok(Event::MemberJoined(MemberJoined {
                id: event.id,
                first_name: None,
                last_name: None,
                password_hash: String::new(),
            }))
        }
        _ => Err(unknown(event_type)),
    }
}

fn unknown(event_type: &str) -> CodecError {
    CodecError::Unknown {
        event_type: event_type.to_owned(),
        version: SEALED,
    }
}
