//! Concrete resources: what a decision is asked about.

use super::class;
use super::error::ResourceError;
use super::limits::{RESOURCE_BYTES_MAX, SEGMENTS_MAX};
use super::text::{Refusal, STAR_RULE, Selectors, check_selectors, read_name, split_while};

const SEGMENT_RULE: &str = "a segment is type/name";
const AFTER_RULE: &str = "a segment ends at ':' or the end, its tags follow one ';'";

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

/// Whether a text can stand as a name in a resource, as it is and whatever stands around it.
#[must_use]
pub fn is_name(text: &str) -> bool {
    matches!(read_name(text.as_bytes(), "a name cannot be empty"), Ok([]))
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
        Selectors::new(self.selectors)
    }
}
