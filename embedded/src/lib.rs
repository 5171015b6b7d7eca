//! Decisions of a Keyledger server in a service's own process.
//!
//! A [`Decider`] holds the server's access index in memory and is fed by the server's log, event by event, with the same
//! check of the chain and the same staleness ceiling. It answers in the time of a hash, without a network, and answers
//! nothing once it has not heard from the server for too long. Nothing is cached: what the log says is what is answered.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use keyledger_embedded::{Config, Decider, pepper_file};
//!
//! let peppers = pepper_file::load("/etc/keyledger/pepper".as_ref())?;
//! let decider = Decider::connect(Config::new("https://tokens.acme.example", peppers)).await?;
//! let decision = decider.decide("api-…", "updateOn", "proj/web:env/production:flag/dark-mode")?;
//! if !decision.allowed() {
//!     println!("{}", decision.reason().word());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Who has the peppers and the feed can check guesses of secrets and sees every digest: treat a host that embeds it like
//! the server itself.

mod config;
mod decider;
mod feed;
mod hints;
pub mod pepper_file;
mod remote_log;
mod uses;

pub use config::Config;
pub use decider::{ConnectError, DecideError, Decider};
pub use feed::{EVENTS_PATH, FeedError, HEAD_PATH, USES_PATH, credential};
pub use uses::{USES_MAX, Use, Uses};

pub use keyledger_projections::{Holder, Judged, Reason};
