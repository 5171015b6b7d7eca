//! One transaction for a batch: lock, look up, decide, write, commit.

use std::collections::HashSet;
use std::sync::Arc;

use keyledger_domain::ids::StreamRef;
use rusqlite::{Connection, Params, params};

use super::read::prepared;
use super::{fault, lookup};
use crate::connections::Connections;
use crate::error::{LogError, Refused};
use crate::limits;
use crate::model::{Append, Appended, Position};
use crate::plan::{Plan, Wanted};
use crate::recent::Recent;

type Answers = Vec<Result<Appended, Refused>>;

pub(super) async fn append(
    writer: &Connections,
    recent: &Arc<Recent>,
    batch: &[Append],
    now_ms: i64,
) -> Result<Answers, LogError> {
    limits::check_batch(batch)?;
    // The thread that writes it has it for itself.
    let batch = batch.to_vec();
    let recent = Arc::clone(recent);
    let work = writer.run(move |connection| transact(connection, &recent, &batch, now_ms));
    work.await
}

fn transact(
    connection: &Connection,
    recent: &Recent,
    batch: &[Append],
    now_ms: i64,
) -> Result<Answers, LogError> {
    // IMMEDIATE is the lock on the head. A transaction that began by reading could not become a
    // writing one after another process wrote: it would fail however long it waits.
    execute(connection, "BEGIN IMMEDIATE", [])?;
    let known = lookup::load(connection, &Wanted::of(batch))?;
    let mut plan = Plan::new(known, now_ms);
    let answers = batch.iter().map(|request| plan.admit(request)).collect();
    if plan.events.is_empty() {
        // Nothing was written, whether or not this is answered.
        execute(connection, "ROLLBACK", [])?;
        return Ok(answers);
    }
    write(connection, &plan)?;
    let commit = connection.prepare_cached("COMMIT");
    let committed = commit.and_then(|mut commit| commit.execute([]));
    committed.map_err(fault::of_commit)?;
    recent.add(plan.stored());
    Ok(answers)
}

/// Runs a statement and says how many rows it changed.
fn execute(connection: &Connection, sql: &str, values: impl Params) -> Result<usize, LogError> {
    let mut statement = prepared(connection, sql)?;
    statement.execute(values).map_err(fault::of)
}

fn write(connection: &Connection, plan: &Plan<'_>) -> Result<(), LogError> {
    events(connection, plan)?;
    streams(connection, plan)?;
    receipts(connection, plan)?;
    claims(connection, plan)?;
    let head = plan.head();
    let values = params![
        head.position.get(),
        head.hash,
        head.recorded_at_ms,
        plan.before().get()
    ];
    let moved = execute(connection, include_str!("sql/move_head.sql"), values)?;
    one(moved, "log_head.position")
}

fn events(connection: &Connection, plan: &Plan<'_>) -> Result<(), LogError> {
    let mut insert = prepared(connection, include_str!("sql/insert_event.sql"))?;
    for planned in &plan.events {
        let event = planned.event;
        let values = params![
            planned.position.get(),
            event.id.as_bytes(),
            event.stream.account.as_bytes(),
            event.stream.kind.number(),
            event.stream.id,
            planned.version,
            event.event_type,
            event.schema_version,
            plan.recorded_at_ms(),
            event.payload,
            event.metadata,
            planned.hash,
        ];
        insert.execute(values).map_err(fault::of)?;
    }
    Ok(())
}

fn streams(connection: &Connection, plan: &Plan<'_>) -> Result<(), LogError> {
    // One statement that inserts or updates would keep pages aside, since it may change more than one row.
    let mut insert = prepared(connection, include_str!("sql/insert_stream.sql"))?;
    let mut move_on = prepared(connection, include_str!("sql/move_stream.sql"))?;
    let begun = plan.events.iter().filter(|planned| planned.version == 1);
    let begun: HashSet<StreamRef> = begun.map(|planned| planned.event.stream).collect();
    for (stream, version) in &plan.streams {
        let account = stream.account.as_bytes();
        let values = params![account, stream.kind.number(), stream.id, version];
        let changed = match begun.contains(stream) {
            true => insert.execute(values),
            false => move_on.execute(values),
        };
        one(changed.map_err(fault::of)?, "stream.version")?;
    }
    Ok(())
}

/// Whether a statement changed the row that the lock keeps as it was found.
fn one(changed: usize, place: &'static str) -> Result<(), LogError> {
    match changed {
        1 => Ok(()),
        _ => Err(LogError::Corrupt {
            position: Position::ZERO,
            place,
            reason: format!("{changed} rows moved under the lock"),
        }),
    }
}

fn receipts(connection: &Connection, plan: &Plan<'_>) -> Result<(), LogError> {
    for (key, receipt) in &plan.receipts {
        let values = params![
            key.account.as_bytes(),
            key.key,
            receipt.fingerprint,
            receipt.first_position.get(),
            receipt.last_position.get(),
            receipt.recorded_at_ms,
        ];
        execute(connection, include_str!("sql/insert_receipt.sql"), values)?;
    }
    Ok(())
}

fn claims(connection: &Connection, plan: &Plan<'_>) -> Result<(), LogError> {
    for (key, holder) in &plan.claims {
        match holder {
            Some(holder) => {
                let account = holder.account.as_bytes();
                let values = params![key, account, holder.kind.number(), holder.id];
                execute(connection, include_str!("sql/upsert_claim.sql"), values)?;
            }
            None => {
                execute(connection, include_str!("sql/delete_claim.sql"), [key])?;
            }
        }
    }
    Ok(())
}
