//! `keyledger audit import`: a log from an export, with the same positions, times and hashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use keyledger_domain::claim;
use keyledger_domain::ids::AccountId;
use keyledger_domain::state::State;
use keyledger_eventstore::checkpoint::{Checkpoint, VerifierKey, hex};
use keyledger_eventstore::limits::BATCH_REQUESTS_MAX;
use keyledger_eventstore::{
    Append, Claim, Durability, EventLog, Head, NewEvent, SqliteLog, StoredEvent,
    verify as verify_log,
};
use keyledger_projections::PastEvent;

use super::{text, verify};
use crate::config::DataConfig;
use crate::member_keys::MemberKeys;
use crate::store::Store;

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
    /// The `keys.db` of the old log, whose keys are copied into the database. Without them nobody is who they were.
    #[arg(long, requires = "database_url")]
    keys: Option<PathBuf>,
}

/// A log that is filled.
struct Import {
    log: Arc<dyn EventLog>,
    /// What was there when it began: the beginning of the export, from an import that was interrupted.
    there: Head,
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
        if stored.position <= self.there.position {
            if stored.position == self.there.position && stored.hash != self.there.hash {
                return Err(format!(
                    "position {}: the database holds another log",
                    stored.position
                ));
            }
            return Ok(());
        }
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

/// Verifies the export and makes a log of it.
pub(super) async fn run(args: &ImportArgs) -> Result<(), String> {
    let mut checkpoints = Vec::new();
    if let Some(key) = &args.public_key {
        let key = VerifierKey::parse(key).map_err(|error| format!("--public-key: {error}"))?;
        for path in &args.checkpoint {
            checkpoints.push(verify::open_checkpoint(path, &key)?);
        }
    }
    match args.data.database_url() {
        None => into_file(args, checkpoints).await,
        Some(_) => into_database(args, checkpoints).await,
    }
}

/// Fills a log, and checks that it became the one that was exported.
async fn fill(
    log: Arc<dyn EventLog>,
    file: &Path,
    checkpoints: Vec<Checkpoint>,
) -> Result<(), String> {
    let mut import = Import {
        there: log.head().await.map_err(text)?,
        log,
        states: BTreeMap::new(),
        batch: Vec::new(),
        batch_ms: 0,
        hashes: Vec::new(),
    };
    let take = async |stored| import.take(stored).await;
    let found = verify::each_line(file, checkpoints, take).await?;
    import.flush().await?;
    let verified = verify_log(import.log.as_ref()).await.map_err(text)?;
    if verified.hash != found.hash {
        return Err("the log does not end as the export does".to_owned());
    }
    println!("events   {}", found.events);
    println!("hash     {}", hex(&found.hash));
    Ok(())
}

/// Into a file: nothing is there before all of it is.
async fn into_file(args: &ImportArgs, checkpoints: Vec<Checkpoint>) -> Result<(), String> {
    let target = args.data.log_file();
    if target.exists() {
        return Err(format!(
            "{}: there is a log already; an import makes a new one",
            target.display()
        ));
    }
    std::fs::create_dir_all(&args.data.data_dir).map_err(text)?;
    let beside = unfinished(&target);
    remove(&beside)?;
    let log = SqliteLog::open(&beside, Durability::Normal).await;
    let log = Arc::new(log.map_err(text)?);
    let filling: Arc<dyn EventLog> = Arc::clone(&log) as _;
    let filled = fill(filling, &args.file, checkpoints).await;
    log.close().await;
    if let Err(error) = filled {
        remove(&beside)?;
        return Err(error);
    }
    // Whole on the disk before it has its name.
    let file = std::fs::File::open(&beside).map_err(text)?;
    file.sync_all().map_err(text)?;
    std::fs::rename(&beside, &target).map_err(text)?;
    println!(
        "the log is there; put the files pepper and keys.db of the old one beside it, or no token of it works and \
         nobody is who they were"
    );
    Ok(())
}

/// Into a database: what was interrupted goes on where it stopped.
async fn into_database(args: &ImportArgs, checkpoints: Vec<Checkpoint>) -> Result<(), String> {
    let store = Store::writable(&args.data, Durability::Full).await;
    let store = store.map_err(text)?;
    if let Some(path) = &args.keys {
        let keys = MemberKeys::open(store.database.as_ref(), path).await;
        // Before the events: a sealed event without its key is that of somebody who was erased.
        let copied = keys.map_err(text)?.copy_from(path).await;
        println!("keys     {}", copied.map_err(text)?);
    }
    fill(store.log, &args.file, checkpoints).await?;
    println!(
        "the log is there; give each node the pepper file of the old one, or no token of it works"
    );
    Ok(())
}
