//! Subjects, actions and resources, and the one resource of the policy language that they make together.

use std::fmt::Write as _;

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::{ACTION_BYTES_MAX, Resource, is_name};
use keyledger_domain::state::{Member, State};
use keyledger_projections::{Live, Named};
use serde_json::{Map, Value};

use crate::doors::subject::Subject;

/// What is wrong with an entity, and where.
pub(super) type Wrong = String;

/// An entity as it was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entity<'a> {
    /// Its type; of an action, its name.
    pub(super) kind: &'a str,
    /// Its id, where it has one.
    pub(super) id: Option<&'a str>,
    /// Its properties, if any.
    pub(super) properties: Option<&'a Map<String, Value>>,
}

fn text<'a>(
    entity: &'a Map<String, Value>,
    place: &str,
    field: &str,
) -> Result<Option<&'a str>, Wrong> {
    match entity.get(field) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(Value::String(_)) => Err(format!("{place}.{field}: is empty")),
        Some(_) => Err(format!("{place}.{field}: is no text")),
    }
}

/// Reads an entity: `kind_field` is `type`, or `name` of an action.
///
/// # Errors
/// What is missing or of another type.
pub(super) fn read<'a>(
    value: Option<&'a Value>,
    place: &str,
    kind_field: &str,
) -> Result<Entity<'a>, Wrong> {
    let entity = match value {
        None => return Err(format!("{place}: is missing")),
        Some(Value::Object(entity)) => entity,
        Some(_) => return Err(format!("{place}: is no object")),
    };
    let kind = text(entity, place, kind_field)?;
    let properties = match entity.get("properties") {
        None | Some(Value::Null) => None,
        Some(Value::Object(properties)) => Some(properties),
        Some(_) => return Err(format!("{place}.properties: is no object")),
    };
    Ok(Entity {
        kind: kind.ok_or_else(|| format!("{place}.{kind_field}: is missing"))?,
        id: text(entity, place, "id")?,
        properties,
    })
}

impl<'a> Entity<'a> {
    /// The id, which must be there.
    pub(super) fn id(&self, place: &str) -> Result<&'a str, Wrong> {
        self.id.ok_or_else(|| format!("{place}.id: is missing"))
    }
}

/// Reads an action.
///
/// # Errors
/// What is missing, or longer than actions are.
pub(super) fn action(value: Option<&Value>) -> Result<Entity<'_>, Wrong> {
    let action = read(value, "action", "name")?;
    if action.kind.len() > ACTION_BYTES_MAX {
        return Err(format!("action.name: has at most {ACTION_BYTES_MAX} bytes"));
    }
    Ok(action)
}

/// How the ids of subjects of the type `user` and e-mails belong together.
#[derive(Debug, Default)]
pub(super) struct UserNames {
    /// What stands before and after the id in an e-mail; nothing where the id is the e-mail.
    around: (String, String),
}

impl UserNames {
    /// Reads a template such as `{id}@acme.example`.
    ///
    /// # Errors
    /// When it has not `{id}` in it once.
    pub(super) fn new(template: Option<&str>) -> Result<Self, String> {
        let Some(template) = template else {
            return Ok(Self::default());
        };
        let parts: Vec<&str> = template.split("{id}").collect();
        match parts.as_slice() {
            [before, after] => Ok(Self {
                around: ((*before).to_owned(), (*after).to_owned()),
            }),
            _ => Err(format!(
                "authzen-user-email: {template:?} has not {{id}} in it once"
            )),
        }
    }

    fn email(&self, id: &str) -> String {
        format!("{}{id}{}", self.around.0, self.around.1)
    }

    /// The id of a member as a `user`, unless no `user` has that e-mail.
    pub(super) fn id<'m>(&self, member: &'m Member) -> Option<&'m str> {
        let rest = member.email.strip_prefix(self.around.0.as_str())?;
        rest.strip_suffix(self.around.1.as_str())
            .filter(|id| !id.is_empty())
    }
}

/// The property of a subject that holds a secret. It is never part of a resource.
const SECRET: &str = "token";

/// Finds the subject that an entity names, and says whether a secret named it.
///
/// # Errors
/// When it has no id, or a secret that is no text.
pub(super) fn subject(
    entity: &Entity<'_>,
    account: AccountId,
    state: Option<&State>,
    (users, live): (&UserNames, &Live),
) -> Result<(Subject, bool), Wrong> {
    if entity.kind == "token"
        && let Some(secret) = entity.properties.and_then(|held| held.get(SECRET))
    {
        let secret = secret.as_str();
        return secret
            .map(|secret| (Subject::Token(live.named(secret)), true))
            .ok_or_else(|| format!("subject.properties.{SECRET}: is no text"));
    }
    let id = entity.id("subject")?;
    let member =
        |found: Option<&Member>| found.map_or(Subject::Nobody, |member| Subject::Member(member.id));
    let by_id = || state.and_then(|state| state.member(id.parse().ok()?));
    let subject = match entity.kind {
        "token" => id
            .parse()
            .map_or(Subject::Nobody, |id| Subject::Token(Named::Id(account, id))),
        "member" => member(by_id()),
        "user" => {
            let email = users.email(id);
            member(state.and_then(|state| state.member_by_email(&email)))
        }
        _ => Subject::Nobody,
    };
    Ok((subject, false))
}

/// A text as a name: what no name may hold stands as `%` and two hex digits, and so does `%`.
fn name(text: &str) -> String {
    if is_name(text) && !text.contains(['%', '$']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            ':' | ';' | ',' | '{' | '}' | '*' | '$' | '%' => escape(&mut out, character),
            control if control.is_control() => escape(&mut out, control),
            plain => out.push(plain),
        }
    }
    out
}

fn escape(out: &mut String, character: char) {
    let mut bytes = [0; 4];
    for byte in character.encode_utf8(&mut bytes).bytes() {
        let _a_string_takes_it = write!(out, "%{byte:02X}");
    }
}

/// The values that a property stands for: those of a list each, others as they are written in JSON.
fn values(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![name(text)],
        Value::Array(list) => list.iter().flat_map(values).collect(),
        other => vec![name(&other.to_string())],
    }
}

fn add(
    out: &mut Vec<String>,
    prefix: &str,
    properties: Option<&Map<String, Value>>,
) -> Result<(), Wrong> {
    for (key, value) in properties.into_iter().flatten() {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if key.is_empty() || !key.chars().all(fits) {
            return Err(format!(
                "properties: {key:?} is no key of letters, digits, '-', '_' and '.'"
            ));
        }
        for value in values(value) {
            out.push(format!("{prefix}{key}:{value}"));
        }
    }
    Ok(())
}

/// What stands in a resource's properties besides its own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    /// The subject's properties.
    pub(super) subject: Option<&'a Map<String, Value>>,
    /// The action's properties.
    pub(super) action: Option<&'a Map<String, Value>>,
}

/// The prefixes under which [`Beside`] stands; a resource's own properties may not begin so.
pub(super) const PREFIXES: [&str; 2] = ["subject.", "action."];

/// The properties of a question as they stand in a resource.
///
/// # Errors
/// When a key is none, or pretends to be of the subject or the action.
pub(super) fn selectors(
    own: Option<&Map<String, Value>>,
    beside: &Beside<'_>,
) -> Result<Vec<String>, Wrong> {
    let forged = own.into_iter().flatten().map(|(key, _)| key);
    for key in forged {
        if PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
            return Err(format!(
                "resource.properties.{key}: is not the resource's to say"
            ));
        }
    }
    let mut out = Vec::new();
    add(&mut out, "", own)?;
    let subject = beside.subject.map(|held| {
        let mut held = held.clone();
        held.remove(SECRET);
        held
    });
    add(&mut out, PREFIXES[0], subject.as_ref())?;
    add(&mut out, PREFIXES[1], beside.action)?;
    Ok(out)
}

/// The resource without properties: `type/id`, or the id where it is a whole resource that ends with that type.
pub(super) fn bare(kind: &str, id: &str) -> String {
    let last = id.rsplit(':').next().unwrap_or(id);
    let whole = last.split('/').next() == Some(kind) && Resource::parse(id).is_ok();
    match kind {
        "acct" => "acct".to_owned(),
        _ if whole => id.to_owned(),
        _ => format!("{kind}/{}", name(id)),
    }
}

/// A resource's text with properties at its end.
pub(super) fn with(bare: &str, selectors: &[String]) -> String {
    match selectors {
        // The account has no properties that a policy could ask for.
        [] => bare.to_owned(),
        _ if bare == "acct" => bare.to_owned(),
        some => {
            let more = if last_segment(bare).contains(';') {
                ','
            } else {
                ';'
            };
            format!("{bare}{more}{{{}}}", some.join(","))
        }
    }
}

/// The text of the resource that a question is about: a known one, with everybody's properties.
///
/// # Errors
/// When it has no id, or a property that cannot stand there.
pub(super) fn question(resource: &Entity<'_>, beside: &Beside<'_>) -> Result<String, Wrong> {
    let selectors = selectors(resource.properties, beside)?;
    let bare = bare(resource.kind, resource.id("resource")?);
    Ok(with(&bare, &selectors))
}

/// The last segment of a resource's text, its tags and properties included.
pub(super) fn last_segment(text: &str) -> &str {
    let mut braces = false;
    let mut start = 0;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => braces = true,
            b'}' => braces = false,
            b':' if !braces => start = place + 1,
            _ => {}
        }
    }
    text.get(start..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_resource_is_its_type_and_id_with_everybodys_properties() {
        let own = json!({"status": "archived", "tags": ["a", "b"], "when": "10:30", "n": 7});
        let subject = json!({"role": "admin", "token": "api-secret"});
        let action = json!({"soft": true});
        let beside = Beside {
            subject: subject.as_object(),
            action: action.as_object(),
        };
        let selectors = selectors(own.as_object(), &beside).unwrap();
        let text = with(&bare("record", "record-2"), &selectors);
        assert_eq!(
            text,
            "record/record-2;{n:7,status:archived,tags:a,tags:b,when:10%3A30,subject.role:admin,action.soft:true}"
        );
        assert!(Resource::parse(&text).is_ok());
    }

    #[test]
    fn ids_that_are_whole_resources_stay_and_others_are_escaped() {
        let whole = "proj/web:env/production:flag/dark";
        assert_eq!(bare("flag", whole), whole);
        assert_eq!(bare("record", "a:b"), "record/a%3Ab");
        assert_eq!(bare("record", "100%"), "record/100%25");
        assert_eq!(bare("file", "a/b"), "file/a/b");
        assert_eq!(bare("acct", "anything"), "acct");
        let tagged = with("proj/web;eu", &["a:b".to_owned()]);
        assert_eq!(tagged, "proj/web;eu,{a:b}");
        assert!(Resource::parse(&tagged).is_ok());
        assert_eq!(last_segment("proj/a;{k:v}:env/b;{x:y}"), "env/b;{x:y}");
    }

    #[test]
    fn a_resource_cannot_speak_for_the_subject() {
        let own = json!({"subject.role": "admin"});
        let error = selectors(own.as_object(), &Beside::default()).unwrap_err();
        assert!(error.contains("subject.role"), "{error}");
        let own = json!({"a b": 1});
        assert!(selectors(own.as_object(), &Beside::default()).is_err());
    }

    #[test]
    fn user_names_are_parts_of_emails() {
        let names = UserNames::new(Some("{id}@acme.example")).unwrap();
        assert_eq!(names.email("alice"), "alice@acme.example");
        for wrong in ["acme.example", "{id}{id}"] {
            assert!(UserNames::new(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
