//! Word of new events as soon as there are any. A lost hint costs a quarter of a second: the follower looks by itself.

use std::time::Duration;

use keyledger_eventstore::Position;
use tokio::sync::watch;

use crate::feed::Feed;

/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(250);

/// Tells `head` of the end of the server's log, for as long as somebody listens.
pub(crate) async fn follow(feed: Feed, head: watch::Sender<Position>) {
    while !head.is_closed() {
        let known = *head.borrow();
        match feed.head(Some(known)).await {
            Ok(found) if found.position > known.get() => {
                head.send_replace(Position::new(found.position));
            }
            // The server waited, and there is nothing new.
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "no word from the feed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}
