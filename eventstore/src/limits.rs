//! The limits on everything that a log takes in or gives out.
//!
//! INVARIANT: a request that passes [`check`] cannot break a CHECK constraint of the schema. A
//! broken constraint would fail the whole batch, so the two must agree.

use crate::error::{LogError, Refused};
use crate::model::{Append, NewEvent, Position, ReceiptKey, StoredEvent};

/// Events in one request.
pub const EVENTS_MAX: usize = 1_000;
/// Preconditions in one request.
pub const EXPECTS_MAX: usize = 1_000;
/// Claim changes in one request.
pub const CLAIMS_MAX: usize = 1_000;
/// Bytes of one event's payload.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;
/// Bytes of one event's metadata.
pub const METADATA_BYTES_MAX: usize = 64 << 10;
/// Bytes of one request, as [`bytes_of`] counts them.
pub const REQUEST_BYTES_MAX: usize = 8 << 20;
/// Characters of an event's type name.
pub const EVENT_TYPE_CHARS_MAX: usize = 100;
/// Characters of an idempotency key.
pub const RECEIPT_KEY_CHARS_MAX: usize = 255;

/// Requests in one transaction.
pub const BATCH_REQUESTS_MAX: usize = 1_024;
/// Bytes in one transaction, as [`bytes_of`] counts them.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// Events in one answer; a page is cut to this, a range that is longer is refused.
pub const READ_EVENTS_MAX: u32 = 10_000;
/// Events in one stream's answer; a longer stream is refused.
pub const STREAM_EVENTS_MAX: u32 = 100_000;

// Whatever may still be changed can still be read, and then be ended.
const _: () = assert!(keyledger_domain::command::CHANGES_MAX < STREAM_EVENTS_MAX as i64);

/// The largest position, version or time that a log stores: exact in JSON and in a double.
///
/// INVARIANT: numbers read from a store are checked against it, so adding to one cannot overflow.
pub const NUMBER_MAX: i64 = 1 << 53;

/// What an event costs beside its payload and metadata, in bytes, roughly.
const EVENT_OVERHEAD_BYTES: usize = 192;
/// What a precondition or a claim costs, in bytes, roughly.
const ENTRY_OVERHEAD_BYTES: usize = 64;

/// How many bytes a request counts for: its variable parts and a fixed sum for each entry.
#[must_use]
pub fn bytes_of(request: &Append) -> usize {
    let events: usize = request
        .events
        .iter()
        .map(|event| EVENT_OVERHEAD_BYTES + event.payload.len() + event.metadata.len())
        .sum();
    let receipt = request.receipt.as_ref().map_or(0, |r| r.key.len());
    events + receipt + ENTRY_OVERHEAD_BYTES * (1 + request.expect.len() + request.claims.len())
}

fn at_most(what: &'static str, found: usize, max: usize) -> Result<(), Refused> {
    if found > max {
        return Err(Refused::TooLarge { what, found, max });
    }
    Ok(())
}

fn check_event(event: &NewEvent) -> Result<(), Refused> {
    at_most("payload bytes", event.payload.len(), PAYLOAD_BYTES_MAX)?;
    at_most("metadata bytes", event.metadata.len(), METADATA_BYTES_MAX)?;
    let name = event.event_type.as_bytes();
    at_most("event type characters", name.len(), EVENT_TYPE_CHARS_MAX)?;
    if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(Refused::Invalid {
            what: "event type",
            reason: "not visible ASCII",
        });
    }
    Ok(())
}

fn check_receipt(receipt: &ReceiptKey) -> Result<(), Refused> {
    // Counted to one past the limit only: the key comes from outside and may be long.
    let chars = receipt.key.chars().take(RECEIPT_KEY_CHARS_MAX + 1).count();
    at_most("idempotency key characters", chars, RECEIPT_KEY_CHARS_MAX)?;
    if chars == 0 || receipt.key.chars().any(char::is_control) {
        return Err(Refused::Invalid {
            what: "idempotency key",
            reason: "empty or with control characters",
        });
    }
    Ok(())
}

/// Checks one request against every limit.
///
/// # Errors
///
/// [`Refused::TooLarge`] or [`Refused::Invalid`], for this request alone.
pub fn check(request: &Append) -> Result<(), Refused> {
    at_most("events", request.events.len(), EVENTS_MAX)?;
    at_most("preconditions", request.expect.len(), EXPECTS_MAX)?;
    at_most("claims", request.claims.len(), CLAIMS_MAX)?;
    at_most("request bytes", bytes_of(request), REQUEST_BYTES_MAX)?;
    if request.events.is_empty() {
        return Err(Refused::Invalid {
            what: "events",
            reason: "none",
        });
    }
    request.events.iter().try_for_each(check_event)?;
    request.receipt.as_ref().map_or(Ok(()), check_receipt)
}

/// Checks the size of one transaction.
///
/// # Errors
///
/// [`LogError::Limit`]: the caller batches too much; nothing was written.
pub fn check_batch(batch: &[Append]) -> Result<(), LogError> {
    if batch.len() > BATCH_REQUESTS_MAX {
        return Err(LogError::Limit {
            what: "requests in a batch",
            max: BATCH_REQUESTS_MAX,
        });
    }
    if batch.iter().map(bytes_of).sum::<usize>() > BATCH_BYTES_MAX {
        return Err(LogError::Limit {
            what: "bytes in a batch",
            max: BATCH_BYTES_MAX,
        });
    }
    Ok(())
}

/// Checks the length of a range; gives back the position before it.
pub(crate) fn check_range(first: Position, last: Position) -> Result<Position, LogError> {
    let before = Position::new(first.get() - 1);
    if last.get() - before.get() > i64::from(READ_EVENTS_MAX) {
        return Err(LogError::Limit {
            what: "events in a range",
            max: READ_EVENTS_MAX as usize,
        });
    }
    Ok(before)
}

/// Checks that a stream, of which one event more than allowed was asked for, is not too long.
pub(crate) fn check_stream(found: &[StoredEvent]) -> Result<(), LogError> {
    if found.len() > STREAM_EVENTS_MAX as usize {
        return Err(LogError::Limit {
            what: "events in a stream",
            max: STREAM_EVENTS_MAX as usize,
        });
    }
    Ok(())
}
