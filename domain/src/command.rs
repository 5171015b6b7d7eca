//! Commands: what may be asked for, and what happens when it is.
//!
//! `decide` is pure and total: the state, the command and the context in, events or a [`Rejection`] out.
//! Ids and digests come with the command, made by the caller.

mod account;
mod clone_token;
mod create_role;
mod create_token;
mod delete_role;
mod delete_token;
mod field;
mod invite_members;
mod preconditions;
mod remove_member;
mod reset_token;
mod scope;
mod update_member;
mod update_role;
mod update_token;

pub use account::BootstrapAccount;
pub use clone_token::CloneToken;
pub use create_role::CreateRole;
pub use create_token::CreateToken;
pub use delete_role::DeleteRole;
pub use delete_token::DeleteToken;
pub use field::{
    API_VERSIONS, LATEST_API_VERSION, NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN,
    TEXT_CHARS_MAX, validate_password,
};
pub use invite_members::{INVITATIONS_MAX, Invitation, InviteMembers};
pub use preconditions::preconditions;
pub use remove_member::RemoveMember;
pub use reset_token::ResetToken;
pub use scope::{CUSTOM_ROLES_MAX, NewSecret, ScopeChoice};
pub use update_member::{AssignRoles, DowngradeMember, PromoteMember, SetRoleAttributes};
pub use update_role::UpdateRole;
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
    /// Make a custom role.
    CreateRole(CreateRole),
    /// Edit a custom role.
    UpdateRole(UpdateRole),
    /// Delete a custom role.
    DeleteRole(DeleteRole),
}

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
    match command {
        Command::BootstrapAccount(command) => account::decide(state, command),
        Command::CreateToken(command) => create_token::decide(state, command, context),
        Command::CloneToken(command) => clone_token::decide(state, command, context),
        Command::ResetToken(command) => reset_token::decide(state, command, context),
        Command::UpdateToken(command) => update_token::decide(state, command, context),
        Command::DeleteToken(command) => delete_token::decide(state, command, context),
        Command::InviteMembers(command) => invite_members::decide(state, command, context),
        Command::DowngradeMember(command) => update_member::downgrade(state, command, context),
        Command::PromoteMember(command) => update_member::promote(state, command, context),
        Command::AssignRoles(command) => update_member::assign_roles(state, command, context),
        Command::SetRoleAttributes(command) => {
            update_member::set_role_attributes(state, command, context)
        }
        Command::RemoveMember(command) => remove_member::decide(state, command, context),
        Command::CreateRole(command) => create_role::decide(state, command, context),
        Command::UpdateRole(command) => update_role::decide(state, command, context),
        Command::DeleteRole(command) => delete_role::decide(state, command, context),
    }
}
