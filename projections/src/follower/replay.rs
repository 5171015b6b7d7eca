//! From wherever the index is to the end of the log, on all cores.
//!
//! Three workers hand pages on: one reads, one checks the chain and decodes, one applies. None of the three takes
//! even half of the time of all, so two cores are busy.

use std::sync::Arc;

use keyledger_domain::event::Event;
use keyledger_eventstore::{ChainCheck, EventLog, LogError, StoredEvent};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{FollowError, PAGE, SLICE, retry};
use crate::live::Live;

/// Pages that wait between two workers.
const WAITING_MAX: usize = 2;

/// The sound events of a page, and why they are not all of it.
struct Decoded {
    events: Vec<(StoredEvent, Event)>,
    outcome: Result<(), FollowError>,
}

/// Brings `live` up to the end of the log: at start, and wherever there is no follower.
///
/// # Errors
/// When the log cannot be read or holds what cannot follow. Everything before it is applied.
pub async fn catch_up(log: &dyn EventLog, live: &Arc<Live>) -> Result<(), FollowError> {
    let (pages, to_decode) = channel(WAITING_MAX);
    let (decoded, to_apply) = channel(WAITING_MAX);
    let check = live.checkpoint();
    let decoding = tokio::task::spawn_blocking(move || decode(check, to_decode, &decoded));
    let target = Arc::clone(live);
    let applying = tokio::task::spawn_blocking(move || apply(&target, to_apply));
    let read = read(log, check, pages).await;
    let ended = |error: tokio::task::JoinError| {
        // A blocking task neither panics nor is cancelled but with the whole runtime.
        FollowError::Log(LogError::Unavailable(Box::new(error)))
    };
    decoding.await.map_err(ended)?;
    applying.await.map_err(ended)??;
    read
}

/// Reads pages until the end of the log, or until nobody takes them any more, which has its own error.
async fn read(
    log: &dyn EventLog,
    from: ChainCheck,
    pages: Sender<Vec<StoredEvent>>,
) -> Result<(), FollowError> {
    let mut after = from.position;
    loop {
        let page = retry(|| log.read(after, PAGE)).await?;
        let full = page.len() >= PAGE as usize;
        after = page.last().map_or(after, |last| last.position);
        if pages.send(page).await.is_err() || !full {
            return Ok(());
        }
    }
}

fn decode(mut check: ChainCheck, mut pages: Receiver<Vec<StoredEvent>>, to: &Sender<Decoded>) {
    while let Some(page) = pages.blocking_recv() {
        let mut events = Vec::with_capacity(page.len());
        let mut outcome = Ok(());
        for stored in page {
            let sound = check.check(&stored).map_err(FollowError::ChainBroken);
            match sound.and_then(|()| Ok(crate::decode::decode(&stored)?)) {
                Ok(event) => events.push((stored, event)),
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        let failed = outcome.is_err();
        if to.blocking_send(Decoded { events, outcome }).is_err() || failed {
            return;
        }
    }
}

fn apply(live: &Live, mut pages: Receiver<Decoded>) -> Result<(), FollowError> {
    while let Some(page) = pages.blocking_recv() {
        for slice in page.events.chunks(SLICE) {
            live.apply_decoded(slice)?;
        }
        page.outcome?;
    }
    Ok(())
}
