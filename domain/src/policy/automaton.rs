//! Which sets of patterns a text can match at once, each with the shortest text that does.
//!
//! All patterns are followed together, character by character, over an alphabet of the characters that stand in
//! them and one that stands in none. Two texts that reach the same state are alike to every pattern, so a finite
//! number of states covers all texts.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::glob::{Glob, Piece};

/// The work was more than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooComplex;

/// One step of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Star,
    Char(char),
}

/// A pattern as steps; none when it has placeholders.
fn steps(glob: &Glob) -> Option<Vec<Step>> {
    let literal = |bytes: &[u8]| -> Option<Vec<Step>> {
        let text = std::str::from_utf8(bytes).ok()?;
        Some(text.chars().map(Step::Char).collect())
    };
    Some(match glob {
        Glob::Any => vec![Step::Star],
        Glob::Exact(text) => literal(text)?,
        Glob::Prefix(text) => [literal(text)?, vec![Step::Star]].concat(),
        Glob::Suffix(text) => [vec![Step::Star], literal(text)?].concat(),
        Glob::General(pieces) => {
            let mut all = Vec::new();
            for piece in pieces {
                match piece {
                    Piece::Star => all.push(Step::Star),
                    Piece::Literal(text) => all.extend(literal(text)?),
                    Piece::Attribute(_) | Piece::MemberId => return None,
                }
            }
            all
        }
    })
}

/// Where each pattern can be: the steps that are done, as a set of bits for each pattern.
type State = Vec<Vec<u64>>;

fn insert(set: &mut [u64], at: usize) {
    if let Some(word) = set.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

fn contains(set: &[u64], at: usize) -> bool {
    set.get(at / 64)
        .is_some_and(|word| word & (1 << (at % 64)) != 0)
}

/// Adds what is reached without a character: a star may stand for none.
fn settle(pattern: &[Step], set: &mut [u64]) {
    for (at, step) in pattern.iter().enumerate() {
        if *step == Step::Star && contains(set, at) {
            insert(set, at + 1);
        }
    }
}

fn after(pattern: &[Step], set: &[u64], found: char) -> Vec<u64> {
    let mut next = vec![0; set.len()];
    for (at, step) in pattern.iter().enumerate() {
        if contains(set, at) {
            match step {
                Step::Star => insert(&mut next, at),
                Step::Char(wanted) if *wanted == found => insert(&mut next, at + 1),
                Step::Char(_) => {}
            }
        }
    }
    settle(pattern, &mut next);
    next
}

/// Every set of patterns that a text of 1 to `bytes_max` bytes can match, with the shortest such text. The bits
/// are in the order of the patterns. `fresh` are characters of which one that stands in no pattern is used; where
/// `fresh_is_all`, there are no others, and there need not be one.
///
/// # Errors
/// When there are placeholders, or more than `states_max` states.
pub(super) fn signatures(
    globs: &[&Glob],
    fresh: &str,
    fresh_is_all: bool,
    bytes_max: usize,
    states_max: usize,
) -> Result<BTreeMap<Vec<bool>, String>, TooComplex> {
    // The same pattern stands in many statements; it is followed once.
    let mut patterns: Vec<Vec<Step>> = Vec::new();
    let mut places = Vec::with_capacity(globs.len());
    for glob in globs {
        let pattern = steps(glob).ok_or(TooComplex)?;
        let known = patterns.iter().position(|known| *known == pattern);
        places.push(known.unwrap_or(patterns.len()));
        if known.is_none() {
            patterns.push(pattern);
        }
    }
    let mut alphabet: Vec<char> = patterns
        .iter()
        .flatten()
        .filter_map(|step| match step {
            Step::Char(c) => Some(*c),
            Step::Star => None,
        })
        .collect();
    alphabet.sort_unstable();
    alphabet.dedup();
    match fresh.find(|c| alphabet.binary_search(&c).is_err()) {
        Some(c) => alphabet.extend(fresh.get(c..).and_then(|rest| rest.chars().next())),
        None if fresh_is_all => {}
        None => return Err(TooComplex),
    }

    let start: State = patterns
        .iter()
        .map(|pattern| {
            let mut set = vec![0; pattern.len() / 64 + 1];
            insert(&mut set, 0);
            settle(pattern, &mut set);
            set
        })
        .collect();
    let mut found: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    // The empty text is none, so where it is does not count as reached.
    let mut best: HashMap<State, usize> = HashMap::new();
    // The shortest first; among those of one length the first in order, so that answers do not vary.
    let mut open = BinaryHeap::from([(std::cmp::Reverse((0_usize, String::new())), start)]);
    while let Some((std::cmp::Reverse((bytes, text)), state)) = open.pop() {
        if !text.is_empty() && best.get(&state).is_some_and(|known| *known < bytes) {
            continue;
        }
        if !text.is_empty() {
            let matched: Vec<bool> = patterns
                .iter()
                .zip(&state)
                .map(|(pattern, set)| contains(set, pattern.len()))
                .collect();
            let matched = places
                .iter()
                .map(|place| matched.get(*place).copied().unwrap_or(false));
            found
                .entry(matched.collect())
                .or_insert_with(|| text.clone());
        }
        for c in &alphabet {
            let longer = bytes + c.len_utf8();
            if longer > bytes_max {
                continue;
            }
            let next: State = patterns
                .iter()
                .zip(&state)
                .map(|(pattern, set)| after(pattern, set, *c))
                .collect();
            if best.get(&next).is_none_or(|known| longer < *known) {
                if best.len() >= states_max {
                    return Err(TooComplex);
                }
                best.insert(next.clone(), longer);
                open.push((std::cmp::Reverse((longer, format!("{text}{c}"))), next));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::glob::GlobBuilder;
    use super::*;

    fn glob(text: &str) -> Glob {
        let mut builder = GlobBuilder::default();
        for c in text.chars() {
            match c {
                '*' => builder.star(),
                c => builder.char(c),
            }
        }
        builder.finish()
    }

    fn found(patterns: &[&str]) -> Vec<(String, String)> {
        let globs: Vec<Glob> = patterns.iter().map(|text| glob(text)).collect();
        let globs: Vec<&Glob> = globs.iter().collect();
        let signatures = signatures(&globs, "xyz", false, 255, 10_000).unwrap();
        let bits = |bits: Vec<bool>| {
            bits.iter()
                .map(|bit| if *bit { '1' } else { '0' })
                .collect()
        };
        signatures
            .into_iter()
            .map(|(set, text)| (bits(set), text))
            .collect()
    }

    fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(set, text)| ((*set).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn every_set_that_can_be_matched_has_its_shortest_text() {
        assert_eq!(found(&["*"]), expected(&[("1", "x")]));
        assert_eq!(found(&["a"]), expected(&[("0", "x"), ("1", "a")]));
        assert_eq!(
            found(&["a*", "*b"]),
            expected(&[("00", "x"), ("01", "b"), ("10", "a"), ("11", "ab")])
        );
        // Whatever is `ab` begins with `a`.
        assert_eq!(
            found(&["ab", "a*"]),
            expected(&[("00", "b"), ("01", "a"), ("11", "ab")])
        );
        assert_eq!(
            found(&["*a*", "*b*", "*c*"]).len(),
            8,
            "each of them can be there or not"
        );
        assert_eq!(found(&["größe*"]).len(), 2);
        assert_eq!(found(&[]), expected(&[("", "x")]));
    }

    #[test]
    fn too_many_states_are_refused() {
        let many: Vec<String> = ('a'..='z').map(|c| format!("*{c}*")).collect();
        let globs: Vec<Glob> = many.iter().map(|text| glob(text)).collect();
        let globs: Vec<&Glob> = globs.iter().collect();
        assert_eq!(signatures(&globs, "0", false, 255, 1_000), Err(TooComplex));
    }
}
