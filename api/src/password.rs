//! Members' passwords: Argon2id with the OWASP parameters, peppered, so that a stolen log alone cannot
//! be searched for them.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use keyledger_domain::secret::Pepper;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::entropy;

/// How many passwords are hashed at a time: each takes 19 MiB and some 30 ms of a core.
const HASHES_AT_ONCE: usize = 2;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    pepper: Arc<Zeroizing<[u8; 32]>>,
    permits: Arc<Semaphore>,
    /// What an unknown e-mail is checked against, so that it takes as long as a known one.
    dummy: Arc<str>,
}

/// The password could not be hashed or checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("password hashing failed: {reason}")]
pub struct PasswordError {
    reason: String,
}

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError {
        reason: error.to_string(),
    }
}

impl Passwords {
    /// Takes a key derived from the pepper. Rotating peppers keeps the oldest one for passwords: the
    /// caller passes the pepper with the lowest number.
    ///
    /// # Errors
    /// When there is no randomness, or Argon2 refuses its parameters.
    pub fn new(pepper: &Pepper) -> Result<Self, PasswordError> {
        let pepper = Arc::new(Zeroizing::new(pepper.derive("password")));
        let salt = entropy::bytes::<16>().map_err(failed)?;
        let dummy = hash(&pepper, &salt, b"nobody's password")?;
        Ok(Self {
            pepper,
            permits: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            dummy: dummy.into(),
        })
    }

    /// Hashes a password into a PHC string.
    ///
    /// # Errors
    /// When there is no randomness, or hashing fails.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        let password = Zeroizing::new(password);
        let pepper = Arc::clone(&self.pepper);
        let salt = entropy::bytes::<16>().map_err(failed)?;
        let _permit = self.permits.acquire().await.map_err(failed)?;
        tokio::task::spawn_blocking(move || hash(&pepper, &salt, password.as_bytes()))
            .await
            .map_err(failed)?
    }

    /// Whether the password is the one that was hashed; `None` is nobody's and takes as long.
    ///
    /// # Errors
    /// When the check cannot run.
    pub async fn verify(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let password = Zeroizing::new(password);
        let pepper = Arc::clone(&self.pepper);
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        let _permit = self.permits.acquire().await.map_err(failed)?;
        tokio::task::spawn_blocking(move || {
            let fits = hasher(&pepper)?
                .verify_password(password.as_bytes(), hash.as_str())
                .is_ok();
            Ok(fits && known)
        })
        .await
        .map_err(failed)?
    }
}

fn hasher(pepper: &[u8; 32]) -> Result<Argon2<'_>, PasswordError> {
    Argon2::new_with_secret(
        pepper,
        Algorithm::Argon2id,
        Version::V0x13,
        Params::default(),
    )
    .map_err(failed)
}

fn hash(pepper: &[u8; 32], salt: &[u8; 16], password: &[u8]) -> Result<String, PasswordError> {
    hasher(pepper)?
        .hash_password_with_salt(password, salt)
        .map(|hash| hash.to_string())
        .map_err(failed)
}
