//! Secrets for new and reset tokens.
//!
//! A request without `Idempotency-Key` gets a random secret. One with a key gets a secret that is
//! derived from the pepper, the key and the token: when its answer was lost, the repeated request can
//! be shown the same secret again for [`REPEAT_MS`], and nothing has to be stored to make that work.

use hmac::{Hmac, KeyInit, Mac};
use keyledger_domain::command::NewSecret;
use keyledger_domain::event;
use keyledger_domain::ids::TokenId;
use keyledger_domain::secret::{RANDOM_BYTES, Secret};
use sha2::Sha256;

use super::{Idempotency, Node, Outcome};
use crate::entropy;
use crate::error::ApiError;

/// How long a repeated request is shown the secret again, milliseconds.
pub(super) const REPEAT_MS: i64 = 10 * 60 * 1_000;

/// A secret that was made for a command.
pub struct FreshSecret {
    /// The plain text, to be shown once.
    pub secret: Secret,
    /// What the command takes.
    pub new: NewSecret,
}

impl Node {
    /// Makes a secret for a token.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn fresh_secret(
        &self,
        token: TokenId,
        idempotency: Option<&Idempotency>,
    ) -> Result<FreshSecret, ApiError> {
        let secret = match idempotency {
            None => entropy::secret(&self.settings.token_prefix).map_err(ApiError::internal)?,
            Some(key) => self
                .derived_secret(token, key)
                .ok_or_else(|| ApiError::internal("no secret can be derived"))?,
        };
        let new = NewSecret {
            digest: event::Digest {
                pepper: self.pepper.id(),
                bytes: self.pepper.digest(secret.reveal()),
            },
            ending: secret.ending(),
        };
        Ok(FreshSecret { secret, new })
    }

    /// The secret of a repeated request, if it was repeated in time.
    #[must_use]
    pub fn repeated_secret(
        &self,
        idempotency: Option<&Idempotency>,
        outcome: &Outcome,
    ) -> Option<Secret> {
        let in_time = self.now_ms() - outcome.recorded_at_ms <= REPEAT_MS;
        let token = outcome.token.as_ref().filter(|_| in_time)?;
        self.derived_secret(token.id, idempotency?)
    }

    /// The secret that a request with this key got for this token.
    #[must_use]
    pub fn derived_secret(&self, token: TokenId, idempotency: &Idempotency) -> Option<Secret> {
        let key = self.pepper.derive("idempotent-secret");
        let mut random = [0_u8; RANDOM_BYTES];
        // A round falls short of usable bytes once in some 10^20; the next one then serves.
        for round in 0_u8..4 {
            for (index, chunk) in random.chunks_mut(32).enumerate() {
                let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
                mac.update(&[round, u8::try_from(index).ok()?]);
                mac.update(token.as_bytes());
                mac.update(&idempotency.fingerprint);
                mac.update(idempotency.key.as_bytes());
                chunk.copy_from_slice(mac.finalize().into_bytes().as_slice());
            }
            if let Some(secret) = Secret::from_random(&self.settings.token_prefix, &random) {
                return Some(secret);
            }
        }
        None
    }
}
