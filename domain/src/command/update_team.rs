//! UpdateTeam.

use super::create_team::not_for_oneself;
use super::preconditions::team;
use super::{Context, field};
use crate::event::{Event, TeamUpdated};
use crate::ids::TeamId;
use crate::plan::{self, Feature};
use crate::policy::RoleAttributes;
use crate::rejection::Rejection;
use crate::state::State;

/// Edit a team. What is absent stays.
#[derive(Debug, Clone)]
pub struct UpdateTeam {
    /// The team.
    pub id: TeamId,
    /// The new name.
    pub name: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// All role attributes from now on.
    pub role_attributes: Option<RoleAttributes>,
    /// Why.
    pub comment: Option<String>,
}

pub(super) fn decide(
    state: &State,
    command: &UpdateTeam,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let team = team(state, command.id)?;
    let resource = format!("team/{}", team.key);
    let may = |action| context.actor.require(action, &resource);
    let mut changed = TeamUpdated {
        id: team.id,
        name: None,
        description: None,
        role_attributes: None,
        comment: field::comment(command.comment.as_deref())?,
    };
    // Whoever asks for what already is must be somebody who could have changed it.
    for (asked, action) in [
        (command.name.is_some(), "updateTeamName"),
        (command.description.is_some(), "updateTeamDescription"),
        (
            command.role_attributes.is_some(),
            "updateTeamRoleAttributes",
        ),
    ] {
        if asked {
            may(action)?;
        }
    }
    if let Some(name) = command.name.as_ref().filter(|name| **name != team.name) {
        field::required_name("/name", name)?;
        changed.name = Some(name.clone());
    }
    if let Some(text) = command
        .description
        .as_ref()
        .filter(|text| **text != team.description)
    {
        field::description("/description", text)?;
        changed.description = Some(text.clone());
    }
    if let Some(attributes) = command
        .role_attributes
        .as_ref()
        .filter(|new| **new != team.role_attributes)
    {
        let more = attributes.iter().any(|(key, values)| {
            let before = team.role_attributes.get(key);
            values.iter().any(|value| !before.contains(value))
        });
        if more {
            plan::require(state, Feature::Teams)?;
        }
        not_for_oneself(context, |member| team.members.contains(&member))?;
        changed.role_attributes = Some(attributes.clone());
    }
    let nothing = changed.name.is_none()
        && changed.description.is_none()
        && changed.role_attributes.is_none();
    if nothing {
        return Ok(Vec::new());
    }
    Ok(vec![Event::TeamUpdated(changed)])
}
