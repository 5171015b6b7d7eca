//! Identifiers: 24 lower-case hex characters outside, 12 bytes inside, as the vendor's.
//!
//! Ids are made by the caller, so that no two are the same; nothing here is random.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 24 lower-case hex characters, not {found:?}")]
pub struct IdError {
    found: String,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes `bytes` as lower-case hex, in one piece: an id is in every answer, and a piece a byte costs more than the rest of it.
pub fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
    for part in bytes.chunks(16) {
        let mut text = [0_u8; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(part) {
            if let [high, low] = pair {
                (*high, *low) = (digit(byte >> 4), digit(byte & 15));
            }
        }
        let text = text.get(..part.len() * 2).unwrap_or_default();
        f.write_str(std::str::from_utf8(text).unwrap_or_default())?;
    }
    Ok(())
}

fn nibble(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

fn parse_hex12(text: &str) -> Result<[u8; 12], IdError> {
    let wrong = || IdError {
        found: text.chars().take(40).collect(),
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 12 || !rest.is_empty() {
        return Err(wrong());
    }
    let mut out = [0_u8; 12];
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = match (nibble(*high), nibble(*low)) {
            (Some(h), Some(l)) => h * 16 + l,
            _ => return Err(wrong()),
        };
    }
    Ok(out)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(#[serde(with = "serde_bytes")] [u8; 12]);

        impl $name {
            /// Makes an id of its twelve bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 12]) -> Self {
                Self(bytes)
            }

            /// The twelve bytes, as stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 12] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_hex12(text).map(Self)
            }
        }
    };
}

id!(
    /// An account: the tenant that members, roles and tokens belong to.
    AccountId
);
id!(
    /// A member of an account.
    MemberId
);
id!(
    /// An access token; it stays when the secret is reset.
    TokenId
);
id!(
    /// A custom role.
    RoleId
);
id!(
    /// A team of members.
    TeamId
);

/// An event's own identity, made by the writer of the command: 16 bytes shaped as a UUID version 7.
///
/// It is unique in a log, which settles whether a commit of unknown outcome happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 16]);

impl EventId {
    /// Makes an event id of its sixteen bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Builds a version 7 UUID (RFC 9562 §5.7) of a time and ten random bytes.
    #[must_use]
    pub fn v7(now_ms: i64, random: [u8; 10]) -> Self {
        let [_, _, t0, t1, t2, t3, t4, t5] = now_ms.to_be_bytes();
        let [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9] = random;
        let version = 0x70 | (r0 & 0x0f);
        let variant = 0x80 | (r2 & 0x3f);
        Self([
            t0, t1, t2, t3, t4, t5, version, r1, variant, r3, r4, r5, r6, r7, r8, r9,
        ])
    }

    /// The sixteen bytes, as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({self})")
    }
}

/// What a stream is about. The numbers are stored: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StreamKind {
    /// The account itself.
    Account = 1,
    /// One member.
    Member = 2,
    /// One token.
    Token = 3,
    /// One custom role.
    Role = 4,
    /// One team.
    Team = 5,
}

impl StreamKind {
    /// Reads a stored number; `None` when no kind has it.
    #[must_use]
    pub const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Account),
            2 => Some(Self::Member),
            3 => Some(Self::Token),
            4 => Some(Self::Role),
            5 => Some(Self::Team),
            _ => None,
        }
    }

    /// The name in tables, answers and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Member => "member",
            Self::Token => "token",
            Self::Role => "role",
            Self::Team => "team",
        }
    }

    /// The stored number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// One stream: the events of one entity, numbered from version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamRef {
    /// The account that the entity belongs to.
    pub account: AccountId,
    /// What kind of entity it is.
    pub kind: StreamKind,
    /// The entity's id.
    pub id: [u8; 12],
}

impl StreamRef {
    /// The stream of an account itself.
    #[must_use]
    pub const fn account(account: AccountId) -> Self {
        Self {
            account,
            kind: StreamKind::Account,
            id: *account.as_bytes(),
        }
    }

    /// The stream of a member.
    #[must_use]
    pub const fn member(account: AccountId, id: MemberId) -> Self {
        Self {
            account,
            kind: StreamKind::Member,
            id: *id.as_bytes(),
        }
    }

    /// The stream of a token.
    #[must_use]
    pub const fn token(account: AccountId, id: TokenId) -> Self {
        Self {
            account,
            kind: StreamKind::Token,
            id: *id.as_bytes(),
        }
    }

    /// The stream of a custom role.
    #[must_use]
    pub const fn role(account: AccountId, id: RoleId) -> Self {
        Self {
            account,
            kind: StreamKind::Role,
            id: *id.as_bytes(),
        }
    }

    /// The stream of a team.
    #[must_use]
    pub const fn team(account: AccountId, id: TeamId) -> Self {
        Self {
            account,
            kind: StreamKind::Team,
            id: *id.as_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = TokenId::from_bytes([
            0x61, 9, 0x55, 0x42, 0x75, 0x6d, 0xba, 0x55, 0x11, 1, 0xae, 0x21,
        ]);
        assert_eq!(id.to_string(), "61095542756dba551101ae21");
        assert_eq!(id.to_string().parse::<TokenId>().unwrap(), id);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "61095542756dba551101ae2",
            "61095542756DBA551101AE21",
            "61095542756dba551101ae2g",
            "61095542756dba551101ae2100",
        ] {
            assert!(text.parse::<TokenId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_event_id_is_a_version_7_uuid() {
        let id = EventId::v7(0x0123_4567_89ab, [0xff; 10]);
        assert_eq!(id.to_string(), "0123456789ab7fffbfffffffffffffff");
    }
}
