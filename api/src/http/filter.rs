//! `filter` and `sort` of lists: comma-separated `field:value`, several values of a field with `|`.
//!
//! Source: the vendor's API overview, "Filtering" and "Sorting".

use crate::error::ApiError;

/// The longest filter, in characters.
const FILTER_CHARS_MAX: usize = 4_000;
/// The most fields of a filter.
const FIELDS_MAX: usize = 32;

/// The fields of a filter with their values, in order. A comma inside braces parts nothing.
///
/// # Errors
/// 400 where a part is no `field:value`, or there are too many.
pub fn fields(text: &str) -> Result<Vec<(&str, &str)>, ApiError> {
    if text.chars().count() > FILTER_CHARS_MAX {
        return Err(ApiError::invalid(format!(
            "filter: is longer than {FILTER_CHARS_MAX} characters"
        )));
    }
    let mut depth = 0_i32;
    let parts = text.split(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    });
    let mut found = Vec::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let (field, value) = part.split_once(':').ok_or_else(|| {
            let part: String = part.chars().take(64).collect();
            ApiError::invalid(format!("filter: {part:?} is no field:value"))
        })?;
        if found.len() == FIELDS_MAX {
            return Err(ApiError::invalid(format!(
                "filter: has more than {FIELDS_MAX} fields"
            )));
        }
        found.push((field.trim(), value.trim()));
    }
    Ok(found)
}

/// A field that a filter does not know.
pub fn unknown_field(field: &str, known: &str) -> ApiError {
    let field: String = field.chars().take(64).collect();
    ApiError::invalid(format!("filter: there is no {field:?}; there are {known}"))
}

/// A flag.
///
/// # Errors
/// 400 for anything but true and false.
pub fn flag(field: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ApiError::invalid(format!(
            "filter: {field} is true or false"
        ))),
    }
}

/// The words of an `expand`, each of which must be known.
///
/// # Errors
/// 400 for an unknown one.
pub fn expand<'a>(text: Option<&'a str>, known: &[&str]) -> Result<Vec<&'a str>, ApiError> {
    let words = text.unwrap_or_default().split(',').map(str::trim);
    let words: Vec<&str> = words
        .filter(|word| !word.is_empty())
        .take(FIELDS_MAX)
        .collect();
    match words.iter().find(|word| !known.contains(word)) {
        None => Ok(words),
        Some(word) => {
            let word: String = word.chars().take(64).collect();
            Err(ApiError::invalid(format!(
                "expand: there is no {word:?}; there are {}",
                known.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_parted_outside_of_braces_only() {
        assert_eq!(
            fields("query:abc,role:admin|x, lastSeen:{\"before\":1,\"x\":{}} ,").unwrap(),
            [
                ("query", "abc"),
                ("role", "admin|x"),
                ("lastSeen", "{\"before\":1,\"x\":{}}")
            ]
        );
        assert_eq!(fields("").unwrap(), []);
        for wrong in ["abc", "a:b,c", &"x".repeat(5_000), &"a:b,".repeat(40)] {
            assert!(fields(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_unknown_expansion_is_refused() {
        assert_eq!(expand(Some("a, b"), &["a", "b"]).unwrap(), ["a", "b"]);
        assert!(expand(None, &["a"]).unwrap().is_empty());
        assert!(expand(Some("c"), &["a", "b"]).is_err());
    }
}
