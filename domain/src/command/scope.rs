//! The scope of a new or edited token: exactly one kind, within the actor's rank.

use crate::event::{Digest, FrozenPolicies};
use crate::grant::ScopeGrant;
use crate::ids::RoleId;
use crate::permission::{Layer, LayerKind};
use crate::plan::{self, Feature};
use crate::policy::{Policy, PolicyError, Statement};
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::scope::{Scope, TokenKind};
use crate::state::State;

use super::Context;

/// The most custom roles that one token or member may have.
pub const CUSTOM_ROLES_MAX: usize = 64;

/// The three ways to say a scope, as they came in. Exactly one must be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeChoice {
    /// A built-in role.
    pub role: Option<String>,
    /// Custom roles, by key or id.
    pub custom_roles: Option<Vec<String>>,
    /// An in-line policy.
    pub inline: Option<Vec<Statement>>,
}

/// A secret that was made for the command: its digest and what stays visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// The digest.
    pub digest: Digest,
    /// The last four characters.
    pub ending: String,
}

impl ScopeChoice {
    /// Settles the choice.
    ///
    /// # Errors
    /// None or several of the three, an unknown role, a policy that does not parse.
    pub fn resolve(&self, state: &State) -> Result<Scope, Rejection> {
        let empty_roles = |keys: &Vec<String>| keys.is_empty();
        let empty_inline = |statements: &Vec<Statement>| statements.is_empty();
        let role = self.role.as_deref().filter(|role| !role.is_empty());
        let custom_roles = self.custom_roles.as_ref().filter(|keys| !empty_roles(keys));
        let inline = self.inline.as_ref().filter(|list| !empty_inline(list));
        match (role, custom_roles, inline) {
            (Some(role), None, None) => built_in(role).map(Scope::Role),
            (None, Some(keys), None) => {
                resolve_roles(state, "/customRoleIds", keys).map(Scope::CustomRoles)
            }
            (None, None, Some(statements)) => {
                Policy::parse(statements.clone()).map_err(|error| at("/inlineRole", &error))?;
                Ok(Scope::Inline(statements.clone()))
            }
            (None, None, None) => Err(Rejection::invalid(
                "",
                "a token needs a scope: give one of role, customRoleIds and inlineRole",
            )),
            _ => Err(Rejection::invalid(
                "",
                "a token has one scope: give only one of role, customRoleIds and inlineRole",
            )),
        }
    }
}

/// Requires that the plan includes a token of this kind and scope.
pub(super) fn in_plan(state: &State, kind: TokenKind, scope: &Scope) -> Result<(), Rejection> {
    if kind == TokenKind::Service {
        plan::require(state, Feature::ServiceTokens)?;
    }
    match scope {
        Scope::Role(_) => Ok(()),
        Scope::CustomRoles(_) | Scope::Inline(_) => plan::require(state, Feature::CustomRoles),
    }
}

/// A policy error as a rejection, its pointer below `pointer`.
pub(super) fn at(pointer: &str, error: &PolicyError) -> Rejection {
    // The error's own text starts with its pointer, which is relative to the policy.
    let inner = error.pointer();
    let text = error.to_string();
    let message = text
        .strip_prefix(inner)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(&text);
    Rejection::invalid(format!("{pointer}{inner}"), message)
}

fn built_in(name: &str) -> Result<BuiltIn, Rejection> {
    match name.parse() {
        Ok(role @ (BuiltIn::Reader | BuiltIn::Writer | BuiltIn::Admin)) => Ok(role),
        _ => Err(Rejection::invalid(
            "/role",
            format!("{:?} is no scope: reader, writer or admin", clip(name)),
        )),
    }
}

/// A text cut to a length that fits into a message.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Roles by key or id, as ids, each once.
///
/// # Errors
/// Too many, or one that there is not, with its place below `pointer`.
pub fn resolve_roles(
    state: &State,
    pointer: &str,
    keys: &[String],
) -> Result<Vec<RoleId>, Rejection> {
    if keys.len() > CUSTOM_ROLES_MAX {
        return Err(Rejection::invalid(
            pointer,
            format!(
                "has {} roles; at most {CUSTOM_ROLES_MAX} are allowed",
                keys.len()
            ),
        ));
    }
    let mut ids = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let role = state.role_by_key_or_id(key).ok_or_else(|| {
            Rejection::invalid(
                format!("{pointer}/{index}"),
                format!("there is no custom role with the key or id {:?}", clip(key)),
            )
        })?;
        if !ids.contains(&role.id) {
            ids.push(role.id);
        }
    }
    Ok(ids)
}

/// Refuses a built-in role above the actor's own.
pub(super) fn within_rank(scope: &Scope, context: &Context<'_>) -> Result<(), Rejection> {
    match (scope, context.actor.rank) {
        (Scope::Role(asked), Some(own)) if *asked > own => Err(Rejection::forbidden(format!(
            "the role {asked} is above your own, {own}: a token cannot do more than who makes it"
        ))),
        _ => Ok(()),
    }
}

/// A scope by value, its placeholders replaced by what they stand for to the actor now.
pub(super) fn freeze(
    state: &State,
    grant: &ScopeGrant,
    context: &Context<'_>,
) -> Result<FrozenPolicies, Rejection> {
    let layer = Layer {
        kind: LayerKind::Scope,
        policies: state.scope_policies(grant),
    };
    layer
        .freeze(&context.actor.permission.env())
        .map_err(|error| at("", &error))
}
