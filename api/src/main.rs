//! Starts the command line.

use std::process::ExitCode;

/// Answers are made on one thread and given back on another all the time, pages of events as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    keyledger::cli::main()
}
