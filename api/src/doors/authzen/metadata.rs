//! `GET /.well-known/authzen-configuration`: where the endpoints are, by configuration and never by `Host`.

use poem::http::{Method, StatusCode};
use poem::{Request, Response};
use serde::Serialize;

use super::{EVALUATION, EVALUATIONS, METADATA, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT};
use crate::doors::reply::json;
use crate::error::ApiError;

/// The document, and the path that it is at.
#[derive(Debug)]
pub(super) struct Metadata {
    path: String,
    document: Document,
}

#[derive(Debug, Serialize)]
struct Document {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_resource_endpoint: String,
    search_action_endpoint: String,
}

impl Metadata {
    /// The document of a server at a URL, whose path, if any, follows the well-known one.
    ///
    /// # Errors
    /// When the URL is not `https` with a host, or has a query or a fragment.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let wrong = || format!("public-url: {url:?} is no https URL without query and fragment");
        let url = url.strip_suffix('/').unwrap_or(url);
        let rest = url.strip_prefix("https://").ok_or_else(wrong)?;
        let plain = !rest.contains(['?', '#']) && !rest.contains(char::is_whitespace);
        let (host, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if host.is_empty() || !plain || url.parse::<poem::http::Uri>().is_err() {
            return Err(wrong());
        }
        let at = |endpoint: &str| format!("{url}{endpoint}");
        Ok(Self {
            path: format!("{METADATA}{path}"),
            document: Document {
                policy_decision_point: url.to_owned(),
                access_evaluation_endpoint: at(EVALUATION),
                access_evaluations_endpoint: at(EVALUATIONS),
                search_subject_endpoint: at(SEARCH_SUBJECT),
                search_resource_endpoint: at(SEARCH_RESOURCE),
                search_action_endpoint: at(SEARCH_ACTION),
            },
        })
    }
}

/// Answers a request, which needs no credential.
///
/// # Errors
/// 404 where no URL is configured or the document of another server is asked for, 405 for another method.
pub(super) fn answer(metadata: Option<&Metadata>, request: &Request) -> Result<Response, ApiError> {
    let found = metadata.filter(|metadata| metadata.path == request.uri().path());
    let Some(metadata) = found else {
        return Err(ApiError::not_found("there is nothing at this path"));
    };
    if *request.method() != Method::GET && *request.method() != Method::HEAD {
        return Err(ApiError::method_not_allowed("GET, HEAD".into()));
    }
    let bytes = serde_json::to_vec(&metadata.document).map_err(ApiError::internal)?;
    Ok(json(StatusCode::OK, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_url_follows_the_well_known_one() {
        let metadata = Metadata::new("https://pdp.acme.example/tenant1/").unwrap();
        assert_eq!(metadata.path, "/.well-known/authzen-configuration/tenant1");
        let document = metadata.document;
        assert_eq!(
            document.policy_decision_point,
            "https://pdp.acme.example/tenant1"
        );
        assert_eq!(
            document.access_evaluation_endpoint,
            "https://pdp.acme.example/tenant1/access/v1/evaluation"
        );
        for wrong in [
            "http://a",
            "https://",
            "https://a?b",
            "https://a#b",
            "a",
            "https://a b",
        ] {
            assert!(Metadata::new(wrong).is_err(), "{wrong}");
        }
    }
}
