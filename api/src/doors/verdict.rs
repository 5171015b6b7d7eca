//! What every door says: allowed or why not, about whom, as of which position.

use keyledger_projections::{Holder, Judged, Reason};

use super::ids::DecisionId;

/// A decision with its id.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// What was decided.
    pub judged: Judged,
    /// Its name, in answers and in the decision log.
    pub id: DecisionId,
}

impl Verdict {
    /// Whether it is allowed.
    #[must_use]
    pub const fn allowed(&self) -> bool {
        self.judged.outcome.is_ok()
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        Reason::of(&self.judged.outcome)
    }

    /// The token, unless a caller of this account may not know of it.
    #[must_use]
    pub const fn holder(&self) -> Option<&Holder> {
        self.judged.holder.as_ref()
    }
}
