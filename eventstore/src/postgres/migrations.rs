//! Bringing a database's schema up to date, and the check that it is.

use sqlx::{AssertSqlSafe, PgConnection};

use super::database::{Database, Pooling};
use super::fault;
use crate::error::LogError;
use crate::steps::Steps;

/// The files in `migrations/postgres/log`.
pub(super) const LOG: Steps = Steps {
    store: "the log's schema",
    table: "keyledger.log_migration",
    all: &[
        (
            1,
            "log",
            include_str!("../../../migrations/postgres/log/0001_log.sql"),
        ),
        (
            2,
            "ground",
            include_str!("../../../migrations/postgres/log/0002_ground.sql"),
        ),
        (
            3,
            "append_only",
            include_str!("../../../migrations/postgres/log/0003_append_only.sql"),
        ),
        (
            4,
            "roles",
            include_str!("../../../migrations/postgres/log/0004_roles.sql"),
        ),
    ],
};

const SCHEMA: &str = "keyledger";
/// The lock under which a schema is changed: "keyledge" as a number.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7739569468279023461)";
const WHAT_TO_DO: &str = "run `keyledger migrate` with a login that owns the schema";

/// The last step that was applied, each of them as this program knows it; 0 before the first.
async fn applied(connection: &mut PgConnection, steps: &Steps) -> Result<i64, LogError> {
    // A pooler would give a statement that is kept to somebody else.
    let exists: bool = sqlx::query_scalar(include_str!("sql/applied.sql"))
        .persistent(false)
        .bind(steps.table)
        .fetch_one(&mut *connection)
        .await
        .map_err(fault::of_read)?;
    if !exists {
        return Ok(0);
    }
    let sql = format!("SELECT version, checksum FROM {}", steps.table);
    let found: Vec<(i64, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(sql))
        .persistent(false)
        .fetch_all(connection)
        .await
        .map_err(fault::of_read)?;
    for known in steps.migrator().iter() {
        let edited = |(version, sum): &(i64, Vec<u8>)| {
            *version == known.version && sum.as_slice() != &*known.checksum
        };
        if found.iter().any(edited) {
            return Err(steps.edited(known.version));
        }
    }
    let versions = found.iter().map(|(version, _)| *version);
    Ok(versions.max().unwrap_or(0))
}

pub(super) async fn require(database: &Database, steps: &Steps) -> Result<(), LogError> {
    let mut transaction = database.readers.begin().await.map_err(fault::of_read)?;
    let found = applied(&mut transaction, steps).await?;
    if steps.are_all(found)? {
        return Ok(());
    }
    Err(steps.older(found, WHAT_TO_DO))
}

pub(super) async fn bring_up_to_date(database: &Database, steps: &Steps) -> Result<(), LogError> {
    let mut transaction = database.readers.begin().await.map_err(fault::of_read)?;
    // A node's login may only read that it is up to date: that comes first.
    let found = applied(&mut transaction, steps).await?;
    if steps.are_all(found)? {
        return Ok(());
    }
    if database.pooling == Pooling::Transaction {
        return Err(steps.older(found, &format!("{WHAT_TO_DO}, past the pooler")));
    }
    let locked = sqlx::query(LOCK).execute(&mut *transaction).await;
    locked.map_err(fault::of_read)?;
    let mut migrator = steps.migrator();
    migrator.set_locking(false);
    migrator.create_schema(SCHEMA);
    let connection: &mut PgConnection = &mut transaction;
    let outcome = migrator.run_direct(None, connection, false).await;
    outcome.map_err(|error| refused(steps, found, error))?;
    transaction.commit().await.map_err(fault::of_commit)
}

fn refused(steps: &Steps, found: i64, error: sqlx::migrate::MigrateError) -> LogError {
    use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
    match &error {
        Execute(cause) | ExecuteMigration(cause, _) if fault::is_not_allowed(cause) => {
            steps.older(found, &format!("{WHAT_TO_DO} ({cause})"))
        }
        _ => steps.refused(error, fault::of_read),
    }
}

#[cfg(test)]
mod tests {
    use super::LOG;
    use crate::steps::{file_names, files_in};

    #[test]
    fn every_file_in_the_folder_is_embedded() {
        assert_eq!(files_in("postgres/log"), file_names(&LOG));
    }

    #[test]
    fn both_engines_have_the_same_steps() {
        assert_eq!(files_in("postgres/log"), files_in("sqlite/log"));
    }
}
