//! `/api/v2/teams`.

mod bulk;
mod create;
mod delete;
mod draft;
mod get;
mod grants;
mod import;
mod list;
mod maintainers;
mod patch;
mod roles;

use keyledger_domain::actor::Actor;
use keyledger_domain::state::{State, Team};
use poem_openapi::OpenApi;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::http::filter::expand;
use crate::node::Node;
use crate::rep;
use crate::rep::team::Expand;

/// The operations on teams.
pub fn all() -> impl OpenApi {
    (
        list::ListTeams,
        create::CreateTeam,
        bulk::PatchTeams,
        get::GetTeam,
        patch::PatchTeam,
        delete::DeleteTeam,
        maintainers::ListMaintainers,
        roles::ListRoles,
        import::ImportMembers,
    )
}

fn unknown(key: &str) -> ApiError {
    let key: String = key.chars().take(64).collect();
    ApiError::not_found(format!("unknown team: {key:?}"))
}

/// The team of a path.
fn find<'s>(state: &'s State, key: &str) -> Result<&'s Team, ApiError> {
    state.team_by_key(key).ok_or_else(|| unknown(key))
}

/// Requires that the caller may see a team.
fn require_visible(actor: &Actor, team: &Team) -> Result<(), ApiError> {
    Ok(actor.require("viewTeam", &format!("team/{}", team.key))?)
}

/// What `expand` asks for.
fn expansions(text: Option<&str>) -> Result<Expand, ApiError> {
    Ok(Expand::of(&expand(text, &Expand::WORDS)?))
}

/// A team as the memory has it, for the wire.
fn answer(
    node: &Node,
    caller: &Caller,
    key: &str,
    expand: Expand,
) -> Result<rep::team::Team, ApiError> {
    caller.actor_now(node, |state, actor| {
        find(state, key).map(|team| rep::team::team(state, actor, team, expand))
    })?
}
