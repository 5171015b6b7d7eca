//! Scopes and bounds by their content, so that a million equal tokens share one of each.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashSet;
use keyledger_domain::event::{FrozenPolicies, TokenCreated};
use keyledger_domain::grant::{Bounds, Grant, PolicyPool, ScopeGrant, bounds_of, scope_grant};
use keyledger_domain::policy::{Policy, PolicyError, RoleAttributes};
use keyledger_domain::scope::Scope;

/// New entries after which unused ones are looked for at the earliest.
const SWEEP_MIN: usize = 1_024;

/// What tokens share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pool: PolicyPool,
    scopes: HashSet<Arc<ScopeGrant>>,
    bounds: HashSet<Arc<Bounds>>,
    attributes: HashSet<Arc<RoleAttributes>>,
    added: usize,
}

fn share<T: Eq + Hash>(known: &mut HashSet<Arc<T>>, added: &mut usize, value: Arc<T>) -> Arc<T> {
    if let Some(found) = known.get(&*value) {
        return Arc::clone(found);
    }
    *added += 1;
    known.insert(Arc::clone(&value));
    value
}

impl Shared {
    /// What `token.created` gave, shared with the tokens that were given the same.
    pub(super) fn created(&mut self, event: &TokenCreated) -> Result<Grant, PolicyError> {
        let grant = Grant::of_created(event, &mut self.pool)?;
        self.sweep();
        Ok(Grant {
            scope: share(&mut self.scopes, &mut self.added, grant.scope),
            bounds: share(&mut self.bounds, &mut self.added, grant.bounds),
            attributes: grant
                .attributes
                .map(|own| share(&mut self.attributes, &mut self.added, own)),
            ..grant
        })
    }

    /// What `token.updated` gave.
    pub(super) fn updated(
        &mut self,
        scope: &Scope,
        bounds: &[FrozenPolicies],
    ) -> Result<(Arc<ScopeGrant>, Arc<Bounds>), PolicyError> {
        let scope = Arc::new(scope_grant(scope, &mut self.pool)?);
        let bounds = Arc::new(bounds_of(bounds, &mut self.pool)?);
        self.sweep();
        Ok((
            share(&mut self.scopes, &mut self.added, scope),
            share(&mut self.bounds, &mut self.added, bounds),
        ))
    }

    /// Parsed policies, shared.
    pub(super) fn layer(
        &mut self,
        frozen: &FrozenPolicies,
    ) -> Result<Vec<Arc<Policy>>, PolicyError> {
        self.pool.layer(frozen)
    }

    /// A scope, shared.
    pub(super) fn scope(&mut self, scope: ScopeGrant) -> Arc<ScopeGrant> {
        share(&mut self.scopes, &mut self.added, Arc::new(scope))
    }

    /// Bounds, shared.
    pub(super) fn bounds(&mut self, bounds: Bounds) -> Arc<Bounds> {
        share(&mut self.bounds, &mut self.added, Arc::new(bounds))
    }

    /// Role attributes, shared.
    pub(super) fn attributes(&mut self, own: RoleAttributes) -> Arc<RoleAttributes> {
        share(&mut self.attributes, &mut self.added, Arc::new(own))
    }

    /// Forgets what no token has any more, once as much was added as there is: so it costs each
    /// addition a constant, and what is kept is at most about twice what is needed.
    fn sweep(&mut self) {
        let kept = self.scopes.len() + self.bounds.len() + self.attributes.len();
        if self.added < SWEEP_MIN.max(kept / 2) {
            return;
        }
        self.added = 0;
        self.scopes.retain(|entry| Arc::strong_count(entry) > 1);
        self.bounds.retain(|entry| Arc::strong_count(entry) > 1);
        self.attributes.retain(|entry| Arc::strong_count(entry) > 1);
        if self.scopes.len() + self.bounds.len() + self.attributes.len() < kept {
            // Parsed policies cannot be told apart by their use; they are parsed again when needed.
            self.pool = PolicyPool::default();
        }
    }
}
