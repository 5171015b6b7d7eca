//! Who the provider says it is.

use openidconnect::EndUserEmail;
use openidconnect::core::{CoreIdTokenClaims, CoreUserInfoClaims};

use super::OpenIdError;

/// The provider names nobody's e-mail.
const NO_EMAIL: &str = "the provider of identities names no e-mail; members are known by theirs";
/// The provider does not vouch for the e-mail.
const UNVERIFIED: &str = "the provider of identities does not call your e-mail verified";

/// Who the provider says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The e-mail; empty when none is named.
    pub email: String,
    /// Whether it is called verified.
    verified: bool,
}

impl Identity {
    fn of(email: Option<&EndUserEmail>, verified: Option<bool>) -> Self {
        // As it is: with space around it, it is another text than any member's.
        let email = email.map_or("", |email| email.as_str());
        Self {
            email: email.to_owned(),
            verified: verified == Some(true),
        }
    }

    /// What an ID token says.
    pub(super) fn of_claims(claims: &CoreIdTokenClaims) -> Self {
        Self::of(claims.email(), claims.email_verified())
    }

    /// What the provider says of whose ID token it is (OpenID Connect Core 1.0 §5.3).
    pub(super) fn of_info(claims: &CoreUserInfoClaims) -> Self {
        Self::of(claims.email(), claims.email_verified())
    }

    /// The identity, if somebody vouches for its e-mail: the provider, or the operator for the provider.
    pub(super) fn vouched(self, trusted: bool) -> Result<Self, OpenIdError> {
        match (self.email.is_empty(), self.verified || trusted) {
            (true, _) => Err(OpenIdError::NoEmail(NO_EMAIL)),
            (false, false) => Err(OpenIdError::NoEmail(UNVERIFIED)),
            (false, true) => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(email: &str, verified: Option<bool>) -> Identity {
        Identity::of(Some(&EndUserEmail::new(email.to_owned())), verified)
    }

    #[test]
    fn an_email_counts_when_somebody_vouches_for_it() {
        let said = identity("ada@example.com", Some(true)).vouched(false);
        assert_eq!(said.unwrap().email, "ada@example.com");
        for verified in [None, Some(false)] {
            let said = identity("ada@example.com", verified);
            assert!(said.clone().vouched(false).is_err(), "{verified:?}");
            assert!(said.vouched(true).is_ok(), "{verified:?}");
        }
        assert!(identity("", Some(true)).vouched(true).is_err());
        assert!(Identity::of(None, Some(true)).vouched(true).is_err());
    }
}
