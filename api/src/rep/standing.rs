//! How what a token may do now stands to what it was asked to be able to do: an extension that `expand=standing` asks for.

use keyledger_domain::grant::Grant;
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::State;
use poem_openapi::Object;

use super::effective::effective_role;
use super::token::CutOff;

/// Where a token stands now.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Standing {
    /// `active`, `expired` or `deactivated`; only an active token may do anything.
    pub status: String,
    /// The built-in role that its permission comes down to, where it is as simple as that.
    pub role: Option<String>,
    /// Something that its scope allows and the token may not do now; absent where nothing is cut off.
    pub cut_off: Option<CutOff>,
    /// Of a personal token, what its member has now: a base role, or the keys of custom roles.
    pub member_has: Option<String>,
    /// Of a personal token, since when its member has had that, or has been removed, Unix milliseconds.
    pub since: Option<i64>,
}

/// What is seen of it without comparing policies: the role that it comes down to, and what its member has.
pub struct Glance {
    /// As in [`Standing`].
    pub role: Option<String>,
    /// As in [`Standing`].
    pub member_has: Option<String>,
    /// Whether the role says all: that less is left of a built-in role needs no example.
    pub is_plain: bool,
}

/// Looks.
#[must_use]
pub fn glance(state: &State, scope: &Scope, grant: &Grant) -> Glance {
    let role = effective_role(state, scope, grant);
    let personal = grant.kind == TokenKind::Personal;
    let member = personal.then(|| state.member(grant.member)).flatten();
    let has = member.map(|member| {
        let keys = member.custom_roles.iter();
        let keys = keys.filter_map(|id| state.role(*id).map(|role| role.key.as_str()));
        let keys: Vec<&str> = keys.collect();
        match (member.custom_roles.is_empty(), keys.is_empty()) {
            (true, _) => member.role.to_string(),
            (false, true) => "deleted custom roles only".to_owned(),
            (false, false) => keys.join(", "),
        }
    });
    Glance {
        is_plain: role.is_some(),
        role: role.map(|role| role.to_string()),
        member_has: has,
    }
}
