//! `keyledger audit`: what an auditor asks of a log, beside a running server or without one.

mod changes;
mod checkpoint;
mod explain;
mod export;
mod import;
mod prove;
mod verify;
mod walk;

use std::sync::Arc;

use clap::{Args, Subcommand};
use keyledger_domain::ids::AccountId;
use keyledger_eventstore::{EventLog, Position};
use keyledger_projections::Past;

use crate::as_of::{AsOf, Moment};
use crate::config::DataConfig;
use crate::sealed_log::SealedLog;

/// What an auditor asks.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCmd,
}

#[derive(Debug, Subcommand)]
enum AuditCmd {
    /// Say why a token may do something or not, and what led there.
    Explain(explain::ExplainArgs),
    /// List the tokens whose effective permission changed between two moments, each with why.
    Changes(changes::ChangesArgs),
    /// Check the log and print a signed checkpoint of it, to be kept elsewhere.
    Checkpoint(checkpoint::CheckpointArgs),
    /// Print the key with which others verify checkpoints.
    PublicKey(checkpoint::PublicKeyArgs),
    /// Write the log as JSON Lines.
    Export(export::ExportArgs),
    /// Make a log from an export, with the same hashes.
    Import(import::ImportArgs),
    /// Verify an exported log offline and name the first bad record.
    Verify(verify::VerifyArgs),
    /// Print a proof that one event is in the log.
    Prove(prove::ProveArgs),
    /// Verify such a proof offline.
    VerifyProof(prove::VerifyProofArgs),
}

pub(super) async fn run(args: &AuditArgs) -> Result<(), String> {
    match &args.command {
        AuditCmd::Explain(args) => explain::run(args).await,
        AuditCmd::Changes(args) => changes::run(args).await,
        AuditCmd::Checkpoint(args) => checkpoint::run(args).await,
        AuditCmd::PublicKey(args) => checkpoint::public_key(args).await,
        AuditCmd::Export(args) => export::run(args).await,
        AuditCmd::Import(args) => import::run(args).await,
        AuditCmd::Verify(args) => verify::run(args).await,
        AuditCmd::Prove(args) => prove::run(args).await,
        AuditCmd::VerifyProof(args) => prove::verify_proof(args),
    }
}

/// Which log, and which account in it.
#[derive(Debug, Args)]
struct Where {
    #[command(flatten)]
    data: DataConfig,
    /// The account's id; the account that was made first when absent.
    #[arg(long)]
    account: Option<AccountId>,
}

/// A log that is read.
struct Opened {
    log: Arc<dyn EventLog>,
    past: Past,
    account: AccountId,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Where {
    async fn open(&self) -> Result<Opened, String> {
        let log = SealedLog::read_only(&self.data).await;
        let log: Arc<dyn EventLog> = Arc::new(log.map_err(text)?);
        let first = log.read(Position::ZERO, 1).await.map_err(text)?;
        let first = first.first().map(|event| event.stream.account);
        let account = self.account.or(first).ok_or("the log is empty")?;
        // Whoever audits trusts the log and nothing that was kept beside it.
        let past = Past::new(Arc::clone(&log), None);
        Ok(Opened { log, past, account })
    }
}

impl Opened {
    /// The moment that a text names; now when absent.
    async fn moment(&self, text_of: Option<&str>) -> Result<Moment, String> {
        match text_of {
            Some(named) => AsOf::parse(named)
                .map_err(text)?
                .resolve(self.log.as_ref())
                .await
                .map_err(text),
            None => Ok(Moment {
                position: self.log.head().await.map_err(text)?.position,
                at_ms: crate::clock::now_ms(),
            }),
        }
    }
}
