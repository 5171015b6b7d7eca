//! One transaction for a batch: lock, look up, decide, write, commit. Four messages, whatever the batch.

use keyledger_domain::ids::StreamRef;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{Postgres, query};

use super::database::Database;
use super::fault;
use super::lease::Lease;
use crate::error::{LogError, Refused};
use crate::limits;
use crate::model::{Append, Appended, Position};
use crate::plan::{Known, Plan, Wanted};
use crate::recent::Recent;

type Statement = Query<'static, Postgres, PgArguments>;
type Answers = Vec<Result<Appended, Refused>>;

pub(super) async fn append(
    database: &Database,
    recent: &Recent,
    batch: &[Append],
    now_ms: i64,
) -> Result<Answers, LogError> {
    limits::check_batch(batch)?;
    let lease = Lease::take(&database.writers, database.pooling).await;
    let mut lease = lease.map_err(fault::of_append)?;
    // Whatever fails from here on closes the connection, and the server rolls back.
    let begun = lease.run(include_str!("sql/begin.sql")).await;
    begun.map_err(fault::of_append)?;
    let rows = lease.rows(lookup(&Wanted::of(batch))).await;
    let known = Known::of(&rows.map_err(fault::of_append)?)?;
    let mut plan = Plan::new(known, now_ms);
    let answers = batch.iter().map(|request| plan.admit(request)).collect();
    if plan.events.is_empty() {
        // Nothing was written, whether or not this is answered.
        lease.run("ROLLBACK").await.map_err(fault::of_append)?;
        lease.give_back();
        return Ok(answers);
    }
    let moved = lease.rows(write(&plan)).await.map_err(fault::of_append)?;
    if moved.len() != 1 {
        return Err(LogError::Corrupt {
            position: Position::ZERO,
            place: "log_head.position",
            reason: format!("{} heads moved under the lock", moved.len()),
        });
    }
    lease.run("COMMIT").await.map_err(fault::of_commit)?;
    recent.add(plan.stored());
    lease.give_back();
    Ok(answers)
}

/// The columns of streams, as arrays.
#[derive(Default)]
struct Streams {
    accounts: Vec<Vec<u8>>,
    kinds: Vec<i64>,
    ids: Vec<Vec<u8>>,
}

impl<'a> FromIterator<&'a StreamRef> for Streams {
    fn from_iter<I: IntoIterator<Item = &'a StreamRef>>(streams: I) -> Self {
        let mut columns = Self::default();
        for stream in streams {
            columns.accounts.push(stream.account.as_bytes().to_vec());
            columns.kinds.push(i64::from(stream.kind.number()));
            columns.ids.push(stream.id.to_vec());
        }
        columns
    }
}

impl Streams {
    fn bind_to(self, statement: Statement) -> Statement {
        let statement = statement.bind(self.accounts).bind(self.kinds);
        statement.bind(self.ids)
    }
}

fn column<T, U>(items: impl IntoIterator<Item = T>, cell: impl Fn(T) -> U) -> Vec<U> {
    items.into_iter().map(cell).collect()
}

fn lookup(wanted: &Wanted<'_>) -> Statement {
    let streams: Streams = wanted.streams.iter().collect();
    streams
        .bind_to(query(include_str!("sql/lookup.sql")))
        .bind(column(&wanted.claims, |key| key.to_vec()))
        .bind(column(&wanted.receipts, |(account, _)| {
            account.as_bytes().to_vec()
        }))
        .bind(column(&wanted.receipts, |(_, key)| (*key).to_owned()))
        .bind(column(&wanted.events, |id| id.as_bytes().to_vec()))
}

/// `write.sql` with its values, in the order of its numbers.
fn write(plan: &Plan<'_>) -> Statement {
    let head = plan.head();
    let statement = query(include_str!("sql/write.sql"))
        .bind(head.position.get())
        .bind(head.hash.to_vec())
        .bind(plan.recorded_at_ms())
        .bind(plan.before().get());
    let statement = events(plan, statement);
    let streams: Streams = plan.streams.keys().collect();
    let statement = streams.bind_to(statement);
    let statement = statement.bind(column(plan.streams.values(), |version| *version));
    let statement = receipts(plan, statement);
    let taken = plan.claims.iter();
    let taken = taken.filter_map(|(key, holder)| Some((key.to_vec(), (*holder)?)));
    let (keys, holders): (Vec<Vec<u8>>, Vec<StreamRef>) = taken.unzip();
    let statement = statement.bind(keys);
    let streams: Streams = holders.iter().collect();
    let released = plan.claims.iter().filter(|(_, holder)| holder.is_none());
    streams
        .bind_to(statement)
        .bind(column(released, |(key, _)| key.to_vec()))
}

fn events(plan: &Plan<'_>, statement: Statement) -> Statement {
    let all = &plan.events;
    let streams: Streams = all.iter().map(|planned| &planned.event.stream).collect();
    let statement = statement
        .bind(column(all, |planned| planned.position.get()))
        .bind(column(all, |planned| planned.event.id.as_bytes().to_vec()));
    streams
        .bind_to(statement)
        .bind(column(all, |planned| planned.version))
        .bind(column(all, |planned| {
            planned.event.event_type.clone().into_owned()
        }))
        .bind(column(all, |planned| {
            i32::from(planned.event.schema_version)
        }))
        .bind(column(all, |planned| planned.event.payload.clone()))
        .bind(column(all, |planned| planned.event.metadata.clone()))
        .bind(column(all, |planned| planned.hash.to_vec()))
}

fn receipts(plan: &Plan<'_>, statement: Statement) -> Statement {
    let all = &plan.receipts;
    statement
        .bind(column(all, |(key, _)| key.account.as_bytes().to_vec()))
        .bind(column(all, |(key, _)| key.key.clone()))
        .bind(column(all, |(_, receipt)| receipt.fingerprint.to_vec()))
        .bind(column(all, |(_, receipt)| receipt.first_position.get()))
        .bind(column(all, |(_, receipt)| receipt.last_position.get()))
}
