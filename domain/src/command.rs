//! Commands: what may be asked for, and what happens when it is.
//!
//! `decide` is pure and total: the state, the command and the context in, events or a [`Rejection`] out.
//! Ids and digests come with the command, made by the caller.

mod account;
mod admit_member;
mod change_team;
mod clone_token;
mod create_role;
mod create_team;
mod create_token;
mod delete_role;
mod delete_team;
mod delete_token;
mod erase_member;
mod field;
mod invitation;
mod invite_members;
mod preconditions;
mod remove_member;
mod reset_token;
mod revoke_token;
mod scope;
mod update_member;
mod update_role;
mod update_team;
mod update_token;

pub use account::{BootstrapAccount, ChangePlan, RecoverOwner};
pub use admit_member::AdmitMember;
pub use change_team::{ChangeTeamMembers, SetTeamGrants, SetTeamRoles};
pub use clone_token::CloneToken;
pub use create_role::CreateRole;
pub use create_team::{
    CreateTeam, TEAM_GRANTS_MAX, TEAM_MEMBERS_MAX, TEAM_ROLES_MAX, TEAMS_PER_MEMBER_MAX,
    resolve_members,
};
pub use create_token::CreateToken;
pub use delete_role::DeleteRole;
pub use delete_team::DeleteTeam;
pub use delete_token::DeleteToken;
pub use erase_member::EraseMember;
pub use field::{
    API_VERSIONS, LATEST_API_VERSION, NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN,
    TEXT_CHARS_MAX, validate_password,
};
pub use invitation::{AcceptInvitation, INVITATION_MS_MAX, IssueInvitation};
pub use invite_members::{INVITATIONS_MAX, Invitation, InviteMembers};
pub use preconditions::preconditions;
pub use remove_member::RemoveMember;
pub use reset_token::ResetToken;
pub use revoke_token::RevokeToken;
pub use scope::{CUSTOM_ROLES_MAX, NewSecret, ScopeChoice, resolve_roles};
pub use update_member::{AssignRoles, DowngradeMember, PromoteMember, SetRoleAttributes};
pub use update_role::UpdateRole;
pub use update_team::UpdateTeam;
pub use update_token::UpdateToken;

use crate::actor::Actor;
use crate::event::Event;
use crate::rejection::Rejection;
use crate::state::{State, Token};

/// What holds at the moment of a command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time, Unix milliseconds.
    pub now_ms: i64,
    /// Who gives the command.
    pub actor: &'a Actor,
    /// The token that the command is about, when the state does not hold the tokens: a node keeps
    /// members and roles in memory and reads the one token's stream.
    pub loaded: Option<&'a Token>,
}

/// Everything that may be asked for.
#[derive(Debug, Clone)]
pub enum Command {
    /// Make the first account with its owner.
    BootstrapAccount(BootstrapAccount),
    /// Put the account on another plan.
    ChangePlan(ChangePlan),
    /// Give the owner another token.
    RecoverOwner(RecoverOwner),
    /// Make a token.
    CreateToken(CreateToken),
    /// Make a token with the kind and scope of another.
    CloneToken(CloneToken),
    /// Give a token a new secret.
    ResetToken(ResetToken),
    /// Edit a token.
    UpdateToken(UpdateToken),
    /// Delete a token.
    DeleteToken(DeleteToken),
    /// Delete a token whose secret was shown.
    RevokeToken(RevokeToken),
    /// Invite members, all or none.
    InviteMembers(InviteMembers),
    /// Lower a member's base role.
    DowngradeMember(DowngradeMember),
    /// Raise a member's base role.
    PromoteMember(PromoteMember),
    /// Replace a member's custom roles.
    AssignRoles(AssignRoles),
    /// Replace a member's role attributes.
    SetRoleAttributes(SetRoleAttributes),
    /// Remove a member for good.
    RemoveMember(RemoveMember),
    /// Erase what the log says of a removed member as a person.
    EraseMember(EraseMember),
    /// Make a link with which an invited member joins.
    IssueInvitation(IssueInvitation),
    /// Join by such a link.
    AcceptInvitation(AcceptInvitation),
    /// Join by signing in without a password.
    AdmitMember(AdmitMember),
    /// Make a custom role.
    CreateRole(CreateRole),
    /// Edit a custom role.
    UpdateRole(UpdateRole),
    /// Delete a custom role.
    DeleteRole(DeleteRole),
    /// Make a team.
    CreateTeam(CreateTeam),
    /// Edit a team's name, description and role attributes.
    UpdateTeam(UpdateTeam),
    /// Put members into a team and out of it.
    ChangeTeamMembers(ChangeTeamMembers),
    /// Replace a team's custom roles.
    SetTeamRoles(SetTeamRoles),
    /// Replace a team's permission grants.
    SetTeamGrants(SetTeamGrants),
    /// Delete a team.
    DeleteTeam(DeleteTeam),
}

/// The most changes of one thing: of a token, a member, a role or a team. What it is comes from reading all of
/// them, which must stay possible; nobody may change a thing until it cannot be read any more.
pub const CHANGES_MAX: i64 = 90_000;

/// Decides a command.
///
/// No events mean that the command asks for what already is.
///
/// # Errors
/// The [`Rejection`], when the command is refused; nothing happens then.
pub fn decide(
    state: &State,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let events = decide_unbounded(state, command, context)?;
    for event in &events {
        let ends = matches!(
            event,
            Event::TokenDeleted(_)
                | Event::MemberRemoved(_)
                | Event::MemberErased(_)
                | Event::RoleDeleted(_)
                | Event::TeamDeleted(_)
        );
        let stream = event.stream(context.actor.account);
        if !ends && preconditions::version(state, context, stream) >= CHANGES_MAX {
            return Err(Rejection::Conflict {
                message: format!(
                    "this {} was changed {CHANGES_MAX} times, the most; delete it and make a new one",
                    stream.kind.name()
                ),
            });
        }
    }
    Ok(events)
}

fn decide_unbounded(
    state: &State,
    command: &Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::BootstrapAccount(command) => account::decide(state, command),
        Command::ChangePlan(command) => account::change_plan(state, command, context),
        Command::RecoverOwner(command) => account::recover_owner(state, command, context),
        Command::CreateToken(command) => create_token::decide(state, command, context),
        Command::CloneToken(command) => clone_token::decide(state, command, context),
        Command::ResetToken(command) => reset_token::decide(state, command, context),
        Command::UpdateToken(command) => update_token::decide(state, command, context),
        Command::DeleteToken(command) => delete_token::decide(state, command, context),
        Command::RevokeToken(command) => revoke_token::decide(state, command, context),
        Command::InviteMembers(command) => invite_members::decide(state, command, context),
        Command::DowngradeMember(command) => update_member::downgrade(state, command, context),
        Command::PromoteMember(command) => update_member::promote(state, command, context),
        Command::AssignRoles(command) => update_member::assign_roles(state, command, context),
        Command::SetRoleAttributes(command) => {
            update_member::set_role_attributes(state, command, context)
        }
        Command::RemoveMember(command) => remove_member::decide(state, command, context),
        Command::EraseMember(command) => erase_member::decide(state, command, context),
        Command::IssueInvitation(command) => invitation::issue(state, command, context),
        Command::AcceptInvitation(command) => invitation::accept(state, command, context),
        Command::AdmitMember(command) => admit_member::decide(state, command, context),
        Command::CreateRole(command) => create_role::decide(state, command, context),
        Command::UpdateRole(command) => update_role::decide(state, command, context),
        Command::DeleteRole(command) => delete_role::decide(state, command, context),
        Command::CreateTeam(command) => create_team::decide(state, command, context),
        Command::UpdateTeam(command) => update_team::decide(state, command, context),
        Command::ChangeTeamMembers(command) => change_team::members(state, command, context),
        Command::SetTeamRoles(command) => change_team::roles(state, command, context),
        Command::SetTeamGrants(command) => change_team::grants(state, command, context),
        Command::DeleteTeam(command) => delete_team::decide(state, command, context),
    }
}
