//! `keyledger audit verify`: offline, with nothing but files and a public key.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use keyledger_eventstore::StoredEvent;
use keyledger_eventstore::checkpoint::{Checkpoint, NOTE_BYTES_MAX, VerifierKey, hex};
use keyledger_eventstore::export::{ExportedLog, LINE_BYTES_MAX, Verifier};

use super::text;

/// What is verified, and against what.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The exported log.
    file: PathBuf,
    /// The public key, as `keyledger audit public-key` prints it.
    #[arg(long, requires = "checkpoint")]
    public_key: Option<String>,
    /// A signed checkpoint that was kept elsewhere; several may be given.
    #[arg(long, requires = "public_key")]
    checkpoint: Vec<PathBuf>,
}

fn named(path: &Path) -> impl Fn(&dyn std::fmt::Display) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// Reads a checkpoint and verifies its signature.
pub(super) fn open_checkpoint(path: &Path, key: &VerifierKey) -> Result<Checkpoint, String> {
    let named = named(path);
    let mut note = String::new();
    let file = File::open(path).map_err(|error| named(&error))?;
    let limit = NOTE_BYTES_MAX as u64 + 1;
    let read = file.take(limit).read_to_string(&mut note);
    read.map_err(|error| named(&error))?;
    Checkpoint::open(&note, key).map_err(|error| named(&error))
}

/// Verifies a file line by line, and calls `f` with each event that is good so far.
pub(super) async fn each_line<F>(
    path: &Path,
    checkpoints: Vec<Checkpoint>,
    mut f: F,
) -> Result<ExportedLog, String>
where
    F: AsyncFnMut(StoredEvent) -> Result<(), String>,
{
    let named = named(path);
    let file = File::open(path).map_err(|error| named(&error))?;
    let mut lines = BufReader::new(file);
    let mut verifier = Verifier::new(checkpoints);
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = LINE_BYTES_MAX as u64 + 1;
        let read = lines.by_ref().take(limit).read_until(b'\n', &mut line);
        if read.map_err(|error| named(&error))? == 0 {
            return verifier.finish().map_err(|bad| named(&bad));
        }
        // A last line that was cut off has no end, and is found out by what it lacks.
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let one = String::from_utf8_lossy(&line);
        if let Some(event) = verifier.line(&one).map_err(|bad| named(&bad))? {
            f(event).await?;
        }
    }
}

pub(super) async fn run(args: &VerifyArgs) -> Result<(), String> {
    let mut checkpoints = Vec::new();
    if let Some(key) = &args.public_key {
        let key = VerifierKey::parse(key).map_err(|error| format!("--public-key: {error}"))?;
        for path in &args.checkpoint {
            checkpoints.push(open_checkpoint(path, &key)?);
        }
    }
    let found = each_line(&args.file, checkpoints, async |_| Ok(())).await?;
    println!("log      {}", found.origin);
    println!("events   {}", found.events);
    println!("hash     {}", hex(&found.hash));
    println!("root     {}", hex(&found.root));
    match found.vouched {
        0 => println!(
            "every record continues the one before it; no checkpoint vouches that they are those that were written"
        ),
        all if all == found.events => println!("the log is whole, as its key vouches"),
        some => println!("the log is whole; its key vouches for the first {some} events"),
    }
    Ok(())
}

/// A file's text, of at most so many bytes.
pub(super) fn read_text(path: &Path, bytes_max: usize) -> Result<String, String> {
    let named = named(path);
    let file = File::open(path).map_err(|error| named(&error))?;
    let mut read = String::new();
    let limited = file.take(bytes_max as u64).read_to_string(&mut read);
    limited.map_err(|error| named(&error)).map_err(text)?;
    Ok(read)
}
