//! Envoy's `ext_authz` over gRPC: `envoy.service.auth.v3.Authorization/Check`, on a listener of its own.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use envoy_types::ext_authz::v3::pb::{
    Authorization, AuthorizationServer, CheckRequest, CheckResponse, DeniedHttpResponse,
    HeaderAppendAction, HeaderValue, HeaderValueOption, HttpResponse, HttpStatus, OkHttpResponse,
};
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::google::rpc;
use poem::Response;
use poem::http::StatusCode;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::answer::{self, Denied};
use super::mapping::Gateway;
use super::original::Original;
use super::{Question, decide};
use crate::auth::token_in;
use crate::doors::Doors;
use crate::http::{MIN_POSITION, position};

/// The calls that one connection may have open.
const CALLS_MAX: u32 = 1_024;
/// The largest question, in bytes; Envoy may be told to send bodies, which nobody reads here.
const QUESTION_BYTES_MAX: usize = 1 << 20;

/// A listener for Envoy.
#[derive(Debug)]
pub struct GrpcDoor {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), tonic::transport::Error>>,
}

impl GrpcDoor {
    /// Listens where a configuration says so.
    ///
    /// # Errors
    /// As [`GrpcDoor::open`].
    pub async fn open_if(
        listen: Option<SocketAddr>,
        doors: &Arc<Doors>,
    ) -> Result<Option<Self>, String> {
        match listen {
            None => Ok(None),
            Some(listen) => Self::open(listen, Arc::clone(doors)).await.map(Some),
        }
    }

    /// Listens.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn open(listen: SocketAddr, doors: Arc<Doors>) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{listen}: {error}");
        let listener = tokio::net::TcpListener::bind(listen).await;
        let listener = listener.map_err(|error| failed(&error))?;
        let bound = listener.local_addr().map_err(|error| failed(&error))?;
        tracing::info!(port = bound.port(), "keyledger answers gRPC");
        let (stop, stopped) = oneshot::channel::<()>();
        let door = AuthorizationServer::new(Door(doors));
        let server = Server::builder()
            .max_concurrent_streams(CALLS_MAX)
            .add_service(door.max_decoding_message_size(QUESTION_BYTES_MAX))
            .serve_with_incoming_shutdown(
                TcpIncoming::from(listener).with_nodelay(Some(true)),
                async {
                    let _told_or_gone = stopped.await;
                },
            );
        Ok(Self {
            stop,
            served: tokio::spawn(server),
        })
    }

    /// Ends it: calls that are open get some time.
    pub async fn close(self, patience: Duration) {
        let _it_may_have_ended = self.stop.send(());
        let _nobody_is_left_to_tell = tokio::time::timeout(patience, self.served).await;
    }
}

struct Door(Arc<Doors>);

/// The key of a route's context under which its action stands, set in Envoy's configuration.
const ACTION: &str = "action";
/// The key of a route's context under which its resource stands.
const RESOURCE: &str = "resource";

/// What is asked: by the route's own context in Envoy, or by the mapping.
fn asked(
    gateway: &Gateway,
    attributes: &AttributeContext,
    original: &Original<'_>,
) -> Result<(Cow<'static, str>, String), Denied> {
    let context = &attributes.context_extensions;
    match (context.get(ACTION), context.get(RESOURCE)) {
        (Some(action), Some(resource)) => Ok((Cow::Owned(action.clone()), resource.clone())),
        (None, None) => {
            let (action, resource) = gateway.map(original)?;
            Ok((Cow::Owned(action.to_owned()), resource))
        }
        _ => Err(Denied::NoRoute),
    }
}

#[tonic::async_trait]
impl Authorization for Door {
    async fn check(
        &self,
        call: tonic::Request<CheckRequest>,
    ) -> Result<tonic::Response<CheckResponse>, tonic::Status> {
        let peer = call.remote_addr().map(|address| address.ip());
        let attributes = call.into_inner().attributes.unwrap_or_default();
        let http = attributes.request.as_ref();
        let http = http.and_then(|request| request.http.as_ref());
        let header = |name: &str| {
            let headers = http.map(|http| &http.headers);
            headers.and_then(|headers| headers.get(name))
        };
        let secret = match header("authorization") {
            None => Err(Denied::NoCredential),
            Some(value) => token_in(value).ok_or(Denied::Credential),
        };
        let min_position = match header("x-keyledger-min-position") {
            None => Ok(None),
            Some(text) => position(MIN_POSITION, text.parse().unwrap_or(-1))
                .map(Some)
                .map_err(|_| Denied::Position),
        };
        let asked = match http {
            None => Err(Denied::NoRoute),
            Some(http) => {
                let original = Original {
                    method: &http.method,
                    host: Some(&http.host),
                    target: &http.path,
                };
                asked(&self.0.gateway, &attributes, &original)
            }
        };
        let question = Question {
            door: "grpc",
            peer,
            min_position,
            secret,
            asked,
        };
        let decided = decide(&self.0, question).await;
        let answer = answer::of(&decided, false);
        let removes = self.0.gateway.removes_authorization(super::Family::Envoy);
        Ok(tonic::Response::new(message(answer, removes).await))
    }
}

/// The answer to HTTP as a message.
async fn message(answer: Response, remove_authorization: bool) -> CheckResponse {
    let (parts, body) = answer.into_parts();
    let headers = parts.headers.iter().map(|(name, value)| HeaderValueOption {
        header: Some(HeaderValue {
            key: name.as_str().to_owned(),
            value: value.to_str().unwrap_or_default().to_owned(),
            ..HeaderValue::default()
        }),
        // What a client says of itself is replaced.
        append_action: HeaderAppendAction::OverwriteIfExistsOrAdd.into(),
        ..HeaderValueOption::default()
    });
    let headers: Vec<HeaderValueOption> = headers.collect();
    let (code, http_response) = if parts.status == StatusCode::OK {
        let removed = remove_authorization.then(|| "authorization".to_owned());
        let ok = OkHttpResponse {
            headers,
            headers_to_remove: removed.into_iter().collect(),
            ..OkHttpResponse::default()
        };
        (tonic::Code::Ok, HttpResponse::OkResponse(ok))
    } else {
        let denied = DeniedHttpResponse {
            status: Some(HttpStatus {
                code: i32::from(parts.status.as_u16()),
            }),
            headers,
            body: body.into_string().await.unwrap_or_default(),
        };
        let code = match parts.status {
            StatusCode::UNAUTHORIZED => tonic::Code::Unauthenticated,
            _ => tonic::Code::PermissionDenied,
        };
        (code, HttpResponse::DeniedResponse(denied))
    };
    CheckResponse {
        status: Some(rpc::Status {
            code: code.into(),
            ..rpc::Status::default()
        }),
        http_response: Some(http_response),
        ..CheckResponse::default()
    }
}
