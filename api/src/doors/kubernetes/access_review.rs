//! `POST /kubernetes/subject-access-review`: whether a user may do something in the cluster.

use std::collections::BTreeMap;

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::{Resource, is_name};
use keyledger_projections::Named;
use poem::{Request, Response};
use serde::{Deserialize, Serialize};

use super::{DOOR, Reviewed, TOKEN_ID, read, require_version};
use crate::doors::reply;
use crate::doors::subject::Subject;
use crate::doors::{About, Doors, Reason, Verdict};
use crate::error::ApiError;

/// The path.
pub(in crate::doors) const PATH: &str = "/kubernetes/subject-access-review";
/// Stands where a request names nothing: no object of Kubernetes is called so.
const NOTHING: &str = "-";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    api_version: String,
    spec: Spec,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(default)]
    user: String,
    #[serde(default)]
    extra: Option<BTreeMap<String, Vec<String>>>,
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResourceAttributes {
    namespace: String,
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NonResourceAttributes {
    path: String,
    verb: String,
}

#[derive(Debug, Serialize)]
struct Status {
    allowed: bool,
    /// Whether no other authorizer shall be asked: a statement denies it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    denied: bool,
    reason: String,
}

/// Whom a review is about: the token that the user was reviewed by, else the member that the user's name names.
fn subject_of(spec: &Spec, account: AccountId) -> Subject {
    let extra = spec.extra.as_ref().and_then(|extra| extra.get(TOKEN_ID));
    match extra.map(Vec::as_slice) {
        Some([id]) => id
            .parse()
            .map_or(Subject::Nobody, |id| Subject::Token(Named::Id(account, id))),
        Some(_) => Subject::Nobody,
        None => {
            let member = spec.user.strip_prefix("member/");
            let member = member.and_then(|id| id.parse().ok());
            member.map_or(Subject::Nobody, Subject::Member)
        }
    }
}

const fn or_nothing(name: &str) -> &str {
    if name.is_empty() { NOTHING } else { name }
}

/// What is asked in the policy language: the action is the verb.
fn asked(spec: &Spec, cluster: Option<&str>) -> Result<(String, String), ApiError> {
    let (verb, text) = match (&spec.resource_attributes, &spec.non_resource_attributes) {
        (Some(asked), None) => {
            let namespace = or_nothing(&asked.namespace);
            let name = or_nothing(&asked.name);
            let more = [("group", &asked.group), ("subresource", &asked.subresource)];
            let more = more.iter().filter(|(_, value)| !value.is_empty());
            let more: Vec<String> = more.map(|(key, value)| format!("{key}:{value}")).collect();
            let more = match more.as_slice() {
                [] => String::new(),
                some => format!(";{{{}}}", some.join(",")),
            };
            let parts = [namespace, name, &asked.group, &asked.subresource];
            // No value may add a segment or a property.
            if !parts.iter().all(|part| part.is_empty() || is_name(part)) {
                return Err(ApiError::invalid(
                    "spec.resourceAttributes: has a name that is none",
                ));
            }
            if asked.resource == "*" {
                return Err(ApiError::invalid(
                    "spec.resourceAttributes.resource: is a pattern",
                ));
            }
            let text = format!("namespace/{namespace}:{}/{name}{more}", asked.resource);
            (&asked.verb, text)
        }
        (None, Some(asked)) => {
            let path = or_nothing(asked.path.trim_start_matches('/'));
            if !is_name(path) {
                return Err(ApiError::invalid(
                    "spec.nonResourceAttributes.path: is no path",
                ));
            }
            (&asked.verb, format!("url/{path}"))
        }
        _ => {
            return Err(ApiError::invalid(
                "spec: has resourceAttributes or nonResourceAttributes",
            ));
        }
    };
    let text = match cluster {
        Some(cluster) if is_name(cluster) => format!("cluster/{cluster}:{text}"),
        Some(_) => return Err(ApiError::invalid("cluster: is no name")),
        None => text,
    };
    Ok((verb.clone(), text))
}

/// Answers a request.
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(in crate::doors) async fn answer(
    doors: &Doors,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let (account, review): (_, Review) = read(doors, request).await?;
    require_version(&review.api_version, "authorization.k8s.io")?;
    let query = request.uri().query().unwrap_or_default();
    let mut query = form_urlencoded::parse(query.as_bytes());
    let cluster = query
        .find(|(name, _)| name == "cluster")
        .map(|(_, value)| value);
    let (action, text) = match asked(&review.spec, cluster.as_deref()) {
        // What cannot be expressed is nothing that anybody was allowed.
        Err(_) if asks_for_everything(&review.spec) => return nothing_allowed(doors, &review),
        asked => asked?,
    };
    let resource = Resource::parse(&text);
    let resource = resource.map_err(|error| ApiError::invalid(format!("spec: {error}")))?;
    let subject = subject_of(&review.spec, account);
    let memory = &doors.memory;
    let judged = memory.live.at_once(memory.now_ms(), |moment| {
        subject.judge(account, moment, (&action, &resource))
    });
    let about = About {
        asked: Some((&action, &text)),
        member: subject.member(),
        ..About::new(DOOR, false)
    };
    let verdict = doors.verdict(judged, &about);
    reviewed(&review, &verdict)
}

/// `kubectl auth can-i '*' '*'` asks about patterns, which no decision is about.
fn asks_for_everything(spec: &Spec) -> bool {
    let asked = spec.resource_attributes.as_ref();
    asked.is_some_and(|asked| {
        let parts = [&asked.resource, &asked.group, &asked.name, &asked.namespace];
        parts.iter().any(|part| part.as_str() == "*")
    })
}

fn nothing_allowed(doors: &Doors, review: &Review) -> Result<Response, ApiError> {
    let reviewed = Reviewed {
        api_version: &review.api_version,
        kind: "SubjectAccessReview",
        status: Status {
            allowed: false,
            denied: false,
            reason: "keyledger: decisions are about resources, not about patterns".to_owned(),
        },
    };
    reply::answer(&reviewed, doors.memory.live.position())
}

fn reviewed(review: &Review, verdict: &Verdict) -> Result<Response, ApiError> {
    let reason = verdict.reason();
    let reviewed = Reviewed {
        api_version: &review.api_version,
        kind: "SubjectAccessReview",
        status: Status {
            allowed: verdict.allowed(),
            denied: reason == Reason::DeniedByStatement,
            reason: format!("keyledger: {} ({})", reason.word(), verdict.id),
        },
    };
    reply::answer(&reviewed, verdict.judged.position)
}
