//! The command line: one binary, several roles.

mod account;
mod audit;
mod export;
mod member;
mod migrate;
mod openapi;
mod operator;
mod projections;
mod replay;
mod serve;
mod sidecar;
mod token;
mod verify_log;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{ServeConfig, SidecarConfig};

/// A self-hosted access-token service with an append-only event log.
#[derive(Debug, Parser)]
#[command(name = "keyledger", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Cmd>,
    #[command(flatten)]
    serve: ServeConfig,
}

#[derive(Debug, Subcommand)]
enum Cmd {
    /// Serve REST (the default). The first start makes the data folder and prints the owner's token.
    Serve(Box<ServeConfig>),
    /// Answer decisions beside a service, fed by a server.
    Sidecar(Box<SidecarConfig>),
    /// Print the OpenAPI document.
    Openapi,
    /// Fold the log and print the state, with each token's effective permission.
    Replay(replay::ReplayArgs),
    /// Make further accounts, list them, change their plans.
    Account(account::AccountArgs),
    /// Invite members, and make new links for them.
    Member(member::MemberArgs),
    /// Make another token for an owner who lost the first one.
    Token(token::TokenArgs),
    /// Ask what an auditor asks: why, and what changed.
    Audit(audit::AuditArgs),
    /// Write the SQL tables as files for other tools.
    Export(export::ExportArgs),
    /// What analysts ask about what is computed from the log.
    Projections(projections::ProjectionsArgs),
    /// Make the store's schema, or bring it up to date. The server does so as well where its login may.
    Migrate(migrate::MigrateArgs),
    /// Check the whole log: positions, versions, hash chain.
    VerifyLog(verify_log::VerifyArgs),
}

fn run(cli: Cli) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    match cli.command {
        None => runtime.block_on(serve::run(&cli.serve)),
        Some(Cmd::Serve(config)) => runtime.block_on(serve::run(&config)),
        Some(Cmd::Sidecar(config)) => runtime.block_on(sidecar::run(&config)),
        Some(Cmd::Openapi) => openapi::run(),
        Some(Cmd::Replay(args)) => runtime.block_on(replay::run(&args)),
        Some(Cmd::Account(args)) => runtime.block_on(account::run(&args)),
        Some(Cmd::Member(args)) => runtime.block_on(member::run(&args)),
        Some(Cmd::Token(args)) => runtime.block_on(token::run(&args)),
        Some(Cmd::Audit(args)) => runtime.block_on(audit::run(&args)),
        Some(Cmd::Export(args)) => export::run(&args),
        Some(Cmd::Projections(args)) => runtime.block_on(projections::run(&args)),
        Some(Cmd::Migrate(args)) => runtime.block_on(migrate::run(&args)),
        Some(Cmd::VerifyLog(args)) => runtime.block_on(verify_log::run(&args)),
    }
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("keyledger: {message}");
            ExitCode::FAILURE
        }
    }
}
