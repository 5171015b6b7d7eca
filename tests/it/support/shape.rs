//! The vendor's shapes: which fields an answer must have, and of which type. A published client refuses
//! an answer that lacks one, or holds a text or a fraction where an integer belongs.

use serde_json::Value;

/// The types that the vendor's schemas use.
#[derive(Debug, Clone, Copy)]
enum Is {
    /// 24 hex characters.
    Id,
    /// A text.
    Text,
    /// An integer: neither a text nor a fraction.
    Integer,
    /// Unix milliseconds.
    Time,
    /// True or false.
    Flag,
    /// A list of texts.
    Texts,
    /// A map of names to `{href, type}`.
    Links,
    /// A list of statements.
    Policy,
}

fn is_id(text: &str) -> bool {
    text.len() == 24
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| list.iter().all(Value::is_string))
}

fn is_links(value: &Value) -> bool {
    value.as_object().is_some_and(|links| {
        links.contains_key("self")
            && links.values().all(|link| {
                link["href"]
                    .as_str()
                    .is_some_and(|href| href.starts_with("/api/v2"))
                    && link["type"] == "application/json"
            })
    })
}

fn is_statement(value: &Value) -> bool {
    let lists = ["resources", "notResources", "actions", "notActions"];
    matches!(value["effect"].as_str(), Some("allow" | "deny"))
        && lists
            .iter()
            .all(|name| value.get(name).is_none_or(is_texts))
}

#[track_caller]
fn has(value: &Value, name: &str, is: Is) {
    let found = value
        .get(name)
        .unwrap_or_else(|| panic!("no {name} in {value}"));
    let fits = match is {
        Is::Id => found.as_str().is_some_and(is_id),
        Is::Text => found.is_string(),
        Is::Integer => found.is_i64(),
        Is::Time => found.as_i64().is_some_and(|ms| ms > 1_600_000_000_000),
        Is::Flag => found.is_boolean(),
        Is::Texts => is_texts(found),
        Is::Links => is_links(found),
        Is::Policy => found
            .as_array()
            .is_some_and(|list| list.iter().all(is_statement)),
    };
    assert!(fits, "{name} is no {is:?}: {found}");
}

/// A field that may be absent, but never null or of another type.
#[track_caller]
fn may_have(value: &Value, name: &str, is: Is) {
    if value.get(name).is_some() {
        has(value, name, is);
    }
}

/// Requires a token. Only the answers to create, clone and reset hold the whole secret.
#[track_caller]
pub fn token(value: &Value, whole_secret: bool) {
    for name in ["_id", "ownerId", "memberId"] {
        has(value, name, Is::Id);
    }
    for name in ["creationDate", "lastModified"] {
        has(value, name, Is::Time);
    }
    has(value, "_links", Is::Links);
    has(value, "token", Is::Text);
    has(value, "serviceToken", Is::Flag);
    has(value, "defaultApiVersion", Is::Integer);
    let length = value["token"].as_str().map_or(0, str::len);
    assert_eq!(length, if whole_secret { 40 } else { 4 }, "{value}");
    may_have(value, "expiry", Is::Time);
    may_have(value, "role", Is::Text);
    may_have(value, "customRoleIds", Is::Texts);
    may_have(value, "inlineRole", Is::Policy);
    may_have(value, "name", Is::Text);
    may_have(value, "description", Is::Text);
    let scopes = ["role", "customRoleIds", "inlineRole"];
    let scopes = scopes.iter().filter(|name| value.get(name).is_some());
    assert_eq!(scopes.count(), 1, "a token has one scope: {value}");
    let summary = &value["_member"];
    has(summary, "_id", Is::Id);
    has(summary, "_links", Is::Links);
    has(summary, "role", Is::Text);
    has(summary, "email", Is::Text);
}

/// Requires a member.
#[track_caller]
pub fn member(value: &Value) {
    has(value, "_id", Is::Id);
    has(value, "_links", Is::Links);
    for name in ["role", "email", "mfa"] {
        has(value, name, Is::Text);
    }
    for name in ["_pendingInvite", "_verified"] {
        has(value, name, Is::Flag);
    }
    has(value, "customRoles", Is::Texts);
    has(value, "_lastSeen", Is::Integer);
    has(value, "creationDate", Is::Time);
    may_have(value, "firstName", Is::Text);
    may_have(value, "lastName", Is::Text);
}

/// Requires a custom role.
#[track_caller]
pub fn role(value: &Value) {
    has(value, "_id", Is::Id);
    has(value, "_links", Is::Links);
    for name in ["key", "name"] {
        has(value, name, Is::Text);
    }
    has(value, "policy", Is::Policy);
    may_have(value, "description", Is::Text);
    may_have(value, "basePermissions", Is::Text);
}

/// Requires a collection, and gives its items.
#[track_caller]
pub fn collection(value: &Value) -> &[Value] {
    has(value, "_links", Is::Links);
    has(value, "totalCount", Is::Integer);
    value["items"].as_array().expect("items")
}
