//! Why a text was refused, and where.

use super::limits::Limit;

/// Characters of the refused text that an error shows.
const SNIPPET_CHARS: usize = 80;

/// A policy, or a set of role attributes, that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", Prefix(.pointer))]
pub struct PolicyError {
    pointer: String,
    fault: Fault,
}

impl PolicyError {
    /// The place in the policy, like `/0/resources/2`; empty for the whole.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The place within the text at `pointer`, in characters from 1, when there is one.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.fault.column
    }
}

/// A text that names no concrete resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ResourceError(pub(super) Fault);

impl ResourceError {
    /// The place within the text, in characters from 1, when there is one.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.column
    }
}

/// Separates a pointer from the message, and vanishes with an empty pointer.
struct Prefix<'a>(&'a str);

impl std::fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, "{}: ", self.0)
        }
    }
}

/// What is wrong with one text, before its place in a policy is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Fault {
    message: String,
    column: Option<usize>,
}

impl Fault {
    /// A fault of something as a whole.
    pub(super) fn whole(message: impl Into<String>) -> Fault {
        Fault {
            message: message.into(),
            column: None,
        }
    }

    /// More of `what` than `limit` lets through.
    pub(super) fn over(what: &str, limit: Limit) -> Fault {
        Fault::whole(format!("more than {} {what} ({})", limit.max, limit.name))
    }

    /// The character at byte `offset` of `text`, or its end, does not belong there.
    pub(super) fn unexpected(text: &str, offset: usize, rule: &str) -> Fault {
        let found = match text.get(offset..).and_then(|rest| rest.chars().next()) {
            Some(found) => format!("unexpected '{}'", Shown(found)),
            None => "unexpected end".to_owned(),
        };
        Fault::at(text, offset, &found, rule)
    }

    /// `problem` at byte `offset` of `text`, because of `rule`.
    pub(super) fn at(text: &str, offset: usize, problem: &str, rule: &str) -> Fault {
        let before = text
            .get(..offset)
            .map_or(0, |before| before.chars().count());
        let column = before.saturating_add(1);
        let snippet = snippet(text, before);
        Fault {
            message: format!("{problem} at character {column} of {snippet}: {rule}"),
            column: Some(column),
        }
    }

    /// Like `over`, at byte `offset` of `text`.
    pub(super) fn over_at(text: &str, offset: usize, what: &str, limit: Limit) -> Fault {
        let rule = format!("at most {} {what} ({})", limit.max, limit.name);
        Fault::at(text, offset, "too much", &rule)
    }

    /// The error to give out, once the place in the policy is known.
    pub(super) fn within(self, pointer: impl Into<String>) -> PolicyError {
        PolicyError {
            pointer: pointer.into(),
            fault: self,
        }
    }
}

/// A character as an error shows it: visible, and on one line.
struct Shown(char);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_control() {
            write!(f, "{}", self.0.escape_default())
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// The text around its character `index`, quoted. Reads no further than it shows.
fn snippet(text: &str, index: usize) -> String {
    let read: Vec<char> = text
        .chars()
        .take(index.saturating_add(SNIPPET_CHARS).saturating_add(1))
        .collect();
    let start = index
        .saturating_sub(SNIPPET_CHARS / 2)
        .min(read.len().saturating_sub(SNIPPET_CHARS));
    let shown: String = read
        .iter()
        .skip(start)
        .take(SNIPPET_CHARS)
        .map(|found| Shown(*found).to_string())
        .collect();
    let head = if start > 0 { "…" } else { "" };
    let tail = if read.len() > start.saturating_add(SNIPPET_CHARS) {
        "…"
    } else {
        ""
    };
    format!("\"{head}{shown}{tail}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_cut_around_its_place() {
        let text = format!("{}!{}", "a".repeat(100), "b".repeat(100));
        let expected = format!("\"…{}!{}…\"", "a".repeat(40), "b".repeat(39));
        assert_eq!(snippet(&text, 100), expected);
        assert_eq!(snippet("short", 5), "\"short\"");
        assert_eq!(
            snippet(&"x".repeat(81), 0),
            format!("\"{}…\"", "x".repeat(80))
        );
        assert_eq!(
            snippet(&"x".repeat(81), 81),
            format!("\"…{}\"", "x".repeat(80))
        );
        assert_eq!(
            snippet(&"x".repeat(80), 80),
            format!("\"{}\"", "x".repeat(80))
        );
    }

    #[test]
    fn columns_count_characters() {
        let fault = Fault::unexpected("äö;x", 4, "no");
        assert_eq!(fault.column, Some(3));
        assert_eq!(
            fault.to_string(),
            "unexpected ';' at character 3 of \"äö;x\": no"
        );
        assert_eq!(
            Fault::unexpected("a\n", 1, "no").to_string(),
            "unexpected '\\n' at character 2 of \"a\\n\": no"
        );
        assert_eq!(
            Fault::unexpected("a", 1, "no").to_string(),
            "unexpected end at character 2 of \"a\": no"
        );
    }
}
