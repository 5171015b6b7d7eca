//! Whom doors ask about that know members besides tokens.

use keyledger_domain::ids::{AccountId, MemberId};
use keyledger_projections::{Asked, DecideFailure, Judged, Moment, Named};

use super::{seen_by, unknown};

/// Whom a question is about, ready to be asked about many times.
#[derive(Debug)]
pub(super) enum Subject {
    /// A token.
    Token(Named),
    /// A member, without a token.
    Member(MemberId),
    /// Nobody who is known.
    Nobody,
}

impl Subject {
    /// Decides for callers of an account.
    pub(super) fn judge(
        &self,
        account: AccountId,
        moment: &Moment<'_>,
        asked: Asked<'_>,
    ) -> Judged {
        match self {
            Self::Token(named) => seen_by(Some(account), moment.judge(named, asked)),
            Self::Nobody => unknown(moment.position()),
            Self::Member(member) => {
                let (action, resource) = asked;
                let state = moment.state(account);
                let outcome = state.map(|state| state.check_member(*member, action, resource));
                outcome.map_or(unknown(moment.position()), |outcome| Judged {
                    holder: None,
                    outcome: outcome.map_err(DecideFailure::from),
                    position: moment.position(),
                })
            }
        }
    }

    /// The member, where one is asked about without a token.
    pub(super) const fn member(&self) -> Option<MemberId> {
        match self {
            Self::Member(id) => Some(*id),
            Self::Token(_) | Self::Nobody => None,
        }
    }
}
