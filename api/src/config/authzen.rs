//! What AuthZEN's callers see of the server.

use clap::Args;

/// What AuthZEN's callers see of the server.
#[derive(Debug, Clone, Args)]
pub struct AuthzenConfig {
    /// The URL at which clients reach the server, such as `https://tokens.acme.example`, for documents that name the
    /// server's own addresses. Without one there are no such documents.
    #[arg(long, env = "KEYLEDGER_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The e-mail of a subject of the type `user`, with `{id}` for its id, such as `{id}@acme.example`. Without one the
    /// id is the e-mail.
    #[arg(long, env = "KEYLEDGER_AUTHZEN_USER_EMAIL")]
    pub authzen_user_email: Option<String>,
}
