//! The keys of signed notes, Ed25519.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{CheckpointError, hex, unhex};

/// The most signatures of a note that are looked at: others may sign as well, as witnesses do.
const SIGNATURES_MAX: usize = 64;
/// Ed25519, in keys and key ids.
const ED25519: u8 = 1;
/// What a line with a signature begins with: an em dash and a space.
const SIGNATURE_MARK: &str = "— ";

fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', ED25519]);
    hash.update(public);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d]
}

/// A name that a note may carry: no space and no plus in it.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Whoever can verify what a name signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// Reads a key as `Display` prints it.
    ///
    /// # Errors
    /// [`CheckpointError::Key`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CheckpointError::Key);
        };
        let key = STANDARD.decode(key).map_err(|_| CheckpointError::Key)?;
        let Some((&ED25519, public)) = key.split_first() else {
            return Err(CheckpointError::Key);
        };
        let public = <[u8; 32]>::try_from(public).map_err(|_| CheckpointError::Key)?;
        let id = unhex::<4>(id).ok_or(CheckpointError::Key)?;
        if !is_name(name) || key_id(name, &public) != id {
            return Err(CheckpointError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            key: VerifyingKey::from_bytes(&public).map_err(|_| CheckpointError::Key)?,
        })
    }

    /// The name that the key signs as.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Finds this key's signature among the lines, and checks it.
    pub(super) fn verify(&self, text: &str, signatures: &str) -> Result<(), CheckpointError> {
        let id = key_id(&self.name, self.key.as_bytes());
        let own = signatures.lines().take(SIGNATURES_MAX).find_map(|line| {
            let (name, signature) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
            let bytes = STANDARD.decode(signature).ok()?;
            let signature = bytes.strip_prefix(id.as_slice())?;
            (name == self.name).then(|| signature.to_vec())
        });
        let own = own.ok_or_else(|| CheckpointError::Unsigned(self.name.clone()))?;
        let forged = || CheckpointError::Forged(self.name.clone());
        let signature = Signature::from_slice(&own).map_err(|_| forged())?;
        let verified = self.key.verify_strict(text.as_bytes(), &signature);
        verified.map_err(|_| forged())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = self.key.as_bytes();
        let id = hex(&key_id(&self.name, public));
        let mut typed = vec![ED25519];
        typed.extend(public);
        write!(f, "{}+{id}+{}", self.name, STANDARD.encode(typed))
    }
}

/// Whoever signs. The key lies outside of the database: who can edit that cannot sign what they made of it.
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl SignerKey {
    /// The key of 32 secret bytes, signing as a name without spaces and plus signs.
    ///
    /// # Errors
    /// [`CheckpointError::Key`] for another name.
    pub fn new(name: &str, secret: &[u8; 32]) -> Result<Self, CheckpointError> {
        if !is_name(name) {
            return Err(CheckpointError::Key);
        }
        Ok(Self {
            name: name.to_owned(),
            key: SigningKey::from_bytes(secret),
        })
    }

    /// The key with which others verify.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            key: self.key.verifying_key(),
        }
    }

    /// The line with the signature of a text.
    pub(super) fn line(&self, text: &str) -> String {
        let public = self.key.verifying_key();
        let mut signature = key_id(&self.name, public.as_bytes()).to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        let signature = STANDARD.encode(signature);
        format!("{SIGNATURE_MARK}{} {signature}", self.name)
    }
}
