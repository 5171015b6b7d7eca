//! The schema's steps, embedded in the program, and the check that a file has them.

use sqlx::migrate::Migrate;
use sqlx::{Connection as _, SqliteConnection};

use super::fault;
use crate::error::LogError;
use crate::steps::Steps;

/// The files in `migrations/sqlite/log`.
const STEPS: Steps = Steps {
    store: "the file",
    table: "_sqlx_migrations",
    all: &[
        (
            1,
            "log",
            include_str!("../../../migrations/sqlite/log/0001_log.sql"),
        ),
        (
            2,
            "ground",
            include_str!("../../../migrations/sqlite/log/0002_ground.sql"),
        ),
        (
            3,
            "append_only",
            include_str!("../../../migrations/sqlite/log/0003_append_only.sql"),
        ),
        (
            4,
            "roles",
            include_str!("../../../migrations/sqlite/log/0004_roles.sql"),
        ),
    ],
};

/// Brings the schema up to date, all steps or none.
pub(super) async fn run(connection: &mut SqliteConnection) -> Result<(), LogError> {
    // Two processes that open a new file at once must not both create it.
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(fault::of_sqlx)?;
    let connection: &mut SqliteConnection = &mut transaction;
    STEPS
        .migrator()
        .run_direct(None, connection, false)
        .await
        .map_err(|error| STEPS.refused(error, fault::of_sqlx))?;
    // Whether or not it went through, the steps can be taken again.
    transaction.commit().await.map_err(fault::of_sqlx)
}

/// Checks that a file that may not be changed has exactly the schema that this program knows.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), LogError> {
    let tables: i64 = sqlx::query_scalar(include_str!("sql/has_migrations.sql"))
        .fetch_one(&mut *connection)
        .await
        .map_err(fault::of_sqlx)?;
    if tables == 0 {
        return Err(LogError::Schema {
            reason: "the file holds no log".to_owned(),
        });
    }
    let applied = connection
        .list_applied_migrations(STEPS.table)
        .await
        .map_err(|error| STEPS.refused(error, fault::of_sqlx))?;
    let found = applied.iter().map(|step| step.version).max().unwrap_or(0);
    if STEPS.are_all(found)? {
        return Ok(());
    }
    Err(STEPS.older(found, "start the server once"))
}

#[cfg(test)]
mod tests {
    use super::STEPS;
    use crate::steps::{file_names, files_in};

    #[test]
    fn every_file_in_the_folder_is_embedded() {
        assert_eq!(files_in("sqlite/log"), file_names(&STEPS));
    }
}
