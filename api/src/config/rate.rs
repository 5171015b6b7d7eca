//! Rate limits.

use clap::Args;

/// How many calls are answered in ten seconds; 0 is without limit.
#[derive(Debug, Clone, Args)]
pub struct RateConfig {
    /// Calls of one account in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_ACCOUNT", default_value_t = 20_000)]
    pub rate_account: u32,
    /// Calls of one operation by one account in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_ROUTE", default_value_t = 10_000)]
    pub rate_route: u32,
    /// Calls with one token in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_TOKEN", default_value_t = 10_000)]
    pub rate_token: u32,
    /// Credentials that do not work, from one address in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_FAILURES_PER_IP", default_value_t = 200)]
    pub rate_failures_per_ip: u32,
    /// Attempts to sign in from one address in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_SIGN_INS_PER_IP", default_value_t = 200)]
    pub rate_sign_ins_per_ip: u32,
    /// Attempts to sign in with one e-mail in ten seconds; 0 turns the limit off.
    #[arg(long, env = "KEYLEDGER_RATE_SIGN_INS_PER_EMAIL", default_value_t = 10)]
    pub rate_sign_ins_per_email: u32,
}
