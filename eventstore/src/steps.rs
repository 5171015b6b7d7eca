//! The steps of a schema, embedded in the program, whatever the engine.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use crate::error::LogError;

/// The steps of one part of a store, in order.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// What has the schema, for messages: "the file", "the database".
    pub store: &'static str,
    /// The table in which it is noted what was applied.
    pub table: &'static str,
    /// Number, description and text of each file in its folder of `migrations/`.
    pub all: &'static [(i64, &'static str, &'static str)],
}

impl Steps {
    /// The number of the last step.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.all
            .iter()
            .map(|(number, _, _)| *number)
            .max()
            .unwrap_or(0)
    }

    pub(crate) fn migrator(&self) -> Migrator {
        let steps = self.all.iter().map(|(number, description, sql)| {
            let kind = MigrationType::Simple;
            Migration::new(
                *number,
                (*description).into(),
                kind,
                sql.into_sql_str(),
                false,
            )
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        migrator.dangerous_set_table_name(self.table);
        migrator
    }

    /// Whether `applied` is all of the steps: false when some are missing.
    ///
    /// # Errors
    /// [`LogError::Schema`] when it is newer than this program.
    pub(crate) fn are_all(&self, applied: i64) -> Result<bool, LogError> {
        if applied > self.newest() {
            return Err(self.newer(applied));
        }
        Ok(applied == self.newest())
    }

    fn newer(&self, found: i64) -> LogError {
        LogError::Schema {
            reason: format!(
                "{} is at step {found}, this program knows {}: use a newer one",
                self.store,
                self.newest()
            ),
        }
    }

    /// The error of a schema that may not be changed and is behind.
    pub(crate) fn older(&self, found: i64, what_to_do: &str) -> LogError {
        LogError::Schema {
            reason: format!(
                "{} is at step {found}, this program needs {}: {what_to_do}",
                self.store,
                self.newest()
            ),
        }
    }

    /// The error of a step that was applied as another text than this program's.
    pub(crate) fn edited(&self, number: i64) -> LogError {
        LogError::Schema {
            reason: format!(
                "step {number} is not the one that was applied to {}",
                self.store
            ),
        }
    }

    /// What a refused migration means; `of` sorts the driver's own errors.
    pub(crate) fn refused(&self, error: MigrateError, of: fn(sqlx::Error) -> LogError) -> LogError {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => of(error),
            MigrateError::VersionMissing(found) => self.newer(found),
            MigrateError::VersionMismatch(number) => self.edited(number),
            other => LogError::Schema {
                reason: other.to_string(),
            },
        }
    }
}

/// The names of the steps' files, for the tests that compare them with their folder.
#[cfg(test)]
pub(crate) fn file_names(steps: &Steps) -> Vec<String> {
    let names = steps.all.iter();
    names
        .map(|(number, name, _)| format!("{number:04}_{name}.sql"))
        .collect()
}

#[cfg(test)]
pub(crate) fn files_in(folder: &str) -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../migrations").join(folder);
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}
