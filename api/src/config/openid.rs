//! Signing in to the console by OpenID Connect.

use clap::Args;

/// The provider of identities by which members may sign in to the console, and whether passwords still do.
#[derive(Clone, Args)]
pub struct OpenIdConfig {
    /// The provider's issuer, such as `https://login.example.com`: its discovery document says the rest. Without one
    /// nobody signs in by OpenID Connect.
    #[arg(long, env = "KEYLEDGER_OIDC_ISSUER")]
    pub oidc_issuer: Option<String>,
    /// What the provider calls this server. Register `https://HOST/sign-in/openid/callback` there as its redirect URI.
    #[arg(long, env = "KEYLEDGER_OIDC_CLIENT_ID")]
    pub oidc_client_id: Option<String>,
    /// The secret that the provider gave for it; a public client has none.
    #[arg(long, env = "KEYLEDGER_OIDC_CLIENT_SECRET", hide_env_values = true)]
    pub oidc_client_secret: Option<String>,
    /// What the button says that it signs in with.
    #[arg(long, env = "KEYLEDGER_OIDC_NAME", default_value = "single sign-on", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub oidc_name: String,
    /// Takes the provider's word for an e-mail that it does not call verified, for providers where nobody chooses their own.
    #[arg(long, env = "KEYLEDGER_OIDC_TRUST_EMAILS")]
    pub oidc_trust_emails: bool,
    /// Whether members sign in and join with a password. With `false` they sign in by OpenID Connect only.
    #[arg(
        long,
        env = "KEYLEDGER_PASSWORD_SIGN_IN",
        default_value_t = true,
        action = clap::ArgAction::Set
    )]
    pub password_sign_in: bool,
}

impl std::fmt::Debug for OpenIdConfig {
    /// Without the client's secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenIdConfig")
            .field("oidc_issuer", &self.oidc_issuer)
            .field("oidc_client_id", &self.oidc_client_id)
            .field("oidc_trust_emails", &self.oidc_trust_emails)
            .field("password_sign_in", &self.password_sign_in)
            .finish_non_exhaustive()
    }
}
