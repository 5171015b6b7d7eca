//! One column while its rows are gathered.

use std::sync::Arc;

use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::errors::ParquetError as FormatError;
use ::parquet::file::writer::SerializedColumnWriter;
use ::parquet::schema::types::{Type, TypePtr};
use rusqlite::types::ValueRef;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Bytes,
}

impl Kind {
    /// A column of a table: every one has its type.
    pub(super) fn declared(declared: &str) -> Self {
        match declared {
            "INTEGER" => Self::Integer,
            "BLOB" => Self::Bytes,
            _ => Self::Text,
        }
    }

    /// A column of a view: where it is not a table's, its name says it. No view has bytes.
    pub(super) fn computed(column: &str, declared: &str) -> Self {
        let counts = ["events", "layer_no", "policy_no"].contains(&column)
            || column.ends_with("_position")
            || column.ends_with("_ms");
        if declared == "INTEGER" || counts {
            Self::Integer
        } else {
            Self::Text
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Integer => "an integer",
            Self::Text => "a text",
            Self::Bytes => "bytes",
        }
    }
}

/// The values of a column, the nulls apart.
pub(super) struct Column {
    pub(super) name: String,
    kind: Kind,
    integers: Vec<i64>,
    bytes: Vec<ByteArray>,
    /// 1 where there is a value, 0 where there is none.
    levels: Vec<i16>,
}

impl Column {
    pub(super) const fn new(name: String, kind: Kind) -> Self {
        Self {
            name,
            kind,
            integers: Vec::new(),
            bytes: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// The column in the file's schema.
    pub(super) fn field(&self) -> Result<TypePtr, FormatError> {
        let (physical, logical) = match self.kind {
            Kind::Integer => (Physical::INT64, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Bytes => (Physical::BYTE_ARRAY, None),
        };
        let field = Type::primitive_type_builder(&self.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(field))
    }

    /// Takes the next row's value; what it is and what it should be when it does not fit.
    pub(super) fn push(&mut self, value: ValueRef<'_>) -> Result<(), (String, &'static str)> {
        match (self.kind, value) {
            (_, ValueRef::Null) => {
                self.levels.push(0);
                return Ok(());
            }
            (Kind::Integer, ValueRef::Integer(number)) => self.integers.push(number),
            (Kind::Text, ValueRef::Text(bytes)) | (Kind::Bytes, ValueRef::Blob(bytes)) => {
                self.bytes.push(ByteArray::from(bytes.to_vec()));
            }
            (kind, other) => return Err((other.data_type().to_string(), kind.name())),
        }
        self.levels.push(1);
        Ok(())
    }

    /// Writes the values and forgets them.
    pub(super) fn write(&mut self, to: &mut SerializedColumnWriter<'_>) -> Result<(), FormatError> {
        let levels = Some(self.levels.as_slice());
        match self.kind {
            Kind::Integer => {
                to.typed::<Int64Type>()
                    .write_batch(&self.integers, levels, None)?;
            }
            Kind::Text | Kind::Bytes => {
                to.typed::<ByteArrayType>()
                    .write_batch(&self.bytes, levels, None)?;
            }
        }
        self.integers.clear();
        self.bytes.clear();
        self.levels.clear();
        Ok(())
    }
}
