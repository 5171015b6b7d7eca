//! Pages of a search: a token says where it goes on, and for which request.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::doors::authzen::Body;
use crate::doors::authzen::entity::Wrong;
use crate::error::ApiError;

/// How many results a page has unless it asks for fewer or more.
const LIMIT: u32 = 100;
/// How many it has at most.
const LIMIT_MAX: u32 = 1_000;

/// What a request says of its page.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::doors::authzen) struct Page {
    token: Option<String>,
    limit: Option<u32>,
    properties: Option<Map<String, Value>>,
}

/// What a page's token holds.
#[derive(Debug, Serialize, Deserialize)]
struct Token {
    /// Where it goes on.
    after: String,
    limit: u32,
    /// A digest of the rest of the request.
    of: String,
}

/// A walk through the results of one request.
#[derive(Debug)]
pub(super) struct Walk {
    /// What was answered last.
    pub(super) after: Option<String>,
    /// The most results of this page.
    pub(super) limit: usize,
    size: u32,
    of: String,
}

/// The digest of a request but for its page's token and limit.
fn digest(kind: &str, body: &Body) -> String {
    let properties = body.page.as_ref().and_then(|page| page.properties.as_ref());
    let request = json!([
        kind,
        body.subject,
        body.action,
        body.resource,
        body.context,
        properties
    ]);
    let hash = Sha256::digest(request.to_string());
    BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
}

impl Walk {
    /// The walk that a request goes on with.
    ///
    /// # Errors
    /// When the page's token is none, or belongs to another request.
    pub(super) fn of(kind: &str, body: &Body) -> Result<Self, Wrong> {
        let page = body.page.clone().unwrap_or_default();
        let of = digest(kind, body);
        let Some(token) = page.token.filter(|token| !token.is_empty()) else {
            let size = page.limit.unwrap_or(LIMIT).min(LIMIT_MAX);
            return Ok(Self {
                after: None,
                limit: size as usize,
                size,
                of,
            });
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
        let known: Option<Token> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let known = known.ok_or("page.token: is none that was given")?;
        let other_limit = page
            .limit
            .is_some_and(|limit| limit.min(LIMIT_MAX) != known.limit);
        if known.of != of || other_limit {
            return Err("page.token: belongs to another request".to_owned());
        }
        let size = known.limit.min(LIMIT_MAX);
        Ok(Self {
            after: Some(known.after),
            limit: size as usize,
            size,
            of,
        })
    }

    /// The token of the page after this one.
    pub(super) fn token(&self, after: &str) -> Result<String, ApiError> {
        let token = Token {
            after: after.to_owned(),
            limit: self.size,
            of: self.of.clone(),
        };
        let bytes = serde_json::to_vec(&token).map_err(ApiError::internal)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The results of this page out of all in their order, each by its text, and where the next page goes on.
    pub(super) fn cut<'t>(
        &self,
        all: impl Iterator<Item = &'t str>,
        mut fits: impl FnMut(&str) -> bool,
    ) -> (Vec<&'t str>, Option<String>) {
        let mut out: Vec<&str> = Vec::new();
        let after = self.after.as_deref().unwrap_or("");
        for one in all.skip_while(|one| *one <= after) {
            if !fits(one) {
                continue;
            }
            if out.len() == self.limit {
                let last = out.last().copied().unwrap_or(after);
                return (out.clone(), Some(last.to_owned()));
            }
            out.push(one);
        }
        (out, None)
    }
}
