//! What is asked of the audit log.

use keyledger_domain::ids::TokenId;
use keyledger_domain::policy::{Effect, Env, Policy, Resource, Statement};
use keyledger_projections::AuditRow;

use crate::error::ApiError;

/// The most ids of members or tokens in one question.
const IDS_MAX: usize = 50;
/// The longest text that is looked for, in characters.
const QUERY_CHARS_MAX: usize = 256;

/// Which entries are asked for; what is absent is true of every one.
#[derive(Debug, Default)]
pub(super) struct Query {
    text: Option<String>,
    policy: Option<Policy>,
    /// The only token that the specifier fits.
    about: Option<TokenId>,
    members: Vec<String>,
    tokens: Vec<String>,
}

/// The token that a specifier names by its id, such as `member/*:token/61095542756dba551101ae21`.
fn one_token(spec: &str) -> Option<TokenId> {
    let last = spec.rsplit(':').next()?;
    let personal = last.strip_prefix("token/");
    let id = personal.or_else(|| last.strip_prefix("service-token/"))?;
    // A pattern is no id, and neither is an id in other letters than those of resources.
    let token: TokenId = id.parse().ok()?;
    (token.to_string() == id).then_some(token)
}

impl Query {
    /// Settles the parameters that all questions have.
    pub(super) fn new(
        text: Option<String>,
        members: Vec<String>,
        tokens: Vec<String>,
    ) -> Result<Self, ApiError> {
        for (name, list) in [("member", &members), ("token", &tokens)] {
            if list.len() > IDS_MAX {
                return Err(ApiError::invalid(format!(
                    "{name}: there are {}; at most {IDS_MAX} are allowed",
                    list.len()
                )));
            }
        }
        let text = text.map(|text| text.trim().to_lowercase());
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > QUERY_CHARS_MAX)
        {
            return Err(ApiError::invalid(format!(
                "q: is longer than {QUERY_CHARS_MAX} characters"
            )));
        }
        Ok(Self {
            text: text.filter(|text| !text.is_empty()),
            policy: None,
            about: None,
            members,
            tokens,
        })
    }

    /// Those about resources of a specifier.
    pub(super) fn with_spec(self, spec: Option<&str>) -> Result<Self, ApiError> {
        let Some(spec) = spec.map(str::trim).filter(|spec| !spec.is_empty()) else {
            return Ok(self);
        };
        let statement = Statement {
            effect: Effect::Allow,
            resources: Some(vec![spec.to_owned()]),
            not_resources: None,
            actions: Some(vec!["*".to_owned()]),
            not_actions: None,
        };
        let policy = Policy::parse(vec![statement])
            .map_err(|error| ApiError::invalid(format!("spec: {error}")))?;
        Ok(Self {
            policy: Some(policy),
            about: one_token(spec),
            ..self
        })
    }

    /// The only token that entries may be about, where the specifier names one: what happened to it is found without looking
    /// through everything else.
    pub(super) const fn about(&self) -> Option<TokenId> {
        self.about
    }

    /// Those of which a policy allows an action; no statements ask for nothing more.
    pub(super) fn with_policy(self, statements: Vec<Statement>) -> Result<Self, ApiError> {
        if statements.is_empty() {
            return Ok(self);
        }
        let policy =
            Policy::parse(statements).map_err(|error| ApiError::invalid(error.to_string()))?;
        Ok(Self {
            policy: Some(policy),
            ..self
        })
    }

    /// Whether an entry is asked for.
    pub(super) fn matches(&self, row: &AuditRow) -> bool {
        let named = |list: &[String], id: Option<String>| {
            list.is_empty() || id.is_some_and(|id| list.contains(&id))
        };
        named(&self.members, row.member.map(|id| id.to_string()))
            && named(
                &self.tokens,
                row.token.as_ref().map(|token| token.id.to_string()),
            )
            && self.text.as_ref().is_none_or(|text| {
                row.name.to_lowercase().contains(text) || row.resource.to_lowercase().contains(text)
            })
            && self.policy.as_ref().is_none_or(|policy| {
                Resource::parse(&row.resource).is_ok_and(|resource| {
                    let allows = |action: &String| {
                        let verdict = policy.decide(action, &resource, &Env::default());
                        verdict.is_allow()
                    };
                    row.actions.iter().any(allows)
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::one_token;

    #[test]
    fn a_specifier_names_one_token_by_its_whole_id() {
        let id = "61095542756dba551101ae21";
        for spec in [
            format!("member/*:token/{id}"),
            format!("member/{id}:token/{id}"),
            format!("service-token/{id}"),
        ] {
            let found = one_token(&spec).map(|token| token.to_string());
            assert_eq!(found.as_deref(), Some(id), "{spec}");
        }
        for spec in [
            "member/*:token/*".to_owned(),
            format!("member/*:token/{id}*"),
            format!("member/*:token/{}", id.to_uppercase()),
            format!("member/{id}"),
            format!("token/{id}:x"),
            "acct".to_owned(),
        ] {
            assert_eq!(one_token(&spec), None, "{spec}");
        }
    }
}
