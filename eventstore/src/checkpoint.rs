//! Signed checkpoints: what the log was at a position, in a form that others can keep and verify.
//!
//! A checkpoint is a signed note with a Merkle tree head, as <https://c2sp.org/tlog-checkpoint> and
//! <https://c2sp.org/signed-note> define them, with two lines more:
//!
//! ```text
//! keyledger/5f3a9c0e1b2d4f60          the origin: the log, by the beginning of its first event's hash
//! 1234                                how many events there are
//! yaVkYLcr…=                          the root of the tree over them
//! chain 9a0b…                         the hash of the last event, in hex
//! time 1795500000000                  when it was recorded, Unix milliseconds
//!
//! — keyledger/5f3a9c0e1b2d4f60 Az3grl…
//! ```

mod key;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;

pub use key::{SignerKey, VerifierKey};

/// The largest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 64 << 10;

/// Why a note or a key is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no key.
    #[error("the public key is none: it is <name>+<hash>+<base64>")]
    Key,
    /// It is no note, or not one of a checkpoint.
    #[error("this is no checkpoint: {0}")]
    Malformed(&'static str),
    /// Another key signed it, or nobody.
    #[error("the checkpoint has no signature of {0}")]
    Unsigned(String),
    /// The signature is wrong.
    #[error("the signature of {0} is wrong: the checkpoint is not what was signed")]
    Forged(String),
}

/// What the log was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many events there were: the position of the last.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
    /// The hash of the last event.
    pub chain: Hash,
    /// When the last event was recorded, Unix milliseconds.
    pub recorded_at_ms: i64,
}

/// Bytes in hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lower-case hex as bytes; none for anything else.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let lower = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if text.len() != 2 * N || !text.as_bytes().iter().all(lower) {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

/// The origin of a log, by its first event's hash.
#[must_use]
pub fn origin(first: &Hash) -> String {
    let short: String = hex(first).chars().take(16).collect();
    format!("keyledger/{short}")
}

impl Checkpoint {
    fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\nchain {}\ntime {}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root),
            hex(&self.chain),
            self.recorded_at_ms
        )
    }

    /// The signed note.
    #[must_use]
    pub fn sign(&self, signer: &SignerKey) -> String {
        let text = self.text();
        let signature = signer.line(&text);
        format!("{text}\n{signature}\n")
    }

    /// The checkpoint in a note that a key signed.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &str, verifier: &VerifierKey) -> Result<Self, CheckpointError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(CheckpointError::Malformed("it is too long"));
        }
        let (text, signatures) = note
            .rsplit_once("\n\n")
            .ok_or(CheckpointError::Malformed("it has no signatures"))?;
        if !signatures.ends_with('\n') {
            return Err(CheckpointError::Malformed("it is cut off"));
        }
        let text = format!("{text}\n");
        verifier.verify(&text, signatures)?;
        Self::read(&text)
    }

    fn read(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let mut lines = text.lines();
        let mut next = |what| lines.next().ok_or(malformed(what));
        let origin = next("it has no origin")?.to_owned();
        let size = next("it has no size")?.parse();
        let size = size.map_err(|_| malformed("the size is none"))?;
        let root = STANDARD.decode(next("it has no root")?).ok();
        let chain = next("it has no chain")?.strip_prefix("chain ");
        let time = next("it has no time")?.strip_prefix("time ");
        Ok(Self {
            origin,
            size,
            root: root
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(malformed("the root is none"))?,
            chain: chain
                .and_then(unhex)
                .ok_or(malformed("the chain is no hash"))?,
            recorded_at_ms: time
                .and_then(|time| time.parse().ok())
                .ok_or(malformed("the time is none"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(seed: u8) -> SignerKey {
        SignerKey::new("keyledger/0011223344556677", &[seed; 32]).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: origin(&[0x11; 32]),
            size: 1_234,
            root: [7; 32],
            chain: [9; 32],
            recorded_at_ms: 1_795_500_000_000,
        }
    }

    /// The example of <https://c2sp.org/signed-note>, made by another implementation.
    #[test]
    fn a_note_of_another_implementation_is_verified() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = VerifierKey::parse(text).unwrap();
        assert_eq!(key.name(), "PeterNeumann");
        assert_eq!(key.to_string(), text);
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        // The signature is good; only it is no checkpoint.
        let opened = Checkpoint::open(note, &key);
        assert_eq!(opened, Err(CheckpointError::Malformed("the size is none")));
        let changed = note.replace("your problem,", "my problem,");
        let forged = CheckpointError::Forged("PeterNeumann".to_owned());
        assert_eq!(Checkpoint::open(&changed, &key), Err(forged));
    }

    #[test]
    fn what_is_signed_comes_back_and_any_change_is_seen() {
        let (signer, checkpoint) = (signer(1), checkpoint());
        let note = checkpoint.sign(&signer);
        let key = VerifierKey::parse(&signer.verifier().to_string()).unwrap();
        assert_eq!(Checkpoint::open(&note, &key), Ok(checkpoint));
        let letters = note.char_indices();
        for (at, one) in letters.filter(|(_, one)| one.is_ascii_alphanumeric()) {
            let other = if one == '1' { "2" } else { "1" };
            let (before, after) = (note.get(..at).unwrap(), note.get(at + 1..).unwrap());
            let changed = format!("{before}{other}{after}");
            assert!(Checkpoint::open(&changed, &key).is_err(), "{changed}");
        }
        for cut in (0..note.len()).filter_map(|at| note.get(..at)) {
            assert!(Checkpoint::open(cut, &key).is_err(), "{cut}");
        }
    }

    #[test]
    fn another_key_or_name_is_refused() {
        let note = checkpoint().sign(&signer(1));
        let other = signer(2).verifier();
        let unsigned = CheckpointError::Unsigned(other.name().to_owned());
        assert_eq!(Checkpoint::open(&note, &other), Err(unsigned));
        for text in ["", "a+b", "a b+00000000+AQ==", "name+00000000+AQIDBA=="] {
            assert_eq!(VerifierKey::parse(text), Err(CheckpointError::Key));
        }
        assert!(SignerKey::new("two words", &[1; 32]).is_err());
    }

    #[test]
    fn witnesses_may_sign_as_well() {
        let mine = signer(1);
        let theirs = SignerKey::new("witness", &[3; 32]).unwrap();
        let note = checkpoint().sign(&mine);
        let cosigned = checkpoint().sign(&theirs);
        let both = format!("{note}{}\n", cosigned.lines().last().unwrap());
        assert!(Checkpoint::open(&both, &mine.verifier()).is_ok());
        assert!(Checkpoint::open(&both, &theirs.verifier()).is_ok());
    }
}
