//! Permission: what a member or a token may do.
//!
//! Inside one policy a matching deny wins. Across the policies of one layer (several roles) the most
//! permissive wins. Across layers (scope, member, bounds) all must allow: that is the intersection
//! that keeps a token from ever exceeding its member or its creator.

use std::sync::Arc;

use crate::ids::MemberId;
use crate::policy::{Env, Policy, PolicyError, Resource, RoleAttributes, Statement, Verdict};

/// Where a layer of a token's permission comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayerKind {
    /// What the token was asked to be able to do.
    Scope,
    /// The member's permission now: the ceiling of a personal token.
    Member,
    /// A permission frozen when the token was made: the creator's, or the creating token's.
    Bound,
}

/// Policies of which any may allow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layer {
    /// Where it comes from.
    pub kind: LayerKind,
    /// The policies; none of them means that nothing is allowed.
    pub policies: Vec<Arc<Policy>>,
}

impl Layer {
    /// Whether any of the policies allows it.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &Resource<'_>, env: &Env<'_>) -> bool {
        self.policies
            .iter()
            .any(|policy| policy.decide(action, resource, env).is_allow())
    }

    /// The layer with every placeholder replaced by what it stands for now, as texts.
    ///
    /// # Errors
    /// When the values of the placeholders make more specifiers than a policy may hold.
    pub fn freeze(&self, env: &Env<'_>) -> Result<Vec<Vec<Statement>>, PolicyError> {
        self.policies
            .iter()
            .map(|policy| Ok(policy.freeze(env)?.statements().to_vec()))
            .collect()
    }
}

/// What decided.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'p> {
    /// Whether it is allowed.
    pub allowed: bool,
    /// The layer that does not allow it; where all do, the first one.
    pub layer: Option<LayerKind>,
    /// The policy of that layer that decided, and the index of its statement: an allow where it is
    /// allowed, else a deny. None where nothing matched.
    pub by: Option<(&'p Arc<Policy>, usize)>,
}

/// Layers all of which must allow, with what their placeholders stand for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permission {
    /// The layers; none of them means that nothing is allowed.
    pub layers: Vec<Layer>,
    /// The member that `${memberId}` stands for, in its text form; empty for nobody.
    pub member_id: String,
    /// The values of `${roleAttribute/…}`.
    pub attributes: RoleAttributes,
}

impl Permission {
    /// A permission of these layers for this member.
    #[must_use]
    pub fn new(layers: Vec<Layer>, member: MemberId, attributes: RoleAttributes) -> Self {
        Self {
            layers,
            member_id: member.to_string(),
            attributes,
        }
    }

    /// What placeholders stand for.
    #[must_use]
    pub fn env(&self) -> Env<'_> {
        Env {
            member_id: &self.member_id,
            attributes: &self.attributes,
        }
    }

    /// What decides about `action` on `resource`, in the same order and with the same outcome as
    /// [`Permission::allows`].
    #[must_use]
    pub fn explain(&self, action: &str, resource: &Resource<'_>) -> Explained<'_> {
        let env = self.env();
        let mut allowed_by = None;
        for layer in &self.layers {
            let (mut allow, mut deny) = (None, None);
            for policy in &layer.policies {
                match policy.decide(action, resource, &env) {
                    Verdict::Allow(statement) => allow = allow.or(Some((policy, statement))),
                    Verdict::Deny(statement) => deny = deny.or(Some((policy, statement))),
                    Verdict::NoMatch => {}
                }
            }
            if allow.is_none() {
                return Explained {
                    allowed: false,
                    layer: Some(layer.kind),
                    by: deny,
                };
            }
            allowed_by = allowed_by.or(allow.map(|by| (layer.kind, by)));
        }
        Explained {
            allowed: allowed_by.is_some(),
            layer: allowed_by.map(|(layer, _)| layer),
            by: allowed_by.map(|(_, by)| by),
        }
    }

    /// Whether `action` on `resource` is allowed by every layer.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &Resource<'_>) -> bool {
        let env = self.env();
        !self.layers.is_empty()
            && self
                .layers
                .iter()
                .all(|layer| layer.allows(action, resource, &env))
    }
}
