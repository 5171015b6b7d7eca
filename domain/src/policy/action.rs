//! Action patterns.

use super::class;
use super::error::Fault;
use super::glob::{Glob, GlobBuilder};
use super::limits::{ACTION_BYTES_MAX, Limit};

/// Compiles the text of an action pattern.
pub(super) fn parse(text: &str) -> Result<Glob, Fault> {
    if text.is_empty() {
        return Err(Fault::whole("an action cannot be empty"));
    }
    if text.len() > ACTION_BYTES_MAX {
        let limit = Limit {
            max: ACTION_BYTES_MAX,
            name: "ACTION_BYTES_MAX",
        };
        return Err(Fault::over("bytes in an action", limit));
    }
    let mut builder = GlobBuilder::default();
    for (offset, found) in text.char_indices() {
        match found {
            '*' => builder.star(),
            _ if u8::try_from(found).is_ok_and(is_action_byte) => builder.char(found),
            _ => {
                let rule = "an action is letters, digits, '_', '.', ':', '-' and '*'";
                return Err(Fault::unexpected(text, offset, rule));
            }
        }
    }
    Ok(builder.finish())
}

/// Whether `text` can be asked about. Anything else is matched by no pattern,
/// `*` and `notActions` included, so a malformed question is never allowed.
#[inline]
pub(super) fn is_concrete(text: &str) -> bool {
    (1..=ACTION_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_action_byte)
}

#[inline]
fn is_action_byte(byte: u8) -> bool {
    class::is(byte, class::ACTION)
}
