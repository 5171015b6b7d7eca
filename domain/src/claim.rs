//! Claims: what only one stream may hold at a time. The log checks them in the append transaction.

use sha2::{Digest, Sha256};

use crate::event::Event;
use crate::ids::AccountId;
use crate::state::State;

/// What an event does to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimChange {
    /// From now on this stream holds it; refused while another stream does.
    Take,
    /// From now on nobody holds it; refused unless this stream did.
    Release,
}

/// A claim's key: a hash, so that no e-mail stands in the claims.
pub type ClaimKey = [u8; 32];

fn key(kind: &str, parts: &[&[u8]]) -> ClaimKey {
    let mut hash = Sha256::new();
    hash.update(b"keyledger/claim/v1\0");
    hash.update(kind.as_bytes());
    for part in parts {
        hash.update(b"\0");
        hash.update(part);
    }
    hash.finalize().into()
}

/// The claim on an e-mail: across all accounts, whatever its case.
#[must_use]
pub fn email(email: &str) -> ClaimKey {
    key("email", &[email.to_lowercase().as_bytes()])
}

/// The claim on the key of a role: within its account.
#[must_use]
pub fn role_key(account: AccountId, role_key: &str) -> ClaimKey {
    key("role", &[account.as_bytes(), role_key.as_bytes()])
}

/// The claim on the key of a team: within its account.
#[must_use]
pub fn team_key(account: AccountId, team_key: &str) -> ClaimKey {
    key("team", &[account.as_bytes(), team_key.as_bytes()])
}

/// The claim on having made the first account of a log: nodes that start at once over an empty log make one.
#[must_use]
pub fn first_start() -> ClaimKey {
    key("first-start", &[])
}

/// What an event, about to follow `state`, does to claims.
#[must_use]
pub fn of_event(
    state: &State,
    account: AccountId,
    event: &Event,
) -> Option<(ClaimKey, ClaimChange)> {
    match event {
        Event::MemberInvited(event) => Some((email(&event.email), ClaimChange::Take)),
        Event::MemberRemoved(event) => {
            let member = state.members.get(&event.id)?;
            Some((email(&member.email), ClaimChange::Release))
        }
        Event::RoleCreated(event) => Some((role_key(account, &event.key), ClaimChange::Take)),
        Event::RoleDeleted(event) => {
            let role = state.roles.get(&event.id)?;
            Some((role_key(account, &role.key), ClaimChange::Release))
        }
        Event::TeamCreated(event) => Some((team_key(account, &event.key), ClaimChange::Take)),
        Event::TeamDeleted(event) => {
            let team = state.teams.get(&event.id)?;
            Some((team_key(account, &team.key), ClaimChange::Release))
        }
        _ => None,
    }
}
