//! `POST /oauth/introspect`: whether a token works, and whose it is (RFC 7662).

use poem::{Request, Response};
use serde::Serialize;

use super::{DOOR, Form, no_store};
use crate::doors::reply;
use crate::doors::trust::Asker;
use crate::doors::{Doors, Verdict};
use crate::error::ApiError;
use crate::http::min_position;
use crate::limits::Source;

/// The path.
pub(in crate::doors) const PATH: &str = "/oauth/introspect";

/// RFC 7662 §2.2. Of a token that does not work, `active` is all that is said.
#[derive(Debug, Serialize)]
struct Introspection {
    active: bool,
    #[serde(flatten)]
    about: Option<About>,
}

#[derive(Debug, Serialize)]
struct About {
    token_type: &'static str,
    /// When it ends by itself, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    sub: String,
    jti: String,
    token_kind: &'static str,
    member_id: String,
    account_id: String,
}

impl Introspection {
    fn of(verdict: &Verdict) -> Self {
        let holder = verdict.holder().filter(|_| verdict.allowed());
        let about = holder.map(|holder| About {
            token_type: "Bearer",
            exp: holder.expiry_ms.map(|expiry| expiry.div_euclid(1_000)),
            sub: holder.subject(),
            jti: holder.token.to_string(),
            token_kind: holder.kind_word(),
            member_id: holder.member.to_string(),
            account_id: holder.account.to_string(),
        });
        Self {
            active: about.is_some(),
            about,
        }
    }
}

/// Answers a request. A token may always ask about itself; about others who has `askDecisions` on `acct`.
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(in crate::doors) async fn answer(
    doors: &Doors,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let form = Form::read(request).await?;
    doors.reach(min_position(request.headers())?).await?;
    let source = Source::of(request);
    let shown = Doors::shown(request).map_err(|error| doors.counted(source, error))?;
    let secret = shown.ok_or_else(|| {
        let error = ApiError::unauthorized("Invalid access token: none was sent");
        doors.counted(source, error)
    })?;
    let token = form.token()?;
    let account = match token == secret {
        true => None,
        false => {
            let secret = secret.as_str();
            Some(doors.trusted(Asker::Token { secret, source })?)
        }
    };
    let verdict = doors.status(DOOR, account, token);
    let mut response = reply::answer(&Introspection::of(&verdict), verdict.judged.position)?;
    no_store(response.headers_mut());
    Ok(response)
}
