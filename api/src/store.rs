//! Where the data of a deployment is: in a folder; or in a database that all nodes share, with a folder of each node for
//! its pepper and for what it can compute again.

use std::sync::Arc;

use keyledger_eventstore::postgres::{Database, DatabaseOptions, Pooling, Steps};
use keyledger_eventstore::{Durability, EventLog, LogError, PostgresLog, SqliteLog};

use keyledger_projections::SHARED_STEPS;

use crate::config::DataConfig;

/// What the nodes share beside the log: the files in `migrations/postgres/service`.
const SERVICE: Steps = Steps {
    store: "the service's schema",
    table: "keyledger.service_migration",
    all: &[(
        1,
        "service",
        include_str!("../../migrations/postgres/service/0001_service.sql"),
    )],
};

/// An opened store.
pub struct Store {
    /// The log, as it is stored: what events say of persons is sealed.
    pub log: Arc<dyn EventLog>,
    /// The database that the nodes share; none where all is in a folder.
    pub database: Option<Database>,
}

async fn connect(data: &DataConfig) -> Result<Option<Database>, LogError> {
    let Some(url) = data.database_url() else {
        return Ok(None);
    };
    let pooling = match data.database_pooler {
        true => Pooling::Transaction,
        false => Pooling::Session,
    };
    let options = DatabaseOptions::parse(url, pooling)?;
    Database::connect(&options).await.map(Some)
}

impl Store {
    /// Opens it for writing and brings it up to date, or makes it.
    ///
    /// # Errors
    /// When it cannot be reached, does not fit this program, or may not be changed.
    pub async fn writable(data: &DataConfig, durability: Durability) -> Result<Self, LogError> {
        let database = connect(data).await?;
        let log: Arc<dyn EventLog> = match &database {
            None => Arc::new(SqliteLog::open(&data.log_file(), durability).await?),
            Some(database) => {
                let log = PostgresLog::open(database).await?;
                database.bring_up_to_date(&SERVICE).await?;
                if data.shared_tables {
                    database.bring_up_to_date(&SHARED_STEPS).await?;
                }
                Arc::new(log)
            }
        };
        Ok(Self { log, database })
    }

    /// Opens it for reading. Nothing is changed.
    ///
    /// # Errors
    /// When it is not there, cannot be reached or does not fit this program.
    pub async fn read_only(data: &DataConfig) -> Result<Self, LogError> {
        let database = connect(data).await?;
        let log: Arc<dyn EventLog> = match &database {
            None => Arc::new(SqliteLog::open_read_only(&data.log_file()).await?),
            Some(database) => Arc::new(PostgresLog::open_read_only(database).await?),
        };
        Ok(Self { log, database })
    }
}

#[cfg(test)]
mod tests {
    use super::SERVICE;

    #[test]
    fn every_file_in_the_folder_is_embedded() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../migrations/postgres/service"
        );
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, SERVICE.all.len());
        for (number, name, text) in SERVICE.all {
            let path = format!("{folder}/{number:04}_{name}.sql");
            assert_eq!(&std::fs::read_to_string(path).unwrap(), text);
        }
    }
}
