//! Values of parameters, whatever the engine.

use rusqlite::types::{ToSql, ToSqlOutput};
use serde::{Serialize, Serializer};

/// The value of a parameter.
#[derive(Debug)]
pub(in super::super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

values! {
    String => |value| Self::Text(Some(value));
    &String => |value| Self::Text(Some(value.clone()));
    &str => |value| Self::Text(Some(value.to_owned()));
    Option<String> => |value| Self::Text(value);
    &Option<String> => |value| Self::Text(value.clone());
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    i64 => |value| Self::Number(Some(value));
    Option<i64> => |value| Self::Number(value);
    u32 => |value| Self::Number(Some(value.into()));
    Option<u32> => |value| Self::Number(value.map(i64::from));
    bool => |value| Self::Number(Some(i64::from(value)));
    &[u8] => |value| Self::Bytes(value.to_owned());
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Bytes(bytes) => bytes.to_sql(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
            Self::Bytes(bytes) => bytes.serialize(serializer),
        }
    }
}

/// The values of a new row, by the names that its statement has for them.
#[derive(Debug, Default)]
pub(in super::super) struct NewRow(pub(super) Vec<(&'static str, Value)>);

impl NewRow {
    /// Adds a value.
    #[must_use]
    pub(in super::super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl Serialize for NewRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
