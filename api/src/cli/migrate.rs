//! `keyledger migrate`.

use clap::Args;
use keyledger_eventstore::Durability;

use crate::config::DataConfig;
use crate::store::Store;

/// What is migrated.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    data: DataConfig,
}

/// Brings the schema up to date, or makes it. Forward only; all of a step or nothing of it.
pub(super) async fn run(args: &MigrateArgs) -> Result<(), String> {
    let store = Store::writable(&args.data, Durability::Full).await;
    let store = store.map_err(|error| error.to_string())?;
    let head = store.log.head().await.map_err(|error| error.to_string())?;
    println!(
        "the schema is up to date; the log is at position {}",
        head.position
    );
    Ok(())
}
