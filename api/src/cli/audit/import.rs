//! `keyledger audit import`: a log from an export, with the same positions, times and hashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use keyledger_domain::claim;
use keyledger_domain::ids::AccountId;
use keyledger_domain::state::State;
use keyledger_eventstore::checkpoint::{VerifierKey, hex};
use keyledger_eventstore::limits::BATCH_REQUESTS_MAX;
use keyledger_eventstore::{
    Append, Claim, Durability, EventLog, NewEvent, SqliteLog, StoredEvent, verify as verify_log,
};
use keyledger_projections::PastEvent;

use super::{text, verify};
use crate::config::DataConfig;

/// What is imported.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    data: DataConfig,
    /// The exported log.
    file: PathBuf,
    /// The public key, as `keyledger audit public-key` prints it.
    #[arg(long, requires = "checkpoint")]
    public_key: Option<String>,
    /// A signed checkpoint that was kept elsewhere.
    #[arg(long, requires = "public_key")]
    checkpoint: Vec<PathBuf>,
}

/// A log that is filled.
struct Import {
    log: SqliteLog,
    states: BTreeMap<AccountId, State>,
    /// Events of one time, which one transaction takes.
    batch: Vec<Append>,
    batch_ms: i64,
    hashes: Vec<[u8; 32]>,
}

impl Import {
    async fn take(&mut self, stored: StoredEvent) -> Result<(), String> {
        if stored.recorded_at_ms != self.batch_ms || self.batch.len() == BATCH_REQUESTS_MAX {
            self.flush().await?;
            self.batch_ms = stored.recorded_at_ms;
        }
        let event = PastEvent::of(stored).map_err(text)?;
        let (stored, account) = (&event.stored, event.stored.stream.account);
        let state = self.states.entry(account).or_default();
        let claimed = claim::of_event(state, account, &event.event);
        event.fold_into(state).map_err(text)?;
        self.hashes.push(stored.hash);
        self.batch.push(Append {
            events: vec![NewEvent {
                id: stored.id,
                stream: stored.stream,
                event_type: stored.event_type.clone().into(),
                schema_version: stored.schema_version,
                payload: stored.payload.clone(),
                metadata: stored.metadata.clone(),
            }],
            claims: claimed
                .map(|(key, change)| Claim {
                    key,
                    change,
                    stream: stored.stream,
                })
                .into_iter()
                .collect(),
            ..Append::default()
        });
        Ok(())
    }

    /// Appends what was gathered, and compares what the log made of it.
    async fn flush(&mut self) -> Result<(), String> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let answers = self.log.append(&self.batch, self.batch_ms).await;
        for answer in answers.map_err(text)? {
            answer.map_err(text)?;
        }
        let head = self.log.head().await.map_err(text)?;
        if self.hashes.last() != Some(&head.hash) {
            return Err(format!(
                "position {}: its hash became another",
                head.position
            ));
        }
        self.batch.clear();
        self.hashes.clear();
        Ok(())
    }
}

/// The file beside the log in which it is put together.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("importing")
}

fn remove(path: &Path) -> Result<(), String> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("{}: {error}", name.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Verifies the export and makes a log of it. Nothing is there before all of it is.
pub(super) async fn run(args: &ImportArgs) -> Result<(), String> {
    let target = args.data.log_file();
    if target.exists() {
        return Err(format!(
            "{}: there is a log already; an import makes a new one",
            target.display()
        ));
    }
    let mut checkpoints = Vec::new();
    if let Some(key) = &args.public_key {
        let key = VerifierKey::parse(key).map_err(|error| format!("--public-key: {error}"))?;
        for path in &args.checkpoint {
            checkpoints.push(verify::open_checkpoint(path, &key)?);
        }
    }
    std::fs::create_dir_all(&args.data.data_dir).map_err(text)?;
    let beside = unfinished(&target);
    remove(&beside)?;
    let log = SqliteLog::open(&beside, Durability::Normal).await;
    let mut import = Import {
        log: log.map_err(text)?,
        states: BTreeMap::new(),
        batch: Vec::new(),
        batch_ms: 0,
        hashes: Vec::new(),
    };
    let read = verify::each_line(&args.file, checkpoints, async |stored| {
        import.take(stored).await
    })
    .await;
    let found = match read {
        Ok(found) => found,
        Err(error) => {
            import.log.close().await;
            remove(&beside)?;
            return Err(error);
        }
    };
    import.flush().await?;
    let verified = verify_log(&import.log).await.map_err(text)?;
    if verified.hash != found.hash {
        return Err("the log does not end as the export does".to_owned());
    }
    import.log.close().await;
    // Whole on the disk before it has its name.
    let file = std::fs::File::open(&beside).map_err(text)?;
    file.sync_all().map_err(text)?;
    std::fs::rename(&beside, &target).map_err(text)?;
    println!("events   {}", found.events);
    println!("hash     {}", hex(&found.hash));
    println!(
        "the log is there; put the pepper file of the old one beside it, or no token of it works"
    );
    Ok(())
}
