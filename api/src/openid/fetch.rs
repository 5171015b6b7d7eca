//! How the provider is asked: with a limit on time and size, without following where it points to, and through the proxy of the
//! environment (`HTTPS_PROXY`) where there is one.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take, connection included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes: the keys of a large provider take some kilobytes.
const ANSWER_BYTES_MAX: usize = 512 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// No answer, or not in time.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// More than is read.
    #[error("its answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// The answer cannot be handed on.
    #[error(transparent)]
    Answer(#[from] poem::http::Error),
}

/// A client of HTTP.
#[derive(Debug, Clone)]
pub(super) struct Fetch(reqwest::Client);

impl Fetch {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // Whoever has chosen one already, it stays.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            // A redirect could lead a request that holds a secret to anywhere.
            .redirect(Policy::none());
        Ok(Self(client.build()?))
    }

    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut answer = poem::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.answer(request))
    }
}
