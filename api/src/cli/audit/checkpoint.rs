//! `keyledger audit checkpoint` and `public-key`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use keyledger_eventstore::checkpoint::SignerKey;
use keyledger_eventstore::{EventLog, Position};

use super::{text, walk};
use crate::config::DataConfig;
use crate::signing_key;
use crate::store::Store;

/// The log and the key.
#[derive(Debug, Args)]
pub(super) struct Signing {
    #[command(flatten)]
    data: DataConfig,
    /// The file of the key that signs checkpoints; `checkpoint.key` in the data folder when absent. It is made
    /// when it is missing. Best keep it elsewhere than the log.
    #[arg(long, env = "KEYLEDGER_CHECKPOINT_KEY")]
    checkpoint_key: Option<PathBuf>,
}

impl Signing {
    pub(super) async fn log(&self) -> Result<Arc<dyn EventLog>, String> {
        let log = Store::read_only(&self.data).await;
        Ok(log.map_err(text)?.log)
    }

    pub(super) fn key(&self, name: &str) -> Result<SignerKey, String> {
        let path = self.checkpoint_key.clone();
        let path = path.unwrap_or_else(|| self.data.checkpoint_key_file());
        signing_key::load_or_create(&path, name).map_err(text)
    }
}

/// At which position.
#[derive(Debug, Args)]
pub(super) struct CheckpointArgs {
    #[command(flatten)]
    signing: Signing,
    /// The position; the end of the log when absent.
    #[arg(long)]
    at: Option<i64>,
}

/// Reads and checks the log up to the position, and prints a signed checkpoint.
pub(super) async fn run(args: &CheckpointArgs) -> Result<(), String> {
    let log = args.signing.log().await?;
    let head = log.head().await.map_err(text)?.position;
    let at = args.at.map_or(head, Position::new);
    if at > head {
        return Err(format!(
            "--at: position {at} has not happened yet; the last one is {head}"
        ));
    }
    let (_, checkpoint) = walk::checkpoint(log.as_ref(), at).await?;
    let key = args.signing.key(&checkpoint.origin)?;
    print!("{}", checkpoint.sign(&key));
    Ok(())
}

/// Which log's key.
#[derive(Debug, Args)]
pub(super) struct PublicKeyArgs {
    #[command(flatten)]
    signing: Signing,
}

/// Prints the key with which others verify checkpoints.
pub(super) async fn public_key(args: &PublicKeyArgs) -> Result<(), String> {
    let log = args.signing.log().await?;
    let (_, first) = walk::checkpoint(log.as_ref(), Position::new(1)).await?;
    println!("{}", args.signing.key(&first.origin)?.verifier());
    Ok(())
}
