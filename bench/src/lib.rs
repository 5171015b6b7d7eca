//! What the benchmarks share: a load generator, processes on cores of their own, tokens to ask about.

pub mod load;
pub mod revocation;
pub mod servers;
pub mod tokens;
