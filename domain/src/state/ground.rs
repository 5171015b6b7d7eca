//! The ground of an account, all of it but its tokens, as bytes: so that a moment of the past is folded from
//! a snapshot near it and not from the beginning.
//!
//! A snapshot is never a source of truth. Whoever keeps one knows what it was made from, and throws it away
//! when the format changes.

use serde::{Deserialize, Serialize};

use super::team::grant_statements;
use super::{Account, Member, Role, State, Team, role};
use crate::ids::MemberId;
use crate::policy::{Policy, PolicyError};

/// The layout of the bytes. One more with every change of it, and of what is folded.
pub const GROUND_FORMAT: u32 = 2;

/// Bytes that are no ground.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// They cannot be written.
    #[error("the ground cannot be encoded: {0}")]
    Encode(#[from] rmp_serde::encode::Error),
    /// They do not decode.
    #[error("the ground does not decode: {0}")]
    Decode(#[from] rmp_serde::decode::Error),
    /// A policy in them does not parse.
    #[error("the ground holds a policy that does not parse: {0}")]
    Policy(#[from] PolicyError),
}

#[derive(Serialize)]
struct Written<'s> {
    account: &'s Option<Account>,
    /// Between the two events of a hand-over two members have the role, so it does not say who it is.
    owner: Option<MemberId>,
    members: Vec<&'s Member>,
    roles: Vec<&'s Role>,
    teams: Vec<&'s Team>,
}

#[derive(Deserialize)]
struct Read {
    account: Option<Account>,
    owner: Option<MemberId>,
    members: Vec<Member>,
    roles: Vec<Role>,
    teams: Vec<Team>,
}

impl State {
    /// The ground as bytes. Tokens are not in it.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn ground_to_bytes(&self) -> Result<Vec<u8>, GroundError> {
        // In the order of ids, so that equal grounds are equal bytes.
        let mut members: Vec<&Member> = self.members.values().collect();
        members.sort_unstable_by_key(|member| member.id);
        let mut roles: Vec<&Role> = self.roles.values().collect();
        roles.sort_unstable_by_key(|role| role.id);
        let mut teams: Vec<&Team> = self.teams.values().collect();
        teams.sort_unstable_by_key(|team| team.id);
        let written = Written {
            account: &self.account,
            owner: self.owner,
            members,
            roles,
            teams,
        };
        Ok(rmp_serde::to_vec_named(&written)?)
    }

    /// The state that such bytes say, without tokens.
    ///
    /// # Errors
    /// When the bytes are not what [`State::ground_to_bytes`] makes.
    pub fn ground_from_bytes(bytes: &[u8]) -> Result<Self, GroundError> {
        let read: Read = rmp_serde::from_slice(bytes)?;
        let mut state = Self {
            account: read.account,
            owner: read.owner,
            ..Self::default()
        };
        for mut found in read.roles {
            (found.as_scope, found.as_member) =
                role::compile(&found.policy, found.base_permissions)?;
            if !found.deleted {
                state.role_keys.insert(found.key.clone(), found.id);
            }
            state.roles.insert(found.id, found);
        }
        for mut found in read.teams {
            for grant in &mut found.grants {
                let statements = grant_statements(&found.key, &grant.actions);
                grant.policy = Policy::parse_stored(statements)?.into();
            }
            if !found.deleted {
                state.team_keys.insert(found.key.clone(), found.id);
            }
            state.teams.insert(found.id, found);
        }
        for found in read.members {
            if found.is_active() {
                state.emails.insert(found.email.to_lowercase(), found.id);
            }
            state.members.insert(found.id, found);
        }
        Ok(state)
    }

    /// The same account without its tokens: what a snapshot of it holds.
    #[must_use]
    pub fn without_tokens(&self) -> Self {
        Self {
            tokens: hashbrown::HashMap::new(),
            ..self.clone()
        }
    }
}
