//! The tables and views as Parquet files, one for each, all of the same moment.
//!
//! Names and units are those of the data dictionary; every column may be null.

mod column;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError as FormatError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use rusqlite::{Connection, OpenFlags};

use column::{Column, Kind};

/// Rows that are held in memory and written together.
const GROUP_ROWS: usize = 50_000;

/// Why the tables are not exported.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    /// The tables cannot be read.
    #[error("the projections cannot be read: {0}")]
    Tables(#[from] rusqlite::Error),
    /// A file cannot be written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The format does not take something.
    #[error("{name}: {source}")]
    Format {
        /// The table or view.
        name: String,
        /// What.
        source: FormatError,
    },
    /// A value is not of its column's type.
    #[error("{name}.{column}: {found}, where {wanted} is expected")]
    Value {
        /// The table or view.
        name: String,
        /// The column.
        column: String,
        /// What was found.
        found: String,
        /// What the column holds.
        wanted: &'static str,
    },
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The table or view.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// Writes every table and view of the projections at `path` into `folder`, which is there, as `<name>.parquet`; the
/// position that they are of is `keyledger.position` in each file's metadata. A server may go on writing.
///
/// # Errors
/// When the tables cannot be read or a file cannot be written; a file that is there already is not overwritten.
pub fn export_parquet(path: &Path, folder: &Path) -> Result<(i64, Vec<Exported>), ParquetError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // One transaction: every file is of one moment.
    connection.execute_batch("BEGIN")?;
    let position: i64 =
        connection.query_row(include_str!("parquet/position.sql"), [], |row| row.get(0))?;
    let mut statement = connection.prepare(include_str!("parquet/names.sql"))?;
    let names = statement.query_map([], |row| row.get(0))?;
    let names: Vec<String> = names.collect::<Result<_, _>>()?;
    let mut exported = Vec::with_capacity(names.len());
    for name in names {
        let rows = table(&connection, &name, folder, position)?;
        exported.push(Exported { name, rows });
    }
    Ok((position, exported))
}

fn columns(connection: &Connection, name: &str) -> Result<Vec<Column>, ParquetError> {
    let mut statement = connection.prepare(include_str!("parquet/columns.sql"))?;
    let columns = statement.query_map([name], |row| {
        let (column, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let kind = if row.get(2)? {
            Kind::computed(&column, &declared)
        } else {
            Kind::declared(&declared)
        };
        Ok(Column::new(column, kind))
    })?;
    Ok(columns.collect::<Result<_, _>>()?)
}

fn table(
    connection: &Connection,
    name: &str,
    folder: &Path,
    position: i64,
) -> Result<u64, ParquetError> {
    let format = |source: FormatError| ParquetError::Format {
        name: name.to_owned(),
        source,
    };
    let mut columns = columns(connection, name)?;
    let fields: Result<Vec<_>, FormatError> = columns.iter().map(Column::field).collect();
    let schema = Type::group_type_builder(name)
        .with_fields(fields.map_err(format)?)
        .build()
        .map_err(format)?;
    let metadata = KeyValue::new("keyledger.position".to_owned(), position.to_string());
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("keyledger {}", env!("CARGO_PKG_VERSION")))
        .set_key_value_metadata(Some(vec![metadata]))
        .build();
    let path = folder.join(format!("{name}.parquet"));
    let file = File::create_new(&path).map_err(|source| ParquetError::File { path, source })?;
    let mut writer =
        SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(format)?;
    // A name of our own schema, quoted all the same.
    let mut statement =
        connection.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
    let mut rows = statement.query([])?;
    let (mut held, mut all) = (0_usize, 0_u64);
    while let Some(row) = rows.next()? {
        for (at, column) in columns.iter_mut().enumerate() {
            column
                .push(row.get_ref(at)?)
                .map_err(|(found, wanted)| ParquetError::Value {
                    name: name.to_owned(),
                    column: column.name.clone(),
                    found,
                    wanted,
                })?;
        }
        held += 1;
        all += 1;
        if held == GROUP_ROWS {
            group(&mut writer, &mut columns).map_err(format)?;
            held = 0;
        }
    }
    if held > 0 {
        group(&mut writer, &mut columns).map_err(format)?;
    }
    writer.close().map_err(format)?;
    Ok(all)
}

/// Writes what the columns hold, and empties them.
fn group(
    writer: &mut SerializedFileWriter<File>,
    columns: &mut [Column],
) -> Result<(), FormatError> {
    let mut group = writer.next_row_group()?;
    for column in columns {
        if let Some(mut to) = group.next_column()? {
            column.write(&mut to)?;
            to.close()?;
        }
    }
    group.close()?;
    Ok(())
}
