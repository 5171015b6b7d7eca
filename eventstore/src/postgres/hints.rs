//! Hints that the log has grown: told to the other nodes after a commit, and heard from them.
//!
//! Nothing relies on a hint. A follower asks the log from time to time anyway; a hint only makes it ask at once.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;

use super::database::{Database, Pooling};
use super::{lease, read};
use crate::model::Position;

const CHANNEL: &str = "keyledger_log";
/// How often the head is asked for where hints cannot be heard.
const ASK: Duration = Duration::from_millis(20);
/// After this long without a hint the connection is tried: it may have been cut without a word.
const SILENCE: Duration = Duration::from_secs(10);
/// The pause before a lost connection is made again.
const PAUSE: Duration = Duration::from_millis(500);

fn raise(heard: &watch::Sender<Position>, position: Position) {
    heard.send_if_modified(|known| {
        let forward = position > *known;
        *known = position.max(*known);
        forward
    });
}

/// Tells the other nodes of `own`, what this node's writer committed, and gives back the farthest position that is known
/// to be committed by any node. It ends when nobody looks at that any more.
#[must_use]
pub fn spawn(database: &Database, own: watch::Receiver<Position>) -> watch::Receiver<Position> {
    let (heard, hints) = watch::channel(*own.borrow());
    let others = heard.clone();
    tokio::spawn(until_unwanted(
        heard.clone(),
        pass_on(own.clone(), heard.clone()),
    ));
    tokio::spawn(until_unwanted(heard.clone(), tell(database.clone(), own)));
    let database = database.clone();
    match database.pooling {
        Pooling::Session => tokio::spawn(until_unwanted(heard, listen(database, others))),
        Pooling::Transaction => tokio::spawn(until_unwanted(heard, ask(database, others))),
    };
    hints
}

async fn until_unwanted(heard: watch::Sender<Position>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = heard.closed() => {}
        () = work => {}
    }
}

/// What this node committed is a hint to itself as well.
async fn pass_on(mut own: watch::Receiver<Position>, heard: watch::Sender<Position>) {
    while own.changed().await.is_ok() {
        raise(&heard, *own.borrow_and_update());
    }
}

/// Tells the last commit, one message at a time: what is committed meanwhile goes with the next one. Not within the
/// append's transaction, where NOTIFY would take a lock over all databases of the server.
async fn tell(database: Database, mut own: watch::Receiver<Position>) {
    while own.changed().await.is_ok() {
        let position = *own.borrow_and_update();
        let statement = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(position.to_string());
        let told = lease::read((&database.readers, database.pooling), statement).await;
        if let Err(error) = told {
            tracing::debug!(%error, "a hint was not sent; the other nodes find out by asking");
        }
    }
}

async fn listen(database: Database, heard: watch::Sender<Position>) {
    loop {
        if let Err(error) = hear(&database, &heard).await {
            tracing::warn!(%error, "hints of other nodes are not heard; the log is asked every 250 ms");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(database: &Database, heard: &watch::Sender<Position>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&database.readers).await?;
    listener.listen(CHANNEL).await?;
    // What was told before this listened is heard of by asking once.
    if let Ok(head) = read::head(database).await {
        raise(heard, head.position);
    }
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(notification) => {
                // None: the connection was lost.
                let Some(notification) = notification? else {
                    return Ok(());
                };
                if let Ok(position) = notification.payload().parse() {
                    raise(heard, Position::new(position));
                }
            }
            Err(_silent) => {
                let alive = sqlx::query("SELECT 1").execute(&mut listener);
                let late = |_| sqlx::Error::PoolTimedOut;
                tokio::time::timeout(SILENCE, alive).await.map_err(late)??;
            }
        }
    }
}

async fn ask(database: Database, heard: watch::Sender<Position>) {
    loop {
        match read::head(&database).await {
            Ok(head) => {
                raise(&heard, head.position);
                tokio::time::sleep(ASK).await;
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}
