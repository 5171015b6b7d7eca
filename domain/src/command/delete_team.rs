//! DeleteTeam.

use super::Context;
use super::preconditions::team;
use crate::event::{Event, TeamDeleted};
use crate::ids::TeamId;
use crate::rejection::Rejection;
use crate::state::State;

/// Delete a team. Its members lose what they had by it at once.
#[derive(Debug, Clone)]
pub struct DeleteTeam {
    /// The team.
    pub id: TeamId,
}

pub(super) fn decide(
    state: &State,
    command: &DeleteTeam,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let team = team(state, command.id)?;
    context
        .actor
        .require("deleteTeam", &format!("team/{}", team.key))?;
    Ok(vec![Event::TeamDeleted(TeamDeleted { id: team.id })])
}
