//! One transaction for a batch: lock, look up, decide, write, commit.

use keyledger_domain::ids::StreamRef;
use sqlx::{Connection, SqliteConnection, SqlitePool};

use super::script::Script;
use super::{fault, lookup};
use crate::error::{LogError, Refused};
use crate::limits;
use crate::model::{Append, Appended, Position};
use crate::plan::{Plan, Wanted};

type Answers = Vec<Result<Appended, Refused>>;

pub(super) async fn append(
    writer: &SqlitePool,
    batch: &[Append],
    now_ms: i64,
) -> Result<Answers, LogError> {
    limits::check_batch(batch)?;
    let mut connection = writer.acquire().await.map_err(fault::of)?;
    let outcome = transact(&mut connection, batch, now_ms).await;
    if outcome.is_err() {
        // SQLite may have rolled back by itself, which the driver does not notice: it would then
        // refuse every further BEGIN on this connection. A new one costs a millisecond.
        connection.close().await.map_err(fault::of_commit).ok();
    }
    outcome
}

async fn transact(
    connection: &mut SqliteConnection,
    batch: &[Append],
    now_ms: i64,
) -> Result<Answers, LogError> {
    // IMMEDIATE is the lock on the head. A transaction that began by reading could not become a
    // writing one after another process wrote: it would fail however long it waits.
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(fault::of)?;
    let known = lookup::load(&mut transaction, &Wanted::of(batch)).await?;
    let mut plan = Plan::new(known, now_ms);
    let answers = batch.iter().map(|request| plan.admit(request)).collect();
    if plan.events.is_empty() {
        // Nothing was written, whether or not this is answered.
        transaction.rollback().await.map_err(fault::of)?;
        return Ok(answers);
    }
    write(&mut transaction, &plan).await?;
    transaction.commit().await.map_err(fault::of_commit)?;
    Ok(answers)
}

fn stream(script: &mut Script, stream: &StreamRef) -> Result<(), LogError> {
    script.value(stream.account.as_bytes().as_slice())?;
    script.value(i64::from(stream.kind.number()))?;
    script.value(stream.id.as_slice())
}

async fn write(connection: &mut SqliteConnection, plan: &Plan<'_>) -> Result<(), LogError> {
    let mut script = Script::default();
    events(&mut script, plan)?;
    let sql = include_str!("sql/upsert_stream.sql");
    script.rows(sql, &plan.streams, |script, (name, version)| {
        stream(script, name)?;
        script.value(*version)
    })?;
    receipts(&mut script, plan)?;
    claims(&mut script, plan)?;
    let head = plan.head();
    script.statement(include_str!("sql/move_head.sql"));
    script.value(head.position.get())?;
    script.value(head.hash.as_slice())?;
    script.value(head.recorded_at_ms)?;
    script.value(plan.before().get())?;
    let moved = script.run(connection).await?;
    if moved.len() != 1 {
        return Err(LogError::Corrupt {
            position: Position::ZERO,
            place: "log_head.position",
            reason: format!("{} heads moved under the lock", moved.len()),
        });
    }
    Ok(())
}

fn events(script: &mut Script, plan: &Plan<'_>) -> Result<(), LogError> {
    let sql = include_str!("sql/insert_event.sql");
    script.rows(sql, &plan.events, |script, planned| {
        let event = planned.event;
        script.value(planned.position.get())?;
        script.value(event.id.as_bytes().as_slice())?;
        stream(script, &event.stream)?;
        script.value(planned.version)?;
        script.value(event.event_type.as_ref())?;
        script.value(i64::from(event.schema_version))?;
        script.value(plan.recorded_at_ms())?;
        script.value(event.payload.as_slice())?;
        script.value(event.metadata.as_slice())?;
        script.value(planned.hash.as_slice())
    })
}

fn receipts(script: &mut Script, plan: &Plan<'_>) -> Result<(), LogError> {
    let sql = include_str!("sql/insert_receipt.sql");
    script.rows(sql, &plan.receipts, |script, (key, receipt)| {
        script.value(key.account.as_bytes().as_slice())?;
        script.value(key.key.as_str())?;
        script.value(receipt.fingerprint.as_slice())?;
        script.value(receipt.first_position.get())?;
        script.value(receipt.last_position.get())?;
        script.value(receipt.recorded_at_ms)
    })
}

fn claims(script: &mut Script, plan: &Plan<'_>) -> Result<(), LogError> {
    let taken = plan.claims.iter().filter_map(|(key, h)| Some((key, (*h)?)));
    let sql = include_str!("sql/upsert_claim.sql");
    script.rows(sql, taken, |script, (key, holder)| {
        script.value(key.as_slice())?;
        stream(script, &holder)
    })?;
    let released = plan.claims.iter().filter(|(_, holder)| holder.is_none());
    let sql = include_str!("sql/delete_claim.sql");
    script.rows(sql, released, |script, (key, _)| {
        script.value(key.as_slice())
    })
}
