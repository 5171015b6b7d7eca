//! One question.

use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_projections::{DecideFailure, Judged};

use super::DOOR;
use super::form::{Form, Subject, subject};
use crate::auth::failure;
use crate::doors::trust::Asker;
use crate::doors::{About, Doors, Verdict, Who, require_action, resource, unknown};
use crate::error::ApiError;

/// A field that a question cannot do without.
pub(super) fn required<'a>(name: &str, text: Option<&'a str>) -> Result<&'a str, ApiError> {
    text.ok_or_else(|| ApiError::invalid(format!("{name}: is missing")))
}

/// The secret of the token that asks about itself.
///
/// # Errors
/// 400 when a member asks who is signed in and so is no token.
pub(super) fn own_secret(asker: Asker<'_>) -> Result<&str, ApiError> {
    match asker {
        Asker::Token { secret, .. } => Ok(secret),
        Asker::SignedIn(_) => Err(ApiError::invalid(
            "token, tokenId: one of them is needed where no token asks",
        )),
    }
}

/// Decides.
///
/// # Errors
/// What is wrong with the question, the asker or the node.
pub(super) async fn decide(
    doors: &Doors,
    asker: Asker<'_>,
    form: &Form,
) -> Result<Verdict, ApiError> {
    let subject = subject(form.token.as_deref(), form.token_id.as_deref())?;
    let action = required("action", form.action.as_deref())?;
    require_action(action)?;
    let resource = resource(required("resource", form.resource.as_deref())?)?;
    let (account, who) = match subject {
        Subject::Caller => (None, Who::Secret(own_secret(asker)?)),
        Subject::Secret(secret) => (Some(doors.trusted(asker)?), Who::Secret(secret)),
        Subject::Id(id) => (Some(doors.trusted(asker)?), Who::Token(id)),
    };
    let verdict = match form.moment()? {
        None => doors.decide(DOOR, account, who, (action, &resource)),
        Some(as_of) => {
            let judged = match known(doors, account, who) {
                Ok((account, token)) => {
                    let asked = (action, &resource);
                    doors.decide_as_of(account, token, asked, &as_of).await?
                }
                Err(judged) => judged,
            };
            doors.verdict(
                judged,
                &About {
                    asked: Some((action, resource.as_str())),
                    ..About::new(DOOR, matches!(who, Who::Secret(_)))
                },
            )
        }
    };
    // A caller whose own credential does not work is none.
    match (subject, asker, verdict.judged.outcome) {
        (Subject::Caller, Asker::Token { source, .. }, Err(DecideFailure::Auth(why))) => {
            Err(doors.counted(source, failure(why)))
        }
        _ => Ok(verdict),
    }
}

/// The token that is asked about, or the answer that there is none.
fn known(
    doors: &Doors,
    account: Option<AccountId>,
    who: Who<'_>,
) -> Result<(AccountId, TokenId), Judged> {
    match (who, account) {
        (Who::Token(id), Some(account)) => Ok((account, id)),
        (Who::Token(_), None) => Err(unknown(doors.memory.live.position())),
        (Who::Secret(secret), _) => {
            let judged = doors.look_up(account, secret);
            match (judged.outcome, judged.holder) {
                (Ok(()), Some(holder)) => Ok((holder.account, holder.token)),
                _ => Err(judged),
            }
        }
    }
}
