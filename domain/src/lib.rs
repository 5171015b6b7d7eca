//! The rules of Keyledger, and nothing else: no I/O, no async, no clock, no randomness.

pub mod ids;
