//! IssueInvitation and AcceptInvitation: how an invited member gets a password without a mail server.

use super::invite_members::within_rank;
use super::preconditions::member;
use super::{Context, field};
use crate::event::{By, Digest, Event, InvitationIssued, MemberJoined};
use crate::ids::MemberId;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::state::{Member, State};

/// The longest that a link may work, milliseconds: 30 days.
pub const INVITATION_MS_MAX: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Make a link with which an invited member joins; any earlier one ends.
#[derive(Debug, Clone)]
pub struct IssueInvitation {
    /// The member.
    pub id: MemberId,
    /// The digest of the link's secret.
    pub digest: Digest,
    /// Until when it works, Unix milliseconds.
    pub expires_at_ms: i64,
}

/// Join by a link.
#[derive(Clone)]
pub struct AcceptInvitation {
    /// The member.
    pub id: MemberId,
    /// The digest of the secret that was presented.
    pub digest: Digest,
    /// The first name, if it changes.
    pub first_name: Option<String>,
    /// The last name, if it changes.
    pub last_name: Option<String>,
    /// The password, hashed.
    pub password_hash: String,
}

impl std::fmt::Debug for AcceptInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AcceptInvitation")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A link is the member: whoever makes one could have made the member with the same rights.
fn could_have_invited(member: &Member, context: &Context<'_>) -> Result<(), Rejection> {
    let resource = format!("member/{}", member.id);
    context.actor.require("createMember", &resource)?;
    if context.actor.by == By::Operator {
        return Ok(());
    }
    if member.joined {
        return Err(Rejection::Conflict {
            message: "the member has joined already".to_owned(),
        });
    }
    if member.role == BuiltIn::Owner {
        return Err(Rejection::forbidden(
            "only the operator of the server makes a link for the owner",
        ));
    }
    within_rank(member.role, context)?;
    if !member.custom_roles.is_empty() {
        context.actor.require("updateCustomRole", &resource)?;
    }
    if !member.role_attributes.is_empty() {
        context
            .actor
            .require("updateMemberRoleAttributes", &resource)?;
    }
    // What teams have given since is more than an invitation could: that takes an administrator.
    let by_teams = !(member.teams.is_empty() && member.granted.is_empty());
    if by_teams && !context.actor.plainly_holds(BuiltIn::Admin) {
        return Err(Rejection::forbidden(
            "the member is in a team: an administrator makes the link",
        ));
    }
    Ok(())
}

pub(super) fn issue(
    state: &State,
    command: &IssueInvitation,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    let member = member(state, command.id)?;
    field::future("/expiry", command.expires_at_ms, context.now_ms)?;
    if command.expires_at_ms - context.now_ms > INVITATION_MS_MAX {
        return Err(Rejection::invalid(
            "/expiry",
            format!("is at most {INVITATION_MS_MAX} milliseconds from now"),
        ));
    }
    could_have_invited(member, context)?;
    Ok(vec![Event::InvitationIssued(InvitationIssued {
        id: member.id,
        digest: command.digest,
        expires_at_ms: command.expires_at_ms,
        limited: !context.actor.plainly_holds(BuiltIn::Admin),
    })])
}

pub(super) fn accept(
    state: &State,
    command: &AcceptInvitation,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    // One answer for every link that does not work: it must not say who is a member.
    let works = state.member(command.id).filter(|member| {
        context.actor.by == By::Invitation(member.id)
            && member.invitation.is_some_and(|link| {
                link.digest == command.digest && context.now_ms < link.expires_at_ms
            })
    });
    let member = works.ok_or_else(|| Rejection::NotFound {
        what: "invitation",
        id: "it was used, replaced or has ended".to_owned(),
    })?;
    for (pointer, name) in [
        ("/firstName", &command.first_name),
        ("/lastName", &command.last_name),
    ] {
        if let Some(name) = name {
            field::name(pointer, name)?;
        }
    }
    Ok(vec![Event::MemberJoined(MemberJoined {
        id: member.id,
        first_name: command.first_name.clone(),
        last_name: command.last_name.clone(),
        password_hash: command.password_hash.clone(),
    })])
}
