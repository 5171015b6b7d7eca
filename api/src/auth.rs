//! Who is calling: a token in `Authorization`, or a sign-in's cookie.

use keyledger_domain::actor::Actor;
use keyledger_domain::command::LATEST_API_VERSION;
use keyledger_domain::grant::Grant;
use keyledger_domain::ids::{AccountId, MemberId};
use keyledger_domain::plan::{self, Feature};
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::State;
use keyledger_projections::{AuthFailure, Caller as TokenCaller, Live};
use poem::RequestBody;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::sync::Arc;

use crate::error::ApiError;
use crate::http::{count_call, count_failure};
use crate::limits::Source;
use crate::node::Node;
use crate::sessions::COOKIE;

/// The longest credential that is looked at, in bytes.
const CREDENTIAL_BYTES_MAX: usize = 512;

/// Whoever is calling.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A token.
    Token(TokenCaller),
    /// A member who is signed in.
    Session {
        /// The account.
        account: AccountId,
        /// The member.
        member: MemberId,
    },
    /// An invited member who joins by a link, and may do nothing else with it.
    Invitation {
        /// The account.
        account: AccountId,
        /// The member.
        member: MemberId,
    },
}

impl Caller {
    /// The account that the call is about.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Token(token) => token.account,
            Self::Session { account, .. } | Self::Invitation { account, .. } => *account,
        }
    }

    /// Who is signed in, or who made the token.
    #[must_use]
    pub fn member_id(&self) -> MemberId {
        match self {
            Self::Token(token) => token.grant.member,
            Self::Session { member, .. } | Self::Invitation { member, .. } => *member,
        }
    }

    /// The API version of a call that names none.
    #[must_use]
    pub const fn default_api_version(&self) -> u32 {
        match self {
            Self::Token(token) => token.default_api_version,
            Self::Session { .. } | Self::Invitation { .. } => LATEST_API_VERSION,
        }
    }

    /// What the calling token was given, as of now: it may have been edited or deleted meanwhile.
    ///
    /// # Errors
    /// 401 when the token is gone.
    pub fn grant(&self, live: &Live) -> Result<Option<(Grant, i64)>, ApiError> {
        match self {
            Self::Session { .. } | Self::Invitation { .. } => Ok(None),
            Self::Token(token) => live
                .grant(token.account, token.token)
                .map(Some)
                .ok_or_else(|| failure(AuthFailure::Unknown)),
        }
    }

    /// The caller with what they may do in this state; `grant` as [`Caller::grant`] gave it.
    ///
    /// # Errors
    /// 401 when the member is gone.
    pub fn actor(&self, state: &State, grant: Option<&(Grant, i64)>) -> Result<Actor, ApiError> {
        let actor = match (self, grant) {
            (Self::Token(token), Some((grant, version))) => {
                Actor::token(token.account, state, token.token, *version, grant)
            }
            (Self::Session { account, member }, _) => state
                .member(*member)
                .map(|member| Actor::member(*account, state, member)),
            (Self::Invitation { account, member }, _) => state
                .member(*member)
                .map(|member| Actor::invited(*account, member)),
            (Self::Token(_), None) => None,
        };
        actor.ok_or_else(|| failure(AuthFailure::Deactivated))
    }

    /// What the caller may do now, for reads.
    ///
    /// # Errors
    /// 401 when the caller is gone.
    pub fn actor_now<R>(
        &self,
        node: &Node,
        f: impl FnOnce(&State, &Actor) -> R,
    ) -> Result<R, ApiError> {
        let grant = self.grant(&node.live)?;
        node.live
            .with_state(self.account(), |state| {
                let actor = self.actor(state, grant.as_ref())?;
                Ok(f(state, &actor))
            })
            .unwrap_or_else(|| Err(failure(AuthFailure::Unknown)))
    }
}

/// What a credential that does not work is told.
pub(crate) fn failure(failure: AuthFailure) -> ApiError {
    ApiError::invalid_token(match failure {
        AuthFailure::Malformed | AuthFailure::Unknown => "Invalid access token",
        AuthFailure::Expired => "Invalid access token: it has expired",
        AuthFailure::Deactivated => "Invalid access token: its member was removed",
    })
}

/// The token in `Authorization`: bare, as the vendor's clients send it, or after `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ApiError::unauthorized("Authorization is there twice"));
    }
    let token = value.to_str().ok().and_then(token_in);
    token
        .map(Some)
        .ok_or_else(|| failure(AuthFailure::Malformed))
}

/// The token in a value of `Authorization`, unless it is longer than any.
pub(crate) fn token_in(value: &str) -> Option<&str> {
    if value.len() > CREDENTIAL_BYTES_MAX {
        return None;
    }
    let text = value.trim();
    Some(match text.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim_start(),
        _ => text,
    })
}

/// Requires that a call with a cookie comes from the server's own pages.
///
/// Where the operator names no origins, the origin of the address that the browser called is the server's
/// own: a cookie goes to the host that set it and to no other, so a page cannot choose both. Browsers leave `Origin` out of a same-origin GET; `Sec-Fetch-Site`, which no page can forge, says it.
pub fn require_own_origin(
    node: &Node,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let own = |origin: &str| {
        if node.settings.origins.is_empty() {
            let called = origin
                .strip_prefix("http://")
                .or_else(|| origin.strip_prefix("https://"));
            called.is_some() && called == host
        } else {
            node.settings.origins.iter().any(|own| own == origin)
        }
    };
    match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
        Some(Ok(origin)) if own(origin) => Ok(()),
        None if (*method == Method::GET || *method == Method::HEAD)
            && headers
                .get("sec-fetch-site")
                .is_some_and(|site| site == "same-origin") =>
        {
            Ok(())
        }
        _ => Err(ApiError::forbidden(
            "a call with a session cookie needs the server's own Origin",
        )),
    }
}

async fn authenticate(node: &Node, request: &poem::Request) -> Result<Caller, ApiError> {
    node.require_ready()?;
    if let Some(secret) = bearer(request.headers())? {
        let token = node
            .live
            .authenticate(secret, node.now_ms())
            .map_err(failure)?;
        let follows = token.grant.kind == TokenKind::Personal;
        let member = follows.then_some(token.grant.member);
        node.usage
            .used(token.account, token.token, member, node.now_ms());
        let included = |state: &State| plan::require(state, Feature::RestApi);
        node.live
            .with_state(token.account, included)
            .unwrap_or(Ok(()))?;
        return Ok(Caller::Token(token));
    }
    let cookie = request
        .cookie()
        .get(COOKIE)
        .map(|cookie| cookie.value_str().to_owned())
        .filter(|value| value.len() <= CREDENTIAL_BYTES_MAX)
        .ok_or_else(|| ApiError::unauthorized("Invalid access token: none was sent"))?;
    require_own_origin(node, request.method(), request.headers())?;
    let found = node.sessions.find(&cookie, node.now_ms()).await;
    let signed_in = found.map_err(ApiError::internal)?;
    let signed_out = || ApiError::unauthorized("you are not signed in");
    let (account, member) = signed_in.ok_or_else(signed_out)?;
    // A member who was removed is signed out with the same event.
    let active = node
        .live
        .with_state(account, |state| state.member(member).is_some());
    if active == Some(true) {
        node.usage.seen(account, member, node.now_ms());
        Ok(Caller::Session { account, member })
    } else {
        Err(signed_out())
    }
}

/// The caller of an operation, as an extractor: the two schemes stand in the OpenAPI document.
pub struct Auth(pub Caller);

impl<'a> ApiExtractor<'a> for Auth {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    const PARAM_IS_REQUIRED: bool = false;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = |name, key_in, description| MetaSecurityScheme {
            ty: "apiKey",
            description: Some(description),
            name: Some(name),
            key_in: Some(key_in),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(
            "ApiKey",
            scheme(
                "Authorization",
                "header",
                "An access token, bare or after `Bearer`.",
            ),
        );
        registry.create_security_scheme(
            "Session",
            scheme(
                COOKIE,
                "cookie",
                "The cookie of POST /session, together with the server's own Origin.",
            ),
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["ApiKey", "Session"]
    }

    async fn from_request(
        request: &'a poem::Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let node = request
            .data::<Arc<Node>>()
            .ok_or_else(|| ApiError::internal("a request without its node"))?;
        let caller = match authenticate(node, request).await {
            Err(error) if error.status() == StatusCode::UNAUTHORIZED => {
                return Err(count_failure(node, Source::of(request), error).into());
            }
            other => other?,
        };
        count_call(node, request, &caller)?;
        Ok(Self(caller))
    }
}
