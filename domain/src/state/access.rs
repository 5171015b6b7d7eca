//! What a token may do at this moment. Nothing here allocates, except where it says so.

use std::sync::Arc;

use super::explain::Source;
use super::{Member, State, Token};
use crate::grant::{Grant, ScopeGrant};
use crate::ids::{MemberId, RoleId};
use crate::permission::{Layer, LayerKind, Permission};
use crate::policy::{Env, Policy, Resource, RoleAttributes, Verdict};
use crate::scope::TokenKind;

/// Why a token that exists does not work, or that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStatus {
    /// It works.
    Active,
    /// Its expiry has passed.
    Expired,
    /// Its member was removed.
    Deactivated,
    /// It was deleted.
    Deleted,
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The member of a personal token was removed.
    Deactivated,
    /// Nothing in this layer speaks for it.
    NotAllowedBy(LayerKind),
    /// A statement of this layer denies it, and no other policy of the layer allows it.
    DeniedBy(LayerKind),
}

impl Refusal {
    /// The layer that refuses; none when the member was removed.
    #[must_use]
    pub const fn layer(self) -> Option<LayerKind> {
        match self {
            Self::Deactivated => None,
            Self::NotAllowedBy(layer) | Self::DeniedBy(layer) => Some(layer),
        }
    }
}

/// What the policies of one layer say together: any of them may allow.
#[derive(Default)]
struct Layered {
    denied: bool,
}

impl Layered {
    /// Asks policies until one allows.
    #[inline]
    fn any<'p>(
        &mut self,
        policies: impl IntoIterator<Item = &'p Policy>,
        decide: impl Fn(&Policy) -> Verdict,
    ) -> bool {
        policies.into_iter().any(|policy| match decide(policy) {
            Verdict::Allow(_) => true,
            Verdict::Deny(_) => {
                self.denied = true;
                false
            }
            Verdict::NoMatch => false,
        })
    }

    const fn refusal(&self, layer: LayerKind) -> Refusal {
        if self.denied {
            Refusal::DeniedBy(layer)
        } else {
            Refusal::NotAllowedBy(layer)
        }
    }
}

impl State {
    /// Whether a token works at `now_ms`.
    #[must_use]
    pub fn token_status(&self, token: &Token, now_ms: i64) -> TokenStatus {
        if token.deleted {
            TokenStatus::Deleted
        } else if self.ceiling(&token.grant).is_err() {
            TokenStatus::Deactivated
        } else if token.expiry_ms.is_some_and(|expiry| expiry <= now_ms) {
            TokenStatus::Expired
        } else {
            TokenStatus::Active
        }
    }

    /// The member whose permission is the ceiling: none for a service token.
    fn ceiling(&self, grant: &Grant) -> Result<Option<&Member>, Refusal> {
        match grant.kind {
            TokenKind::Service => Ok(None),
            TokenKind::Personal => self
                .member(grant.member)
                .map(Some)
                .ok_or(Refusal::Deactivated),
        }
    }

    /// Decides, at this moment, whether a grant allows `action` on `resource`.
    ///
    /// # Errors
    /// The [`Refusal`] when it does not.
    pub fn check(
        &self,
        grant: &Grant,
        action: &str,
        resource: &Resource<'_>,
    ) -> Result<(), Refusal> {
        // A removed creator still has an id that frozen policies no longer need but live ones may.
        let creator = self.members.get(&grant.member);
        let ceiling = match grant.kind {
            TokenKind::Service => None,
            TokenKind::Personal => Some(
                creator
                    .filter(|member| member.is_active())
                    .ok_or(Refusal::Deactivated)?,
            ),
        };
        let env = Env {
            member_id: creator.map_or("", |member| member.id_text.as_str()),
            attributes: match (&grant.attributes, creator) {
                (Some(own), _) => own,
                (None, Some(member)) => &member.attributes,
                (None, None) => RoleAttributes::empty(),
            },
        };
        let decide = |policy: &Policy| policy.decide(action, resource, &env);
        let mut layer = Layered::default();
        let in_scope = match &*grant.scope {
            ScopeGrant::BuiltIn(role) => layer.any([&**role.scope_policy()], decide),
            ScopeGrant::CustomRoles(ids) => {
                let roles = ids.iter().filter_map(|id| self.role(*id));
                layer.any(roles.map(|role| &*role.as_scope), decide)
            }
            ScopeGrant::Policies(policies) => layer.any(policies.iter().map(|p| &**p), decide),
        };
        if !in_scope {
            return Err(layer.refusal(LayerKind::Scope));
        }
        if let Some(member) = ceiling {
            let mut layer = Layered::default();
            if !layer.any(self.policies_of(member).map(|p| &**p), decide) {
                return Err(layer.refusal(LayerKind::Member));
            }
        }
        for bound in grant.bounds.iter() {
            let mut layer = Layered::default();
            if !layer.any(bound.iter().map(|p| &**p), decide) {
                return Err(layer.refusal(LayerKind::Bound));
            }
        }
        Ok(())
    }

    /// Decides, at this moment, whether a member may do `action` on `resource`.
    ///
    /// # Errors
    /// The [`Refusal`] when the member may not.
    pub fn check_member(
        &self,
        member: MemberId,
        action: &str,
        resource: &Resource<'_>,
    ) -> Result<(), Refusal> {
        let member = self.member(member).ok_or(Refusal::Deactivated)?;
        let env = Env {
            member_id: &member.id_text,
            attributes: &member.attributes,
        };
        let mut layer = Layered::default();
        let policies = self.policies_of(member).map(|policy| &**policy);
        match layer.any(policies, |policy| policy.decide(action, resource, &env)) {
            true => Ok(()),
            false => Err(layer.refusal(LayerKind::Member)),
        }
    }

    /// The policies of a member now.
    fn policies_of<'s>(&'s self, member: &'s Member) -> impl Iterator<Item = &'s Arc<Policy>> {
        self.sources_of(member).map(|(_, policy)| policy)
    }

    /// The policies of a member now, with where they are from: the custom roles if there are any, else the
    /// base role; on top of them what the teams give. Any of them may allow.
    pub(super) fn sources_of<'s>(
        &'s self,
        member: &'s Member,
    ) -> impl Iterator<Item = (Source, &'s Arc<Policy>)> {
        let base = member
            .custom_roles
            .is_empty()
            .then(|| (Source::BuiltIn(member.role), member.role.member_policy()));
        let own = member
            .custom_roles
            .iter()
            .map(|id| (Source::CustomRole(*id), *id));
        let teams = member.teams.iter().filter_map(|id| self.teams.get(id));
        let of_teams = teams.flat_map(|team| {
            let of = |id: &RoleId| (Source::TeamRole(team.id, *id), *id);
            team.roles.iter().map(of)
        });
        let roles = own
            .chain(of_teams)
            .filter_map(|(source, id)| Some((source, &self.role(id)?.as_member)));
        let granted = member.granted.iter().filter_map(|id| self.teams.get(id));
        let granted = granted.flat_map(|team| {
            let names = team.grants.iter();
            let names = names.filter(|grant| grant.members.contains(&member.id));
            names.map(|grant| (Source::TeamGrant(team.id), &grant.policy))
        });
        base.into_iter().chain(roles).chain(granted)
    }

    /// The policies of a member now. Allocates.
    #[must_use]
    pub fn member_policies(&self, member: &Member) -> Vec<Arc<Policy>> {
        self.policies_of(member).map(Arc::clone).collect()
    }

    /// The policies of a scope now. Allocates.
    #[must_use]
    pub fn scope_policies(&self, scope: &ScopeGrant) -> Vec<Arc<Policy>> {
        match scope {
            ScopeGrant::BuiltIn(role) => vec![Arc::clone(role.scope_policy())],
            ScopeGrant::CustomRoles(ids) => ids
                .iter()
                .filter_map(|id| self.role(*id))
                .map(|role| Arc::clone(&role.as_scope))
                .collect(),
            ScopeGrant::Policies(policies) => policies.clone(),
        }
    }

    /// A member's whole permission now. Allocates.
    #[must_use]
    pub fn member_permission(&self, member: &Member) -> Permission {
        let layer = Layer {
            kind: LayerKind::Member,
            policies: self.member_policies(member),
        };
        Permission::new(vec![layer], member.id, member.attributes.clone())
    }

    /// A grant's scope, and what it is bounded by, each as a permission of its own; none when there are no
    /// bounds, or when its member was removed. Allocates.
    #[must_use]
    pub fn scope_and_ceiling(&self, grant: &Grant) -> Option<(Permission, Permission)> {
        let Permission {
            mut layers,
            member_id,
            attributes,
        } = self.grant_permission(grant)?;
        // INVARIANT: the scope is the first layer.
        let ceiling = layers.split_off(1);
        let of = |layers| Permission {
            layers,
            member_id: member_id.clone(),
            attributes: attributes.clone(),
        };
        (!ceiling.is_empty()).then(|| (of(layers), of(ceiling)))
    }

    /// A grant's whole permission now; none when its member was removed. Allocates.
    #[must_use]
    pub fn grant_permission(&self, grant: &Grant) -> Option<Permission> {
        let ceiling = self.ceiling(grant).ok()?;
        let mut layers = vec![Layer {
            kind: LayerKind::Scope,
            policies: self.scope_policies(&grant.scope),
        }];
        if let Some(member) = ceiling {
            layers.push(Layer {
                kind: LayerKind::Member,
                policies: self.member_policies(member),
            });
        }
        layers.extend(grant.bounds.iter().map(|policies| Layer {
            kind: LayerKind::Bound,
            policies: policies.clone(),
        }));
        let attributes = match &grant.attributes {
            Some(own) => RoleAttributes::clone(own),
            None => self
                .members
                .get(&grant.member)
                .map(|member| member.attributes.clone())
                .unwrap_or_default(),
        };
        Some(Permission::new(layers, grant.member, attributes))
    }
}
