//! The state of one account: what its events add up to.
//!
//! The same fold serves replay (all tokens), commands (the one token that a command is about) and the
//! access index (members and roles). What the log says must be possible: an event that cannot follow
//! is a typed [`Inconsistency`], never a guess.

mod access;
mod catalogue;
mod evolve;
mod explain;
mod ground;
mod member;
mod role;
mod team;
mod token;

// Its hasher is several times faster on ids than the standard one, and a decision looks up three.
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

pub use access::{Refusal, TokenStatus};
pub use catalogue::{named_actions, named_resources};
pub use evolve::{Inconsistency, Recorded, evolve};
pub use explain::{Cited, Explanation, LayerAnswer, Source};
pub use ground::{GROUND_FORMAT, GroundError};
pub use member::{Invitation, Member};
pub use role::Role;
pub use team::{Grant as TeamGrant, MAINTAIN_TEAM, Team, grant_statements};
pub use token::{PreviousSecret, Token, resource_of};

use crate::grant::PolicyPool;
use crate::ids::{AccountId, MemberId, RoleId, TeamId, TokenId};
use crate::plan::Plan;

/// An account itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The plan it is on.
    pub plan: Plan,
    /// How many events its own stream has.
    pub version: i64,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
}

/// One account with its members, roles and as many of its tokens as were folded in.
#[derive(Debug, Default, Clone)]
pub struct State {
    /// The account; none before its first event.
    pub account: Option<Account>,
    /// Every member there ever was, the removed ones included.
    pub members: HashMap<MemberId, Member>,
    /// Every role there ever was, the deleted ones included.
    pub roles: HashMap<RoleId, Role>,
    /// Every team there ever was, the deleted ones included.
    pub teams: HashMap<TeamId, Team>,
    /// Tokens, the deleted ones included.
    pub tokens: HashMap<TokenId, Token>,
    emails: HashMap<String, MemberId>,
    role_keys: HashMap<String, RoleId>,
    team_keys: HashMap<String, TeamId>,
    owner: Option<MemberId>,
    pool: PolicyPool,
}

impl State {
    /// The member of this id, unless removed or unknown.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id).filter(|member| member.is_active())
    }

    /// The member with this e-mail, whatever its case.
    #[must_use]
    pub fn member_by_email(&self, email: &str) -> Option<&Member> {
        self.emails
            .get(&email.to_lowercase())
            .and_then(|id| self.members.get(id))
    }

    /// The role of this id, unless deleted or unknown.
    #[must_use]
    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.get(&id).filter(|role| !role.deleted)
    }

    /// The role with this key or, failing that, this id.
    #[must_use]
    pub fn role_by_key_or_id(&self, key_or_id: &str) -> Option<&Role> {
        match self.role_keys.get(key_or_id) {
            Some(id) => self.roles.get(id),
            None => self.role(key_or_id.parse().ok()?),
        }
    }

    /// The team of this id, unless deleted or unknown.
    #[must_use]
    pub fn team(&self, id: TeamId) -> Option<&Team> {
        self.teams.get(&id).filter(|team| !team.deleted)
    }

    /// The team with this key.
    #[must_use]
    pub fn team_by_key(&self, key: &str) -> Option<&Team> {
        self.team_keys.get(key).and_then(|id| self.teams.get(id))
    }

    /// The token of this id, unless deleted or not folded in.
    #[must_use]
    pub fn token(&self, id: TokenId) -> Option<&Token> {
        self.tokens.get(&id).filter(|token| !token.deleted)
    }

    /// The one member who owns the account.
    #[must_use]
    pub fn owner(&self) -> Option<&Member> {
        self.owner.and_then(|id| self.members.get(&id))
    }
}
