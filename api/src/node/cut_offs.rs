//! What ceilings cut off from scopes, as far as it was found before.
//!
//! Finding it takes a millisecond, and most tokens are made with the scope and under the ceiling of one before them.

use std::collections::HashMap;

use keyledger_domain::containment::{Surplus, SurplusError, surplus};
use keyledger_domain::permission::Permission;
use parking_lot::Mutex;

/// Answers that are kept; then all of them are forgotten.
const KNOWN_MAX: usize = 1_024;

type Answer = Result<Option<Surplus>, SurplusError>;

/// Answers by what they are about: equal permissions have equal answers, whenever they are asked for.
#[derive(Debug, Default)]
pub struct CutOffs(Mutex<HashMap<(Permission, Permission), Answer>>);

impl CutOffs {
    /// What is known of a scope and a ceiling.
    #[must_use]
    pub fn known(&self, both: &(Permission, Permission)) -> Option<Answer> {
        self.0.lock().get(both).cloned()
    }

    /// Finds what the ceiling cuts off, which may take long, and keeps it.
    pub fn find(&self, both: (Permission, Permission)) -> Answer {
        let answer = surplus(&both.0, &both.1);
        let mut known = self.0.lock();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(both, answer.clone());
        answer
    }
}
