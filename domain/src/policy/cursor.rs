//! A place in a text that is being parsed.

use super::error::Fault;

/// Walks a text by characters and knows where it is.
pub(super) struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, rest: text }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) {
        let mut rest = self.rest.chars();
        rest.next();
        self.rest = rest.as_str();
    }

    /// Reads `wanted` if it comes next.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads as long as `wanted` holds.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self
            .rest
            .find(|found| !wanted(found))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// What comes next breaks `rule`.
    pub(super) fn unexpected(&self, rule: &str) -> Fault {
        Fault::unexpected(self.text, self.offset(), rule)
    }
}
