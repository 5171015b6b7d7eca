//! Who gives a command, and what they may do at that moment.

use crate::event::By;
use crate::grant::{Grant, ScopeGrant};
use crate::ids::{AccountId, MemberId, StreamRef, TeamId, TokenId};
use crate::permission::{LayerKind, Permission};
use crate::policy::{PolicyError, Resource, RoleAttributes, Statement};
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::scope::TokenKind;
use crate::state::{Member, State, Team};

/// Whoever gives a command.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account that the command is about.
    pub account: AccountId,
    /// How the actor is named in the log.
    pub by: By,
    /// What the actor may do now.
    pub permission: Permission,
    /// The highest built-in role that the actor may give a token; none where only the policies say.
    pub rank: Option<BuiltIn>,
    /// The streams that this was read from, with their versions: if one has moved, decide again.
    pub read: Vec<(StreamRef, i64)>,
}

impl Actor {
    /// A member who is signed in: the member's own rights.
    #[must_use]
    pub fn member(account: AccountId, state: &State, member: &Member) -> Self {
        Self {
            account,
            by: By::Session(member.id),
            permission: state.member_permission(member),
            rank: member.rank(),
            read: member_reads(account, state, member),
        }
    }

    /// The operator of the server, at first start and on its command line: bound by no policy, because
    /// whoever holds the log could write anything into it.
    #[must_use]
    pub fn operator(account: AccountId) -> Self {
        Self {
            account,
            by: By::Operator,
            permission: Permission {
                layers: Vec::new(),
                member_id: String::new(),
                attributes: RoleAttributes::default(),
            },
            rank: None,
            read: Vec::new(),
        }
    }

    /// An invited member, by the link of the invitation: good for joining and for nothing else.
    #[must_use]
    pub fn invited(account: AccountId, member: &Member) -> Self {
        Self {
            by: By::Invitation(member.id),
            read: vec![(StreamRef::member(account, member.id), member.version)],
            ..Self::operator(account)
        }
    }

    /// A token. None when its member was removed.
    #[must_use]
    pub fn token(
        account: AccountId,
        state: &State,
        id: TokenId,
        version: i64,
        grant: &Grant,
    ) -> Option<Self> {
        let permission = state.grant_permission(grant)?;
        let scope_rank = match &*grant.scope {
            ScopeGrant::BuiltIn(role) => Some(*role),
            ScopeGrant::CustomRoles(_) | ScopeGrant::Policies(_) => None,
        };
        let mut read = vec![(StreamRef::token(account, id), version)];
        let mut rank = scope_rank;
        if grant.kind == TokenKind::Personal {
            let member = state.member(grant.member)?;
            rank = match (scope_rank, member.rank()) {
                (Some(scope), Some(member)) => Some(scope.min(member)),
                (one, other) => one.or(other),
            };
            read.extend(member_reads(account, state, member));
        }
        if let ScopeGrant::CustomRoles(ids) = &*grant.scope {
            read.extend(role_reads(account, state, ids.iter().copied()));
        }
        Some(Self {
            account,
            by: By::Token(id, grant.member),
            permission,
            rank,
            read,
        })
    }

    /// The member behind the actor: who is signed in, or who made the token.
    #[must_use]
    pub const fn member_id(&self) -> Option<MemberId> {
        match self.by {
            By::Operator => None,
            By::Session(member) | By::Token(_, member) | By::Invitation(member) => Some(member),
        }
    }

    /// Whether the actor is this member in person: signed in, or by a token that follows the member.
    #[must_use]
    pub fn is_member(&self, member: MemberId) -> bool {
        match self.by {
            By::Operator | By::Invitation(_) => false,
            By::Session(id) => id == member,
            By::Token(_, id) => id == member && self.follows_member(),
        }
    }

    fn follows_member(&self) -> bool {
        self.permission
            .layers
            .iter()
            .any(|layer| layer.kind == LayerKind::Member)
    }

    /// Requires a permission.
    ///
    /// # Errors
    /// [`Rejection::Denied`] with the action and the resource that are missing.
    pub fn require(&self, action: &'static str, resource: &str) -> Result<(), Rejection> {
        if self.may(action, resource) {
            Ok(())
        } else {
            Err(Rejection::Denied {
                action,
                resource: resource.to_owned(),
            })
        }
    }

    /// Whether the actor's permission includes it.
    #[must_use]
    pub fn may(&self, action: &str, resource: &str) -> bool {
        self.by == By::Operator
            || Resource::parse(resource)
                .is_ok_and(|resource| self.permission.allows(action, &resource))
    }

    /// Whether every layer plainly allows all that a built-in role allows as a scope.
    #[must_use]
    pub fn plainly_holds(&self, role: BuiltIn) -> bool {
        let layers = &self.permission.layers;
        let held = layers
            .iter()
            .all(|layer| role.is_plainly_within(&layer.policies));
        self.by == By::Operator || (!layers.is_empty() && held)
    }

    /// What bounds a token that this actor makes, by value.
    ///
    /// A service token is bounded by all of the actor's permission. A personal token of the actor's own
    /// member follows that member anyway, and is bounded by the rest: by the scope and the bounds of the
    /// token that makes it, so that no token ever makes one that can do more than itself. `follows` is
    /// the member whom the token follows, none for a service token.
    ///
    /// # Errors
    /// When placeholders stand for more than a policy may hold.
    pub fn bounds(
        &self,
        follows: Option<MemberId>,
    ) -> Result<Vec<Vec<Vec<Statement>>>, PolicyError> {
        let env = self.permission.env();
        let follows_actor = follows.is_some_and(|member| self.is_member(member));
        let mut bounds: Vec<Vec<Vec<Statement>>> = Vec::new();
        for layer in &self.permission.layers {
            if follows_actor && layer.kind == LayerKind::Member {
                continue;
            }
            let frozen = layer.freeze(&env)?;
            if !bounds.contains(&frozen) {
                bounds.push(frozen);
            }
        }
        Ok(bounds)
    }
}

fn member_reads(account: AccountId, state: &State, member: &Member) -> Vec<(StreamRef, i64)> {
    let mut read = vec![(StreamRef::member(account, member.id), member.version)];
    read.extend(role_reads(
        account,
        state,
        member.custom_roles.iter().copied(),
    ));
    let known = |ids| teams(state, ids);
    for team in known(&member.teams) {
        read.push((StreamRef::team(account, team.id), team.version));
        read.extend(role_reads(account, state, team.roles.iter().copied()));
    }
    // Of a team that only names the member in a grant the roles are not the member's.
    let granted = known(&member.granted).filter(|team| !member.teams.contains(&team.id));
    read.extend(granted.map(|team| (StreamRef::team(account, team.id), team.version)));
    read
}

fn teams<'s>(state: &'s State, ids: &'s [TeamId]) -> impl Iterator<Item = &'s Team> {
    ids.iter().filter_map(|id| state.teams.get(id))
}

/// The streams of roles, with their versions.
pub(crate) fn role_reads(
    account: AccountId,
    state: &State,
    ids: impl Iterator<Item = crate::ids::RoleId>,
) -> Vec<(StreamRef, i64)> {
    ids.filter_map(|id| state.roles.get(&id))
        .map(|role| (StreamRef::role(account, role.id), role.version))
        .collect()
}
