//! `keyledger verify-log`.

use clap::Args;
use keyledger_eventstore::verify;

use crate::config::DataConfig;
use crate::store::Store;

/// What is verified.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    data: DataConfig,
}

/// Verifies the log, beside a running server or without one.
pub(super) async fn run(args: &VerifyArgs) -> Result<(), String> {
    let store = Store::read_only(&args.data)
        .await
        .map_err(|error| error.to_string())?;
    let verified = verify(store.log.as_ref())
        .await
        .map_err(|error| error.to_string())?;
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
