//! The pepper file: keys under which secrets are digested.
//!
//! One line a pepper, `<number> <64 hex digits>`, the current one first. The file is readable by its
//! owner only; a file that others can read is refused, because a pepper that leaked protects nothing.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use keyledger_domain::secret::Pepper;
use keyledger_projections::Peppers;
use zeroize::Zeroizing;

/// The most peppers that a file may hold.
const PEPPERS_MAX: usize = 16;

/// Why there is no pepper.
#[derive(Debug, thiserror::Error)]
pub enum PepperError {
    /// The file cannot be read or written.
    #[error("pepper file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is readable by others.
    #[error("pepper file {path} has mode {mode:o}; set it to 600")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not what it should be.
    #[error("pepper file {path}, line {line}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong; never the content.
        reason: &'static str,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> PepperError {
    let path = path.to_owned();
    move |source| PepperError::Io { path, source }
}

/// Reads the peppers.
///
/// # Errors
/// When the file is missing, exposed or malformed.
pub fn load(path: &Path) -> Result<Peppers, PepperError> {
    let mode = fs::metadata(path)
        .map_err(io_error(path))?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(PepperError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io_error(path))?);
    let mut peppers = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let malformed = |reason| PepperError::Malformed {
            path: path.to_owned(),
            line: index + 1,
            reason,
        };
        if index >= PEPPERS_MAX {
            return Err(malformed("more than 16 peppers"));
        }
        let pepper = parse(line).map_err(malformed)?;
        if peppers
            .iter()
            .any(|known: &Pepper| known.id() == pepper.id())
        {
            return Err(malformed("a number that another line has"));
        }
        peppers.push(pepper);
    }
    let mut peppers = peppers.into_iter();
    let current = peppers.next().ok_or_else(|| PepperError::Malformed {
        path: path.to_owned(),
        line: 1,
        reason: "no pepper",
    })?;
    Ok(Peppers {
        current,
        older: peppers.collect(),
    })
}

fn parse(line: &str) -> Result<Pepper, &'static str> {
    let (id, hex) = line
        .split_once(' ')
        .ok_or("not `<number> <64 hex digits>`")?;
    let id = id.parse().map_err(|_| "the number is no number")?;
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return Err("the key is not 64 hex digits long");
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    for (slot, pair) in key.iter_mut().zip(pairs) {
        *slot = std::str::from_utf8(pair)
            .ok()
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .ok_or("the key is not hex")?;
    }
    Pepper::new(id, &key).ok_or("the key is unusable")
}
