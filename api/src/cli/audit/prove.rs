//! `keyledger audit prove` and `verify-proof`: one event, without the others.

use std::path::PathBuf;

use clap::Args;
use keyledger_eventstore::chain::{self, LOG, Link};
use keyledger_eventstore::checkpoint::{Checkpoint, VerifierKey, hex, unhex};
use keyledger_eventstore::export::{LINE_BYTES_MAX, event_line, read_event};
use keyledger_eventstore::merkle::{Hash, TILE_LEAVES, Tree, leaf_hash, verify_inclusion};
use keyledger_eventstore::{EventLog, Position, StoredEvent};
use serde::{Deserialize, Serialize};

use super::checkpoint::Signing;
use super::{text, verify, walk};

/// A proof that an event is in a log, as it travels: `docs/log-format.md` describes it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    /// The signed checkpoint.
    checkpoint: String,
    /// The event's line, as it is exported.
    record: String,
    /// The hash of the event before it, or the genesis.
    previous: String,
    /// The hashes beside the way to the root, in hex, from the leaf upwards.
    proof: Vec<String>,
}

/// Which event.
#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    #[command(flatten)]
    signing: Signing,
    /// The event's position.
    position: i64,
}

async fn range(log: &dyn EventLog, first: i64, last: i64) -> Result<Vec<StoredEvent>, String> {
    let (first, last) = (Position::new(first), Position::new(last));
    log.read_range(first, last).await.map_err(text)
}

/// Prints a proof of one event under a new checkpoint.
pub(super) async fn run(args: &ProveArgs) -> Result<(), String> {
    let log = args.signing.log().await?;
    let head = log.head().await.map_err(text)?.position;
    let position = args.position;
    if position < 1 || position > head.get() {
        return Err(format!(
            "there is no position {position}; the last one is {head}"
        ));
    }
    let (tree, checkpoint) = walk::checkpoint(log.as_ref(), head).await?;
    let index = usize::try_from(position - 1).map_err(text)?;
    let tile_first = i64::try_from(Tree::tile_of(index) * TILE_LEAVES).map_err(text)?;
    let tile_last = (tile_first + i64::try_from(TILE_LEAVES).map_err(text)?).min(head.get());
    let tile = range(log.as_ref(), tile_first + 1, tile_last).await?;
    let leaves: Vec<Hash> = tile.iter().map(|event| leaf_hash(&event.hash)).collect();
    let proof = tree.inclusion(index, &leaves).map_err(text)?;
    let near = range(log.as_ref(), position - 1, position).await?;
    let event = near.last().ok_or("the event is gone")?;
    let previous = match near.first() {
        Some(before) if before.position < event.position => before.hash,
        _ => chain::genesis(LOG),
    };
    let key = args.signing.key(&checkpoint.origin)?;
    let file = ProofFile {
        checkpoint: checkpoint.sign(&key),
        record: event_line(event),
        previous: hex(&previous),
        proof: proof.iter().map(|hash| hex(hash)).collect(),
    };
    println!("{}", serde_json::to_string_pretty(&file).map_err(text)?);
    Ok(())
}

/// What is verified.
#[derive(Debug, Args)]
pub(super) struct VerifyProofArgs {
    /// The proof.
    file: PathBuf,
    /// The public key, as `keyledger audit public-key` prints it.
    #[arg(long)]
    public_key: String,
}

/// Verifies a proof offline.
pub(super) fn verify_proof(args: &VerifyProofArgs) -> Result<(), String> {
    let key = VerifierKey::parse(&args.public_key);
    let key = key.map_err(|error| format!("--public-key: {error}"))?;
    let read = verify::read_text(&args.file, 2 * LINE_BYTES_MAX)?;
    let file: ProofFile =
        serde_json::from_str(&read).map_err(|error| format!("this is no proof: {error}"))?;
    let checkpoint = Checkpoint::open(&file.checkpoint, &key).map_err(text)?;
    let event = read_event(&file.record).map_err(|error| format!("the record: {error}"))?;
    let previous = unhex::<32>(&file.previous).ok_or("previous: is no hash")?;
    if chain::hash(&previous, &Link::from(&event)) != event.hash {
        return Err("the record is not what was hashed".to_owned());
    }
    let proof = file.proof.iter().map(|hash| unhex::<32>(hash));
    let proof: Option<Vec<Hash>> = proof.collect();
    let proof = proof.ok_or("proof: is not of hashes")?;
    let index = u64::try_from(event.position.get() - 1).map_err(text)?;
    let leaf = leaf_hash(&event.hash);
    verify_inclusion(&leaf, index, checkpoint.size, &proof, &checkpoint.root).map_err(text)?;
    println!("log      {}", checkpoint.origin);
    println!("position {} of {}", event.position, checkpoint.size);
    println!("event    {}", event.event_type);
    println!("the event is in the log, as its key vouches");
    Ok(())
}
