//! The names of decisions: unique, and made without asking for randomness each time.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::entropy::{self, EntropyError};

/// The name of a decision: 24 hex characters, like every id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DecisionId {
    /// Of the process: random.
    process: [u8; 6],
    /// In the process: 48 bits last for nine years at a million decisions a second.
    number: u64,
}

/// The length of an id's text.
const ID_CHARS: usize = 24;

impl DecisionId {
    /// Its number in the process.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The text, without a heap.
    #[must_use]
    pub fn text(&self) -> IdText {
        let [_, _, number @ ..] = self.number.to_be_bytes();
        let mut text = [0; ID_CHARS];
        let bytes = self.process.iter().chain(&number);
        for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
            if let [high, low] = pair {
                *high = hex_digit(byte >> 4);
                *low = hex_digit(byte & 15);
            }
        }
        IdText(text)
    }
}

const fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' - 10 + nibble,
    }
}

/// The text of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdText([u8; ID_CHARS]);

impl IdText {
    /// As a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // INVARIANT: hex digits alone.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// Makes the ids of one process.
#[derive(Debug)]
pub struct DecisionIds {
    process: [u8; 6],
    next: AtomicU64,
}

impl DecisionIds {
    /// A maker of its own, whatever other processes make.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn new() -> Result<Self, EntropyError> {
        Ok(Self {
            process: entropy::bytes()?,
            next: AtomicU64::new(0),
        })
    }

    /// The next id.
    #[must_use]
    pub fn next(&self) -> DecisionId {
        DecisionId {
            process: self.process,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_24_hex_characters_and_differ() {
        let ids = DecisionIds::new().unwrap();
        let (one, other) = (ids.next().to_string(), ids.next().to_string());
        assert_eq!(one.len(), ID_CHARS);
        assert!(one.chars().all(|c| c.is_ascii_hexdigit()));
        assert!(one.ends_with("000000000000") && other.ends_with("000000000001"));
        assert_eq!(one.get(..12), other.get(..12));
        let elsewhere = DecisionIds::new().unwrap().next().to_string();
        assert_ne!(one, elsewhere);
    }
}
