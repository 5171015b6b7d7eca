//! Payloads for people.

use rmpv::Value as Packed;
use serde_json::{Map, Value};

use crate::checkpoint::hex;

/// The deepest nesting that is shown.
const DEPTH_MAX: usize = 32;

/// What MessagePack says, as JSON: byte strings in hex. Null where it is no MessagePack.
#[must_use]
pub fn readable(payload: &[u8]) -> Value {
    let mut rest = payload;
    match rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH_MAX) {
        Ok(value) if rest.is_empty() => json(&value),
        _ => Value::Null,
    }
}

fn json(value: &Packed) -> Value {
    match value {
        Packed::Nil => Value::Null,
        Packed::Boolean(yes) => Value::from(*yes),
        Packed::Integer(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_u64().map(Value::from))
            .unwrap_or_default(),
        Packed::F32(number) => Value::from(f64::from(*number)),
        Packed::F64(number) => Value::from(*number),
        Packed::String(text) => text.as_str().map_or(Value::Null, Value::from),
        Packed::Binary(bytes) | Packed::Ext(_, bytes) => Value::from(hex(bytes)),
        Packed::Array(items) => items.iter().map(json).collect(),
        Packed::Map(fields) => {
            let named = fields.iter().map(|(name, value)| {
                let name = name
                    .as_str()
                    .map_or_else(|| name.to_string(), str::to_owned);
                (name, json(value))
            });
            Value::Object(named.collect::<Map<_, _>>())
        }
    }
}
