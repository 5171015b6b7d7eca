//! Which decisions are written down.

use clap::Args;

/// Which decisions are written to `decisions.db`.
#[derive(Debug, Clone, Args)]
pub struct DecisionLogConfig {
    /// The part of allowed decisions that is written, from 0 (none) to 1 (all).
    #[arg(long, env = "KEYLEDGER_DECISION_LOG_ALLOWED", default_value = "0", value_parser = part)]
    pub decision_log_allowed: Part,
    /// The part of refused decisions that is written, from 0 (none) to 1 (all).
    #[arg(long, env = "KEYLEDGER_DECISION_LOG_DENIED", default_value = "0", value_parser = part)]
    pub decision_log_denied: Part,
    /// How many decisions are kept; the oldest go first.
    #[arg(
        long,
        env = "KEYLEDGER_DECISION_LOG_ROWS_MAX",
        default_value_t = 10_000_000
    )]
    pub decision_log_rows_max: u32,
}

/// A part of a whole, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part(pub u32);

/// All of it.
pub const WHOLE: u32 = 1_000_000;

fn part(text: &str) -> Result<Part, String> {
    let wrong = || format!("{text:?} is no number from 0 to 1");
    let number: f64 = text.parse().map_err(|_| wrong())?;
    if !(0.0..=1.0).contains(&number) {
        return Err(wrong());
    }
    let millionths = format!("{:.0}", number * f64::from(WHOLE));
    millionths.parse().map(Part).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_from_nothing_to_all() {
        for (text, millionths) in [("0", 0), ("1", WHOLE), ("0.01", 10_000), ("1e-6", 1)] {
            assert_eq!(part(text), Ok(Part(millionths)));
        }
        for text in ["", "x", "-0.1", "1.01", "NaN"] {
            assert!(part(text).is_err(), "{text}");
        }
    }
}
