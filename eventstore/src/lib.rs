//! The append-only event log: what the service knows, in the order in which it learned it.
//!
//! A command in motion: the caller decides events, hands an [`Append`] to the [`WriterHandle`],
//! the [`Writer`] takes whatever queued while its last commit ran and gives it to an
//! [`EventLog`] as one transaction; followers then read by position and re-derive the hash chain
//! with [`ChainCheck`].
//!
//! Truths that every engine keeps and every reader may rely on:
//!
//! - positions are dense from 1 and follow commit order, so `position > last` misses nothing;
//! - versions are dense from 1 within a stream;
//! - `recorded_at_ms` never goes back, so "as of a time" is "as of a position";
//! - an event's hash covers its bytes and its predecessor's hash ([`chain`]);
//! - a request is applied wholly or not at all, and a refused one never fails its neighbours;
//! - appending is idempotent by event id, which settles a commit whose reply was lost.
//!
//! There is no clock and no randomness here: times and ids come in as parameters.

pub mod chain;
pub mod checkpoint;
pub mod connections;
mod error;
pub mod export;
pub mod limits;
mod log;
mod memory;
pub mod merkle;
mod model;
mod plan;
pub mod postgres;
mod recent;
mod row;
mod sqlite;
mod steps;
mod verify;
pub mod wire;
mod writer;

pub use chain::ChainCheck;
pub use error::{AppendError, LogError, Refused, SourceError};
pub use log::EventLog;
pub use memory::MemoryLog;
pub use model::{
    Append, Appended, Claim, ClaimChange, Expect, Head, NewEvent, Position, Receipt, ReceiptKey,
    StoredEvent,
};
pub use postgres::PostgresLog;
pub use recent::Recent;
pub use sqlite::{Durability, SqliteLog};
pub use verify::{Verified, VerifyError, verify};
pub use writer::{Clock, Writer, WriterHandle, WriterLimits};
