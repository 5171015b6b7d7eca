//! The operations, one file each; the folders mirror the paths.

pub mod auditlog;
pub mod caller_identity;
pub mod events;
pub mod health;
pub mod invitation;
pub mod members;
pub mod openapi_json;
pub mod permission_changes;
pub mod public_ip_list;
pub mod roles;
pub mod root;
pub mod session;
pub mod sessions;
pub mod teams;
pub mod tokens;
pub mod versions;
pub mod what_if;

use keyledger_domain::command::Command;
use keyledger_domain::event::Event;
use poem_openapi::{OpenApi, Tags};

use crate::error::ApiError;
use crate::node::Decision;

/// The groups of operations in the document.
#[derive(Tags)]
pub enum Tag {
    /// Making, resetting, cloning and deleting access tokens
    #[oai(rename = "Access tokens")]
    Tokens,
    /// Who is in the account, with which role
    #[oai(rename = "Account members")]
    Members,
    /// Policies with a name, for members, teams and tokens
    #[oai(rename = "Custom roles")]
    Roles,
    /// Groups of members, with roles on top of their own
    Teams,
    /// Who did what, when and with which token
    #[oai(rename = "Audit log")]
    AuditLog,
    /// Whether a token is valid and may do something, for services and gateways
    Decisions,
    /// Root, versions, caller identity
    Other,
    /// Signing in and out
    Session,
    /// How the node is, for what watches it
    Health,
}

/// Every operation.
pub fn all() -> impl OpenApi {
    (
        (
            root::Root,
            versions::Versions,
            caller_identity::GetCallerIdentity,
            openapi_json::GetOpenApiJson,
            public_ip_list::GetPublicIpList,
            session::SignInOut,
            sessions::ListSessions,
            invitation::Join,
        ),
        tokens::all(),
        members::all(),
        roles::all(),
        teams::all(),
        auditlog::all(),
        (
            events::FollowEvents,
            permission_changes::ListChanges,
            what_if::AskWhatIf,
            crate::doors::AskDecisions,
        ),
        health::Health,
    )
}

/// A command as [`Node::execute`](crate::node::Node::execute) makes it, for those that do not depend
/// on the state.
pub(crate) fn always(command: Command) -> impl Fn(&Decision<'_>) -> Result<Vec<Command>, ApiError> {
    move |_| Ok(vec![command.clone()])
}

/// The first event that `pick` takes.
pub(crate) fn event_of<R>(
    events: &[Event],
    pick: impl Fn(&Event) -> Option<R>,
) -> Result<R, ApiError> {
    events
        .iter()
        .find_map(pick)
        .ok_or_else(|| ApiError::internal("a write without the event that it makes"))
}
