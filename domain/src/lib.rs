//! The rules of Keyledger, and nothing else: no I/O, no async, no clock, no randomness.
//!
//! Read in this order: [`policy`] (the language), [`role`] (the built-in roles in it), [`permission`]
//! (how policies combine), [`state`] (what the events add up to), [`command`] (what may be asked for)
//! and [`event`] (what is kept). `docs/architecture.md` walks a request through them.

pub mod actor;
pub mod claim;
pub mod command;
pub mod containment;
pub mod difference;
pub mod event;
pub mod grant;
pub mod ids;
pub mod permission;
pub mod plan;
pub mod policy;
pub mod rejection;
pub mod role;
pub mod scope;
pub mod secret;
pub mod state;
