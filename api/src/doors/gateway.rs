//! Forward-auth: a gateway asks about each request before it lets it through.
//!
//! Each gateway has its own URL, so that a header which only another one would set means nothing:
//! `/forward-auth/nginx`, `/forward-auth/traefik` and `/forward-auth/envoy/…`. All of them are answered with 200, 401
//! or 403 and nothing else: nginx takes any other status for a fault, and Envoy may be told to let requests through
//! when it sees a fault.

mod answer;
mod grpc;
mod mapping;
mod original;
mod path;
mod route;

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use keyledger_domain::policy::Resource;
use keyledger_eventstore::Position;
use poem::{Request, Response};

use super::{Doors, Verdict, Who};
use crate::auth::bearer;
use crate::http::min_position;

pub(super) use answer::Denied;
use original::Original;

pub use grpc::GrpcDoor;
pub use mapping::{Gateway, MappingError};
pub(super) use original::Family;
use path::PathError;

/// How long a gateway's request waits for a position, milliseconds: gateways themselves wait for 200.
const WAIT_MAX_MS: u64 = 100;

/// A gateway's question, as far as it could be read.
struct Question<'a> {
    /// Its name in the decision log.
    door: &'static str,
    /// Where it came from.
    peer: Option<IpAddr>,
    /// The position that it must not be answered from before.
    min_position: Result<Option<Position>, Denied>,
    /// The credential of the request.
    secret: Result<&'a str, Denied>,
    /// What is to be done with what, and on what resource.
    asked: Result<(Cow<'a, str>, String), Denied>,
}

/// Answers a gateway that asks over HTTP.
pub(super) async fn answer(doors: &Doors, family: Family, request: &Request) -> Response {
    let gateway = &doors.gateway;
    let secret = match bearer(request.headers()) {
        Ok(secret) => secret.ok_or(Denied::NoCredential),
        Err(_) => Err(Denied::Credential),
    };
    let original = Original::of(family, request);
    let asked = original.and_then(|original| gateway.map(&original));
    let question = Question {
        door: family.word(),
        peer: request.remote_addr().as_socket_addr().map(SocketAddr::ip),
        min_position: min_position(request.headers()).map_err(|_| Denied::Position),
        secret,
        asked: asked.map(|(action, resource)| (Cow::Borrowed(action), resource)),
    };
    let decided = decide(doors, question).await;
    answer::of(&decided, gateway.removes_authorization(family))
}

async fn decide(doors: &Doors, question: Question<'_>) -> Result<Verdict, Denied> {
    let gateway = &doors.gateway;
    gateway.require_peer(question.peer)?;
    if let Some(position) = question.min_position? {
        doors.reach_soon(position, WAIT_MAX_MS).await?;
    }
    doors.require_fresh()?;
    let secret = question.secret?;
    let account = gateway.account(&doors.memory.live).ok_or(Denied::NoRoute)?;
    let denied = match &question.asked {
        Ok((action, text)) => match Resource::parse(text) {
            Ok(resource) => {
                return Ok(doors.decide(
                    question.door,
                    Some(account),
                    Who::Secret(secret),
                    (action, &resource),
                ));
            }
            Err(_) => Denied::Resource,
        },
        Err(denied) => *denied,
    };
    // A token that does not work is told so first, whatever it asked for.
    let status = doors.status(question.door, Some(account), secret);
    match status.allowed() {
        true => Err(denied),
        false => Ok(status),
    }
}
