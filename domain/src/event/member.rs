//! Events of a member.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::ids::{MemberId, RoleId};
use crate::policy::RoleAttributes;
use crate::role::BuiltIn;

/// `member.invited` version 1.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberInvited {
    /// The member; never used again, even for the same e-mail.
    pub id: MemberId,
    /// The e-mail as it was given; compared without regard to case.
    pub email: String,
    /// Empty when not given.
    pub first_name: String,
    /// Empty when not given.
    pub last_name: String,
    /// The base role, which counts while there are no custom roles.
    pub role: BuiltIn,
    /// Custom roles, which replace the base role.
    pub custom_roles: Vec<RoleId>,
    /// What `${roleAttribute/…}` stands for.
    pub role_attributes: RoleAttributes,
    /// The password's peppered Argon2id hash (PHC string); none until the invited member sets one.
    pub password_hash: Option<String>,
}

impl fmt::Debug for MemberInvited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug output reaches logs: neither the hash nor the person belongs there.
        f.debug_struct("MemberInvited")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("custom_roles", &self.custom_roles)
            .finish_non_exhaustive()
    }
}

/// `member.downgraded` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDowngraded {
    /// The member.
    pub id: MemberId,
    /// The base role before.
    pub from: BuiltIn,
    /// The base role now.
    pub to: BuiltIn,
}

/// `member.promoted` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPromoted {
    /// The member.
    pub id: MemberId,
    /// The base role before.
    pub from: BuiltIn,
    /// The base role now.
    pub to: BuiltIn,
}

/// `member.roles_assigned` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRolesAssigned {
    /// The member.
    pub id: MemberId,
    /// All custom roles from now on.
    pub custom_roles: Vec<RoleId>,
}

/// `member.role_attributes_set` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAttributesSet {
    /// The member.
    pub id: MemberId,
    /// All attributes from now on.
    pub role_attributes: RoleAttributes,
}

/// `member.removed` version 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRemoved {
    /// The member.
    pub id: MemberId,
}

/// `member.erased` version 1: the key of the removed member's personal data was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberErased {
    /// The member.
    pub id: MemberId,
}

/// `member.admitted` version 1: the invited member signed in without a password for the first time, by a provider of
/// identities that the operator trusts. It ends any link of the invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberAdmitted {
    /// The member.
    pub id: MemberId,
}

/// `member.invitation_issued` version 1: a link with which the invited member sets a password. It ends
/// any earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationIssued {
    /// The member.
    pub id: MemberId,
    /// The digest of the link's secret.
    pub digest: Digest,
    /// Until when it works, Unix milliseconds.
    pub expires_at_ms: i64,
    /// Whether it ends as soon as the member is given more: whoever made it was no administrator, and
    /// could not have invited the member with that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub limited: bool,
}

/// `member.joined` version 1: the invited member used the link, which ends it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// The member.
    pub id: MemberId,
    /// The first name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The last name from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The password's peppered Argon2id hash (PHC string).
    pub password_hash: String,
}

impl fmt::Debug for MemberJoined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Debug output reaches logs: neither the hash nor the person belongs there.
        f.debug_struct("MemberJoined")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
