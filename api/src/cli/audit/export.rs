//! `keyledger audit export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use keyledger_eventstore::checkpoint::origin;
use keyledger_eventstore::export::{event_line, header_line};

use super::{text, walk};
use crate::config::DataConfig;
use crate::store::Store;

/// What is exported, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    data: DataConfig,
    /// The file, which must not be there yet; standard output when absent.
    file: Option<PathBuf>,
}

/// Writes the log as JSON Lines, each record checked before it is written.
pub(super) async fn run(args: &ExportArgs) -> Result<(), String> {
    let log = Store::read_only(&args.data).await;
    let log = log.map_err(text)?.log;
    let head = log.head().await.map_err(text)?;
    let first = log.read(keyledger_eventstore::Position::ZERO, 1).await;
    let first = first.map_err(text)?;
    let first = first.first().ok_or("the log is empty")?;
    let events = u64::try_from(head.position.get()).map_err(text)?;
    let header = header_line(&origin(&first.hash), events, &head.hash);
    let mut out: Box<dyn Write> = match &args.file {
        Some(path) => {
            let file = File::create_new(path);
            Box::new(BufWriter::new(
                file.map_err(|error| format!("{}: {error}", path.display()))?,
            ))
        }
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
    };
    writeln!(out, "{header}").map_err(text)?;
    walk::walk(log.as_ref(), head.position, |event| {
        writeln!(out, "{}", event_line(event)).map_err(text)
    })
    .await?;
    out.flush().map_err(text)
}
