//! The secret of a token: its text, its checksum and its keyed digest.
//!
//! `api-` and a body shaped like a version 4 UUID, in base 36: 26 random characters (134 bits) and a
//! checksum of 5. Leak scanners find it by the pattern that they use for the vendor's tokens, and junk
//! is refused by the checksum before anything is hashed. Stored is the HMAC-SHA256 under a pepper only.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARS: usize = 26;
const CHECK_CHARS: usize = 5;
/// What follows the prefix: the digits, four dashes and a `4`.
const BODY_CHARS: usize = RANDOM_CHARS + CHECK_CHARS + 5;
/// 36 to the power of [`CHECK_CHARS`].
const CHECK_SPACE: u32 = 60_466_176;
/// How many characters of the secret are shown after it is obscured.
pub const ENDING_CHARS: usize = 4;
/// How many random bytes [`Secret::from_random`] takes.
pub const RANDOM_BYTES: usize = 64;
/// The default prefix, the vendor's.
pub const DEFAULT_PREFIX: &str = "api-";

/// A secret in plain text. It is shown once and never stored; debug output hides it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

fn base36(digit: u32) -> char {
    ALPHABET
        .get(digit as usize % 36)
        .map_or('0', |byte| char::from(*byte))
}

fn checksum(prefix: &str, random: &str) -> String {
    let mut crc = crc32fast::Hasher::new();
    crc.update(prefix.as_bytes());
    crc.update(random.as_bytes());
    let mut rest = crc.finalize() % CHECK_SPACE;
    let mut out = ['0'; CHECK_CHARS];
    for slot in out.iter_mut().rev() {
        *slot = base36(rest % 36);
        rest /= 36;
    }
    out.iter().collect()
}

impl Secret {
    /// Makes a secret of random bytes. `None` in the (practically impossible) case that too many of
    /// the bytes fall outside the range that keeps base 36 unbiased; try again with others.
    #[must_use]
    pub fn from_random(prefix: &str, random: &[u8; RANDOM_BYTES]) -> Option<Self> {
        // 252 is the largest multiple of 36 that a byte reaches: above it, some digits would be likelier.
        let mut body: String = random
            .iter()
            .filter(|byte| **byte < 252)
            .take(RANDOM_CHARS)
            .map(|byte| base36(u32::from(*byte)))
            .collect();
        if body.len() != RANDOM_CHARS {
            return None;
        }
        let check = checksum(prefix, &body);
        body.push_str(&check);
        let mut text = String::with_capacity(prefix.len() + 36);
        text.push_str(prefix);
        for (index, c) in body.chars().enumerate() {
            match index {
                8 | 15 | 19 => text.push('-'),
                12 => text.push_str("-4"),
                _ => {}
            }
            text.push(c);
        }
        Some(Self(text))
    }

    /// The plain text, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four characters, which stay visible.
    #[must_use]
    pub fn ending(&self) -> String {
        let skip = self.0.chars().count().saturating_sub(ENDING_CHARS);
        self.0.chars().skip(skip).collect()
    }
}

/// Whether a text has the shape and the checksum of a secret: if not, nothing needs hashing.
///
/// It allocates nothing, and says nothing about whether such a token exists.
#[must_use]
pub fn is_well_formed(prefix: &str, text: &str) -> bool {
    let body = text.strip_prefix(prefix).map(str::as_bytes);
    let Some(digits) = body.and_then(digits) else {
        return false;
    };
    let Some((random, check)) = digits.split_first_chunk::<RANDOM_CHARS>() else {
        return false;
    };
    let mut wrong = 0;
    for byte in &digits {
        wrong |= value(*byte) & NO_DIGIT;
    }
    if wrong != 0 {
        return false;
    }
    let found = check
        .iter()
        .fold(0_u32, |sum, byte| sum * 36 + u32::from(value(*byte)));
    crc_of(prefix, random) % CHECK_SPACE == found
}

/// The digits of a body without what stands between them, if that is right.
#[inline]
fn digits(body: &[u8]) -> Option<[u8; RANDOM_CHARS + CHECK_CHARS]> {
    let body: &[u8; BODY_CHARS] = body.try_into().ok()?;
    let (a, rest) = body.split_first_chunk::<8>()?;
    let (dash_1, rest) = rest.split_first()?;
    let (b, rest) = rest.split_first_chunk::<4>()?;
    let (dash_2, rest) = rest.split_first_chunk::<2>()?;
    let (c, rest) = rest.split_first_chunk::<3>()?;
    let (dash_3, rest) = rest.split_first()?;
    let (d, rest) = rest.split_first_chunk::<4>()?;
    let (dash_4, e) = rest.split_first()?;
    if [*dash_1, *dash_3, *dash_4] != [b'-'; 3] || dash_2 != b"-4" {
        return None;
    }
    let mut digits = [0; RANDOM_CHARS + CHECK_CHARS];
    let parts: [&[u8]; 5] = [a, b, c, d, e];
    let mut rest = digits.as_mut_slice();
    for part in parts {
        let (place, after) = rest.split_at_mut_checked(part.len())?;
        place.copy_from_slice(part);
        rest = after;
    }
    Some(digits)
}

/// The mark of a byte that is no digit.
const NO_DIGIT: u8 = 0x80;

/// What each byte is worth as a digit of base 36.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut rest = values.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((first, after)) = rest.split_first_mut() {
        *first = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            _ => NO_DIGIT,
        };
        rest = after;
        byte = byte.wrapping_add(1);
    }
    values
};

#[inline]
fn value(byte: u8) -> u8 {
    VALUES.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT)
}

/// The longest prefix that is checked together with what follows.
const TOGETHER: usize = 32;

/// The CRC-32 of a prefix and the random characters after it; one pass where both fit.
#[inline]
fn crc_of(prefix: &str, random: &[u8; RANDOM_CHARS]) -> u32 {
    let mut both = [0_u8; TOGETHER + RANDOM_CHARS];
    let length = prefix.len() + RANDOM_CHARS;
    if let Some((front, rest)) = both.split_at_mut_checked(prefix.len())
        && let Some(back) = rest.first_chunk_mut::<RANDOM_CHARS>()
    {
        front.copy_from_slice(prefix.as_bytes());
        *back = *random;
        return crc32fast::hash(both.get(..length).unwrap_or_default());
    }
    let mut crc = crc32fast::Hasher::new();
    crc.update(prefix.as_bytes());
    crc.update(random);
    crc.finalize()
}

/// A server-side key under which secrets are digested. Its number is stored beside each digest, so
/// that peppers can rotate.
#[derive(Clone)]
pub struct Pepper {
    id: u32,
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({})", self.id)
    }
}

impl Pepper {
    /// Takes a key of 32 bytes. `None` only if the MAC refuses it, which HMAC never does.
    #[must_use]
    pub fn new(id: u32, key: &[u8; 32]) -> Option<Self> {
        Hmac::new_from_slice(key)
            .ok()
            .map(|keyed| Self { id, keyed })
    }

    /// The pepper's number.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// HMAC-SHA256 of the secret's text under this pepper.
    #[must_use]
    pub fn digest(&self, secret: &str) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(secret.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A key for another purpose, so that the pepper itself serves one purpose only.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(b"keyledger/derive/v1\0");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(seed: u8) -> [u8; RANDOM_BYTES] {
        let mut out = [0; RANDOM_BYTES];
        for (index, slot) in out.iter_mut().enumerate() {
            *slot = seed
                .wrapping_mul(31)
                .wrapping_add(u8::try_from(index).unwrap().wrapping_mul(7));
        }
        out
    }

    #[test]
    fn a_secret_has_the_shape_that_scanners_look_for() {
        for seed in 0..=255 {
            let Some(secret) = Secret::from_random("api-", &bytes(seed)) else {
                continue;
            };
            let text = secret.reveal();
            assert_eq!(text.len(), 40);
            let groups: Vec<&str> = text.split('-').collect();
            assert_eq!(
                groups.iter().map(|g| g.len()).collect::<Vec<_>>(),
                [3, 8, 4, 4, 4, 12]
            );
            assert!(groups[3].starts_with('4'));
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            );
            assert!(is_well_formed("api-", text));
            assert!(text.ends_with(&secret.ending()));
        }
    }

    #[test]
    fn one_changed_character_is_refused_before_hashing() {
        let secret = Secret::from_random("api-", &bytes(3)).unwrap();
        let text = secret.reveal();
        for index in 0..text.len() {
            let mut changed: Vec<u8> = text.bytes().collect();
            changed[index] = if changed[index] == b'7' { b'8' } else { b'7' };
            assert!(
                !is_well_formed("api-", std::str::from_utf8(&changed).unwrap()),
                "at {index}"
            );
        }
        for junk in [
            "",
            "api-",
            "api-00000000-0000-4000-0000-00000000000é",
            text.strip_suffix(&secret.ending()).unwrap(),
            &format!("{text}0"),
        ] {
            assert!(!is_well_formed("api-", junk), "{junk}");
        }
    }

    #[test]
    fn digests_differ_by_pepper_and_by_secret() {
        let one = Pepper::new(1, &[1; 32]).unwrap();
        let two = Pepper::new(2, &[2; 32]).unwrap();
        assert_ne!(one.digest("a"), two.digest("a"));
        assert_ne!(one.digest("a"), one.digest("b"));
        assert_ne!(one.digest("a"), one.derive("a"));
        assert_eq!(one.digest("a"), one.digest("a"));
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let secret = Secret::from_random("api-", &bytes(1)).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
    }
}
