//! What is known of a request before its operation runs.

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::ApiVersion;
use super::middleware::KEY_CHARS_MAX;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::{self, Idempotency};

/// What the outer layer noted of a request.
#[derive(Debug, Clone)]
pub struct RequestMeta {
    /// The request's id.
    pub request_id: String,
    /// The client's idempotency key, and a digest of method, path, query and body.
    pub idempotency: Option<(String, [u8; 32])>,
    /// The API version that the client asks for.
    pub version: Option<ApiVersion>,
}

/// What a write needs to know of its request; in the document it is the `Idempotency-Key` header.
pub struct WriteMeta(RequestMeta);

impl WriteMeta {
    /// Settles whose request it is.
    #[must_use]
    pub fn settle(self, caller: &Caller) -> Settled<'_> {
        // Two credentials that choose the same key are not in each other's way.
        let credential = match caller {
            Caller::Token(token) => format!("t{}", token.token),
            Caller::Session { member, .. } | Caller::Invitation { member, .. } => {
                format!("m{member}")
            }
        };
        let idempotency = self.0.idempotency.map(|(key, fingerprint)| Idempotency {
            key: format!("{credential}/{key}"),
            fingerprint,
        });
        Settled {
            caller,
            request_id: self.0.request_id,
            idempotency,
        }
    }
}

impl WriteMeta {
    /// Settles whose request it is, without its idempotency key: for what must not be repeated.
    #[must_use]
    pub fn once(self, caller: &Caller) -> Settled<'_> {
        Settled {
            caller,
            request_id: self.0.request_id,
            idempotency: None,
        }
    }
}

/// A write with whose request it is.
pub struct Settled<'a> {
    caller: &'a Caller,
    request_id: String,
    idempotency: Option<Idempotency>,
}

impl Settled<'_> {
    /// The idempotency key with what it stands for.
    #[must_use]
    pub const fn idempotency(&self) -> Option<&Idempotency> {
        self.idempotency.as_ref()
    }

    /// The request as the node takes it.
    #[must_use]
    pub fn request(&self) -> node::Request<'_> {
        node::Request {
            caller: self.caller,
            request_id: &self.request_id,
            idempotency: self.idempotency.as_ref(),
        }
    }
}

impl<'a> ApiExtractor<'a> for WriteMeta {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;
    type ParamType = String;
    type ParamRawType = String;

    fn register(registry: &mut Registry) {
        <String as Type>::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        let mut schema = MetaSchema::new("string");
        schema.min_length = Some(1);
        schema.max_length = Some(KEY_CHARS_MAX);
        schema.pattern = Some("^[ -~]+$".to_owned());
        Some(MetaSchemaRef::Inline(Box::new(schema)))
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> poem::Result<Self> {
        let meta = request
            .data::<RequestMeta>()
            .ok_or_else(|| ApiError::internal("a request without its metadata"))?;
        Ok(Self(meta.clone()))
    }
}
