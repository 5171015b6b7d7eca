//! Resource specifiers: which resources a statement speaks about.

use super::attributes::{Env, is_key};
use super::cursor::Cursor;
use super::error::Fault;
use super::glob::{Glob, GlobBuilder, Piece};
use super::limits::{
    ATTRIBUTE_CHARS_MAX, Limit, Limits, PLACEHOLDERS_MAX, SEGMENTS_MAX, SELECTORS_MAX,
};
use super::resource::{Resource, Segment};
use super::text::Selector;

const SEGMENT_RULE: &str = "a segment is type/name";
const AFTER_NAME_RULE: &str = "a name ends at ':', ';' or the end";
const AFTER_TAG_RULE: &str = "a tag ends at ',', ':' or the end";
const PROPERTY_RULE: &str = "a property is {key:value}, several are {key:value,key:value}";
const DOLLAR_RULE: &str = "'$' only begins a placeholder, ${roleAttribute/name} or ${memberId}";
const PLACEHOLDER_RULE: &str = "the placeholders are ${roleAttribute/name} and ${memberId}";

const SEGMENTS: Limit = Limit {
    max: SEGMENTS_MAX,
    name: "SEGMENTS_MAX",
};
const SELECTORS: Limit = Limit {
    max: SELECTORS_MAX,
    name: "SELECTORS_MAX",
};
const PLACEHOLDERS: Limit = Limit {
    max: PLACEHOLDERS_MAX,
    name: "PLACEHOLDERS_MAX",
};

/// One compiled specifier.
#[derive(Clone, Debug)]
pub(super) enum Specifier {
    /// `*`: every resource, whatever its depth.
    Everything,
    /// Resources of exactly this depth. `acct` has no segments, nor has its resource.
    Path(Box<[SegmentPattern]>),
}

#[derive(Clone, Debug)]
pub(super) struct SegmentPattern {
    /// `None` is any type.
    pub(super) kind: Option<Box<[u8]>>,
    pub(super) name: Glob,
    pub(super) selectors: Box<[SelectorPattern]>,
}

#[derive(Clone, Debug)]
pub(super) enum SelectorPattern {
    Tag(Glob),
    Property(Box<[u8]>, Glob),
}

impl Specifier {
    /// Compiles the text of a specifier.
    pub(super) fn parse(text: &str, limits: &Limits) -> Result<Specifier, Fault> {
        match text {
            "*" => return Ok(Specifier::Everything),
            "acct" => return Ok(Specifier::Path(Box::default())),
            "" => return Err(Fault::whole("a specifier cannot be empty")),
            _ if text.len() > limits.specifier_bytes.max => {
                return Err(Fault::over("bytes in a specifier", limits.specifier_bytes));
            }
            _ => {}
        }
        let mut parser = Parser {
            cursor: Cursor::new(text),
            limits,
            placeholders: 0,
        };
        let mut segments = Vec::new();
        loop {
            if segments.len() == SEGMENTS_MAX {
                let cursor = parser.cursor;
                return Err(Fault::over_at(text, cursor.offset(), "segments", SEGMENTS));
            }
            segments.push(parser.segment()?);
            if !parser.cursor.eat(':') {
                return Ok(Specifier::Path(segments.into_boxed_slice()));
            }
        }
    }

    /// Whether this speaks about `resource`.
    #[inline]
    pub(super) fn matches(&self, resource: &Resource<'_>, env: &Env<'_>) -> bool {
        match self {
            Specifier::Everything => true,
            Specifier::Path(patterns) => {
                patterns.len() == resource.depth()
                    && patterns
                        .iter()
                        .zip(resource.segments())
                        .all(|(pattern, segment)| pattern.matches(&segment, env))
            }
        }
    }
}

impl SegmentPattern {
    #[inline]
    fn matches(&self, segment: &Segment<'_>, env: &Env<'_>) -> bool {
        self.kind
            .as_ref()
            .is_none_or(|kind| **kind == *segment.kind)
            && self.name.matches(segment.name, env)
            && self
                .selectors
                .iter()
                .all(|pattern| pattern.matches(segment, env))
    }
}

impl SelectorPattern {
    fn matches(&self, segment: &Segment<'_>, env: &Env<'_>) -> bool {
        segment.selectors().any(|selector| match (self, selector) {
            (SelectorPattern::Tag(glob), Selector::Tag(tag)) => glob.matches(tag, env),
            (SelectorPattern::Property(wanted, glob), Selector::Property(key, value)) => {
                **wanted == *key && glob.matches(value, env)
            }
            _ => false,
        })
    }
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    limits: &'a Limits,
    placeholders: usize,
}

impl Parser<'_> {
    fn segment(&mut self) -> Result<SegmentPattern, Fault> {
        // The vendor's own examples have a stray slash, as in `env/*:/flag/*`.
        self.cursor.eat('/');
        let kind = if self.cursor.eat('*') {
            None
        } else {
            let kind = self
                .cursor
                .take_while(|found| found.is_ascii_alphanumeric() || matches!(found, '_' | '-'));
            if kind.is_empty() {
                return Err(self.cursor.unexpected(SEGMENT_RULE));
            }
            Some(kind.as_bytes().into())
        };
        if !self.cursor.eat('/') {
            return Err(self.cursor.unexpected(SEGMENT_RULE));
        }
        let name = self.glob("a name cannot be empty")?;
        let selectors = if self.cursor.eat(';') {
            self.selectors()?
        } else {
            Box::default()
        };
        match self.cursor.peek() {
            None | Some(':') => Ok(SegmentPattern {
                kind,
                name,
                selectors,
            }),
            Some(_) if selectors.is_empty() => Err(self.cursor.unexpected(AFTER_NAME_RULE)),
            Some(_) => Err(self.cursor.unexpected(AFTER_TAG_RULE)),
        }
    }

    fn selectors(&mut self) -> Result<Box<[SelectorPattern]>, Fault> {
        let mut selectors = Vec::new();
        loop {
            if self.cursor.eat('{') {
                self.properties(&mut selectors)?;
            } else {
                self.room(&selectors)?;
                selectors.push(SelectorPattern::Tag(self.glob("a tag cannot be empty")?));
            }
            if !self.cursor.eat(',') {
                return Ok(selectors.into_boxed_slice());
            }
        }
    }

    /// Reads what follows an opening brace, up to the closing one.
    fn properties(&mut self, selectors: &mut Vec<SelectorPattern>) -> Result<(), Fault> {
        loop {
            self.room(selectors)?;
            let start = self.cursor.offset();
            let key = self.cursor.take_while(is_key);
            self.fits(start, key.len())?;
            if key.is_empty() || !self.cursor.eat(':') {
                return Err(self.cursor.unexpected(PROPERTY_RULE));
            }
            let value = self.glob(PROPERTY_RULE)?;
            selectors.push(SelectorPattern::Property(key.as_bytes().into(), value));
            if self.cursor.eat('}') {
                return Ok(());
            }
            if !self.cursor.eat(',') {
                return Err(self.cursor.unexpected(PROPERTY_RULE));
            }
        }
    }

    fn room(&self, selectors: &[SelectorPattern]) -> Result<(), Fault> {
        if selectors.len() < SELECTORS_MAX {
            return Ok(());
        }
        Err(Fault::over_at(
            self.cursor.text(),
            self.cursor.offset(),
            "tags and properties on a segment",
            SELECTORS,
        ))
    }

    fn fits(&self, start: usize, bytes: usize) -> Result<(), Fault> {
        if bytes <= self.limits.name_bytes.max {
            return Ok(());
        }
        Err(Fault::over_at(
            self.cursor.text(),
            start,
            "bytes in a name",
            self.limits.name_bytes,
        ))
    }

    /// Reads a name, tag or value up to the first character that ends one.
    fn glob(&mut self, empty: &str) -> Result<Glob, Fault> {
        let start = self.cursor.offset();
        let mut builder = GlobBuilder::default();
        let mut bytes = 0_usize;
        while let Some(found) = self.cursor.peek() {
            match found {
                ':' | ';' | ',' | '{' | '}' => break,
                '$' => {
                    builder.placeholder(self.placeholder()?);
                    continue;
                }
                '*' => builder.star(),
                _ if found.is_control() => {
                    return Err(self.cursor.unexpected("control characters are not allowed"));
                }
                _ => builder.char(found),
            }
            bytes = bytes.saturating_add(found.len_utf8());
            self.cursor.next();
        }
        if self.cursor.offset() == start {
            return Err(self.cursor.unexpected(empty));
        }
        self.fits(start, bytes)?;
        Ok(builder.finish())
    }

    fn placeholder(&mut self) -> Result<Piece, Fault> {
        let start = self.cursor.offset();
        self.cursor.next();
        if !self.cursor.eat('{') {
            return Err(Fault::unexpected(self.cursor.text(), start, DOLLAR_RULE));
        }
        let name = self.cursor.take_while(|found| found != '}');
        if !self.cursor.eat('}') {
            return Err(self.cursor.unexpected("a placeholder ends at '}'"));
        }
        self.placeholders = self.placeholders.saturating_add(1);
        if self.placeholders > PLACEHOLDERS_MAX {
            return Err(Fault::over_at(
                self.cursor.text(),
                start,
                "placeholders in a specifier",
                PLACEHOLDERS,
            ));
        }
        match name.strip_prefix("roleAttribute/") {
            Some(key)
                if (1..=ATTRIBUTE_CHARS_MAX).contains(&key.len()) && key.chars().all(is_key) =>
            {
                Ok(Piece::Attribute(key.into()))
            }
            None if name == "memberId" => Ok(Piece::MemberId),
            _ => Err(Fault::at(
                self.cursor.text(),
                start,
                "unknown placeholder",
                PLACEHOLDER_RULE,
            )),
        }
    }
}
