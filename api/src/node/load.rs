//! Reading from the log: one token by folding its stream.

use keyledger_domain::event::{CodecError, Event};
use keyledger_domain::ids::{AccountId, StreamRef, TokenId};
use keyledger_domain::state::{Inconsistency, Recorded, State, Token, evolve};
use keyledger_eventstore::{LogError, Position, StoredEvent};
use keyledger_projections::decode_content;

use super::Node;
use crate::as_of::View;
use crate::error::ApiError;

/// Stored events that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event does not decode.
    #[error("position {position}: {source}")]
    Codec {
        /// Where.
        position: Position,
        /// Why not.
        source: CodecError,
    },
    /// An event cannot follow what came before it.
    #[error("position {position}: {source}")]
    Inconsistent {
        /// Where.
        position: Position,
        /// Why not.
        source: Inconsistency,
    },
}

impl From<LoadError> for ApiError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Log(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

/// Decodes a stored event.
///
/// # Errors
/// When it is unknown or malformed.
pub fn decode_stored(stored: &StoredEvent) -> Result<Event, LoadError> {
    decode_content(stored).map_err(|source| LoadError::Codec {
        position: stored.position,
        source,
    })
}

/// Folds the events of one token's stream.
///
/// # Errors
/// When they do not decode or cannot follow one another.
pub fn fold_token(id: TokenId, stored: &[StoredEvent]) -> Result<Option<Token>, LoadError> {
    let mut state = State::default();
    for one in stored {
        let event = decode_stored(one)?;
        let recorded = Recorded {
            account: one.stream.account,
            version: one.version,
            recorded_at_ms: one.recorded_at_ms,
            event: &event,
        };
        evolve(&mut state, &recorded).map_err(|source| LoadError::Inconsistent {
            position: one.position,
            source,
        })?;
    }
    Ok(state.tokens.remove(&id))
}

impl Node {
    /// One token, as its stream left it, or as it was at a position. Deleted ones are included.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn load_token(
        &self,
        account: AccountId,
        id: TokenId,
        up_to: Option<Position>,
    ) -> Result<Option<Token>, LoadError> {
        let stream = StreamRef::token(account, id);
        let stored = self.log.read_stream(&stream, up_to).await?;
        fold_token(id, &stored)
    }

    /// One token that exists, or existed.
    ///
    /// # Errors
    /// 404 when it does not; 503 when the log cannot be read.
    pub async fn token_in(
        &self,
        account: AccountId,
        id: TokenId,
        view: &View,
    ) -> Result<Token, ApiError> {
        let up_to = view.moment().map(|moment| moment.position);
        self.load_token(account, id, up_to)
            .await?
            .filter(|token| !token.deleted)
            .ok_or_else(|| ApiError::not_found(format!("unknown token: \"{id}\"")))
    }

    /// One token that exists.
    ///
    /// # Errors
    /// 404 when it does not; 503 when the log cannot be read.
    pub async fn token(&self, account: AccountId, id: TokenId) -> Result<Token, ApiError> {
        self.token_in(account, id, &View::Now).await
    }
}
