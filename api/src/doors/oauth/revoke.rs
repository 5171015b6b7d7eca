//! `POST /oauth/revoke`: the end of a token whose secret is shown (RFC 7009).
//!
//! Without a credential besides, the token revokes itself: whoever holds its secret could do worse with it, and whoever
//! finds a leaked one can end it. With one, the caller must be allowed to delete the token.

use keyledger_domain::command::{Command, RevokeToken};
use poem::http::{HeaderValue, StatusCode};
use poem::{Request, Response};

use super::{DOOR, Form, no_store};
use crate::auth::{Caller, failure};
use crate::doors::Doors;
use crate::entropy;
use crate::error::ApiError;
use crate::http::POSITION;
use crate::limits::Source;
use crate::node;
use crate::routes::always;

/// The path.
pub(in crate::doors) const PATH: &str = "/oauth/revoke";

/// Answers a request: 200 also where there is no such token, since then it does not work either (RFC 7009 §2.2).
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(in crate::doors) async fn answer(
    doors: &Doors,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let form = Form::read(request).await?;
    doors.reach(None).await?;
    let source = Source::of(request);
    let shown = Doors::shown(request).map_err(|error| doors.counted(source, error))?;
    let token = form.token()?;
    let live = &doors.memory.live;
    let now_ms = doors.memory.now_ms();
    let by_itself = shown.as_deref().is_none_or(|secret| secret == token);
    let caller = match live.authenticate(shown.as_deref().unwrap_or(token), now_ms) {
        Ok(caller) => Some(Caller::Token(caller)),
        Err(why) => {
            let error = doors.counted(source, failure(why));
            // A token that does not work revokes nothing, and need not be revoked.
            if !by_itself || error.status() == StatusCode::TOO_MANY_REQUESTS {
                return Err(error);
            }
            None
        }
    };
    let position = match caller {
        None => live.position(),
        Some(caller) => revoke(doors, &caller, token).await?,
    };
    let mut response = Response::default();
    response.set_status(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(POSITION, HeaderValue::from(position.get()));
    no_store(headers);
    Ok(response)
}

async fn revoke(
    doors: &Doors,
    caller: &Caller,
    token: &str,
) -> Result<keyledger_eventstore::Position, ApiError> {
    let live = &doors.memory.live;
    let verdict = doors.status(DOOR, Some(caller.account()), token);
    let Some(holder) = verdict.holder() else {
        return Ok(verdict.judged.position);
    };
    let id = holder.token;
    let server = doors.server("revocation")?;
    let request_id = entropy::uuid().map_err(ApiError::internal)?;
    let request = node::Request {
        caller,
        request_id: &request_id,
        idempotency: None,
    };
    let command = Command::RevokeToken(RevokeToken { id });
    match server.execute(&request, Some(id), always(command)).await {
        Ok(outcome) => Ok(outcome.position),
        // Somebody else was faster.
        Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(live.position()),
        Err(error) => Err(error),
    }
}
