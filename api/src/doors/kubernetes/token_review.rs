//! `POST /kubernetes/token-review`: who holds a token.

use std::collections::BTreeMap;

use keyledger_domain::scope::TokenKind;
use keyledger_projections::Holder;
use poem::{Request, Response};
use serde::{Deserialize, Serialize};

use super::{DOOR, Reviewed, TOKEN_ID, read, require_version};
use crate::doors::Doors;
use crate::doors::reply;
use crate::error::ApiError;

/// The path.
pub(in crate::doors) const PATH: &str = "/kubernetes/token-review";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    api_version: String,
    spec: Spec,
}

#[derive(Debug, Deserialize)]
struct Spec {
    token: String,
}

#[derive(Debug, Default, Serialize)]
struct Status {
    authenticated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User>,
}

#[derive(Debug, Serialize)]
struct User {
    username: String,
    uid: String,
    groups: Vec<&'static str>,
    extra: BTreeMap<&'static str, Vec<String>>,
}

impl User {
    fn of(holder: &Holder) -> Self {
        let (uid, group) = match holder.kind {
            TokenKind::Personal => (holder.member.to_string(), "keyledger:personal-tokens"),
            TokenKind::Service => (holder.token.to_string(), "keyledger:service-tokens"),
        };
        Self {
            username: holder.subject(),
            uid,
            groups: vec![group],
            extra: BTreeMap::from([(TOKEN_ID, vec![holder.token.to_string()])]),
        }
    }
}

/// Answers a request. Of a token that does not work nothing is said but that.
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(in crate::doors) async fn answer(
    doors: &Doors,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let (account, review): (_, Review) = read(doors, request).await?;
    require_version(&review.api_version, "authentication.k8s.io")?;
    let verdict = doors.status(DOOR, Some(account), &review.spec.token);
    let holder = verdict.holder().filter(|_| verdict.allowed());
    let reviewed = Reviewed {
        api_version: &review.api_version,
        kind: "TokenReview",
        status: Status {
            authenticated: holder.is_some(),
            user: holder.map(User::of),
        },
    };
    reply::answer(&reviewed, verdict.judged.position)
}
