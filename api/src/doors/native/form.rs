//! What `POST /api/v2/decisions` is asked.

use keyledger_domain::ids::TokenId;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;

/// One question of a batch. What it leaves out is taken from the question around it.
#[derive(Debug, Clone, Default, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "DecisionQuestion", rename_all = "camelCase")]
pub(crate) struct Question {
    /// The secret of the token that is asked about.
    #[oai(validator(max_length = 512))]
    pub token: Option<String>,
    /// The id of the token that is asked about, instead of its secret.
    pub token_id: Option<String>,
    /// The action, such as `updateOn`.
    #[oai(validator(max_length = 128))]
    pub action: Option<String>,
    /// The resource, such as `proj/web:env/production:flag/dark-mode`, with tags and properties if any.
    pub resource: Option<String>,
}

/// A question, or a batch of them.
#[derive(Debug, Clone, Default, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "DecisionPost", rename_all = "camelCase")]
pub(crate) struct Form {
    /// The secret of the token that is asked about. Without it and without `tokenId` it is the token of the call.
    #[oai(validator(max_length = 512))]
    pub token: Option<String>,
    /// The id of the token that is asked about, instead of its secret.
    pub token_id: Option<String>,
    /// The action, such as `updateOn`.
    #[oai(validator(max_length = 128))]
    pub action: Option<String>,
    /// The resource, such as `proj/web:env/production:flag/dark-mode`, with tags and properties if any.
    pub resource: Option<String>,
    /// A position, Unix milliseconds or a time: the answer is as of then, about who holds the secret now.
    #[oai(rename = "asOf")]
    pub as_of: Option<Any<Value>>,
    /// The position of an earlier write: the answer is none from before it.
    pub min_position: Option<i64>,
    /// Questions to be answered at once, at one position; 1,000 at most.
    #[oai(validator(max_items = 1_000))]
    pub decisions: Option<Vec<Question>>,
}

/// Whom a question is about, as it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject<'a> {
    /// The token of the call.
    Caller,
    /// A secret.
    Secret(&'a str),
    /// An id.
    Id(TokenId),
}

/// Reads whom a question is about.
///
/// # Errors
/// 400 when it is named twice, or by what is no id.
pub(super) fn subject<'a>(
    token: Option<&'a str>,
    id: Option<&str>,
) -> Result<Subject<'a>, ApiError> {
    match (token, id) {
        (None, None) => Ok(Subject::Caller),
        (Some(secret), None) => Ok(Subject::Secret(secret)),
        (None, Some(id)) => {
            let id = id.parse();
            id.map(Subject::Id)
                .map_err(|_| ApiError::invalid("tokenId: is the 24 hex characters of an id"))
        }
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "token, tokenId: name the token by one of them",
        )),
    }
}

impl Form {
    /// The moment that is asked about, as a text.
    ///
    /// # Errors
    /// 400 when it is neither a number nor a text.
    pub(super) fn moment(&self) -> Result<Option<String>, ApiError> {
        match self.as_of.as_ref().map(|any| &any.0) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(ApiError::invalid("asOf: is a number or a text")),
        }
    }
}
