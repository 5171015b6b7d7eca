//! The commands of the tests, with as little said as they need.

use keyledger_domain::command::{
    AssignRoles, Command, CreateRole, CreateToken, DeleteToken, Invitation, InviteMembers,
    ResetToken, RevokeToken, ScopeChoice, UpdateRole, UpdateToken,
};
use keyledger_domain::ids::{MemberId, RoleId, TokenId};
use keyledger_domain::policy::{RoleAttributes, Statement};
use keyledger_domain::scope::TokenKind;

use crate::sample::{NEW_MEMBER, NEW_ROLE, NEW_TOKEN, allow, member_id, secret, texts};

pub(crate) fn scope_role(name: &str) -> ScopeChoice {
    ScopeChoice {
        role: Some(name.to_owned()),
        ..ScopeChoice::default()
    }
}

pub(crate) fn scope_roles(keys: &[&str]) -> ScopeChoice {
    ScopeChoice {
        custom_roles: Some(texts(keys)),
        ..ScopeChoice::default()
    }
}

pub(crate) fn scope_inline(statements: Vec<Statement>) -> ScopeChoice {
    ScopeChoice {
        inline: Some(statements),
        ..ScopeChoice::default()
    }
}

pub(crate) fn create(kind: TokenKind, scope: ScopeChoice) -> CreateToken {
    CreateToken {
        id: NEW_TOKEN,
        secret: secret(1),
        name: "ci".to_owned(),
        description: String::new(),
        kind,
        scope,
        role_binding: None,
        expiry_ms: None,
        default_api_version: None,
    }
}

pub(crate) fn create_personal(scope: ScopeChoice) -> Command {
    Command::CreateToken(create(TokenKind::Personal, scope))
}

pub(crate) fn create_service(scope: ScopeChoice) -> Command {
    Command::CreateToken(create(TokenKind::Service, scope))
}

pub(crate) fn update(id: TokenId) -> UpdateToken {
    UpdateToken {
        id,
        name: None,
        description: None,
        scope: None,
        expiry_ms: None,
        default_api_version: None,
    }
}

pub(crate) fn rescope(id: TokenId, scope: ScopeChoice) -> Command {
    Command::UpdateToken(UpdateToken {
        scope: Some(scope),
        ..update(id)
    })
}

pub(crate) fn reset(id: TokenId, expiry_ms: Option<i64>) -> Command {
    Command::ResetToken(ResetToken {
        id,
        secret: secret(2),
        expiry_ms,
    })
}

pub(crate) fn delete(id: TokenId) -> Command {
    Command::DeleteToken(DeleteToken { id })
}

pub(crate) fn revoke(id: TokenId) -> Command {
    Command::RevokeToken(RevokeToken { id })
}

pub(crate) fn invitation(email: &str) -> Invitation {
    Invitation {
        teams: Vec::new(),
        id: NEW_MEMBER,
        email: email.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        role: None,
        custom_roles: Vec::new(),
        role_attributes: RoleAttributes::default(),
        password_hash: None,
    }
}

pub(crate) fn invite(mut invitations: Vec<Invitation>) -> Command {
    // Each needs an id of its own; the first keeps the one that the tests know.
    for (index, invitation) in invitations.iter_mut().enumerate().skip(1) {
        if invitation.id == NEW_MEMBER {
            invitation.id = member_id(u8::try_from(200 + index).expect("few"));
        }
    }
    Command::InviteMembers(InviteMembers { invitations })
}

pub(crate) fn assign(id: MemberId, keys: &[&str]) -> Command {
    Command::AssignRoles(AssignRoles {
        id,
        custom_roles: texts(keys),
    })
}

pub(crate) fn new_role(key: &str) -> CreateRole {
    CreateRole {
        id: NEW_ROLE,
        key: key.to_owned(),
        name: "Deployer".to_owned(),
        description: String::new(),
        policy: vec![allow(&["updateOn"], &["proj/*:env/*:flag/*"])],
        base_permissions: None,
        resource_category: None,
    }
}

pub(crate) fn edit_role(id: RoleId) -> UpdateRole {
    UpdateRole {
        id,
        name: None,
        description: None,
        policy: None,
        base_permissions: None,
        comment: None,
    }
}
