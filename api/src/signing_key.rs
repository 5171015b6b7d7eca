//! The key that signs checkpoints: 64 hex digits in a file of its own, readable by its owner only.
//!
//! It is best kept away from the log: who has both can make another log and sign it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use keyledger_eventstore::checkpoint::{CheckpointError, SignerKey, hex, unhex};
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyError};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read or written.
    #[error("checkpoint key {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is readable by others.
    #[error("checkpoint key {path} has mode {mode:o}; set it to 600")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not what it should be.
    #[error("checkpoint key {0}: is not 64 hex digits")]
    Malformed(PathBuf),
    /// No randomness for a new key.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The name cannot sign.
    #[error(transparent)]
    Name(#[from] CheckpointError),
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SigningKeyError {
    let path = path.to_owned();
    move |source| SigningKeyError::Io { path, source }
}

/// Reads the key, and makes the file if it is missing. The key signs as `name`.
///
/// # Errors
/// When it cannot be read or made, or others can read it.
pub fn load_or_create(path: &Path, name: &str) -> Result<SignerKey, SigningKeyError> {
    if !path.exists() {
        let secret = Zeroizing::new(entropy::bytes::<32>()?);
        let text = Zeroizing::new(format!("{}\n", hex(secret.as_slice())));
        // Never over one that is there: what it signed could not be verified any more.
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(io_error(path))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io_error(path))?;
    }
    load(path, name)
}

/// Reads the key.
///
/// # Errors
/// When it cannot be read, or others can read it.
pub fn load(path: &Path, name: &str) -> Result<SignerKey, SigningKeyError> {
    let metadata = fs::metadata(path).map_err(io_error(path))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SigningKeyError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io_error(path))?);
    let malformed = || SigningKeyError::Malformed(path.to_owned());
    let secret = Zeroizing::new(unhex::<32>(text.trim_end()).ok_or_else(malformed)?);
    Ok(SignerKey::new(name, &secret)?)
}
