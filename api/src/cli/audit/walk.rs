//! The whole log, checked on the way, for what is signed or exported.

use keyledger_eventstore::checkpoint::{Checkpoint, origin};
use keyledger_eventstore::merkle::Tree;
use keyledger_eventstore::{ChainCheck, EventLog, Position, StoredEvent};

use super::text;

/// How many events are read at a time.
const PAGE: u32 = 5_000;

/// Reads events up to a position, checks that they continue the chain, and calls `f` with each.
pub(super) async fn walk(
    log: &dyn EventLog,
    up_to: Position,
    mut f: impl FnMut(&StoredEvent) -> Result<(), String>,
) -> Result<(), String> {
    let mut check = ChainCheck::genesis();
    while check.position < up_to {
        let page = log.read(check.position, PAGE).await.map_err(text)?;
        if page.is_empty() {
            return Err(format!("position {} is missing", check.position.next()));
        }
        for event in page.iter().take_while(|event| event.position <= up_to) {
            check.check(event).map_err(text)?;
            f(event)?;
        }
    }
    Ok(())
}

/// The tree and the checkpoint of the log at a position. Nothing is vouched for that was not checked.
pub(super) async fn checkpoint(
    log: &dyn EventLog,
    up_to: Position,
) -> Result<(Tree, Checkpoint), String> {
    let mut tree = Tree::default();
    let (mut first, mut last) = (None, None);
    walk(log, up_to, |event| {
        tree.push(&event.hash);
        first.get_or_insert(event.hash);
        last = Some((event.hash, event.recorded_at_ms));
        Ok(())
    })
    .await?;
    let (Some(first), Some((chain, recorded_at_ms))) = (first, last) else {
        return Err("the log is empty: there is nothing to vouch for".to_owned());
    };
    let checkpoint = Checkpoint {
        origin: origin(&first),
        size: tree.len() as u64,
        root: tree.root(),
        chain,
        recorded_at_ms,
    };
    Ok((tree, checkpoint))
}
