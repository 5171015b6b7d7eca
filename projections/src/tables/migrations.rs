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

    /// All rows of a table, as texts.
    fn rows(file: &rusqlite::Connection, table: &str) -> Vec<String> {
        let mut statement = file.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|column| row.get(column));
            let cells: Vec<rusqlite::types::Value> = cells.collect::<Result<_, _>>()?;
            Ok(format!("{cells:?}"))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn tables_that_are_made_anew_keep_their_rows() {
        let file = rusqlite::Connection::open_in_memory().unwrap();
        let steps = |of: std::ops::Range<usize>| {
            for (_, _, sql) in &STEPS[of] {
                file.execute_batch(sql).unwrap();
            }
        };
        steps(0..7);
        let token = |id: &str, kind: &str, position: i64| {
            format!(
                "INSERT INTO token (account_id, token_id, kind, member_id, name, description, scope_kind, role, role_binding, ending,
                    default_api_version, created_at_ms, modified_at_ms, created_position, version, last_position)
                 VALUES ('a', '{id}', '{kind}', 'm', 'n', '', 'role', 'reader', 'frozen', 'wxyz', 20240415, 1, 1, {position}, 1, {position});
                 INSERT INTO audit_entry (position, account_id, at_ms, kind, event_type, target_id, name, resource, actions, actor_kind,
                    request_id)
                 VALUES ({position}, 'a', 1, 'token', 'token.created', '{id}', 'n', 'r', '[]', 'operator', 'q');"
            )
        };
        file.execute_batch(&token("t1", "personal", 1)).unwrap();
        file.execute_batch(&token("t2", "service", 2)).unwrap();
        let tables = ["token", "audit_entry", "token_history"];
        let known = tables.map(|table| rows(&file, table));
        steps(7..8);
        assert_eq!(tables.map(|table| rows(&file, table)), known);
        // They go on as before: the history is written, and a kind that is none is refused.
        file.execute_batch(&token("t3", "service", 3)).unwrap();
        assert_eq!(tables.map(|table| rows(&file, table).len()), [3, 3, 3]);
        assert!(file.execute_batch(&token("t4", "other", 4)).is_err());
        let plan = format!(
            "EXPLAIN QUERY PLAN {}",
            include_str!("sql/count_tokens_visible.sql")
        );
        let mut statement = file.prepare(&plan).unwrap();
        let plan = statement.query_map(["a", "m"], |row| row.get::<_, String>(3));
        let plan: Vec<String> = plan.unwrap().collect::<Result<_, _>>().unwrap();
        let service = |line: &String| line.contains("token_service (account_id=? AND kind=?)");
        assert!(plan.iter().any(service), "{plan:?}");
    }
}
