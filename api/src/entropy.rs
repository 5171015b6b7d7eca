//! The only place that makes randomness: ids, secrets, peppers, salts.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use keyledger_domain::ids::EventId;
use keyledger_domain::secret::{RANDOM_BYTES, Secret};

/// The operating system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct EntropyError;

/// Random bytes from the operating system.
///
/// # Errors
/// When the operating system has none; nothing may be made then.
pub fn bytes<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut out = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the module that makes randomness"
    )]
    getrandom::fill(&mut out).map_err(|_| EntropyError)?;
    Ok(out)
}

/// What the ids of one process have in common, and the count of the next one.
struct Ids {
    process: [u8; 5],
    next: AtomicU32,
}

/// Empty until the first id is asked for and there was randomness for it.
static IDS: OnceLock<Ids> = OnceLock::new();

/// The twelve bytes of a new id: the seconds, five bytes that a process draws once, and a count in three that begins anywhere, the
/// shape of the vendor's ids (BSON's `ObjectId`).
///
/// Ids that a process makes one after another lie beside each other in the store's indexes, so that a commit writes the last pages of
/// them and not one for each id. They are no secrets, and may be guessed.
///
/// # Errors
/// See [`bytes`].
pub fn id(now_ms: i64) -> Result<[u8; 12], EntropyError> {
    let ids = match IDS.get() {
        Some(ids) => ids,
        None => {
            let drawn = Ids {
                process: bytes()?,
                // So that it does not say how many a process has made.
                next: AtomicU32::new(u32::from_be_bytes(bytes()?)),
            };
            IDS.get_or_init(|| drawn)
        }
    };
    // INVARIANT: the count comes round after 16.7 million ids, for which no second is long enough.
    let [_, count @ ..] = ids.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let seconds = u32::try_from(now_ms / 1_000).unwrap_or(0).to_be_bytes();
    let mut out = [0; 12];
    let parts = seconds.into_iter().chain(ids.process).chain(count);
    for (slot, byte) in out.iter_mut().zip(parts) {
        *slot = byte;
    }
    Ok(out)
}

/// A new random UUID, version 4.
///
/// # Errors
/// See [`bytes`].
pub fn uuid() -> Result<String, EntropyError> {
    let random = u128::from_be_bytes(bytes()?);
    let version = random & !(0xf << 76) | (0x4 << 76);
    let bits = version & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{bits:032x}");
    let mut text = String::with_capacity(36);
    for (place, digit) in hex.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Ok(text)
}

/// A new event id.
///
/// # Errors
/// See [`bytes`].
pub fn event_id(now_ms: i64) -> Result<EventId, EntropyError> {
    Ok(EventId::v7(now_ms, bytes()?))
}

/// A new secret.
///
/// # Errors
/// See [`bytes`].
pub fn secret(prefix: &str) -> Result<Secret, EntropyError> {
    // One try in some 10^20 falls short of usable bytes; ten tries never do.
    for _ in 0..10 {
        if let Some(secret) = Secret::from_random(prefix, &bytes::<RANDOM_BYTES>()?) {
            return Ok(secret);
        }
    }
    Err(EntropyError)
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_of_a_process_are_neighbours_and_none_is_made_twice() {
        let at = |now_ms| super::id(now_ms).unwrap();
        let count = |id: [u8; 12]| u32::from_be_bytes([0, id[9], id[10], id[11]]);
        let (first, second, later) = (
            at(1_764_000_000_000),
            at(1_764_000_000_999),
            at(1_764_000_001_000),
        );
        assert_eq!(first[..4], 1_764_000_000_u32.to_be_bytes());
        assert_eq!(first[..9], second[..9]);
        assert_eq!(first[4..9], later[4..9]);
        assert!(second < later);
        // Other tests may make some in between; the count comes round.
        let step = count(second).wrapping_sub(count(first)) & 0xff_ffff;
        assert!((1..1_000).contains(&step), "{step}");
        // Also when the clock goes back.
        let again = at(1_764_000_000_000);
        assert!(again != first && again != second);
    }

    #[test]
    fn a_uuid_has_its_shape_and_is_new_each_time() {
        let uuid = super::uuid().unwrap();
        let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(uuid.chars().nth(14), Some('4'));
        assert!(uuid.chars().nth(19).is_some_and(|c| "89ab".contains(c)));
        assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
        assert_ne!(uuid, super::uuid().unwrap());
    }
}
