//! A moment of the past, as a client or an operator names it.

use std::sync::Arc;

use keyledger_domain::actor::Actor;
use keyledger_domain::ids::AccountId;
use keyledger_domain::state::State;
use keyledger_eventstore::{EventLog, LogError, Position};
use keyledger_projections::PastError;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::auth::Caller;
use crate::error::ApiError;
use crate::node::Node;

/// Numbers from here on are Unix milliseconds, smaller ones are positions: in milliseconds this is a day in
/// 1973, and no log has that many events.
const MS_MIN: i64 = 100_000_000_000;

/// How a moment is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// By the last event that has happened.
    Position(Position),
    /// By the time, Unix milliseconds.
    TimeMs(i64),
}

/// A moment of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The last event that has happened.
    pub position: Position,
    /// The time at which expiry is judged, Unix milliseconds.
    pub at_ms: i64,
}

/// Why a moment cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum AsOfError {
    /// It is not named as a moment is.
    #[error(
        "{0:?} is no moment: it is a position, Unix milliseconds, or a time such as 2026-11-25T12:00:00Z"
    )]
    Malformed(String),
    /// The log has not got there.
    #[error("position {asked} has not happened yet; the last one is {head}")]
    NotYet {
        /// What was asked for.
        asked: Position,
        /// The end of the log.
        head: Position,
    },
    /// It is in the future.
    #[error("{0} ms is in the future")]
    Future(i64),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<AsOfError> for ApiError {
    fn from(error: AsOfError) -> Self {
        match error {
            AsOfError::Log(error) => error.into(),
            other => Self::invalid(format!("asOf: {other}")),
        }
    }
}

impl From<PastError> for ApiError {
    fn from(error: PastError) -> Self {
        match error {
            PastError::Log(error) => error.into(),
            PastError::TooLong { .. } => Self::invalid(format!(
                "{error}; ask about an earlier moment, or use `keyledger audit changes` on the server"
            )),
            other @ PastError::Apply(_) => Self::internal(other),
        }
    }
}

impl AsOf {
    /// Reads a moment's name.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, AsOfError> {
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
        if let Some(ms) = text.strip_suffix("ms").and_then(number) {
            return Ok(Self::TimeMs(ms));
        }
        if let Some(number) = number(text) {
            return Ok(if number < MS_MIN {
                Self::Position(Position::new(number))
            } else {
                Self::TimeMs(number)
            });
        }
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .and_then(|time| i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok())
            .map(Self::TimeMs)
            .ok_or_else(|| AsOfError::Malformed(text.chars().take(64).collect()))
    }

    /// The moment in a log. A time in the future is the log's end, with expiry judged at that time: what will
    /// be if nothing happens.
    ///
    /// # Errors
    /// When the position has not come yet, or the log cannot be read.
    pub async fn resolve(self, log: &dyn EventLog) -> Result<Moment, AsOfError> {
        match self {
            Self::TimeMs(at_ms) => Ok(Moment {
                position: log.position_at(at_ms).await?,
                at_ms,
            }),
            Self::Position(Position::ZERO) => Ok(Moment {
                position: Position::ZERO,
                at_ms: 0,
            }),
            Self::Position(asked) => {
                let event = log.read_range(asked, asked).await?;
                match event.first() {
                    Some(event) => Ok(Moment {
                        position: asked,
                        at_ms: event.recorded_at_ms,
                    }),
                    None => Err(AsOfError::NotYet {
                        asked,
                        head: log.head().await?.position,
                    }),
                }
            }
        }
    }
}

/// A time for people.
#[must_use]
pub fn time_text(ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{ms} ms"))
}

/// An account as it is, or as it was.
#[derive(Clone)]
pub enum View {
    /// As it is.
    Now,
    /// As it was.
    Then {
        /// When.
        moment: Moment,
        /// The account, without its tokens.
        ground: Arc<State>,
    },
}

impl View {
    /// The moment; none for now.
    #[must_use]
    pub const fn moment(&self) -> Option<Moment> {
        match self {
            Self::Now => None,
            Self::Then { moment, .. } => Some(*moment),
        }
    }

    /// The time at which expiry is judged, Unix milliseconds.
    #[must_use]
    pub fn at_ms(&self, node: &Node) -> i64 {
        self.moment().map_or_else(|| node.now_ms(), |m| m.at_ms)
    }
}

impl Node {
    /// The view that `asOf` asks for.
    ///
    /// # Errors
    /// 400 when it names no moment that has come; 503 when the log cannot be read.
    pub async fn view(&self, account: AccountId, as_of: Option<&str>) -> Result<View, ApiError> {
        let Some(as_of) = as_of else {
            return Ok(View::Now);
        };
        let moment = self.moment(as_of).await?;
        Ok(View::Then {
            moment,
            ground: self.past().await.ground(account, moment.position).await?,
        })
    }

    /// The moment that `asOf` names.
    ///
    /// # Errors
    /// As [`Node::view`].
    pub async fn moment(&self, as_of: &str) -> Result<Moment, ApiError> {
        let as_of = AsOf::parse(as_of)?;
        // An answer about the past is the same for ever; one about the future would not be.
        if let AsOf::TimeMs(at_ms) = as_of
            && at_ms > self.now_ms()
        {
            return Err(AsOfError::Future(at_ms).into());
        }
        Ok(as_of.resolve(self.log.as_ref()).await?)
    }
}

impl Caller {
    /// Calls `f` with the account as the view has it, and with what the caller may do *now*: who may look is
    /// settled by today's rights, whatever is looked at.
    ///
    /// # Errors
    /// 401 when the caller is gone.
    pub fn actor_in<R>(
        &self,
        node: &Node,
        view: &View,
        f: impl FnOnce(&State, &Actor) -> R,
    ) -> Result<R, ApiError> {
        match view {
            View::Now => self.actor_now(node, f),
            View::Then { ground, .. } => {
                let actor = self.actor_now(node, |_, actor| actor.clone())?;
                Ok(f(ground, &actor))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_or_a_time() {
        let position = |number| AsOf::Position(Position::new(number));
        for (text, expected) in [
            ("0", position(0)),
            ("17", position(17)),
            ("99999999999", position(99_999_999_999)),
            ("100000000000", AsOf::TimeMs(100_000_000_000)),
            ("1795000000000", AsOf::TimeMs(1_795_000_000_000)),
            ("5ms", AsOf::TimeMs(5)),
            ("1970-01-01T00:00:01Z", AsOf::TimeMs(1_000)),
            ("1970-01-01T01:00:00.5+01:00", AsOf::TimeMs(500)),
        ] {
            assert_eq!(AsOf::parse(text).unwrap(), expected, "{text}");
        }
        for text in ["", "-1", "1.5", "yesterday", "2026-11-25", "ms", "-5ms"] {
            assert!(AsOf::parse(text).is_err(), "{text}");
        }
    }
}
