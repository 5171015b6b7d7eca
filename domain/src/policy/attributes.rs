//! What the placeholders of a policy stand for.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize};

use super::error::{Fault, PolicyError};
use super::limits::{
    ATTRIBUTE_CHARS_MAX, ATTRIBUTE_VALUES_MAX, ATTRIBUTES_MAX, Limit, VALUE_BYTES_MAX,
};

/// A member's role attributes: lists of values by key.
///
/// Reading them back from storage never fails over a value; one that would
/// change the structure of a specifier is left out, as though it were not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RoleAttributes(BTreeMap<String, Vec<String>>);

static EMPTY: RoleAttributes = RoleAttributes(BTreeMap::new());

impl RoleAttributes {
    /// No attributes at all.
    #[must_use]
    pub fn empty() -> &'static RoleAttributes {
        &EMPTY
    }

    /// Checks attributes that came from outside.
    ///
    /// # Errors
    /// Names the first key or value that breaks a rule or a limit.
    pub fn parse(attributes: BTreeMap<String, Vec<String>>) -> Result<RoleAttributes, PolicyError> {
        if attributes.len() > ATTRIBUTES_MAX {
            let limit = Limit {
                max: ATTRIBUTES_MAX,
                name: "ATTRIBUTES_MAX",
            };
            return Err(Fault::over("attributes", limit).within(""));
        }
        for (key, values) in &attributes {
            check_key(key).map_err(|fault| fault.within(pointer(key)))?;
            if values.len() > ATTRIBUTE_VALUES_MAX {
                let limit = Limit {
                    max: ATTRIBUTE_VALUES_MAX,
                    name: "ATTRIBUTE_VALUES_MAX",
                };
                return Err(Fault::over("values", limit).within(pointer(key)));
            }
            for (index, value) in values.iter().enumerate() {
                check_value(value)
                    .map_err(|fault| fault.within(format!("{}/{index}", pointer(key))))?;
            }
        }
        Ok(RoleAttributes(attributes))
    }

    /// The values of `key`; none when there is no such key.
    #[must_use]
    pub fn get(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Keys and their values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0
            .iter()
            .map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    /// These and others together: for each key the values of all, each once. The limits of one set hold
    /// for each of those that are put together, not for their union.
    #[must_use]
    pub fn union<'a>(&'a self, others: impl Iterator<Item = &'a RoleAttributes>) -> RoleAttributes {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen: HashSet<(&str, &str)> = HashSet::new();
        // These among them: a value may be there twice in one list.
        for one in std::iter::once(self).chain(others) {
            for (key, values) in &one.0 {
                let known = all.entry(key.clone()).or_default();
                let new = values.iter().filter(|value| seen.insert((key, value)));
                known.extend(new.cloned());
            }
        }
        RoleAttributes(all)
    }

    /// Whether there are no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for RoleAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut attributes = BTreeMap::<String, Vec<String>>::deserialize(deserializer)?;
        // Once here, so that no decision has to look at a value's characters.
        attributes
            .values_mut()
            .for_each(|values| values.retain(|value| is_usable(value)));
        Ok(RoleAttributes(attributes))
    }
}

/// What placeholders stand for at the moment of a decision.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// The member's id, 24 hexadecimal digits; empty when there is no member.
    pub member_id: &'a str,
    /// The member's role attributes.
    pub attributes: &'a RoleAttributes,
}

impl Default for Env<'_> {
    /// Nobody: every placeholder is without values.
    fn default() -> Self {
        Env {
            member_id: "",
            attributes: RoleAttributes::empty(),
        }
    }
}

impl<'a> Env<'a> {
    /// The value of `${memberId}`.
    pub(super) fn member(&self) -> Option<&'a str> {
        let plain = self
            .member_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric());
        (plain && (1..=VALUE_BYTES_MAX).contains(&self.member_id.len())).then_some(self.member_id)
    }

    /// The values of `${roleAttribute/key}`.
    pub(super) fn attribute(&self, key: &str) -> &'a [String] {
        self.attributes.get(key)
    }
}

/// Freezing writes a value into a specifier, so one that would change the
/// specifier's structure must not take part in a decision either.
fn is_usable(value: &str) -> bool {
    (1..=VALUE_BYTES_MAX).contains(&value.len()) && !value.contains(is_refused)
}

fn is_refused(found: char) -> bool {
    matches!(found, ':' | ';' | ',' | '{' | '}' | '$') || found.is_control()
}

/// The characters of an attribute's key and of a property's key.
pub(super) fn is_key(found: char) -> bool {
    found.is_ascii_alphanumeric() || matches!(found, '_' | '.' | '-')
}

fn check_key(key: &str) -> Result<(), Fault> {
    let rule = "a key is 1 to 256 of letters, digits, '_', '.' and '-'";
    match key.find(|found| !is_key(found)) {
        Some(offset) => Err(Fault::unexpected(key, offset, rule)),
        None if key.is_empty() => Err(Fault::whole(rule)),
        None => check_length(key),
    }
}

fn check_value(value: &str) -> Result<(), Fault> {
    match value.find(is_refused) {
        Some(offset) => {
            let rule = "a value has no ':', ';', ',', '{', '}', '$' and no control characters";
            Err(Fault::unexpected(value, offset, rule))
        }
        None if value.is_empty() => Err(Fault::whole("a value cannot be empty")),
        None => check_length(value),
    }
}

fn check_length(text: &str) -> Result<(), Fault> {
    if text.chars().nth(ATTRIBUTE_CHARS_MAX).is_some() {
        let limit = Limit {
            max: ATTRIBUTE_CHARS_MAX,
            name: "ATTRIBUTE_CHARS_MAX",
        };
        return Err(Fault::over("characters", limit));
    }
    Ok(())
}

/// The JSON pointer of a key, which may be anything before it is checked.
fn pointer(key: &str) -> String {
    let cut: String = key.chars().take(ATTRIBUTE_CHARS_MAX).collect();
    format!("/{}", cut.replace('~', "~0").replace('/', "~1"))
}
