//! BootstrapAccount.

use super::{Context, NewSecret, field};
use crate::event::{AccountCreated, AccountPlanChanged, By, Event, MemberInvited, TokenCreated};
use crate::ids::{AccountId, MemberId, TokenId};
use crate::plan::Plan;
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
            plan: Plan::Enterprise,
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
        owners_token(
            command.owner,
            command.token,
            &command.secret,
            ("Owner's first token", "Made when the server first started"),
        ),
    ])
}

fn owners_token(
    owner: MemberId,
    id: TokenId,
    secret: &NewSecret,
    (name, description): (&str, &str),
) -> Event {
    Event::TokenCreated(TokenCreated {
        id,
        kind: TokenKind::Personal,
        member: owner,
        name: name.to_owned(),
        description: description.to_owned(),
        scope: Scope::Role(BuiltIn::Admin),
        frozen_scope: None,
        role_binding: RoleBinding::Frozen,
        role_attributes: RoleAttributes::default(),
        bounds: Vec::new(),
        digest: secret.digest,
        ending: secret.ending.clone(),
        expiry_ms: None,
        default_api_version: super::LATEST_API_VERSION,
        cloned_from: None,
    })
}

/// Put an account on another plan. The operator's.
#[derive(Debug, Clone)]
pub struct ChangePlan {
    /// The plan from now on.
    pub to: Plan,
}

/// Give the owner another token, where the first one was lost. The operator's.
#[derive(Debug, Clone)]
pub struct RecoverOwner {
    /// The id of the new token.
    pub token: TokenId,
    /// Its secret.
    pub secret: NewSecret,
}

pub(super) fn require_operator(context: &Context<'_>) -> Result<(), Rejection> {
    if context.actor.by == By::Operator {
        Ok(())
    } else {
        Err(Rejection::forbidden(
            "only the operator of the server does this, on its command line",
        ))
    }
}

pub(super) fn change_plan(
    state: &State,
    command: &ChangePlan,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    require_operator(context)?;
    let account = state.account.as_ref().ok_or_else(|| Rejection::NotFound {
        what: "account",
        id: context.actor.account.to_string(),
    })?;
    if account.plan == command.to {
        return Ok(Vec::new());
    }
    Ok(vec![Event::AccountPlanChanged(AccountPlanChanged {
        from: account.plan,
        to: command.to,
    })])
}

pub(super) fn recover_owner(
    state: &State,
    command: &RecoverOwner,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    require_operator(context)?;
    let owner = state.owner().ok_or_else(|| Rejection::NotFound {
        what: "owner of account",
        id: context.actor.account.to_string(),
    })?;
    Ok(vec![owners_token(
        owner.id,
        command.token,
        &command.secret,
        ("Owner's token", "Made by the operator of the server"),
    )])
}
