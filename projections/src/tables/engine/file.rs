//! Statements on a file.

use rusqlite::{Connection, Error, Result, Statement, types};

use super::value::{NewRow, Value};

/// The cells of a row of a file, by the names of their columns.
pub(super) type FileRow = Vec<(String, types::Value)>;

/// Gives a statement its values: `$2` is the second, wherever it stands first.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> Result<()> {
    for place in 1..=statement.parameter_count() {
        let name = statement.parameter_name(place).unwrap_or_default();
        let number = name.strip_prefix('$').and_then(|text| text.parse().ok());
        let value = number.and_then(|number: usize| values.get(number.checked_sub(1)?));
        let Some(value) = value else {
            return Err(Error::InvalidParameterName(name.to_owned()));
        };
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

/// Runs a statement and says how many rows it changed.
pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    statement.raw_execute()
}

/// Writes new rows, by a statement that takes one with its values by name.
pub(super) fn insert(connection: &Connection, sql: &str, rows: &[NewRow]) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let names = rows.first().into_iter().flat_map(|row| &row.0);
    let mut places = Vec::with_capacity(rows.first().map_or(0, |row| row.0.len()));
    for (name, _) in names {
        let place = statement.parameter_index(&format!(":{name}"))?;
        places.push(place.ok_or_else(|| Error::InvalidParameterName((*name).into()))?);
    }
    if places.len() != statement.parameter_count() {
        // What no name gives a value would be null.
        return Err(Error::InvalidParameterCount(
            places.len(),
            statement.parameter_count(),
        ));
    }
    for row in rows {
        // INVARIANT: the rows of one run have the same names in the same order.
        for (place, (_, value)) in places.iter().zip(&row.0) {
            statement.raw_bind_parameter(*place, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

/// Runs a statement that gives at most one row.
pub(super) fn row(connection: &Connection, sql: &str, values: &[Value]) -> Result<Option<FileRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let names: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(Into::into)
        .collect();
    bind(&mut statement, values)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let cells = names.into_iter().enumerate();
    let cells = cells.map(|(column, name)| Ok((name, row.get(column)?)));
    cells.collect::<Result<_>>().map(Some)
}
