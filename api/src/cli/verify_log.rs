//! `keyledger verify-log`.

use clap::Args;
use keyledger_eventstore::{SqliteLog, verify};

use crate::config::DataConfig;

/// What is verified.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    data: DataConfig,
}

/// Verifies the log, beside a running server or without one.
pub(super) async fn run(args: &VerifyArgs) -> Result<(), String> {
    let log = SqliteLog::open_read_only(&args.data.log_file())
        .await
        .map_err(|error| error.to_string())?;
    let verified = verify(&log).await.map_err(|error| error.to_string())?;
    let hash: String = verified
        .hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("events   {}", verified.events);
    println!("streams  {}", verified.streams);
    println!("position {}", verified.position);
    println!("hash     {hash}");
    println!("the log is whole");
    Ok(())
}
