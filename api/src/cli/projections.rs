//! `keyledger projections`: what is computed from the log, for analysts.

mod dictionary;
mod rebuild;

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
    /// Compute the SQL tables anew beside those that are in use, then put them in their place.
    ///
    /// A server that is running goes on with commands and lists, and takes the new tables over by itself.
    /// Interrupted, it goes on where it ended when it is called again.
    Rebuild(rebuild::RebuildArgs),
}

pub(super) async fn run(args: &ProjectionsArgs) -> Result<(), String> {
    match &args.command {
        ProjectionsCmd::Dictionary => dictionary::run().await,
        ProjectionsCmd::Rebuild(args) => rebuild::run(args).await,
    }
}
