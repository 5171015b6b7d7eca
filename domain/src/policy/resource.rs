//! Concrete resources: what a decision is asked about.

use super::class;
use super::error::{Fault, ResourceError};
use super::limits::{Limit, NAME_BYTES_MAX, RESOURCE_BYTES_MAX, SEGMENTS_MAX, SELECTORS_MAX};

const SEGMENT_RULE: &str = "a segment is type/name";
const AFTER_RULE: &str = "a segment ends at ':' or the end, its tags follow one ';'";
const STAR_RULE: &str = "a resource is concrete and has no '*'";
const PLACEHOLDER_RULE: &str = "a resource is concrete and has no placeholders";
const PROPERTY_RULE: &str = "a property is {key:value}, several are {key:value,key:value}";

/// A concrete resource, borrowed from its text. Parsed once per decision,
/// without allocation.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    text: &'a str,
    spans: [Span; SEGMENTS_MAX],
    count: usize,
}

/// Where the parts of one `type/name;selectors` end. Small, because a
/// resource is moved about in each decision.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u16,
    kind: u16,
    name: u16,
    end: u16,
}

/// One segment, all of it checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) kind: &'a [u8],
    pub(super) name: &'a [u8],
    selectors: &'a [u8],
}

/// A tag or a property of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selector<'a> {
    Tag(&'a [u8]),
    Property(&'a [u8], &'a [u8]),
}

impl<'a> Resource<'a> {
    /// Reads a resource's text.
    ///
    /// # Errors
    /// Says where the text breaks the grammar or a limit. A `*` or `${` is
    /// refused, so that nobody asks about a pattern by mistake.
    pub fn parse(text: &'a str) -> Result<Resource<'a>, ResourceError> {
        let mut resource = Resource {
            text,
            spans: [Span::default(); SEGMENTS_MAX],
            count: 0,
        };
        if text == "acct" {
            return Ok(resource);
        }
        match resource.read() {
            Ok(()) => Ok(resource),
            Err(refusal) => Err(refusal.explain(text)),
        }
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// How many segments there are; `acct` has none.
    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.count
    }

    /// The segments in their order.
    #[inline]
    pub(super) fn segments(&self) -> impl Iterator<Item = Segment<'a>> {
        let text = self.text.as_bytes();
        self.spans
            .iter()
            .take(self.count)
            .map(move |span| span.of(text))
    }

    #[inline]
    fn read(&mut self) -> Result<(), Refusal> {
        let text = self.text.as_bytes();
        if text.len() > RESOURCE_BYTES_MAX {
            return Err(Refusal::over(
                text,
                "bytes in a resource",
                RESOURCE_BYTES_MAX,
                "RESOURCE_BYTES_MAX",
            ));
        }
        let mut rest = text;
        for span in &mut self.spans {
            (*span, rest) = Span::read(rest, text.len())?;
            self.count = self.count.saturating_add(1);
            match rest.split_first() {
                None => return Ok(()),
                Some((b':', tail)) => rest = tail,
                Some(_) => return Err(Refusal::at(rest, AFTER_RULE)),
            }
        }
        Err(Refusal::over(
            rest,
            "segments",
            SEGMENTS_MAX,
            "SEGMENTS_MAX",
        ))
    }
}

impl Span {
    /// Reads the segment that `text`, the rest of a text of `length` bytes, begins with.
    #[inline]
    fn read(text: &[u8], length: usize) -> Result<(Span, &[u8]), Refusal> {
        // At most RESOURCE_BYTES_MAX, so it always fits.
        let place =
            |rest: &[u8]| u16::try_from(length.saturating_sub(rest.len())).unwrap_or(u16::MAX);
        let (kind, after_kind) = split_while(text, |byte| class::is(byte, class::KIND));
        let Some((b'/', name)) = after_kind.split_first() else {
            let rule = if after_kind.first() == Some(&b'*') {
                STAR_RULE
            } else {
                SEGMENT_RULE
            };
            return Err(Refusal::at(after_kind, rule));
        };
        if kind.is_empty() {
            return Err(Refusal::at(text, SEGMENT_RULE));
        }
        let after_name = read_name(name, "a name cannot be empty")?;
        let rest = match after_name.split_first() {
            Some((b';', tags)) => check_selectors(tags)?,
            _ => after_name,
        };
        let span = Span {
            start: place(text),
            kind: place(after_kind),
            name: place(after_name),
            end: place(rest),
        };
        Ok((span, rest))
    }

    /// The segment of `text` that this describes.
    #[inline]
    fn of<'a>(&self, text: &'a [u8]) -> Segment<'a> {
        // A slash follows the type; a semicolon follows the name if there are selectors.
        let part = |start: u16, end: u16| {
            text.get(usize::from(start)..usize::from(end))
                .unwrap_or_default()
        };
        Segment {
            kind: part(self.start, self.kind),
            name: part(self.kind.saturating_add(1), self.name),
            selectors: part(self.name.saturating_add(1), self.end),
        }
    }
}

impl<'a> Segment<'a> {
    /// The tags and properties.
    pub(super) fn selectors(&self) -> Selectors<'a> {
        Selectors {
            rest: self.selectors,
            braces: false,
        }
    }
}

/// Splits after the leading bytes for which `wanted` holds.
#[inline]
fn split_while(text: &[u8], wanted: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !wanted(*byte))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// Reads a name, tag or value, and gives what follows it.
#[inline]
fn read_name<'a>(text: &'a [u8], empty: &'static str) -> Result<&'a [u8], Refusal> {
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
fn check_selectors(mut rest: &[u8]) -> Result<&[u8], Refusal> {
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
struct Refusal {
    /// Bytes that were not read.
    left: usize,
    rule: &'static str,
    limit: Option<Limit>,
}

impl Refusal {
    fn at(rest: &[u8], rule: &'static str) -> Refusal {
        Refusal {
            left: rest.len(),
            rule,
            limit: None,
        }
    }

    fn over(rest: &[u8], what: &'static str, max: usize, name: &'static str) -> Refusal {
        Refusal {
            left: rest.len(),
            rule: what,
            limit: Some(Limit { max, name }),
        }
    }

    #[cold]
    fn explain(&self, text: &str) -> ResourceError {
        let offset = text.len().saturating_sub(self.left);
        ResourceError(match self.limit {
            Some(limit) => Fault::over_at(text, offset, self.rule, limit),
            None => Fault::unexpected(text, offset, self.rule),
        })
    }
}
