//! Generations of the tables: rebuilt ones are in a file of their own, and a symbolic link says which file counts.
//!
//! The first generation is the file itself, `projections.db`; the second is `projections-2.db`, to which
//! `projections.db` then leads. Exchanging a link is one step for every reader, and SQLite names its own files after
//! what the link leads to. See ADR 0010.

use std::io;
use std::path::{Path, PathBuf};

use super::error::TablesError;

/// What SQLite keeps beside a file.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// The file that counts. A link that leads nowhere is taken away: what it led to is computed again.
pub(super) fn current(path: &Path) -> Result<PathBuf, TablesError> {
    let Ok(target) = std::fs::read_link(path) else {
        return Ok(path.to_owned());
    };
    let file = path.with_file_name(target);
    if file.exists() {
        return Ok(file);
    }
    std::fs::remove_file(path).map_err(|error| failed(path, &error))?;
    Ok(path.to_owned())
}

/// The name of a generation's file.
fn named(path: &Path, number: u64) -> PathBuf {
    let part = |name: Option<&std::ffi::OsStr>| {
        name.map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let (stem, extension) = (part(path.file_stem()), part(path.extension()));
    path.with_file_name(format!("{stem}-{number}.{extension}"))
}

/// The number of the generation that a file is.
fn number(path: &Path, file: &Path) -> Option<u64> {
    if path == file {
        return Some(1);
    }
    let stem = path.file_stem()?.to_str()?;
    let rest = file.file_stem()?.to_str()?.strip_prefix(stem)?;
    let number = rest.strip_prefix('-')?.parse().ok()?;
    (file.extension() == path.extension()).then_some(number)
}

/// The number and the file of the generation after the one that counts.
pub(super) fn next(path: &Path) -> Result<(u64, PathBuf), TablesError> {
    let number = number(path, &current(path)?).unwrap_or(1).saturating_add(1);
    Ok((number, named(path, number)))
}

/// From now on `file`, which lies beside `path`, is what `path` leads to.
pub(super) fn swap(path: &Path, file: &Path) -> Result<(), TablesError> {
    let swapped = || {
        let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let link = path.with_extension("link");
        match std::fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        std::os::unix::fs::symlink(name, &link)?;
        std::fs::rename(&link, path)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::File::open(folder)?.sync_all()
    };
    swapped().map_err(|error: io::Error| failed(path, &error))
}

/// Removes the generations before the one that counts. What cannot be removed is in nobody's way.
pub(super) fn clean(path: &Path) {
    let Ok(file) = current(path) else { return };
    let Some(kept) = number(path, &file) else {
        return;
    };
    if kept > 1 {
        beside(path);
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let found = entry.path();
        let old = found != *path && number(path, &found).is_some_and(|number| number < kept);
        if old {
            remove(&found);
        }
    }
}

/// Removes a generation's file and what SQLite keeps beside it.
pub(super) fn remove(file: &Path) {
    if let Err(error) = std::fs::remove_file(file) {
        tracing::warn!(file = %file.display(), %error, "an old file of the projections stays");
    }
    beside(file);
}

fn beside(file: &Path) {
    for suffix in BESIDE {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        // It may not be there.
        let _removed = std::fs::remove_file(PathBuf::from(name));
    }
}

pub(super) fn failed(path: &Path, error: &io::Error) -> TablesError {
    TablesError::Storage(format!("{}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_which_file_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.db");
        assert_eq!(current(&path).unwrap(), path);
        let (number, second) = next(&path).unwrap();
        assert_eq!(
            (number, second.as_path()),
            (2, folder.path().join("p-2.db").as_path())
        );
        for file in [
            "p.db",
            "p.db-wal",
            "p-2.db",
            "p-2.db-wal",
            "p-4.db",
            "p-x.db",
            "other-1.db",
        ] {
            std::fs::write(folder.path().join(file), "").unwrap();
        }
        swap(&path, &second).unwrap();
        assert_eq!(current(&path).unwrap(), second);
        assert_eq!(next(&path).unwrap().0, 3);
        swap(&path, &folder.path().join("p-4.db")).unwrap();
        clean(&path);
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["other-1.db", "p-4.db", "p-x.db", "p.db"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.db");
        swap(&path, &folder.path().join("p-2.db")).unwrap();
        assert_eq!(current(&path).unwrap(), path);
        assert!(!path.is_symlink());
    }
}
