//! Comments of a schema, read from its SQL.

use std::collections::{BTreeMap, BTreeSet};

/// What the comments say.
#[derive(Debug, Default)]
pub(super) struct Comments {
    tables: BTreeMap<String, String>,
    columns: BTreeMap<(String, String), String>,
    views: BTreeSet<String>,
}

/// The word after some others, without what clings to it.
fn after<'l>(line: &'l str, start: &str) -> Option<&'l str> {
    let rest = line.strip_prefix(start)?;
    let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    rest.get(..end.unwrap_or(rest.len()))
}

impl Comments {
    pub(super) fn of_steps(steps: &[&str]) -> Self {
        let mut comments = Self::default();
        for sql in steps {
            comments.read(sql);
        }
        comments
    }

    fn read(&mut self, sql: &str) {
        let mut said: Vec<&str> = Vec::new();
        let mut within: Option<String> = None;
        for line in sql.lines() {
            let text = line.trim();
            if let Some(comment) = text.strip_prefix("--") {
                said.push(comment.strip_prefix(' ').unwrap_or(comment));
                continue;
            }
            if let Some(table) = &within {
                if text.starts_with(')') {
                    within = None;
                } else if let Some(column) = column(text) {
                    let key = (table.clone(), column.to_owned());
                    self.columns.insert(key, said.join(" "));
                }
            } else if let Some(name) = after(text, "CREATE TABLE ") {
                self.tables.insert(name.to_owned(), said.join(" "));
                // One that is made of a SELECT has no columns to read.
                within = (!text.ends_with(';')).then(|| name.to_owned());
            } else if let Some(name) = after(text, "CREATE VIEW ") {
                self.view(name, &said);
            } else if let Some(name) = after(text, "ALTER TABLE ") {
                let added = text.split("ADD COLUMN ").nth(1).and_then(|a| after(a, ""));
                if let Some(column) = added {
                    let key = (name.to_owned(), column.to_owned());
                    self.columns.insert(key, said.join(" "));
                }
            }
            said.clear();
        }
    }

    fn view(&mut self, name: &str, said: &[&str]) {
        let mut about = Vec::new();
        for line in said {
            match line.strip_prefix("  ").and_then(|l| l.split_once(": ")) {
                Some((column, text)) => {
                    let key = (name.to_owned(), column.to_owned());
                    self.columns.insert(key, text.to_owned());
                }
                None => about.push(*line),
            }
        }
        self.tables.insert(name.to_owned(), about.join(" "));
        self.views.insert(name.to_owned());
    }

    pub(super) fn of(&self, name: &str) -> Option<&str> {
        let said = self.tables.get(name).map(String::as_str);
        said.filter(|text| !text.is_empty())
    }

    /// The comment of a column; of a view's column that of the same name, first in a table whose name the view's
    /// begins with, then in any.
    pub(super) fn of_column(&self, table: &str, column: &str) -> Option<&str> {
        let own = self.columns.get(&(table.to_owned(), column.to_owned()));
        let same = || {
            let named = self.columns.iter().filter(|((_, name), _)| name == column);
            let mut named: Vec<_> = named.collect();
            named.sort_by_key(|((of, _), _)| !table.contains(of.as_str()));
            named.first().map(|(_, text)| *text)
        };
        let is_view = self.views.contains(table);
        let said = own.or_else(|| is_view.then(same).flatten());
        said.map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// The name of the column that a line of a table defines.
fn column(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once(' ')?;
    let types = ["TEXT", "INTEGER", "BLOB", "REAL"];
    types
        .iter()
        .any(|one| rest.starts_with(one))
        .then_some(name)
}
