//! Forward-auth: a gateway asks about each request before it lets it through.
//!
//! Each gateway has its own URL, so that a header which only another one would set means nothing:
//! `/forward-auth/nginx`, `/forward-auth/traefik` and `/forward-auth/envoy/…`. All of them are answered with 200, 401
//! or 403 and nothing else: nginx takes any other status for a fault, and Envoy may be told to let requests through
//! when it sees a fault.

mod answer;
mod mapping;
mod original;
mod path;
mod route;

use poem::{Request, Response};

use super::{Doors, Who};
use crate::http::min_position;

pub(super) use answer::Denied;
use original::Original;

pub use mapping::{Gateway, MappingError};
pub(super) use original::Family;
use path::PathError;

/// How long a gateway's request waits for a position, milliseconds: gateways themselves wait for 200.
const WAIT_MAX_MS: u64 = 100;

/// Answers a gateway.
pub(super) async fn answer(doors: &Doors, family: Family, request: &Request) -> Response {
    let answer = match decide(doors, family, request).await {
        Ok(verdict) => answer::verdict(&verdict, doors.gateway.removes_authorization(family)),
        Err(denied) => answer::denied(&denied),
    };
    tracing::debug!(status = answer.status().as_u16(), ?family, "forward-auth");
    answer
}

async fn decide(
    doors: &Doors,
    family: Family,
    request: &Request,
) -> Result<super::Verdict, Denied> {
    let gateway = &doors.gateway;
    gateway.require_peer(request)?;
    if let Some(position) = min_position(request.headers()).map_err(|_| Denied::Position)? {
        doors.reach_soon(position, WAIT_MAX_MS).await?;
    }
    doors.require_fresh()?;
    let secret = crate::auth::bearer(request.headers()).map_err(|_| Denied::Credential)?;
    let secret = secret.ok_or(Denied::NoCredential)?;
    let account = gateway.account(&doors.node.live).ok_or(Denied::NoRoute)?;
    let who = Who::Secret(secret);
    let asked = Original::of(family, request).and_then(|original| gateway.map(&original));
    match asked {
        Ok((action, text)) => {
            let resource = keyledger_domain::policy::Resource::parse(&text);
            let resource = resource.map_err(|_| Denied::Resource)?;
            Ok(doors.decide(Some(account), who, action, &resource))
        }
        Err(denied) => {
            // A token that does not work is told so first, whatever it asked for.
            let status = doors.status(Some(account), who);
            match status.allowed() {
                true => Err(denied),
                false => Ok(status),
            }
        }
    }
}
