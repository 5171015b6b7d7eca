//! What a token was given: its scope and its bounds, parsed and shared.

use std::collections::HashMap;
use std::sync::Arc;

use crate::event::{FrozenPolicies, TokenCreated};
use crate::ids::{MemberId, RoleId};
use crate::policy::{Policy, PolicyError, RoleAttributes, Statement};
use crate::role::BuiltIn;
use crate::scope::{Scope, TokenKind};

/// Parsed policies by their text, so that a policy that a million tokens have is held once.
#[derive(Debug, Default, Clone)]
pub struct PolicyPool {
    policies: HashMap<Vec<Statement>, Arc<Policy>>,
}

impl PolicyPool {
    /// The parsed policy of these statements.
    ///
    /// # Errors
    /// When they are no policy.
    pub fn get(&mut self, statements: &[Statement]) -> Result<Arc<Policy>, PolicyError> {
        if let Some(policy) = self.policies.get(statements) {
            return Ok(Arc::clone(policy));
        }
        let policy = Arc::new(Policy::parse_stored(statements.to_vec())?);
        self.policies
            .insert(statements.to_vec(), Arc::clone(&policy));
        Ok(policy)
    }

    /// The parsed policies of a frozen layer.
    ///
    /// # Errors
    /// When one of them is no policy.
    pub fn layer(&mut self, frozen: &FrozenPolicies) -> Result<Vec<Arc<Policy>>, PolicyError> {
        frozen.iter().map(|policy| self.get(policy)).collect()
    }
}

/// A token's scope, as far as it is settled by the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ScopeGrant {
    /// A built-in role.
    BuiltIn(BuiltIn),
    /// Custom roles, whose policies are looked up at the moment of the check.
    CustomRoles(Vec<RoleId>),
    /// Policies by value: in-line, or frozen at creation.
    Policies(Vec<Arc<Policy>>),
}

/// Layers by value, all of which must allow.
pub type Bounds = Vec<Vec<Arc<Policy>>>;

/// Everything about a token that decides what it may do. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Personal or service.
    pub kind: TokenKind,
    /// The creator; for a personal token the ceiling.
    pub member: MemberId,
    /// The scope.
    pub scope: Arc<ScopeGrant>,
    /// The bounds.
    pub bounds: Arc<Bounds>,
    /// A live service token's own role attributes; everything else takes the member's.
    pub attributes: Option<Arc<RoleAttributes>>,
}

impl Grant {
    /// What `token.created` gave.
    ///
    /// # Errors
    /// When a stored policy does not parse.
    pub fn of_created(event: &TokenCreated, pool: &mut PolicyPool) -> Result<Self, PolicyError> {
        let scope = match &event.frozen_scope {
            Some(frozen) => ScopeGrant::Policies(pool.layer(frozen)?),
            None => scope_grant(&event.scope, pool)?,
        };
        let attributes =
            (event.kind == TokenKind::Service).then(|| Arc::new(event.role_attributes.clone()));
        Ok(Self {
            kind: event.kind,
            member: event.member,
            scope: Arc::new(scope),
            bounds: Arc::new(bounds_of(&event.bounds, pool)?),
            attributes,
        })
    }
}

/// A scope as a grant.
///
/// # Errors
/// When an in-line policy does not parse.
pub fn scope_grant(scope: &Scope, pool: &mut PolicyPool) -> Result<ScopeGrant, PolicyError> {
    Ok(match scope {
        Scope::Role(role) => ScopeGrant::BuiltIn(*role),
        Scope::CustomRoles(ids) => ScopeGrant::CustomRoles(ids.clone()),
        Scope::Inline(statements) => ScopeGrant::Policies(vec![pool.get(statements)?]),
    })
}

/// Frozen layers, parsed.
///
/// # Errors
/// When a stored policy does not parse.
pub fn bounds_of(frozen: &[FrozenPolicies], pool: &mut PolicyPool) -> Result<Bounds, PolicyError> {
    frozen.iter().map(|layer| pool.layer(layer)).collect()
}
