//! BootstrapAccount.

use super::{NewSecret, field};
use crate::event::{AccountCreated, Event, MemberInvited, TokenCreated};
use crate::ids::{AccountId, MemberId, TokenId};
use crate::policy::RoleAttributes;
use crate::rejection::Rejection;
use crate::role::BuiltIn;
use crate::scope::{RoleBinding, Scope, TokenKind};
use crate::state::State;

/// Make an account with its owner, and a token with which the owner starts.
#[derive(Debug, Clone)]
pub struct BootstrapAccount {
    /// The account's id.
    pub account: AccountId,
    /// The account's name.
    pub name: String,
    /// The owner's id.
    pub owner: MemberId,
    /// The owner's e-mail.
    pub email: String,
    /// The owner's password, hashed.
    pub password_hash: Option<String>,
    /// The id of the owner's first token.
    pub token: TokenId,
    /// Its secret.
    pub secret: NewSecret,
}

pub(super) fn decide(state: &State, command: &BootstrapAccount) -> Result<Vec<Event>, Rejection> {
    if state.account.is_some() {
        return Err(Rejection::Conflict {
            message: "the account exists already".to_owned(),
        });
    }
    field::required_name("/name", &command.name)?;
    field::email("/email", &command.email)?;
    Ok(vec![
        Event::AccountCreated(AccountCreated {
            id: command.account,
            name: command.name.clone(),
            plan: "enterprise".to_owned(),
        }),
        Event::MemberInvited(MemberInvited {
            id: command.owner,
            email: command.email.clone(),
            first_name: String::new(),
            last_name: String::new(),
            role: BuiltIn::Owner,
            custom_roles: Vec::new(),
            role_attributes: RoleAttributes::default(),
            password_hash: command.password_hash.clone(),
        }),
        Event::TokenCreated(TokenCreated {
            id: command.token,
            kind: TokenKind::Personal,
            member: command.owner,
            name: "Owner's first token".to_owned(),
            description: "Made when the server first started".to_owned(),
            scope: Scope::Role(BuiltIn::Admin),
            frozen_scope: None,
            role_binding: RoleBinding::Frozen,
            role_attributes: RoleAttributes::default(),
            bounds: Vec::new(),
            digest: command.secret.digest,
            ending: command.secret.ending.clone(),
            expiry_ms: None,
            default_api_version: super::LATEST_API_VERSION,
            cloned_from: None,
        }),
    ])
}
