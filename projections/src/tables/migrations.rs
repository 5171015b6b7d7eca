//! The schema's steps, embedded in the program.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection as _, SqlSafeStr, SqliteConnection};

use super::error::{self, TablesError};

/// Number, description and text of each file in `migrations/sqlite/projections`, in order.
pub(crate) const STEPS: &[(i64, &str, &str)] = &[
    (
        1,
        "projections",
        include_str!("../../../migrations/sqlite/projections/0001_projections.sql"),
    ),
    (
        2,
        "teams",
        include_str!("../../../migrations/sqlite/projections/0002_teams.sql"),
    ),
    (
        3,
        "audit",
        include_str!("../../../migrations/sqlite/projections/0003_audit.sql"),
    ),
    (
        4,
        "history",
        include_str!("../../../migrations/sqlite/projections/0004_history.sql"),
    ),
    (
        5,
        "roles",
        include_str!("../../../migrations/sqlite/projections/0005_roles.sql"),
    ),
    (
        6,
        "search",
        include_str!("../../../migrations/sqlite/projections/0006_search.sql"),
    ),
    (
        7,
        "search_in_memory",
        include_str!("../../../migrations/sqlite/projections/0007_search_in_memory.sql"),
    ),
    (
        8,
        "new_tokens",
        include_str!("../../../migrations/sqlite/projections/0008_new_tokens.sql"),
    ),
];

/// Brings the schema up to date, all steps or none.
pub(super) async fn run(connection: &mut SqliteConnection) -> Result<(), TablesError> {
    // Two processes that open a new file at once must not both create it.
    let begun = connection.begin_with("BEGIN IMMEDIATE").await;
    let mut transaction = begun.map_err(error::of)?;
    let steps = STEPS.iter().map(|(number, description, sql)| {
        let kind = MigrationType::Simple;
        let description = (*description).into();
        Migration::new(*number, description, kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(steps.collect())
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(refused)?;
    transaction.commit().await.map_err(error::of)
}

fn refused(error: MigrateError) -> TablesError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error::of(error),
        other => TablesError::Schema {
            reason: format!("{other}; delete the file, it is computed again"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_folder_is_embedded() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../migrations/sqlite/projections"
        );
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
