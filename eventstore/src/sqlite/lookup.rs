//! Loads what a batch needs to know, in one statement.

use std::fmt::{self, Write};

use keyledger_domain::ids::write_hex;
use sqlx::SqliteConnection;

use super::fault;
use crate::error::LogError;
use crate::plan::{Known, Wanted};

/// Bytes shown as hex, without a string for each.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0, f)
    }
}

/// A JSON array of strings that need no escaping.
fn list<T: fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let mut json = String::from("[");
    for (index, item) in items.enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(json, "{comma}\"{item}\"");
    }
    json.push(']');
    json
}

/// Runs `lookup.sql`. The caller holds the write lock, so what is read stays true until it commits.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    wanted: &Wanted<'_>,
) -> Result<Known, LogError> {
    let streams = wanted.streams.iter().map(|s| {
        // INVARIANT: `lookup.sql` cuts this text at fixed places.
        format!("{}{:02}{}", s.account, s.kind.number(), Hex(&s.id))
    });
    let receipts = wanted
        .receipts
        .iter()
        .map(|(account, key)| format!("{account}{}", Hex(key.as_bytes())));
    let rows = sqlx::query(include_str!("sql/lookup.sql"))
        .bind(list(streams))
        .bind(list(wanted.claims.iter().map(|key| Hex(key))))
        .bind(list(receipts))
        .bind(list(wanted.events.iter()))
        .fetch_all(connection)
        .await
        .map_err(fault::of)?;
    Known::of(&rows)
}
