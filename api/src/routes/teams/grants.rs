//! Permission grants of a team: as forms name them, and as instructions give and take them, member by member.

use std::collections::BTreeSet;

use keyledger_domain::command::resolve_members;
use keyledger_domain::event::{GrantActions, TeamGrant};
use keyledger_domain::policy::Policy;
use keyledger_domain::state::{State, grant_statements};

use crate::error::ApiError;
use crate::rep::team::PermissionGrantInput;

/// A permission grant of a form, settled.
pub(super) fn grant(
    state: &State,
    pointer: &str,
    form: &PermissionGrantInput,
) -> Result<TeamGrant, ApiError> {
    let actions = match (form.action_set.as_deref(), &form.actions) {
        (Some("maintainTeam"), None) => GrantActions::MaintainTeam,
        (None, Some(actions)) if !actions.is_empty() => GrantActions::Actions(actions.clone()),
        (Some(other), None) => {
            let other: String = other.chars().take(64).collect();
            return Err(ApiError::invalid(format!(
                "{pointer}/actionSet: there is no {other:?}; there is maintainTeam"
            )));
        }
        _ => {
            return Err(ApiError::invalid(format!(
                "{pointer}: needs either actionSet or actions"
            )));
        }
    };
    let ids = form.member_ids.as_deref().unwrap_or_default();
    let mut members = resolve_members(state, &format!("{pointer}/memberIDs"), ids)?;
    members.sort_unstable();
    Ok(TeamGrant { actions, members })
}

/// A grant of an instruction, which is about at least one member.
fn asked(state: &State, pointer: &str, form: &PermissionGrantInput) -> Result<TeamGrant, ApiError> {
    let asked = grant(state, pointer, form)?;
    if asked.members.is_empty() {
        return Err(ApiError::invalid(format!("{pointer}/memberIDs: is empty")));
    }
    Ok(asked)
}

/// Whether two grants let their members do the same.
fn same(one: &GrantActions, other: &GrantActions) -> bool {
    let set = |actions: &GrantActions| match actions {
        GrantActions::MaintainTeam => None,
        GrantActions::Actions(actions) => Some(actions.iter().cloned().collect::<BTreeSet<_>>()),
    };
    set(one) == set(other)
}

/// Adds members to the grant of the same actions, or a grant where there is none.
pub(super) fn give(
    state: &State,
    pointer: &str,
    form: &PermissionGrantInput,
    grants: &mut Vec<TeamGrant>,
) -> Result<(), ApiError> {
    let added = asked(state, pointer, form)?;
    // Where it is wrong can be said here only: later the grant is one among those of the team.
    if let Err(error) = Policy::parse(grant_statements("any", &added.actions)) {
        let text = error.to_string();
        let text = text.strip_prefix("/0").unwrap_or(&text);
        return Err(ApiError::invalid(format!("{pointer}{text}")));
    }
    match grants
        .iter_mut()
        .find(|known| same(&known.actions, &added.actions))
    {
        Some(known) => {
            known.members.extend(added.members);
            known.members.sort_unstable();
            known.members.dedup();
        }
        None => grants.push(added),
    }
    Ok(())
}

/// Takes members out of every grant of the same actions. One that names nobody any more is none.
pub(super) fn take(
    state: &State,
    pointer: &str,
    form: &PermissionGrantInput,
    grants: &mut Vec<TeamGrant>,
) -> Result<(), ApiError> {
    let taken = asked(state, pointer, form)?;
    let gone: BTreeSet<_> = taken.members.iter().collect();
    let mut known = false;
    grants.retain_mut(|grant| {
        if !same(&grant.actions, &taken.actions) {
            return true;
        }
        known = true;
        grant.members.retain(|member| !gone.contains(member));
        !grant.members.is_empty()
    });
    // A set has a name that was checked. A list that no grant has is rather a mistake, and whoever makes it
    // would believe that somebody lost a permission.
    if known || taken.actions == GrantActions::MaintainTeam {
        Ok(())
    } else {
        Err(ApiError::invalid(format!(
            "{pointer}/actions: the team has no permission grant of these actions"
        )))
    }
}
