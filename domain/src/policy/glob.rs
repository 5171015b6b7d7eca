//! Patterns with stars and placeholders, compiled once and matched without
//! backtracking and without allocation.

use super::attributes::Env;
use super::limits::NAME_BYTES_MAX;

/// One element of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Zero or more characters.
    Star,
    /// These bytes.
    Literal(Box<[u8]>),
    /// Any one value of the role attribute of this name.
    Attribute(Box<str>),
    /// The member's own id.
    MemberId,
}

/// A compiled pattern. The common shapes have a comparison of their own.
#[derive(Clone, Debug)]
pub(super) enum Glob {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    General(Box<[Piece]>),
}

impl Glob {
    /// Chooses the shape for the pieces of a `GlobBuilder`.
    fn new(mut pieces: Vec<Piece>) -> Glob {
        match pieces.as_mut_slice() {
            [Piece::Star] => Glob::Any,
            [Piece::Literal(text)] => Glob::Exact(std::mem::take(text)),
            [Piece::Literal(text), Piece::Star] => Glob::Prefix(std::mem::take(text)),
            [Piece::Star, Piece::Literal(text)] => Glob::Suffix(std::mem::take(text)),
            _ => Glob::General(pieces.into_boxed_slice()),
        }
    }

    /// Whether the pattern is the whole of `text`.
    #[inline]
    pub(super) fn matches(&self, text: &[u8], env: &Env<'_>) -> bool {
        match self {
            Glob::Any => true,
            Glob::Exact(whole) => **whole == *text,
            Glob::Prefix(start) => text.starts_with(start),
            Glob::Suffix(end) => text.ends_with(end),
            Glob::General(pieces) => matches_pieces(pieces, text, env),
        }
    }
}

/// Collects the pieces of a pattern: neighbouring characters become one
/// literal and neighbouring stars one star.
#[derive(Default)]
pub(super) struct GlobBuilder {
    pieces: Vec<Piece>,
    literal: String,
}

impl GlobBuilder {
    pub(super) fn char(&mut self, found: char) {
        self.literal.push(found);
    }

    pub(super) fn star(&mut self) {
        self.flush();
        if !matches!(self.pieces.last(), Some(Piece::Star)) {
            self.pieces.push(Piece::Star);
        }
    }

    pub(super) fn placeholder(&mut self, piece: Piece) {
        self.flush();
        self.pieces.push(piece);
    }

    pub(super) fn finish(mut self) -> Glob {
        self.flush();
        Glob::new(self.pieces)
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal)
                .into_bytes()
                .into_boxed_slice();
            self.pieces.push(Piece::Literal(literal));
        }
    }
}

/// Follows all ways to read `text` at once, as the set of positions that the
/// pieces so far can end at: the cost is pieces times positions, never more.
fn matches_pieces(pieces: &[Piece], text: &[u8], env: &Env<'_>) -> bool {
    // Concrete names are never longer, and the set of positions has no room for more.
    if text.len() > NAME_BYTES_MAX {
        return false;
    }
    let mut ends = Positions::START;
    for piece in pieces {
        ends = match piece {
            Piece::Star => ends.onward(text),
            Piece::Literal(literal) => ends.after(text, literal),
            Piece::Attribute(key) => {
                let values = env.attribute(key).iter();
                values.fold(Positions::NONE, |sum, value| {
                    sum.or(ends.after_value(text, value))
                })
            }
            Piece::MemberId => env
                .member()
                .map_or(Positions::NONE, |id| ends.after_value(text, id)),
        };
        if ends.is_empty() {
            return false;
        }
    }
    ends.contains(text.len())
}

/// The first position in each word of a set.
const BASES: [usize; 4] = [0, 64, 128, 192];

/// A set of positions in a text: 0 before its first byte, up to 255 after its last.
#[derive(Clone, Copy)]
struct Positions([u64; 4]);

impl Positions {
    const NONE: Positions = Positions([0; 4]);
    const START: Positions = Positions([1, 0, 0, 0]);

    fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    fn contains(&self, position: usize) -> bool {
        self.0
            .get(position / 64)
            .is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    fn insert(&mut self, position: usize) {
        if let Some(word) = self.0.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    fn or(self, other: Positions) -> Positions {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Positions([a | e, b | f, c | g, d | h])
    }

    /// The positions in ascending order.
    fn iter(self) -> impl Iterator<Item = usize> {
        let mut words = BASES.into_iter().zip(self.0);
        let (mut base, mut rest) = words.next().unwrap_or_default();
        std::iter::from_fn(move || {
            while rest == 0 {
                (base, rest) = words.next()?;
            }
            let position = base + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            Some(position)
        })
    }

    /// Where a star can end that begins at one of these.
    fn onward(self, text: &[u8]) -> Positions {
        let Some(first) = self.iter().next() else {
            return Positions::NONE;
        };
        // In each word, the bits from the first position on, without those past the end.
        Positions(BASES.map(|base| {
            !below(first.saturating_sub(base)) & below((text.len() + 1).saturating_sub(base))
        }))
    }

    /// Where `literal` can end that begins at one of these.
    fn after(self, text: &[u8], literal: &[u8]) -> Positions {
        let mut ends = Positions::NONE;
        for start in self.iter() {
            if text
                .get(start..)
                .is_some_and(|rest| rest.starts_with(literal))
            {
                ends.insert(start + literal.len());
            }
        }
        ends
    }

    /// Where a value of a placeholder can end, whose own stars are globs.
    fn after_value(self, text: &[u8], value: &str) -> Positions {
        let mut literals = value.as_bytes().split(|byte| *byte == b'*');
        let first = literals.next().unwrap_or_default();
        literals.fold(self.after(text, first), |ends, literal| {
            ends.onward(text).after(text, literal)
        })
    }
}

/// The lowest `count` bits of a word, all of them from 64 on.
fn below(count: usize) -> u64 {
    let bit = u32::try_from(count)
        .ok()
        .and_then(|count| 1_u64.checked_shl(count));
    bit.map_or(u64::MAX, |bit| bit - 1)
}
