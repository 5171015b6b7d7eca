//! Opening a node.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use keyledger_domain::ids::TokenId;
use keyledger_eventstore::postgres::{Database, spawn_hints};
use keyledger_eventstore::{Durability, Position, Writer, WriterLimits};
use keyledger_projections::{
    Follower, Live, Memory, Past, Peppers, Projector, SharedProjector, Snapshots, Tables,
    start_from,
};

use tokio::sync::Semaphore;

use super::{Node, Settings};
use crate::clock::Monotonic;
use crate::config::{DataConfig, DurabilityArg, ServeConfig};
use crate::entropy;
use crate::error::ApiError;
use crate::limits::Limits;
use crate::openid::{OpenId, ProviderConfig};
use crate::password::Passwords;
use crate::pepper;
use crate::routes::events::STREAMS_MAX;
use crate::sealed_log::{SealedLog, Writable};
use crate::sessions::Sessions;
use crate::side_file;
use crate::usage::Usage;

/// Why a node does not start. It is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made or locked.
    #[error("data folder {path}: {reason}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Anything else, in its own words.
    #[error("{0}")]
    Other(String),
}

impl StartError {
    /// An error in its own words.
    pub(super) fn of(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    pub(super) fn of_api(error: ApiError) -> Self {
        Self::Other(error.message().to_owned())
    }
}

fn make_folder(config: &ServeConfig) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let path = &config.data.data_dir;
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| StartError::Folder {
            path: path.clone(),
            reason: error.to_string(),
        })
}

/// The peppers: made at the first start only. A log without its pepper is refused, because a new
/// pepper would make every token in it dead without a word.
async fn peppers(
    data: &DataConfig,
    database: Option<&Database>,
    log_was_there: bool,
) -> Result<Peppers, StartError> {
    let path = data.pepper_file();
    if !path.exists() {
        let refused = |reason: &str| StartError::Folder {
            path: path.clone(),
            reason: reason.to_owned(),
        };
        if log_was_there {
            return Err(refused(
                "the log is there but its pepper is not; restore it from its backup, or copy it from another node",
            ));
        }
        if let Some(database) = database
            && pepper::is_proven(database).await.map_err(StartError::of)?
        {
            return Err(refused(
                "other nodes have a pepper already; copy their pepper file",
            ));
        }
    }
    pepper::create_if_missing(&path).map_err(StartError::of)?;
    let peppers = pepper::load(&path).map_err(StartError::of)?;
    if let Some(database) = database {
        let proven = pepper::prove(database, &peppers).await;
        proven.map_err(StartError::of)?;
    }
    Ok(peppers)
}

/// An origin as browsers say it: without a slash at its end, which people add.
fn bare(origin: &str) -> String {
    origin.trim_end_matches('/').to_owned()
}

impl Node {
    /// Opens the data folder and catches up with the log.
    ///
    /// # Errors
    /// Whatever is wrong with the folder, the pepper, the log or the projections.
    pub async fn start(config: &ServeConfig) -> Result<Self, StartError> {
        let clock = crate::clock::system();
        // Before anything is made.
        let openid = ProviderConfig::of(&config.openid).map_err(StartError::of)?;
        make_folder(config)?;
        // Before it is opened, which makes it.
        let had_file = config.data.log_file().exists();
        let durability = match config.durability {
            DurabilityArg::Full => Durability::Full,
            DurabilityArg::Normal => Durability::Normal,
        };
        let opened = SealedLog::writable(&config.data, durability).await;
        let Writable {
            log,
            keys,
            database,
        } = opened.map_err(StartError::Other)?;
        let log_was_there = match &database {
            None => had_file,
            Some(_) => log.head().await.map_err(StartError::of)?.position > Position::ZERO,
        };
        let database = database.as_ref();
        let peppers = peppers(&config.data, database, log_was_there).await?;
        let pepper = peppers.current.clone();
        let openid = openid.map(|provider| OpenId::new(provider, pepper::first(&peppers)));
        let passwords = Passwords::new(pepper::first(&peppers)).map_err(StartError::of)?;
        let live = Arc::new(Live::new(peppers, config.token_prefix.clone()));
        let snapshot = config.data.index_file();
        let begun_at = start_from(log.as_ref(), &live, &snapshot)
            .await
            .map_err(StartError::of)?;
        let snapshots = (config.snapshot_every > 0).then(|| {
            let keys = Arc::clone(&keys);
            Snapshots::spawn(
                Arc::clone(&log),
                Arc::clone(&live),
                snapshot,
                (config.snapshot_every, begun_at),
                move || keys.erasures(),
            )
        });
        let writer = Writer::spawn(
            Arc::clone(&log),
            Arc::clone(&clock),
            WriterLimits::default(),
        );
        let head = match database {
            None => writer.head(),
            Some(database) => spawn_hints(database, writer.head()),
        };
        let follower = Follower::spawn(
            Arc::clone(&log),
            Arc::clone(&live),
            head.clone(),
            crate::clock::steady(),
        );
        let wait_max = Duration::from_millis(u64::from(config.wait_max_ms));
        let memory = Memory::new(
            Arc::clone(&live),
            follower,
            Arc::clone(&clock),
            config.staleness_max_ms,
            wait_max,
        );
        let tables = Tables::open(&config.data.projections_file())
            .await
            .map_err(StartError::of)?;
        let shared_projector = match database {
            Some(database) if config.data.shared_tables => {
                let node = entropy::id(clock()).map_err(StartError::of)?;
                Some(SharedProjector::spawn(
                    Arc::clone(&log),
                    database,
                    TokenId::from_bytes(node).to_string(),
                    head.clone(),
                    Arc::clone(&clock),
                ))
            }
            _ => None,
        };
        let projector =
            Projector::spawn(Arc::clone(&log), tables.clone(), head, Arc::clone(&clock));
        let sessions = Sessions::open(database, &config.data.sessions_file())
            .await
            .map_err(StartError::of)?;
        let usage = Usage::open(database, &config.data.usage_file())
            .await
            .map_err(StartError::of)?;
        let past = side_file::open(&config.data.past_file(), side_file::PAST_SCHEMA)
            .await
            .map_err(StartError::of)?;
        let usage_writer = usage.spawn();
        Ok(Self {
            settings: Settings {
                token_prefix: config.token_prefix.clone(),
                wait_max,
                origins: config.origin.iter().map(|origin| bare(origin)).collect(),
                password_sign_in: config.openid.password_sign_in,
                public_addresses: config.public_addresses.clone(),
                outbound_addresses: config.outbound_addresses.clone(),
            },
            past: Past::new(Arc::clone(&log), Some(past)),
            erasures_seen: AtomicU64::new(keys.erasures()),
            keys,
            log,
            writer,
            live,
            memory: Arc::new(memory),
            snapshots,
            cut_offs: Arc::default(),
            tables,
            projector,
            shared_projector,
            sessions,
            usage,
            usage_writer,
            passwords,
            openid,
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            limits: Limits::new(&config.rate, &Monotonic::start()),
            pepper,
            clock,
        })
    }
}
