//! `keyledger audit changes`.

use clap::Args;

use super::{Where, text};
use crate::rep::change::{Example, PermissionChange, happened};

/// The most tokens that are listed at once.
const LIMIT_MAX: usize = 10_000;

/// Between which moments.
#[derive(Debug, Args)]
pub(super) struct ChangesArgs {
    #[command(flatten)]
    place: Where,
    /// The earlier moment: a position, Unix milliseconds, or a time such as `2026-11-25T12:00:00Z`.
    from: String,
    /// The later moment; now when absent.
    to: Option<String>,
    /// How many tokens to pass over.
    #[arg(long, default_value_t = 0)]
    offset: usize,
    /// How many tokens are listed.
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

pub(super) async fn run(args: &ChangesArgs) -> Result<(), String> {
    let opened = args.place.open().await?;
    let from = opened.moment(Some(&args.from)).await;
    let from = from.map_err(|error| format!("FROM: {error}"))?;
    let to = opened.moment(args.to.as_deref()).await;
    let to = to.map_err(|error| format!("TO: {error}"))?;
    if to.position < from.position || to.at_ms < from.at_ms {
        return Err("TO: is before FROM".to_owned());
    }
    let between = ((from.position, from.at_ms), (to.position, to.at_ms));
    let part = (args.offset, args.limit.min(LIMIT_MAX));
    let changes = opened
        .past
        .changes(opened.account, between, part, usize::MAX)
        .await
        .map_err(text)?;
    println!(
        "{} tokens with other policies between position {} and position {}",
        changes.total, from.position, to.position
    );
    for item in &changes.items {
        if let Some(change) = happened(&changes.state, item) {
            print(&change);
        }
    }
    Ok(())
}

fn example(sign: char, example: Option<&Example>) {
    if let Some(Example { action, resource }) = example {
        println!("  {sign} {action} on {resource}");
    }
}

fn print(change: &PermissionChange) {
    let name = change.name.as_deref().unwrap_or_default();
    let kind = if change.service_token {
        "service"
    } else {
        "personal"
    };
    println!(
        "token {} {name:?} {kind} of member {}: {:?}",
        change.token_id, change.member_id, change.change
    );
    example('+', change.more.as_ref());
    example('-', change.less.as_ref());
    for cause in change.causes.iter().flatten() {
        println!("{}", super::explain::step(cause));
    }
    if change.causes.as_ref().is_some_and(Vec::is_empty) {
        println!("  by the time alone");
    }
}
