//! `keyledger projections`: what is computed from the log, for analysts.

mod dictionary;

use clap::{Args, Subcommand};

/// What is done with the projections.
#[derive(Debug, Args)]
pub(super) struct ProjectionsArgs {
    #[command(subcommand)]
    command: ProjectionsCmd,
}

#[derive(Debug, Subcommand)]
enum ProjectionsCmd {
    /// Print the data dictionary.
    Dictionary,
}

pub(super) async fn run(args: &ProjectionsArgs) -> Result<(), String> {
    match &args.command {
        ProjectionsCmd::Dictionary => dictionary::run().await,
    }
}
