//! An attempt to sign in, while the browser is at the provider: in a cookie, sealed, so that no node keeps anything and every
//! node of a fleet may finish what another began.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyledger_domain::secret::Pepper;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyError};

/// How long a browser may be at the provider, milliseconds.
pub const ATTEMPT_MS: i64 = 10 * 60 * 1_000;
/// What the key is for.
const PURPOSE: &str = "sign-in-attempt";
/// What is sealed along, so that nothing else that this key might ever seal is taken for an attempt.
const LABEL: &[u8] = b"keyledger/sign-in-attempt/v1";
/// The bytes of the nonce in front of what is sealed.
const NONCE_BYTES: usize = 12;
/// The longest cookie that is looked at, in bytes; browsers keep 4096.
const COOKIE_BYTES_MAX: usize = 4_096;

/// What must come back as it went.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Ties the answer to this browser (RFC 6749 §10.12).
    pub(super) state: String,
    /// Ties the ID token to this attempt (OpenID Connect Core 1.0 §3.1.2.1).
    pub(super) nonce: String,
    /// Ties the code to this attempt (RFC 7636).
    pub(super) verifier: String,
    /// Where the provider sends the browser back to.
    pub(super) redirect: String,
    /// Where to go when signed in.
    pub to: String,
    /// Unix milliseconds.
    pub(super) began_at_ms: i64,
}

impl Attempt {
    pub(super) fn new(redirect: &str, to: &str, now_ms: i64) -> Result<Self, EntropyError> {
        // 43 characters each: as many as RFC 7636 §4.1 asks of a verifier.
        let random = || entropy::bytes::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Ok(Self {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            redirect: redirect.to_owned(),
            to: to.to_owned(),
            began_at_ms: now_ms,
        })
    }
}

/// What attempts are sealed with: a key that all nodes make from their common pepper.
pub(super) struct Seal(Aes256Gcm);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(hidden)")
    }
}

impl Seal {
    pub(super) fn of(pepper: &Pepper) -> Self {
        let key = Zeroizing::new(pepper.derive(PURPOSE));
        Self(Aes256Gcm::new(&aes_gcm::Key::<Aes256Gcm>::from(*key)))
    }

    pub(super) fn close(&self, attempt: &Attempt) -> Result<String, EntropyError> {
        let text = Zeroizing::new(serde_json::to_vec(attempt).unwrap_or_default());
        let nonce = entropy::bytes::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: &text,
            aad: LABEL,
        };
        // Fails for texts of gigabytes only.
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| EntropyError)?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// The attempt, unless it is none of ours or too old.
    pub(super) fn open(&self, cookie: &str, now_ms: i64) -> Option<Attempt> {
        if cookie.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: LABEL,
        };
        let text = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        let attempt: Attempt = serde_json::from_slice(&Zeroizing::new(text)).ok()?;
        let age_ms = now_ms.checked_sub(attempt.began_at_ms)?;
        // A clock that was set back a little ends nothing.
        (-ATTEMPT_MS..=ATTEMPT_MS)
            .contains(&age_ms)
            .then_some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::of(&Pepper::new(1, &[byte; 32]).unwrap())
    }

    fn attempt() -> Attempt {
        Attempt::new("https://a.example/sign-in/openid/callback", "/settings", 5).unwrap()
    }

    #[test]
    fn an_attempt_comes_back_as_it_went() {
        let attempt = attempt();
        let cookie = seal(7).close(&attempt).unwrap();
        let found = seal(7).open(&cookie, 5 + ATTEMPT_MS);
        assert!(found.is_some_and(|found| found == attempt));
    }

    #[test]
    fn every_attempt_is_another() {
        let (one, other) = (attempt(), attempt());
        assert_ne!(one.state, other.state);
        assert_ne!(one.nonce, other.nonce);
        assert_ne!(one.verifier, other.verifier);
        assert_eq!(one.verifier.len(), 43);
        assert_ne!(seal(7).close(&one).unwrap(), seal(7).close(&one).unwrap());
    }

    #[test]
    fn what_is_old_or_of_others_is_no_attempt() {
        let cookie = seal(7).close(&attempt()).unwrap();
        assert!(seal(7).open(&cookie, 6 + ATTEMPT_MS).is_none(), "too old");
        assert!(seal(7).open(&cookie, i64::MIN).is_none());
        assert!(seal(8).open(&cookie, 5).is_none(), "another pepper");
        for junk in ["", "x", "AAAA", &cookie.repeat(2), &"A".repeat(5_000)] {
            assert!(seal(7).open(junk, 5).is_none(), "{junk}");
        }
        // No byte of it may change.
        for place in 0..cookie.len() {
            let mut changed = cookie.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'E' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            let opened = seal(7).open(&changed, 5);
            assert!(opened.is_none(), "{place}");
        }
    }
}
