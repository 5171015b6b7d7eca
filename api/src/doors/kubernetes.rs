//! Kubernetes asks by webhook: TokenReview (`authentication.k8s.io`) and SubjectAccessReview (`authorization.k8s.io`).
//!
//! The cluster's API server shows a token that has `askDecisions` on `acct`, and asks about its account.

pub(super) mod access_review;
pub(super) mod token_review;

use keyledger_domain::ids::AccountId;
use poem::Request;
use poem::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Doors;
use super::reply;
use crate::error::ApiError;
use crate::http::min_position;

/// Its name in the decision log.
const DOOR: &str = "kubernetes";

/// The key of a user's `extra` that names the token which the user was reviewed by.
const TOKEN_ID: &str = "authentication.keyledger/token-id";

/// A review as it is answered: the question's own version and kind, and the status.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reviewed<'a, S> {
    api_version: &'a str,
    kind: &'static str,
    status: S,
}

/// Whoever asks, and what.
async fn read<T: DeserializeOwned>(
    doors: &Doors,
    request: &mut Request,
) -> Result<(AccountId, T), ApiError> {
    if *request.method() != Method::POST {
        return Err(ApiError::method_not_allowed("POST".into()));
    }
    doors.reach(min_position(request.headers())?).await?;
    let account = doors.trusted(doors.asker(request)?)?;
    Ok((account, reply::read(request, true).await?))
}

/// A version of a group that is spoken here.
fn require_version(found: &str, group: &str) -> Result<(), ApiError> {
    let version = found
        .strip_prefix(group)
        .and_then(|rest| rest.strip_prefix('/'));
    match version {
        Some("v1" | "v1beta1") => Ok(()),
        _ => Err(ApiError::invalid(format!(
            "apiVersion: is {group}/v1, not {found:?}"
        ))),
    }
}
