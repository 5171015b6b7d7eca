//! The pepper file of a server: made at the first start, read as everywhere ([`pepper_file`]). The nodes of a fleet need
//! the same, and prove to each other that they have it.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use keyledger_domain::secret::Pepper;
use keyledger_embedded::pepper_file;
use keyledger_eventstore::postgres::{Database, in_time};
use keyledger_projections::Peppers;
use zeroize::Zeroizing;

use crate::entropy::{self, EntropyError};

pub use pepper_file::load;

/// Why there is no new pepper.
#[derive(Debug, thiserror::Error)]
pub enum PepperError {
    /// The file cannot be written.
    #[error(transparent)]
    File(#[from] pepper_file::PepperError),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> PepperError {
    let path = path.to_owned();
    move |source| pepper_file::PepperError::Io { path, source }.into()
}

/// Makes the file with one new pepper, unless it is there.
///
/// # Errors
/// When it cannot be written.
pub fn create_if_missing(path: &Path) -> Result<(), PepperError> {
    if path.exists() {
        return Ok(());
    }
    let key = Zeroizing::new(entropy::bytes::<32>()?);
    let mut line = Zeroizing::new(String::from("1 "));
    for byte in key.iter() {
        line.push_str(&format!("{byte:02x}"));
    }
    line.push('\n');
    // Written beside and moved into place, so that no half-written pepper is ever used.
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(io_error(&beside))?;
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io_error(&beside))?;
    fs::rename(&beside, path).map_err(io_error(path))?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(folder))
}

/// What every node proves that its peppers are with.
const PROVEN: &str = "keyledger/pepper-proof/v1";

/// Why nodes do not agree on their peppers.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The database fails.
    #[error("the peppers of the other nodes cannot be compared: {0}")]
    Store(#[from] sqlx::Error),
    /// Another node has another pepper under this number.
    #[error(
        "pepper {0} is not the one that the other nodes have; every token would be unknown here. \
         Copy their pepper file"
    )]
    Differs(u32),
}

/// Whether a node has ever proved its peppers to this database.
///
/// # Errors
/// When the database fails.
pub async fn is_proven(database: &Database) -> Result<bool, ProofError> {
    proofs(database).await.map(|proofs| !proofs.is_empty())
}

async fn proofs(database: &Database) -> Result<Vec<(i64, Vec<u8>)>, ProofError> {
    let done = in_time(async {
        let mut transaction = database.pool().begin().await?;
        sqlx::query_as(include_str!("pepper/postgres/all.sql"))
            .persistent(false)
            .fetch_all(&mut *transaction)
            .await
    });
    Ok(done.await?)
}

/// Proves to the other nodes that the peppers are theirs. A node with others would find no token, and say that each is
/// unknown.
///
/// # Errors
/// When one is another; when the database fails.
pub async fn prove(database: &Database, peppers: &Peppers) -> Result<(), ProofError> {
    in_time(async {
        let mut transaction = database.pool().begin().await?;
        for pepper in peppers.all() {
            sqlx::query(include_str!("pepper/postgres/insert.sql"))
                .persistent(false)
                .bind(i64::from(pepper.id()))
                .bind(pepper.digest(PROVEN).to_vec())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    })
    .await?;
    let known = proofs(database).await?;
    for pepper in peppers.all() {
        let same = |(id, proof): &(i64, Vec<u8>)| {
            *id == i64::from(pepper.id()) && proof.as_slice() == pepper.digest(PROVEN)
        };
        if !known.iter().any(same) {
            return Err(ProofError::Differs(pepper.id()));
        }
    }
    Ok(())
}

/// The pepper of passwords: the first one there was, because members cannot be asked to set their
/// passwords anew whenever the pepper of the tokens rotates.
#[must_use]
pub fn first(peppers: &Peppers) -> &Pepper {
    let all = peppers.older.iter().chain([&peppers.current]);
    all.min_by_key(|pepper| pepper.id())
        .unwrap_or(&peppers.current)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_new_file_is_private_and_reads_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pepper");
        create_if_missing(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let one = load(&path).unwrap();
        create_if_missing(&path).unwrap();
        let two = load(&path).unwrap();
        assert_eq!(one.current.digest("x"), two.current.digest("x"));
        assert!(one.older.is_empty());
    }

    #[test]
    fn an_exposed_or_malformed_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pepper");
        for (text, mode, expected) in [
            ("1 00", 0o600, "line 1: the key is not 64 hex digits long"),
            ("", 0o600, "line 1: no pepper"),
            ("x", 0o600, "line 1: not `<number> <64 hex digits>`"),
            ("1 00", 0o644, "has mode 644; set it to 600"),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load(&path).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
