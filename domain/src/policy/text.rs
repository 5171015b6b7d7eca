//! The parts of a concrete resource's text, and what is refused in them.

use super::class;
use super::error::{Fault, ResourceError};
use super::limits::{Limit, NAME_BYTES_MAX, SELECTORS_MAX};

pub(super) const STAR_RULE: &str = "a resource is concrete and has no '*'";
const PLACEHOLDER_RULE: &str = "a resource is concrete and has no placeholders";
const PROPERTY_RULE: &str = "a property is {key:value}, several are {key:value,key:value}";

/// A tag or a property of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selector<'a> {
    Tag(&'a [u8]),
    Property(&'a [u8], &'a [u8]),
}

/// Splits after the leading bytes for which `wanted` holds.
#[inline]
pub(super) fn split_while(text: &[u8], wanted: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !wanted(*byte))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// Reads a name, tag or value, and gives what follows it.
#[inline]
pub(super) fn read_name<'a>(text: &'a [u8], empty: &'static str) -> Result<&'a [u8], Refusal> {
    let mut rest = text;
    loop {
        let (_, stop) = split_while(rest, |byte| !class::is(byte, class::STOP));
        match stop {
            [] | [b':' | b';' | b',' | b'{' | b'}', ..] => {
                rest = stop;
                break;
            }
            [b'*', ..] => return Err(Refusal::at(stop, STAR_RULE)),
            [b'$', b'{', ..] => return Err(Refusal::at(stop, PLACEHOLDER_RULE)),
            [0..=0x1f | 0x7f, ..] | [0xc2, 0x80..=0x9f, ..] => {
                return Err(Refusal::at(stop, "control characters are not allowed"));
            }
            [_, tail @ ..] => rest = tail,
        }
    }
    match text.len().saturating_sub(rest.len()) {
        0 => Err(Refusal::at(text, empty)),
        1..=NAME_BYTES_MAX => Ok(rest),
        _ => Err(Refusal::over(
            text,
            "bytes in a name",
            NAME_BYTES_MAX,
            "NAME_BYTES_MAX",
        )),
    }
}

/// Checks tags and properties, and gives what follows them.
pub(super) fn check_selectors(mut rest: &[u8]) -> Result<&[u8], Refusal> {
    let mut braces = false;
    for _ in 0..SELECTORS_MAX {
        if let (false, Some((b'{', tail))) = (braces, rest.split_first()) {
            (braces, rest) = (true, tail);
        }
        if braces {
            let (key, tail) = split_while(rest, |byte| class::is(byte, class::KEY));
            let Some((b':', tail)) = tail.split_first() else {
                return Err(Refusal::at(tail, PROPERTY_RULE));
            };
            match key.len() {
                0 => return Err(Refusal::at(rest, PROPERTY_RULE)),
                1..=NAME_BYTES_MAX => {}
                _ => {
                    return Err(Refusal::over(
                        rest,
                        "bytes in a name",
                        NAME_BYTES_MAX,
                        "NAME_BYTES_MAX",
                    ));
                }
            }
            rest = read_name(tail, PROPERTY_RULE)?;
            if let Some((b'}', tail)) = rest.split_first() {
                (braces, rest) = (false, tail);
            }
        } else {
            rest = read_name(rest, "a tag cannot be empty")?;
        }
        match rest.split_first() {
            Some((b',', tail)) => rest = tail,
            _ if braces => return Err(Refusal::at(rest, PROPERTY_RULE)),
            _ => return Ok(rest),
        }
    }
    Err(Refusal::over(
        rest,
        "tags and properties on a segment",
        SELECTORS_MAX,
        "SELECTORS_MAX",
    ))
}

/// Takes checked selectors apart again.
pub(super) struct Selectors<'a> {
    rest: &'a [u8],
    braces: bool,
}

impl<'a> Selectors<'a> {
    pub(super) fn new(checked: &'a [u8]) -> Selectors<'a> {
        Selectors {
            rest: checked,
            braces: false,
        }
    }
}

impl<'a> Iterator for Selectors<'a> {
    type Item = Selector<'a>;

    fn next(&mut self) -> Option<Selector<'a>> {
        if let (false, Some((b'{', tail))) = (self.braces, self.rest.split_first()) {
            (self.braces, self.rest) = (true, tail);
        }
        if self.rest.is_empty() {
            return None;
        }
        let (item, rest) = split_while(self.rest, |byte| !matches!(byte, b',' | b'}'));
        let selector = if self.braces {
            let (key, value) = split_while(item, |byte| byte != b':');
            Selector::Property(key, value.split_first().map_or(&[], |(_, value)| value))
        } else {
            Selector::Tag(item)
        };
        self.rest = match rest {
            [b'}', tail @ ..] => {
                self.braces = false;
                tail.strip_prefix(b",").unwrap_or(tail)
            }
            _ => rest.strip_prefix(b",").unwrap_or(rest),
        };
        Some(selector)
    }
}

/// Why reading stopped, small enough to cost the good path nothing.
pub(super) struct Refusal {
    /// Bytes that were not read.
    left: usize,
    rule: &'static str,
    limit: Option<Limit>,
}

impl Refusal {
    pub(super) fn at(rest: &[u8], rule: &'static str) -> Refusal {
        Refusal {
            left: rest.len(),
            rule,
            limit: None,
        }
    }

    pub(super) fn over(rest: &[u8], what: &'static str, max: usize, name: &'static str) -> Refusal {
        Refusal {
            left: rest.len(),
            rule: what,
            limit: Some(Limit { max, name }),
        }
    }

    #[cold]
    pub(super) fn explain(&self, text: &str) -> ResourceError {
        let offset = text.len().saturating_sub(self.left);
        ResourceError(match self.limit {
            Some(limit) => Fault::over_at(text, offset, self.rule, limit),
            None => Fault::unexpected(text, offset, self.rule),
        })
    }
}
