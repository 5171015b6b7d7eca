//! Golden bytes: what was once written is read for ever, and written the same.
//!
//! `KEYLEDGER_WRITE_FIXTURES=1 cargo test -p keyledger-domain --test rules fixture` writes the files that
//! are missing. It never overwrites one: a released file that no longer fits means that old logs no
//! longer read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use keyledger_domain::event::{CodecError, Event, Metadata, decode, encode, personal};
use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use crate::fixture_value::{events, metadata};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events")
}

fn stem(event_type: &str, version: u16) -> String {
    format!("{event_type}.v{version}")
}

/// Every fixture: its file name without ending, and the bytes that it ought to hold.
fn expected() -> BTreeMap<String, Vec<u8>> {
    let encoded = |event: &Event| encode(event).expect("encodes");
    let mut all: BTreeMap<String, Vec<u8>> = events()
        .iter()
        .map(|event| {
            (
                stem(event.type_name(), event.schema_version()),
                encoded(event),
            )
        })
        .collect();
    all.insert(stem("metadata", 1), metadata().encode().expect("encodes"));
    for event in events() {
        let (kind, version) = (event.type_name(), event.schema_version());
        if personal::is_personal(kind, version) {
            let hidden = personal::seal(kind, &encoded(&event), b"hidden".to_vec());
            all.insert(stem(kind, personal::SEALED), hidden.expect("encodes"));
        }
    }
    all
}

/// Any MessagePack as JSON, bytes as hexadecimal text.
struct Readable(Value);

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadableVisitor).map(Self)
    }
}

struct ReadableVisitor;

impl<'de> de::Visitor<'de> for ReadableVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessagePack")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(hex.into())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Readable(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = serde_json::Map::new();
        while let Some((key, Readable(value))) = map.next_entry::<String, Readable>()? {
            values.insert(key, value);
        }
        Ok(values.into())
    }
}

fn readable(bytes: &[u8]) -> Value {
    let Readable(value) = rmp_serde::from_slice(bytes).expect("MessagePack");
    value
}

fn read(name: &str) -> Vec<u8> {
    write_missing();
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Writes what is missing, when asked to.
fn write_missing() {
    if std::env::var("KEYLEDGER_WRITE_FIXTURES").as_deref() != Ok("1") {
        return;
    }
    fs::create_dir_all(folder()).expect("a folder");
    for (stem, bytes) in expected() {
        let json = serde_json::to_string_pretty(&readable(&bytes)).expect("JSON");
        for (ending, content) in [
            ("msgpack", bytes),
            ("json", format!("{json}\n").into_bytes()),
        ] {
            let path = folder().join(format!("{stem}.{ending}"));
            // Tests run side by side: a file appears whole, under its name or not at all.
            let part = folder().join(format!(
                ".{stem}.{ending}.{:?}",
                std::thread::current().id()
            ));
            let mut file = fs::File::create(&part).expect("a file");
            file.write_all(&content).expect("written");
            // Unlike a rename, a link refuses to replace what exists.
            let _ = fs::hard_link(&part, &path);
            fs::remove_file(&part).expect("removed");
        }
    }
}

#[test]
fn every_golden_event_decodes_to_what_it_meant() {
    for event in events() {
        let (kind, version) = (event.type_name(), event.schema_version());
        let bytes = read(&format!("{}.msgpack", stem(kind, version)));
        assert_eq!(decode(kind, version, &bytes), Ok(event));
    }
}

#[test]
fn every_golden_event_is_written_the_same_today() {
    for (stem, bytes) in expected() {
        assert_eq!(read(&format!("{stem}.msgpack")), bytes, "{stem}");
    }
}

#[test]
fn the_golden_metadata_decodes_to_what_it_meant() {
    let bytes = read("metadata.v1.msgpack");
    assert_eq!(Metadata::decode(&bytes), Ok(metadata()));
}

#[test]
fn every_golden_file_has_a_readable_twin() {
    for stem in expected().keys() {
        let json: Value = serde_json::from_slice(&read(&format!("{stem}.json"))).expect("JSON");
        assert_eq!(readable(&read(&format!("{stem}.msgpack"))), json, "{stem}");
    }
}

#[test]
fn every_event_type_has_a_golden_file_and_every_file_a_type() {
    let mut types: BTreeSet<String> = Event::READABLE
        .iter()
        .map(|(kind, version)| stem(kind, *version))
        .collect();
    types.insert(stem("metadata", 1));
    types.extend(["member.invited", "member.joined"].map(|kind| stem(kind, personal::SEALED)));
    assert_eq!(types, expected().into_keys().collect(), "values and types");
    let names: BTreeSet<String> = types
        .iter()
        .flat_map(|stem| [format!("{stem}.json"), format!("{stem}.msgpack")])
        .collect();
    read("metadata.v1.msgpack");
    let files: BTreeSet<String> = fs::read_dir(folder())
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(files, names, "files and types");
}

#[test]
fn trailing_bytes_are_a_typed_error() {
    for event in events() {
        let (kind, version) = (event.type_name(), event.schema_version());
        let mut bytes = encode(&event).expect("encodes");
        bytes.push(0xc0);
        match decode(kind, version, &bytes) {
            Err(CodecError::Malformed {
                event_type,
                version: found,
                reason,
            }) => {
                assert_eq!((event_type.as_str(), found), (kind, version));
                assert!(reason.contains("1 bytes are left over"), "{reason}");
            }
            other => panic!("{kind}: {other:?}"),
        }
    }
    let mut bytes = metadata().encode().expect("encodes");
    bytes.push(0);
    assert!(matches!(
        Metadata::decode(&bytes),
        Err(CodecError::Malformed { .. })
    ));
}

#[test]
fn a_payload_cut_anywhere_is_a_typed_error() {
    for event in events() {
        let (kind, version) = (event.type_name(), event.schema_version());
        let bytes = encode(&event).expect("encodes");
        for length in 0..bytes.len() {
            let found = decode(kind, version, &bytes[..length]);
            assert!(
                matches!(found, Err(CodecError::Malformed { .. })),
                "{kind} at {length}: {found:?}"
            );
        }
    }
}

#[test]
fn an_unknown_type_or_version_is_a_typed_error() {
    let bytes = encode(&events()[0]).expect("encodes");
    for (kind, version) in [
        ("account.created", 0),
        ("account.created", 2),
        ("account.made", 1),
        ("", 1),
    ] {
        assert_eq!(
            decode(kind, version, &bytes),
            Err(CodecError::Unknown {
                event_type: kind.to_owned(),
                version,
            })
        );
    }
}

#[test]
fn a_payload_of_another_type_is_a_typed_error() {
    let bytes = encode(&events()[0]).expect("encodes");
    let found = decode("token.created", 1, &bytes);
    assert!(
        matches!(found, Err(CodecError::Malformed { .. })),
        "{found:?}"
    );
}

/// The bytes with one more field at the end of the outermost map.
fn with_unknown_field(bytes: &[u8]) -> Vec<u8> {
    let fields = match bytes[0] {
        head @ 0x80..=0x8f => u16::from(head - 0x80),
        other => panic!("no small map: {other:#x}"),
    };
    // The long form of a map's head says the same, and has room for one more.
    let [high, low] = (fields + 1).to_be_bytes();
    let mut more = vec![0xde, high, low];
    more.extend(&bytes[1..]);
    more.extend(rmp_serde::to_vec("field of a later version").expect("encodes"));
    more.extend(rmp_serde::to_vec(&("nested", [1, 2, 3])).expect("encodes"));
    more
}

#[test]
fn a_field_that_a_later_binary_added_is_passed_over() {
    for event in events() {
        let bytes = with_unknown_field(&encode(&event).expect("encodes"));
        assert_eq!(
            decode(event.type_name(), event.schema_version(), &bytes),
            Ok(event)
        );
    }
    let bytes = with_unknown_field(&metadata().encode().expect("encodes"));
    assert_eq!(Metadata::decode(&bytes), Ok(metadata()));
}
