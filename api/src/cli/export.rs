//! `keyledger export`: what is computed from the log, for other tools.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use keyledger_projections::export_parquet;

use crate::config::DataConfig;

/// What is exported.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(subcommand)]
    command: ExportCmd,
}

#[derive(Debug, Subcommand)]
enum ExportCmd {
    /// Write the SQL tables and views as Parquet files, all of one moment, also beside a running server.
    Parquet(ParquetArgs),
}

/// Options of `keyledger export parquet`.
#[derive(Debug, Args)]
struct ParquetArgs {
    #[command(flatten)]
    data: DataConfig,
    /// The folder, which is made if it is missing. Files that are there already are not overwritten.
    folder: PathBuf,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), String> {
    let ExportCmd::Parquet(args) = &args.command;
    std::fs::create_dir_all(&args.folder)
        .map_err(|error| format!("{}: {error}", args.folder.display()))?;
    let (position, files) = export_parquet(&args.data.projections_file(), &args.folder)
        .map_err(|error| error.to_string())?;
    for file in files {
        println!("{}.parquet: {} rows", file.name, file.rows);
    }
    println!("as of position {position}");
    Ok(())
}
