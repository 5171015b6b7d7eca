//! Why: which statement decided, whose it is, or what came nearest to allowing it.

use std::sync::Arc;

use super::{Member, State};
use crate::grant::{Grant, ScopeGrant};
use crate::ids::{RoleId, TeamId};
use crate::permission::LayerKind;
use crate::policy::{Effect, Miss, Policy, Resource, Verdict};
use crate::role::BuiltIn;

/// Where a policy comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A built-in role.
    BuiltIn(BuiltIn),
    /// A custom role, assigned to the member or named by the scope.
    CustomRole(RoleId),
    /// A custom role that a team gives.
    TeamRole(TeamId, RoleId),
    /// A permission on a team itself.
    TeamGrant(TeamId),
    /// The token's in-line policy.
    Inline,
    /// A policy by value, as it was when the token was made.
    Frozen,
}

/// A statement, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Where its policy comes from.
    pub source: Source,
    /// The policy.
    pub policy: Arc<Policy>,
    /// The index of the statement in the policy.
    pub statement: usize,
}

/// What one layer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerAnswer {
    /// Which layer.
    pub kind: LayerKind,
    /// Whether it allows it.
    pub allowed: bool,
    /// The statement that decided: an allow where it is allowed, else a deny; none where nothing matched.
    pub by: Option<Cited>,
    /// Where nothing matched: an allow that only half of the question misses.
    pub nearest: Option<(Cited, Miss)>,
}

/// Why a token may do something or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it is allowed: every layer allows it, and there is one.
    pub allowed: bool,
    /// The layers, in the order in which they are asked. None when the member of a personal token was removed.
    pub layers: Vec<LayerAnswer>,
}

impl Explanation {
    /// The layer that decided: the first that refuses; where none does, the scope.
    #[must_use]
    pub fn decisive(&self) -> Option<&LayerAnswer> {
        let refuses = self.layers.iter().find(|layer| !layer.allowed);
        refuses.or_else(|| self.layers.first())
    }
}

/// Policies of one layer with where they are from.
type Sourced = Vec<(Source, Arc<Policy>)>;

impl State {
    /// The policies of a scope now, with where they are from.
    fn scope_sources(&self, grant: &Grant) -> Sourced {
        match &*grant.scope {
            ScopeGrant::BuiltIn(role) => {
                vec![(Source::BuiltIn(*role), Arc::clone(role.scope_policy()))]
            }
            ScopeGrant::CustomRoles(ids) => {
                let roles = ids.iter().filter_map(|id| self.role(*id));
                roles
                    .map(|role| (Source::CustomRole(role.id), Arc::clone(&role.as_scope)))
                    .collect()
            }
            ScopeGrant::Policies(policies) => {
                let source = match grant.kind {
                    crate::scope::TokenKind::Personal => Source::Inline,
                    crate::scope::TokenKind::Service => Source::Frozen,
                };
                policies.iter().map(|p| (source, Arc::clone(p))).collect()
            }
        }
    }

    /// The policies of a member now, with where they are from.
    fn member_sources(&self, member: &Member) -> Sourced {
        self.sources_of(member)
            .map(|(source, policy)| (source, Arc::clone(policy)))
            .collect()
    }

    /// Why a grant allows `action` on `resource` now, or does not. Allocates.
    #[must_use]
    pub fn explain(&self, grant: &Grant, action: &str, resource: &Resource<'_>) -> Explanation {
        let Some(permission) = self.grant_permission(grant) else {
            return Explanation {
                allowed: false,
                layers: Vec::new(),
            };
        };
        let env = permission.env();
        // INVARIANT: the layers of a permission are the scope, the member's of a personal token, the bounds.
        let layers = permission.layers.iter().map(|layer| {
            let policies = match layer.kind {
                LayerKind::Scope => self.scope_sources(grant),
                LayerKind::Member => {
                    let member = self.member(grant.member);
                    member.map_or_else(Vec::new, |member| self.member_sources(member))
                }
                LayerKind::Bound => {
                    let policies = layer.policies.iter();
                    policies.map(|p| (Source::Frozen, Arc::clone(p))).collect()
                }
            };
            layer_answer(layer.kind, &policies, |policy| {
                (
                    policy.decide(action, resource, &env),
                    policy.nearest(action, resource, &env),
                )
            })
        });
        let layers: Vec<LayerAnswer> = layers.collect();
        Explanation {
            allowed: !layers.is_empty() && layers.iter().all(|layer| layer.allowed),
            layers,
        }
    }
}

fn layer_answer(
    kind: LayerKind,
    policies: &Sourced,
    ask: impl Fn(&Policy) -> (Verdict, Option<(usize, Miss)>),
) -> LayerAnswer {
    let (mut allow, mut deny, mut nearest) = (None, None, None);
    for (source, policy) in policies {
        let cited = |statement| Cited {
            source: *source,
            policy: Arc::clone(policy),
            statement,
        };
        let (verdict, near) = ask(policy);
        match verdict {
            Verdict::Allow(statement) => allow = allow.or_else(|| Some(cited(statement))),
            Verdict::Deny(statement) => deny = deny.or_else(|| Some(cited(statement))),
            Verdict::NoMatch => {}
        }
        if let Some((statement, miss)) = near {
            // The right action on another resource is nearer than another action on the right one.
            let nearer = match &nearest {
                None => true,
                Some((_, known)) => *known == Miss::Action && miss == Miss::Resource,
            };
            if nearer {
                nearest = Some((cited(statement), miss));
            }
        }
    }
    let allowed = allow.is_some();
    let by = allow.or(deny);
    LayerAnswer {
        kind,
        allowed,
        nearest: nearest.filter(|_| by.is_none()),
        by,
    }
}

impl Cited {
    /// The effect of the statement.
    #[must_use]
    pub fn effect(&self) -> Option<Effect> {
        let statement = self.policy.statements().get(self.statement);
        statement.map(|statement| statement.effect)
    }
}
