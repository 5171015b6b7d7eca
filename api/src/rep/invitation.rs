//! Invitation links.

use poem_openapi::Object;
use serde::Deserialize;

use super::link::Links;

/// How long the link shall work.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct InvitationForm {
    /// Until when it works, Unix milliseconds; seven days from now when absent, thirty at most.
    pub expiry: Option<i64>,
}

/// A link with which a member joins. It is shown once.
#[derive(Clone, Object)]
pub struct InvitationRep {
    /// The member.
    #[oai(rename = "_links")]
    pub links: Links,
    /// Where the member joins: a path of this server, with the code behind the `#`.
    pub href: String,
    /// The code, for `POST /invitation`.
    pub code: String,
    /// Until when it works, Unix milliseconds.
    pub expiry: i64,
}
