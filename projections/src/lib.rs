//! What is computed from the log and can be computed again at any time.
//!
//! Two projections follow the log, each with a cursor of its own:
//!
//! - [`Live`], the access index: members, roles and every token in memory. It answers decisions with no
//!   I/O and no allocation. A [`Follower`] keeps it up with the log.
//! - [`Tables`], the SQL tables for lists and for analysts, in a SQLite file of their own. A
//!   [`Projector`] keeps them up with the log. Where nodes share a database, one of them fills the same tables there
//!   ([`SharedProjector`]).
//!
//! Both check that positions are dense and that the hash chain continues, and both stop at an event that
//! they do not know: what they would answer without it could be wrong.
//!
//! Effective permission is computed at the moment of the question, never stored for each token. So a
//! member's demotion or a role's edit costs the same whether one token hangs on it or a million.

mod affected;
mod decode;
mod dictionary;
mod follower;
mod live;
mod memory;
mod parquet;
mod past;
mod snapshot;
mod tables;

pub use affected::{Affected, affected};
pub use decode::decode_content;
pub use dictionary::{DataFile, DictionaryError, dictionary, projection_steps};
pub use follower::{FollowError, Follower, FollowerHandle, catch_up};
pub use live::{
    ApplyError, Asked, AuthFailure, Caller, DecideFailure, Holder, Judged, Live, Moment, Named,
    Peppers, Reason, ScopeKind, SnapshotError,
};
pub use memory::Memory;
pub use parquet::{Exported, ParquetError, export_parquet};
pub use past::{At, Changes, Past, PastError, PastEvent, Question, Step, TokenChange, Trail};
pub use snapshot::{
    SnapshotFileError, Snapshots, discard as discard_snapshot, keep as keep_snapshot, start_from,
};
pub use tables::{
    AuditRange, AuditRow, AuditToken, EffectiveRow, Page, Projector, ProjectorHandle, Rebuild,
    SHARED_STEPS, SharedProjector, SharedProjectorHandle, Tables, TablesError, TokenFilter,
    TokenRow, TokenSearch, TokenSort, catch_up as catch_up_tables, catch_up_shared,
};
