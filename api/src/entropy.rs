//! The only place that makes randomness: ids, secrets, peppers, salts.

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

/// The twelve bytes of a new id: the seconds and eight random bytes, the shape of the vendor's ids.
///
/// Ids of one time lie together in the store's indexes, which makes appends cheaper. They are no secrets.
///
/// # Errors
/// See [`bytes`].
pub fn id(now_ms: i64) -> Result<[u8; 12], EntropyError> {
    let seconds = u32::try_from(now_ms / 1_000).unwrap_or(0).to_be_bytes();
    let random = bytes::<8>()?;
    let mut out = [0; 12];
    for (slot, byte) in out.iter_mut().zip(seconds.into_iter().chain(random)) {
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
