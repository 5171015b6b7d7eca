//! What is known of the provider: its discovery document and its keys, asked for when they are first needed, and again
//! from time to time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use keyledger_eventstore::Clock;
use openidconnect::core::{
    CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::url::Url;
use openidconnect::{
    AuthType, ClaimsVerificationError, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, RedirectUrl,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::fetch::Fetch;
use super::{OpenIdConfigError, OpenIdError, failed};

/// How long its document and keys are used without asking again, milliseconds.
const KNOWN_MS: i64 = 60 * 60 * 1_000;
/// How long nobody asks again after it did not answer, milliseconds: whoever waited meanwhile is told at once.
const FAILED_MS: i64 = 2_000;
/// How long its document and its keys may take together, and how long somebody waits for another who asks.
const ASK: Duration = Duration::from_secs(10);

/// Signatures that nobody can make who only knows what is public, or this server's secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A client that knows where to send browsers, and perhaps where to ask.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider, and what this server is to it.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) fetch: Fetch,
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    /// One asks at a time; the others wait for the answer.
    memory: Mutex<Memory>,
}

/// What came of asking it.
#[derive(Debug, Default)]
struct Memory {
    known: Option<Arc<Known>>,
    /// When it did not answer, Unix milliseconds.
    failed_at_ms: Option<i64>,
}

/// Whether a moment is less than `for_ms` ago.
fn is_recent(at_ms: i64, for_ms: i64, now_ms: i64) -> bool {
    (0..for_ms).contains(&now_ms.saturating_sub(at_ms))
}

/// What the provider said of itself.
#[derive(Debug)]
pub(super) struct Known {
    metadata: CoreProviderMetadata,
    /// Unix milliseconds.
    asked_at_ms: i64,
}

/// Whether what comes from an address can be trusted to come from there.
fn is_safe(url: &Url) -> bool {
    let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

/// The issuer, if it can be trusted.
fn issuer(text: &str) -> Result<IssuerUrl, OpenIdConfigError> {
    let refused = || OpenIdConfigError::Issuer(text.to_owned());
    let issuer = IssuerUrl::new(text.to_owned()).map_err(|_| refused())?;
    match is_safe(issuer.url()) {
        true => Ok(issuer),
        false => Err(refused()),
    }
}

/// An address in the provider's document that cannot be trusted, if there is one.
fn unsafe_address(metadata: &CoreProviderMetadata) -> Option<&Url> {
    let all = [
        Some(metadata.authorization_endpoint().url()),
        Some(metadata.jwks_uri().url()),
        metadata.token_endpoint().map(|at| at.url()),
        metadata.userinfo_endpoint().map(|at| at.url()),
    ];
    all.into_iter().flatten().find(|url| !is_safe(url))
}

impl Provider {
    pub(super) fn new(
        text: &str,
        client: String,
        secret: Option<String>,
    ) -> Result<Self, OpenIdConfigError> {
        Ok(Self {
            fetch: Fetch::new()?,
            issuer: issuer(text)?,
            client: ClientId::new(client),
            secret: secret.map(ClientSecret::new),
            memory: Mutex::default(),
        })
    }

    /// Whether it is the provider that an answer names.
    pub(super) fn is(&self, issuer: &str) -> bool {
        self.issuer.as_str() == issuer
    }

    /// What is known of it.
    pub(super) async fn known(&self, clock: &Clock) -> Result<Arc<Known>, OpenIdError> {
        self.of_memory(clock, |known, now_ms| {
            is_recent(known.asked_at_ms, KNOWN_MS, now_ms)
        })
        .await
    }

    /// The same, asked anew.
    pub(super) async fn renewed(&self, clock: &Clock) -> Result<Arc<Known>, OpenIdError> {
        let since_ms = clock();
        // Whoever waited for another who asked has what is new.
        self.of_memory(clock, |known, _| known.asked_at_ms > since_ms)
            .await
    }

    /// What is known, if it is good enough; else what the provider says now.
    async fn of_memory(
        &self,
        clock: &Clock,
        is_enough: impl Fn(&Known, i64) -> bool,
    ) -> Result<Arc<Known>, OpenIdError> {
        let Ok(mut memory) = timeout(ASK, self.memory.lock()).await else {
            return Err(OpenIdError::Provider);
        };
        let now_ms = clock();
        if let Some(known) = memory
            .known
            .as_ref()
            .filter(|known| is_enough(known, now_ms))
        {
            return Ok(Arc::clone(known));
        }
        let failed_at_ms = memory.failed_at_ms;
        if failed_at_ms.is_some_and(|at_ms| is_recent(at_ms, FAILED_MS, now_ms)) {
            return Err(OpenIdError::Provider);
        }
        let asked = match timeout(ASK, self.ask(now_ms)).await {
            Ok(asked) => asked,
            Err(elapsed) => Err(failed(&elapsed)),
        };
        memory.failed_at_ms = asked.is_err().then(clock.as_ref());
        Ok(Arc::clone(memory.known.insert(asked?)))
    }

    async fn ask(&self, now_ms: i64) -> Result<Arc<Known>, OpenIdError> {
        let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.fetch).await;
        let metadata = metadata.map_err(|error| failed(&error))?;
        if let Some(url) = unsafe_address(&metadata) {
            tracing::warn!(%url, "the provider of identities names an address without TLS");
            return Err(OpenIdError::Provider);
        }
        Ok(Arc::new(Known {
            metadata,
            asked_at_ms: now_ms,
        }))
    }

    /// A client of the provider, to which it sends browsers back at `redirect`.
    pub(super) fn client(&self, known: &Known, redirect: RedirectUrl) -> Client {
        let (client, secret) = (self.client.clone(), self.secret.clone());
        CoreClient::from_provider_metadata(known.metadata.clone(), client, secret)
            .set_redirect_uri(redirect)
            .set_auth_type(auth_type(&known.metadata))
    }

    /// What an ID token says, if it is the provider's, for this server and this attempt, and holds now (OpenID Connect
    /// Core 1.0 §3.1.3.7).
    pub(super) fn claims(
        &self,
        known: &Known,
        token: &CoreIdToken,
        nonce: &Nonce,
        now_ms: i64,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let (client, issuer) = (self.client.clone(), self.issuer.clone());
        let keys = known.metadata.jwks().clone();
        let now = SystemTime::UNIX_EPOCH
            + Duration::from_millis(u64::try_from(now_ms).unwrap_or_default());
        // Without the secret: no signature by it counts.
        let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys)
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now.into());
        token.claims(&verifier, nonce).cloned()
    }
}

/// How a client shows its secret: as a provider expects that says nothing of it (OpenID Connect Discovery 1.0 §3),
/// unless it takes only the other way.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    let basic = takes(CoreClientAuthMethod::ClientSecretBasic);
    match takes(CoreClientAuthMethod::ClientSecretPost) && !basic {
        true => AuthType::RequestBody,
        false => AuthType::BasicAuth,
    }
}

#[cfg(test)]
mod tests {
    use super::issuer;

    #[test]
    fn an_issuer_is_reached_over_tls_or_on_this_machine() {
        for trusted in [
            "https://login.example.com",
            "https://login.example.com/realms/acme",
            "http://127.0.0.1:3000",
            "http://localhost:3000/",
            "http://[::1]:3000",
        ] {
            assert!(issuer(trusted).is_ok(), "{trusted}");
        }
        for refused in [
            "",
            "login.example.com",
            "http://login.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
        ] {
            assert!(issuer(refused).is_err(), "{refused}");
        }
    }
}
