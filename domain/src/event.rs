//! Events: what happened, in the form in which it is kept for ever.
//!
//! Each event is named MessagePack under a stable dotted name with a schema version (`codec`). A change
//! of meaning gets a new name; an addition gets a `#[serde(default)]` field. `domain/tests/fixtures`
//! holds golden bytes of every version ever released. No event holds a secret or a password. What an event says of a
//! person is stored under that person's key (`personal`).

mod account;
mod codec;
mod member;
mod metadata;
pub mod personal;
mod role;
mod team;
mod token;

pub use account::{AccountCreated, AccountPlanChanged};
pub use codec::{CodecError, decode, encode};
pub use member::{
    InvitationIssued, MemberAdmitted, MemberAttributesSet, MemberDowngraded, MemberErased,
    MemberInvited, MemberJoined, MemberPromoted, MemberRemoved, MemberRolesAssigned,
};
pub use metadata::{By, Metadata};
pub use role::{RoleCreated, RoleDeleted, RoleUpdated};
pub use team::{
    GrantActions, TeamCreated, TeamDeleted, TeamGrant, TeamGrantsChanged, TeamMembersChanged,
    TeamRolesChanged, TeamUpdated,
};
pub use token::{Digest, FrozenPolicies, TokenCreated, TokenDeleted, TokenReset, TokenUpdated};

use crate::ids::{AccountId, StreamRef};

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An account was made.
    AccountCreated(AccountCreated),
    /// An account went to another plan.
    AccountPlanChanged(AccountPlanChanged),
    /// A member was invited.
    MemberInvited(MemberInvited),
    /// A member's base role went down.
    MemberDowngraded(MemberDowngraded),
    /// A member's base role went up.
    MemberPromoted(MemberPromoted),
    /// A member's custom roles were replaced.
    MemberRolesAssigned(MemberRolesAssigned),
    /// A member's role attributes were replaced.
    MemberAttributesSet(MemberAttributesSet),
    /// An invited member got a link to join with.
    InvitationIssued(InvitationIssued),
    /// An invited member joined.
    MemberJoined(MemberJoined),
    /// An invited member signed in without a password for the first time.
    MemberAdmitted(MemberAdmitted),
    /// A member was removed for good.
    MemberRemoved(MemberRemoved),
    /// The personal data of a removed member was erased.
    MemberErased(MemberErased),
    /// A custom role was made.
    RoleCreated(RoleCreated),
    /// A custom role was edited.
    RoleUpdated(RoleUpdated),
    /// A custom role was deleted.
    RoleDeleted(RoleDeleted),
    /// A team was made.
    TeamCreated(TeamCreated),
    /// A team was edited.
    TeamUpdated(TeamUpdated),
    /// Members came into a team or left it.
    TeamMembersChanged(TeamMembersChanged),
    /// A team's custom roles were replaced.
    TeamRolesChanged(TeamRolesChanged),
    /// A team's permission grants were replaced.
    TeamGrantsChanged(TeamGrantsChanged),
    /// A team was deleted.
    TeamDeleted(TeamDeleted),
    /// A token was made.
    TokenCreated(TokenCreated),
    /// A token got a new secret.
    TokenReset(TokenReset),
    /// A token was edited.
    TokenUpdated(TokenUpdated),
    /// A token was deleted.
    TokenDeleted(TokenDeleted),
}

impl Event {
    /// The stream that the event belongs to.
    #[must_use]
    pub const fn stream(&self, account: AccountId) -> StreamRef {
        match self {
            Self::AccountCreated(_) | Self::AccountPlanChanged(_) => StreamRef::account(account),
            Self::MemberInvited(MemberInvited { id, .. })
            | Self::MemberDowngraded(MemberDowngraded { id, .. })
            | Self::MemberPromoted(MemberPromoted { id, .. })
            | Self::MemberRolesAssigned(MemberRolesAssigned { id, .. })
            | Self::MemberAttributesSet(MemberAttributesSet { id, .. })
            | Self::InvitationIssued(InvitationIssued { id, .. })
            | Self::MemberJoined(MemberJoined { id, .. })
            | Self::MemberAdmitted(MemberAdmitted { id, .. })
            | Self::MemberErased(MemberErased { id, .. })
            | Self::MemberRemoved(MemberRemoved { id, .. }) => StreamRef::member(account, *id),
            Self::RoleCreated(RoleCreated { id, .. })
            | Self::RoleUpdated(RoleUpdated { id, .. })
            | Self::RoleDeleted(RoleDeleted { id, .. }) => StreamRef::role(account, *id),
            Self::TeamCreated(TeamCreated { id, .. })
            | Self::TeamUpdated(TeamUpdated { id, .. })
            | Self::TeamMembersChanged(TeamMembersChanged { id, .. })
            | Self::TeamRolesChanged(TeamRolesChanged { id, .. })
            | Self::TeamGrantsChanged(TeamGrantsChanged { id, .. })
            | Self::TeamDeleted(TeamDeleted { id, .. }) => StreamRef::team(account, *id),
            Self::TokenCreated(TokenCreated { id, .. })
            | Self::TokenReset(TokenReset { id, .. })
            | Self::TokenUpdated(TokenUpdated { id, .. })
            | Self::TokenDeleted(TokenDeleted { id, .. }) => StreamRef::token(account, *id),
        }
    }
}
