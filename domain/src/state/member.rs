//! A member, as the events left it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::event::Digest;
use crate::event::personal::erased_email;
use crate::ids::{MemberId, RoleId, TeamId};
use crate::policy::RoleAttributes;
use crate::role::BuiltIn;

/// A link with which an invited member sets a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The digest of its secret.
    pub digest: Digest,
    /// Until when it works, Unix milliseconds.
    pub expires_at_ms: i64,
    /// Whether it ends as soon as the member is given more.
    pub limited: bool,
}

/// A member of an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The member's id.
    pub id: MemberId,
    /// The id as text: what `${memberId}` stands for in a decision, which must not allocate.
    pub id_text: String,
    /// How many members of the account were invited before: their order, which ids and times do not give.
    pub number: usize,
    /// How many events the stream has.
    pub version: i64,
    /// The e-mail as it was given.
    pub email: String,
    /// Empty when not given.
    pub first_name: String,
    /// Empty when not given.
    pub last_name: String,
    /// The base role; it counts while there are no custom roles.
    pub role: BuiltIn,
    /// Custom roles, which replace the base role. A deleted one stays and grants nothing: were it
    /// dropped, the last deletion would hand the member the base role back.
    pub custom_roles: Vec<RoleId>,
    /// The member's own role attributes.
    pub role_attributes: RoleAttributes,
    /// The teams that the member is in, in the order of joining.
    pub teams: Vec<TeamId>,
    /// The teams on which a permission grant names the member.
    pub granted: Vec<TeamId>,
    /// What `${roleAttribute/…}` stands for: the member's own values and those of the teams.
    pub attributes: RoleAttributes,
    /// The link with which the member may set a password.
    pub invitation: Option<Invitation>,
    /// Whether the member has joined: was invited with a password, used a link, or signed in without a password.
    pub joined: bool,
    /// The password's peppered hash; none until one is set.
    pub password_hash: Option<String>,
    /// When the member was invited, Unix milliseconds.
    pub created_at_ms: i64,
    /// When the member was removed, Unix milliseconds; for good.
    pub removed_at_ms: Option<i64>,
}

impl Member {
    /// Whether the member has not been removed.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.removed_at_ms.is_none()
    }

    /// Whether the log says nothing of the member as a person any more.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        !self.is_active() && self.email == erased_email(self.id)
    }

    /// The member was given something: a link of somebody who could not have given it ends.
    pub(super) fn given_more(&mut self) {
        self.invitation = self.invitation.filter(|link| !link.limited);
    }

    /// The member's rank among the built-in roles; none when custom roles replace it, or when a team may
    /// add to it: then only the policies say.
    #[must_use]
    pub fn rank(&self) -> Option<BuiltIn> {
        (self.custom_roles.is_empty() && self.teams.is_empty()).then_some(self.role)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug output reaches logs: neither the hash nor the person belongs there.
        f.debug_struct("Member")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("role", &self.role)
            .field("custom_roles", &self.custom_roles)
            .finish_non_exhaustive()
    }
}
