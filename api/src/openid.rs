//! Signing in by OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636), by
//! configuration.
//!
//! `begin` sends a browser to the provider and leaves a sealed cookie with it; `recognise` knows the browser that comes back, and
//! `finish` asks the provider whose e-mail it vouches for. Which member that is, is not decided here. See ADR 0020.

mod attempt;
mod fetch;
mod identity;
mod provider;

use keyledger_domain::secret::Pepper;
use keyledger_eventstore::Clock;
use openidconnect::core::{CoreAuthenticationFlow, CoreErrorResponseType};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, CsrfToken, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardErrorResponse, TokenResponse as _,
};
use subtle::ConstantTimeEq as _;

use crate::config::OpenIdConfig;
use crate::entropy::EntropyError;
use attempt::Seal;
use provider::Provider;

pub use attempt::{ATTEMPT_MS, Attempt};
pub use identity::Identity;

/// The cookie that holds an attempt to sign in while the browser is at the provider.
pub const COOKIE: &str = "keyledger_sign_in";
/// Where a browser begins.
pub const PATH: &str = "/sign-in/openid";
/// Where the provider sends it back to.
pub const CALLBACK: &str = "/sign-in/openid/callback";

/// Why OpenID Connect cannot be set up so.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdConfigError {
    /// An issuer without a client.
    #[error("--oidc-issuer needs --oidc-client-id: what the provider calls this server")]
    NoClient,
    /// A client without an issuer.
    #[error("--oidc-client-id needs --oidc-issuer: which provider knows it")]
    NoIssuer,
    /// The issuer is no URL that can be trusted.
    #[error("--oidc-issuer {0:?}: it must be an https URL; http is for this machine alone")]
    Issuer(String),
    /// Nobody could sign in.
    #[error("--password-sign-in false needs --oidc-issuer, or nobody could sign in")]
    NoWay,
    /// There is no client of HTTP.
    #[error("no client for the provider: {0}")]
    Client(#[from] reqwest::Error),
}

/// Why somebody is not signed in. The text is for them.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The provider does not answer as it should; the log lines say how.
    #[error("the provider of identities does not answer as it should; try again")]
    Provider,
    /// There is nowhere to come back to.
    #[error("the request names no host that a browser could come back to")]
    NoHost,
    /// The browser is not the one that began, or began too long ago.
    #[error("this sign-in was not begun here, or too long ago; begin again")]
    NotBegun,
    /// The provider says no.
    #[error("the provider of identities did not sign you in: {0}")]
    Denied(String),
    /// Its answer does not hold; the log lines say why.
    #[error("the answer of the provider of identities does not hold; begin again")]
    Unproven,
    /// Nobody vouches for an e-mail.
    #[error("{0}")]
    NoEmail(&'static str),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Where a browser goes, and the cookie that it keeps meanwhile.
pub struct Begun {
    /// The page of the provider.
    pub page: String,
    /// The value of the cookie [`COOKIE`].
    pub cookie: String,
}

/// What a browser comes back with.
#[derive(Clone, Copy)]
pub struct Returned<'a> {
    /// The value of the cookie [`COOKIE`]; empty without one.
    pub cookie: &'a str,
    /// The code to ask with; empty without one.
    pub code: &'a str,
    /// Which attempt it is.
    pub state: &'a str,
    /// Who answers, where the provider says so (RFC 9207); empty where not.
    pub issuer: &'a str,
    /// Why there is no code (RFC 6749 §4.1.2.1); empty when there is one.
    pub error: &'a str,
}

/// A provider as it is configured.
#[derive(Debug)]
pub struct ProviderConfig {
    name: String,
    trusts_emails: bool,
    provider: Provider,
}

impl ProviderConfig {
    /// The provider that is configured; none when there is none. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When the configuration cannot work.
    pub fn of(config: &OpenIdConfig) -> Result<Option<Self>, OpenIdConfigError> {
        let set = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        match (set(&config.oidc_issuer), set(&config.oidc_client_id)) {
            (None, None) if config.password_sign_in => Ok(None),
            (None, None) => Err(OpenIdConfigError::NoWay),
            (Some(_), None) => Err(OpenIdConfigError::NoClient),
            (None, Some(_)) => Err(OpenIdConfigError::NoIssuer),
            (Some(issuer), Some(client)) => Ok(Some(Self {
                name: config.oidc_name.clone(),
                trusts_emails: config.oidc_trust_emails,
                provider: Provider::new(&issuer, client, set(&config.oidc_client_secret))?,
            })),
        }
    }
}

/// The way to sign in by one provider.
#[derive(Debug)]
pub struct OpenId {
    config: ProviderConfig,
    seal: Seal,
}

/// The longest reason of a provider that is shown, in characters.
const REASON_CHARS_MAX: usize = 80;
/// The longest that goes into a log line, in characters: the provider's own words may be in it.
const LINE_CHARS_MAX: usize = 500;

impl OpenId {
    /// The way by a provider. All nodes of a fleet need the same pepper, for one may finish what another began.
    #[must_use]
    pub fn new(config: ProviderConfig, pepper: &Pepper) -> Self {
        let seal = Seal::of(pepper);
        Self { config, seal }
    }

    /// What the button says that it signs in with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Begins: `redirect` is where the provider sends the browser back to, `to` the page that it goes to then.
    ///
    /// # Errors
    /// When the provider is not there; when there is no randomness.
    pub async fn begin(
        &self,
        redirect: &str,
        to: &str,
        clock: &Clock,
    ) -> Result<Begun, OpenIdError> {
        let redirect_to = redirect_url(redirect)?;
        let attempt = Attempt::new(redirect, to, clock())?;
        let provider = &self.config.provider;
        let known = provider.known(clock).await?;
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let (state, nonce) = (attempt.state.clone(), attempt.nonce.clone());
        let client = provider.client(&known, redirect_to);
        let (page, ..) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(Begun {
            page: page.into(),
            cookie: self.seal.close(&attempt)?,
        })
    }

    /// The attempt that a browser comes back from. Nobody is asked for that.
    ///
    /// # Errors
    /// When it began nowhere here, or too long ago.
    pub fn recognise(&self, returned: &Returned<'_>, now_ms: i64) -> Result<Attempt, OpenIdError> {
        let attempt = self.seal.open(returned.cookie, now_ms);
        let attempt = attempt.ok_or(OpenIdError::NotBegun)?;
        let same = attempt.state.as_bytes().ct_eq(returned.state.as_bytes());
        match bool::from(same) {
            true => Ok(attempt),
            false => Err(OpenIdError::NotBegun),
        }
    }

    /// Finishes: asks the provider by the code who it is.
    ///
    /// # Errors
    /// When the provider says no or nothing, or its answer does not hold.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        returned: &Returned<'_>,
        clock: &Clock,
    ) -> Result<Identity, OpenIdError> {
        let provider = &self.config.provider;
        if !returned.issuer.is_empty() && !provider.is(returned.issuer) {
            return Err(unproven("it names another issuer"));
        }
        if !returned.error.is_empty() {
            return Err(denied(returned.error));
        }
        let known = provider.known(clock).await?;
        let client = provider.client(&known, redirect_url(&attempt.redirect)?);
        let request = client
            .exchange_code(AuthorizationCode::new(returned.code.to_owned()))
            .map_err(|error| failed(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.clone()));
        let answer = match request.request_async(&provider.fetch).await {
            Ok(answer) => answer,
            Err(error) => return Err(not_exchanged(&error)),
        };
        let token = answer
            .id_token()
            .ok_or_else(|| unproven("there is no ID token"))?;
        let nonce = Nonce::new(attempt.nonce.clone());
        let mut claims = provider.claims(&known, token, &nonce, clock());
        if let Err(ClaimsVerificationError::SignatureVerification(_)) = claims {
            // Its keys may have changed since they were asked for. Whoever comes here has a code that the provider took.
            let known = provider.renewed(clock).await?;
            claims = provider.claims(&known, token, &nonce, clock());
        }
        let claims = claims.map_err(|error| unproven(&chain(&error)))?;
        let mut identity = Identity::of_claims(&claims);
        if identity.email.is_empty()
            && let Ok(request) = client.user_info(
                answer.access_token().clone(),
                // Of the same person as the ID token.
                Some(claims.subject().clone()),
            )
        {
            let info = request.request_async(&provider.fetch).await;
            identity = Identity::of_info(&info.map_err(|error| failed(&error))?);
        }
        identity.vouched(self.config.trusts_emails)
    }
}

fn redirect_url(redirect: &str) -> Result<RedirectUrl, OpenIdError> {
    RedirectUrl::new(redirect.to_owned()).map_err(|_| OpenIdError::NoHost)
}

/// The code was not taken (RFC 6749 §5.2): it is used, too old or another browser's, or this server is not known there.
fn not_exchanged<E: std::error::Error + 'static>(
    error: &RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> OpenIdError {
    match error {
        RequestTokenError::ServerResponse(answer)
            if matches!(answer.error(), CoreErrorResponseType::InvalidGrant) =>
        {
            unproven(&chain(error))
        }
        error => failed(error),
    }
}

/// What the provider said instead of a code (RFC 6749 §4.1.2.1).
fn denied(error: &str) -> OpenIdError {
    // It is a word for programs; anything else would be somebody else's words on our page.
    let word: String = error
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c))
        .take(REASON_CHARS_MAX)
        .collect();
    match word.as_str() {
        "server_error" | "temporarily_unavailable" => {
            tracing::warn!(error = word, "the provider of identities fails");
            OpenIdError::Provider
        }
        _ => OpenIdError::Denied(word),
    }
}

/// The provider failed; how is for the log lines.
fn failed(error: &dyn std::error::Error) -> OpenIdError {
    tracing::warn!(error = chain(error), "the provider of identities fails");
    OpenIdError::Provider
}

/// What the provider answered does not hold; why is for the log lines.
fn unproven(reason: &str) -> OpenIdError {
    tracing::warn!(
        reason,
        "an answer of the provider of identities does not hold"
    );
    OpenIdError::Unproven
}

/// An error with its causes, as far as a log line goes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().take(LINE_CHARS_MAX).collect()
}
