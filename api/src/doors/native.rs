//! `POST /api/v2/decisions`: one question or a batch of them.

mod answer;
mod batch;
mod form;
mod single;

use std::sync::Arc;

use keyledger_eventstore::Position;
use poem::http::{HeaderValue, StatusCode};
use poem::web::Data;
use poem::{Request, Response};
use poem_openapi::payload::Json;
use poem_openapi::types::ParseFromJSON as _;
use poem_openapi::{ApiResponse, OpenApi};

use super::reply::{self, json};
use super::trust::Asker;
use super::{Doors, Verdict};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, POSITION, min_position, position};
use crate::routes::Tag;

use answer::{Decision, DecisionRep, Decisions};
use form::Form;

/// The path.
pub(super) const PATH: &str = "/api/v2/decisions";

/// Its name in the decision log.
const DOOR: &str = "native";

/// What is answered.
enum Answered {
    One(Verdict),
    Many(Vec<Verdict>, Position),
}

impl Answered {
    const fn position(&self) -> Position {
        match self {
            Self::One(verdict) => verdict.judged.position,
            Self::Many(_, position) => *position,
        }
    }

    fn json(&self) -> Result<Vec<u8>, ApiError> {
        let body = match self {
            Self::One(verdict) => serde_json::to_vec(&Decision(verdict)),
            Self::Many(verdicts, _) => serde_json::to_vec(&Decisions(verdicts)),
        };
        body.map_err(ApiError::internal)
    }
}

async fn answered(doors: &Doors, asker: Asker<'_>, form: &Form) -> Result<Answered, ApiError> {
    if let Some(number) = form.min_position {
        doors.reach(Some(position("minPosition", number)?)).await?;
    }
    match &form.decisions {
        None => single::decide(doors, asker, form).await.map(Answered::One),
        Some(questions) => {
            let (verdicts, position) = batch::decide(doors, asker, form, questions)?;
            Ok(Answered::Many(verdicts, position))
        }
    }
}

/// Answers the request of a token, in front of the routes.
///
/// # Errors
/// What is wrong with the request, its credential or the node.
pub(super) async fn answer(doors: &Doors, request: &mut Request) -> Result<Response, ApiError> {
    let bytes = reply::body(request).await?;
    doors.reach(min_position(request.headers())?).await?;
    let asker = doors.asker(request)?;
    let form: Form = reply::parse(request, &bytes, true)?;
    let answered = answered(doors, asker, &form).await?;
    let mut response = json(StatusCode::OK, answered.json()?);
    let position = HeaderValue::from(answered.position().get());
    response.headers_mut().insert(POSITION, position);
    Ok(response)
}

/// Ask for decisions.
pub struct AskDecisions;

/// The answer to a question.
#[derive(ApiResponse)]
enum DecisionAnswer {
    /// The decision or the decisions.
    #[oai(status = 200)]
    Ok(
        Json<DecisionRep>,
        /// The last event of the log that the answer knows of.
        #[oai(header = "X-Keyledger-Position")]
        i64,
    ),
}

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Decisions")]
impl AskDecisions {
    /// Ask for decisions
    ///
    /// Whether a token is valid and may do an action on a resource: one question, or up to 1,000 that are answered at
    /// one position. Without `token` and `tokenId` the question is about the token of the call, which needs no right.
    /// Questions about other tokens need `askDecisions` on `acct`, best held by a service token that may do nothing
    /// else; tokens of other accounts are unknown to it. A refusal is an answer: its status is 200 (extension).
    #[oai(path = "/decisions", method = "post", operation_id = "postDecisions")]
    async fn decide(
        &self,
        Data(doors): Data<&Arc<Doors>>,
        Auth(caller): Auth,
        JsonBody(form): JsonBody<Form>,
    ) -> Result<DecisionAnswer, ApiError> {
        // Tokens are answered in front of the routes; this is for members who are signed in.
        let answered = answered(doors, Asker::SignedIn(&caller), &form).await?;
        let json = serde_json::from_slice(&answered.json()?).map_err(ApiError::internal)?;
        let rep = DecisionRep::parse_from_json(Some(json));
        let rep = rep.map_err(|error| ApiError::internal(error.into_message()))?;
        let position = answered.position().get();
        Ok(DecisionAnswer::Ok(Json(rep), position))
    }
}
