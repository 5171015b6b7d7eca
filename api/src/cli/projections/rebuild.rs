//! `keyledger projections rebuild`.

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keyledger_eventstore::{EventLog as _, Position};
use keyledger_projections::Rebuild;

use crate::config::DataConfig;
use crate::sealed_log::SealedLog;

/// How often progress is told to whoever keeps no terminal open, in milliseconds.
const TELL_EVERY_MS: i64 = 5_000;

/// Options of `keyledger projections rebuild`.
#[derive(Debug, Args)]
pub(super) struct RebuildArgs {
    /// Which projection.
    name: Name,
    #[command(flatten)]
    data: DataConfig,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    /// The SQL tables for lists and analysts, projections.db. (The access index is computed at each start.)
    Tables,
}

pub(super) async fn run(args: &RebuildArgs) -> Result<(), String> {
    let Name::Tables = args.name;
    let clock = crate::clock::system();
    let log = SealedLog::read_only(&args.data)
        .await
        .map_err(|error| error.to_string())?;
    let head = async || log.head().await.map_err(|error| error.to_string());
    let mut rebuild = Rebuild::begin(&args.data.projections_file(), &log)
        .await
        .map_err(|error| error.to_string())?;
    let number = rebuild.number();
    match rebuild.begun_at() {
        Position::ZERO => eprintln!("computing generation {number} of the tables"),
        at => eprintln!("going on with generation {number} of the tables after position {at}"),
    }
    let bar = Bar::new(rebuild.begun_at(), head().await?.position);
    let mut told_ms = clock();
    loop {
        let more = rebuild
            .step(&log, clock())
            .await
            .map_err(|error| error.to_string())?;
        bar.at(rebuild.position(), head().await?.position);
        if !bar.is_shown() && clock() - told_ms >= TELL_EVERY_MS {
            told_ms = clock();
            eprintln!(
                "at position {} of {}",
                rebuild.position(),
                head().await?.position
            );
        }
        if !more {
            break;
        }
    }
    bar.0.finish_and_clear();
    let position = rebuild.position();
    rebuild.swap().await.map_err(|error| error.to_string())?;
    println!("generation {number} of the tables, up to position {position}, is in use");
    Ok(())
}

/// The progress on a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(at: Position, head: Position) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let template = "{bar:40} {human_pos}/{human_len} events, {per_sec}, {eta} left";
        // The template is a constant, and a plain bar does as well.
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        bar.set_position(at.get().unsigned_abs());
        bar.reset_eta();
        let bar = Self(bar);
        bar.at(at, head);
        bar
    }

    fn is_shown(&self) -> bool {
        !self.0.is_hidden()
    }

    fn at(&self, at: Position, head: Position) {
        // The log goes on meanwhile.
        self.0.set_length(head.get().unsigned_abs());
        self.0.set_position(at.get().unsigned_abs());
    }
}
