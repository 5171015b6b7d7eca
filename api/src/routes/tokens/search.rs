//! What is searched for in the list of tokens, and in what order: `q`, `kind` and `sort`.

use hashbrown::HashMap;
use keyledger_domain::ids::AccountId;
use keyledger_domain::scope::TokenKind;
use keyledger_projections::{TokenSearch, TokenSort};

use crate::error::ApiError;
use crate::node::Node;

/// The longest text that is looked for, in characters.
const TEXT_CHARS_MAX: usize = 256;

/// The parameters as they were sent.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) q: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) sort: Option<String>,
}

fn sort(text: &str) -> Result<TokenSort, ApiError> {
    Ok(match text {
        "-creationDate" => TokenSort::Newest,
        "creationDate" => TokenSort::Oldest,
        "name" => TokenSort::Name,
        "-name" => TokenSort::NameBackwards,
        "expiry" => TokenSort::EndsSoonest,
        "-expiry" => TokenSort::EndsLatest,
        "-lastUsed" => TokenSort::UsedLast,
        "lastUsed" => TokenSort::UsedLeast,
        _ => {
            let text: String = text.chars().take(64).collect();
            return Err(ApiError::invalid(format!(
                "sort: there is no {text:?}; there are creationDate, name, expiry and lastUsed, with - in front for descending"
            )));
        }
    })
}

impl Asked {
    pub(super) fn is_empty(&self) -> bool {
        self.q.is_none() && self.kind.is_none() && self.sort.is_none()
    }

    /// The parameters again, for the links of a page.
    pub(super) fn query(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("q", self.q.clone()),
            ("kind", self.kind.clone()),
            ("sort", self.sort.clone()),
        ]
    }

    /// What the tables are asked.
    pub(super) async fn settle(
        &self,
        node: &Node,
        account: AccountId,
    ) -> Result<TokenSearch, ApiError> {
        let text = self.q.as_deref().map(str::trim);
        if text.is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return Err(ApiError::invalid(format!(
                "q: is longer than {TEXT_CHARS_MAX} characters"
            )));
        }
        let kind = match self.kind.as_deref() {
            None => None,
            Some("personal") => Some(TokenKind::Personal),
            Some("service") => Some(TokenKind::Service),
            Some(_) => return Err(ApiError::invalid("kind: is personal or service")),
        };
        let sort = self.sort.as_deref().map(sort).transpose()?;
        let sort = sort.unwrap_or_default();
        let used = match sort {
            TokenSort::UsedLast | TokenSort::UsedLeast => {
                let used = node.usage.all_last_used(account).await;
                used.map_err(ApiError::internal)?
            }
            _ => HashMap::new(),
        };
        Ok(TokenSearch {
            text: text.filter(|text| !text.is_empty()).map(str::to_owned),
            kind,
            sort,
            used,
        })
    }
}
