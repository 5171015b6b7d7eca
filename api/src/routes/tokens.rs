//! `/api/v2/tokens`.

mod clone;
mod create;
mod delete;
mod explain;
mod get;
mod list;
mod patch;
mod reset;
mod search;
mod standing;
mod statistics;
mod usage;

use std::sync::Arc;

use keyledger_domain::actor::Actor;
use keyledger_domain::containment::Surplus;
use keyledger_domain::event::Event;
use keyledger_domain::ids::TokenId;
use keyledger_domain::permission::Permission;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::{State, Token};
use poem_openapi::OpenApi;

use crate::as_of::View;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::http::Settled;
use crate::node::{FreshSecret, Node, Outcome};
use crate::rep;

/// The operations on tokens.
pub fn all() -> impl OpenApi {
    (
        list::ListTokens,
        create::CreateToken,
        get::GetToken,
        explain::ExplainToken,
        usage::GetTokenUsage,
        statistics::GetTokenStatistics,
        patch::PatchToken,
        delete::DeleteToken,
        reset::ResetToken,
        clone::CloneToken,
    )
}

/// The token of a path.
fn parse_id(id: &str) -> Result<TokenId, ApiError> {
    id.parse()
        .map_err(|_| ApiError::not_found(format!("unknown token: {:?}", clip(id))))
}

fn clip(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Whether the caller may see the personal tokens of other members: the admin role may.
fn sees_all(actor: &Actor) -> bool {
    actor.may("viewAccessToken", "member/any:token/any")
}

/// Requires that the caller may see a token: all service tokens, the member's own, and with the
/// permission those of other members.
fn require_visible(caller: &Caller, actor: &Actor, token: &Token) -> Result<(), ApiError> {
    let own = token.grant.member == caller.member_id();
    if own || token.grant.kind == TokenKind::Service {
        return Ok(());
    }
    Ok(actor.require("viewAccessToken", &token.resource())?)
}

/// When a token was last used, Unix milliseconds; 0 for never.
async fn last_used(node: &Node, caller: &Caller, id: TokenId) -> Result<i64, ApiError> {
    let used = node.usage.last_used(caller.account(), &[id]).await;
    let used = used.map_err(ApiError::internal)?;
    Ok(used.get(&id).copied().unwrap_or(0))
}

/// The last use as a view has it. Of the past only the very last use is known: had that not come yet, an
/// earlier one may be forgotten, and nothing is said.
fn used_by(view: &View, last_used_ms: i64) -> Option<i64> {
    let then = view.moment();
    then.is_none_or(|then| last_used_ms <= then.at_ms)
        .then_some(last_used_ms)
}

/// A token that a command left, for the wire.
async fn answer(
    node: &Node,
    caller: &Caller,
    outcome: &Outcome,
) -> Result<rep::token::Token, ApiError> {
    let token = outcome
        .token
        .as_ref()
        .ok_or_else(|| ApiError::internal("a write without its token"))?;
    let is_new = outcome
        .events
        .iter()
        .any(|event| matches!(event, Event::TokenCreated(made) if made.id == token.id));
    // Nobody has the secret of one that was made just now.
    let last_used_ms = match is_new && !outcome.replayed {
        true => 0,
        false => last_used(node, caller, token.id).await?,
    };
    let fields = token.into();
    let render =
        |state: &State| rep::token::token(state, &fields, Some(last_used_ms), node.now_ms());
    node.live
        .with_state(caller.account(), render)
        .ok_or_else(|| ApiError::internal("an account without its state"))
}

/// What the ceiling of a token that was just made cuts off from its scope.
async fn cut_off(
    node: &Node,
    caller: &Caller,
    outcome: &Outcome,
) -> Result<Option<rep::token::CutOff>, ApiError> {
    let Some(token) = &outcome.token else {
        return Ok(None);
    };
    let both = |state: &State| state.scope_and_ceiling(&token.grant);
    let both = node.live.with_state(caller.account(), both).flatten();
    cut_off_of(node, both).await
}

/// What a ceiling cuts off from a scope; nothing where there is no ceiling.
async fn cut_off_of(
    node: &Node,
    both: Option<(Permission, Permission)>,
) -> Result<Option<rep::token::CutOff>, ApiError> {
    let Some(both) = both else {
        return Ok(None);
    };
    let found = match node.cut_offs.known(&both) {
        Some(found) => found,
        None => {
            // Bounded, but long for intricate policies: other requests go on meanwhile.
            let cut_offs = Arc::clone(&node.cut_offs);
            let found = tokio::task::spawn_blocking(move || cut_offs.find(both)).await;
            found.map_err(ApiError::internal)?
        }
    };
    Ok(match found {
        Ok(None) => None,
        Ok(Some(Surplus { action, resource })) => Some(rep::token::CutOff {
            action: Some(action),
            resource: Some(resource),
            unsettled: false,
        }),
        Err(_) => Some(rep::token::CutOff {
            action: None,
            resource: None,
            unsettled: true,
        }),
    })
}

/// The same with the secret: fresh, or derived again when the request was repeated in time.
async fn answer_with_secret(
    node: &Node,
    caller: &Caller,
    settled: &Settled<'_>,
    outcome: &Outcome,
    fresh: &FreshSecret,
) -> Result<rep::token::Token, ApiError> {
    let mut answer = answer(node, caller, outcome).await?;
    if !outcome.replayed {
        fresh.secret.reveal().clone_into(&mut answer.token);
    } else if let (Some(token), Some(secret)) = (
        &outcome.token,
        node.repeated_secret(settled.idempotency(), outcome),
    ) && token.digest.bytes == node.pepper.digest(secret.reveal())
    {
        secret.reveal().clone_into(&mut answer.token);
    }
    Ok(answer)
}
