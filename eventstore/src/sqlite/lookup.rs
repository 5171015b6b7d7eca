//! Loads what a batch needs to know.

use std::collections::HashMap;
use std::hash::Hash;

use rusqlite::{Connection, params};

use super::read::{claim_holder_of, first, head_of, receipt_of};
use crate::error::LogError;
use crate::plan::{Known, Wanted};
use crate::row;

/// Looks each key up; those that are there come back with what was found.
fn found<K: Copy, N: Eq + Hash, T>(
    keys: impl IntoIterator<Item = K>,
    name: impl Fn(K) -> N,
    look_up: impl Fn(K) -> Result<Option<T>, LogError>,
) -> Result<HashMap<N, T>, LogError> {
    let mut all = HashMap::new();
    for key in keys {
        if let Some(value) = look_up(key)? {
            all.insert(name(key), value);
        }
    }
    Ok(all)
}

/// The caller holds the write lock, so what is read stays true until it commits.
pub(super) fn load(connection: &Connection, wanted: &Wanted<'_>) -> Result<Known, LogError> {
    Ok(Known {
        head: head_of(connection)?,
        streams: found(
            &wanted.streams,
            |stream| *stream,
            |stream| {
                let values = params![stream.account.as_bytes(), stream.kind.number(), stream.id];
                let sql = include_str!("sql/stream_version.sql");
                first(connection, sql, values, |found| {
                    found.map(row::stream_version).transpose()
                })
            },
        )?,
        claims: found(
            &wanted.claims,
            |key| *key,
            |key| claim_holder_of(connection, key),
        )?,
        receipts: found(
            &wanted.receipts,
            |(account, key)| (*account, (*key).to_owned()),
            |(account, key)| receipt_of(connection, *account, key),
        )?,
        events: found(
            &wanted.events,
            |id| *id,
            |id| {
                let sql = include_str!("sql/event_place.sql");
                first(connection, sql, [id.as_bytes()], |found| {
                    found.map(row::placed).transpose()
                })
            },
        )?,
    })
}
