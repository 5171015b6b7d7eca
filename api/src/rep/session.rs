//! Sign-ins.

use poem_openapi::Object;

/// One sign-in of a member.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct Session {
    /// Its id, which is not its cookie.
    #[oai(rename = "_id")]
    pub id: String,
    /// When the member signed in, Unix milliseconds.
    pub creation_date: i64,
    /// When it ends by itself, Unix milliseconds.
    pub expiry: i64,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The sign-ins of a member.
#[derive(Debug, Clone, Object)]
pub struct Sessions {
    /// The newest first.
    pub items: Vec<Session>,
}
