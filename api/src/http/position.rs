//! Positions that requests ask for, so that they read what was written.

use keyledger_eventstore::Position;
use poem::http::HeaderMap;

use super::{MIN_POSITION, POSITION};
use crate::error::ApiError;

/// The position that a request's header asks for.
///
/// # Errors
/// 400 when it is none.
pub fn min_position(headers: &HeaderMap) -> Result<Option<Position>, ApiError> {
    let Some(asked) = headers.get(MIN_POSITION) else {
        return Ok(None);
    };
    let number = asked.to_str().ok().and_then(|text| text.parse().ok());
    position(MIN_POSITION, number.unwrap_or(-1)).map(Some)
}

/// A position by its number, as the field or header of that name gave it.
///
/// # Errors
/// 400 when there is no such position.
pub fn position(name: &str, number: i64) -> Result<Position, ApiError> {
    if number < 0 {
        return Err(ApiError::invalid(format!(
            "{name}: is a position, as {POSITION} gives it"
        )));
    }
    Ok(Position::new(number))
}
