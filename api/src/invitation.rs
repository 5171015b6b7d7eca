//! The code of an invitation: who is invited, and a secret that is shown once. Its digest is in the log.

use keyledger_domain::event::Digest;
use keyledger_domain::ids::MemberId;
use keyledger_domain::secret::{Pepper, is_well_formed};

use crate::entropy::{self, EntropyError};

/// What the secret of an invitation starts with: it is no token, and no token is one.
const PREFIX: &str = "inv-";
/// The longest code that is looked at, in bytes.
const CODE_BYTES_MAX: usize = 128;
/// How long a link works unless something else is asked for, milliseconds: seven days.
pub const INVITATION_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Where an invited member joins.
pub const PATH: &str = "/invitation";

/// A new code and the digest of its secret.
///
/// # Errors
/// When there is no randomness.
pub fn make(member: MemberId, pepper: &Pepper) -> Result<(String, Digest), EntropyError> {
    let secret = entropy::secret(PREFIX)?;
    let digest = Digest {
        pepper: pepper.id(),
        bytes: pepper.digest(secret.reveal()),
    };
    Ok((format!("{member}.{}", secret.reveal()), digest))
}

/// The link of a code. The code stands behind the `#`, which browsers send to nobody.
#[must_use]
pub fn href(code: &str) -> String {
    format!("{PATH}#{code}")
}

/// Takes a code apart; none when it has not the shape of one.
#[must_use]
pub fn parse(code: &str) -> Option<(MemberId, &str)> {
    let code = code.trim();
    if code.len() > CODE_BYTES_MAX {
        return None;
    }
    let (member, secret) = code.split_once('.')?;
    let member = member.parse().ok()?;
    is_well_formed(PREFIX, secret).then_some((member, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_comes_apart_as_it_was_made() {
        let pepper = Pepper::new(3, &[7; 32]).unwrap();
        let member: MemberId = "61095542756dba551101ae21".parse().unwrap();
        let (code, digest) = make(member, &pepper).unwrap();
        let (found, secret) = parse(&code).unwrap();
        assert_eq!(found, member);
        assert_eq!((digest.pepper, digest.bytes), (3, pepper.digest(secret)));
        assert!(parse(&code.replace("inv-", "api-")).is_none());
        assert!(parse(secret).is_none());
        assert!(parse(&format!("{code}{code}{code}")).is_none());
        assert_eq!(href("c"), "/invitation#c");
    }
}
