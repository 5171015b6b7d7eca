//! `keyledger projections dictionary`.

use keyledger_projections::{DataFile, dictionary, projection_steps};

/// Prints the data dictionary of the files that analysts may read.
pub(super) async fn run() -> Result<(), String> {
    let projections = projection_steps();
    let usage = [include_str!(
        "../../../../migrations/sqlite/usage/0001_usage.sql"
    )];
    let decisions = [crate::decision_log::SCHEMA];
    let files = [
        DataFile {
            name: "projections.db",
            about: "Computed from the event log, in the order of its positions; deleted, it is computed again.",
            steps: &projections,
        },
        DataFile {
            name: "usage.db",
            about: "When tokens were used. A use is no event, so this is in no log and cannot be computed again.",
            steps: &usage,
        },
        DataFile {
            name: "decisions.db",
            about: "Decisions that were written down, where that is configured. Each can be made again as of its position.",
            steps: &decisions,
        },
    ];
    let text = dictionary(&files)
        .await
        .map_err(|error| error.to_string())?;
    print!("{text}");
    Ok(())
}
