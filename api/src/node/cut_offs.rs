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

/// A scope and a ceiling.
type Both = (Permission, Permission);

/// Answers by what they are about: equal permissions have equal answers, whenever they are asked for.
#[derive(Debug, Default)]
pub struct CutOffs(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Both, Answer>,
    /// The last that was found among them: policies that are the same in memory are compared sooner than they are hashed.
    last: Option<(Both, Answer)>,
}

impl CutOffs {
    /// What is known of a scope and a ceiling.
    #[must_use]
    pub fn known(&self, both: &Both) -> Option<Answer> {
        let mut known = self.0.lock();
        if let Some((last, answer)) = &known.last
            && last == both
        {
            return Some(answer.clone());
        }
        let answer = known.answers.get(both).cloned()?;
        known.last = Some((both.clone(), answer.clone()));
        Some(answer)
    }

    /// Finds what the ceiling cuts off, which may take long, and keeps it.
    pub fn find(&self, both: Both) -> Answer {
        let answer = surplus(&both.0, &both.1);
        let mut known = self.0.lock();
        if known.answers.len() >= KNOWN_MAX {
            known.answers.clear();
        }
        known.answers.insert(both, answer.clone());
        answer
    }
}
