//! The schema's steps, embedded in the program, and the check that a file has them.

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqliteConnection, SqlitePool};

use super::fault;
use crate::error::LogError;

/// Number, description and text of each file in `migrations/sqlite/log`, in order.
pub(super) const STEPS: &[(i64, &str, &str)] = &[
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
];

fn newest() -> i64 {
    STEPS
        .iter()
        .map(|(number, _, _)| *number)
        .max()
        .unwrap_or(0)
}

fn migrator() -> Migrator {
    let steps = STEPS.iter().map(|(number, description, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(
            *number,
            (*description).into(),
            kind,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(steps.collect())
}

/// Brings the schema up to date, all steps or none.
pub(super) async fn run(writer: &SqlitePool) -> Result<(), LogError> {
    // Two processes that open a new file at once must not both create it.
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(fault::of)?;
    let connection: &mut SqliteConnection = &mut transaction;
    migrator()
        .run_direct(None, connection, false)
        .await
        .map_err(refused)?;
    transaction.commit().await.map_err(fault::of_commit)
}

fn refused(error: MigrateError) -> LogError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault::of(error),
        MigrateError::VersionMissing(found) => newer(found),
        MigrateError::VersionMismatch(number) => LogError::Schema {
            reason: format!("step {number} is not the one that was applied to the file"),
        },
        other => LogError::Schema {
            reason: other.to_string(),
        },
    }
}

fn newer(found: i64) -> LogError {
    let known = newest();
    LogError::Schema {
        reason: format!("the file is at step {found}, this program knows {known}: use a newer one"),
    }
}

/// Checks that a file that may not be changed has exactly the schema that this program knows.
pub(super) async fn check(readers: &SqlitePool) -> Result<(), LogError> {
    let mut connection = readers.acquire().await.map_err(fault::of)?;
    let connection: &mut SqliteConnection = &mut connection;
    let tables: i64 = sqlx::query_scalar(include_str!("sql/has_migrations.sql"))
        .fetch_one(&mut *connection)
        .await
        .map_err(fault::of)?;
    if tables == 0 {
        return Err(LogError::Schema {
            reason: "the file holds no log".to_owned(),
        });
    }
    let applied = connection
        .list_applied_migrations("_sqlx_migrations")
        .await
        .map_err(refused)?;
    let found = applied.iter().map(|step| step.version).max().unwrap_or(0);
    if found > newest() {
        return Err(newer(found));
    }
    if found < newest() {
        return Err(LogError::Schema {
            reason: format!(
                "the file is at step {found}, this program needs {}: start the server once",
                newest()
            ),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite/log");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let embedded: Vec<String> = STEPS
            .iter()
            .map(|(number, name, _)| format!("{number:04}_{name}.sql"))
            .collect();
        assert_eq!(files, embedded);
    }
}
