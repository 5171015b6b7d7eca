//! DeleteTeam.

use super::Context;
use super::create_team::not_for_oneself;
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
    // Values may close as well as open: with the team's, a deny that speaks of them would go.
    not_for_oneself(context, |member| {
        !team.role_attributes.is_empty() && team.members.contains(&member)
    })?;
    Ok(vec![Event::TeamDeleted(TeamDeleted { id: team.id })])
}
