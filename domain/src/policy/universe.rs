//! Questions that stand for all questions, as far as some policies can tell them apart.
//!
//! An action matters only by which statements it matches, a resource only by which specifiers. So for each set
//! that can be matched at once one text is enough, and asking those is asking everything. What makes this finite
//! is [`automaton`](super::automaton); what keeps it bounded are the limits here.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{TooComplex, signatures};
use super::glob::Glob;
use super::limits::{ACTION_BYTES_MAX, NAME_BYTES_MAX, SEGMENTS_MAX, SELECTORS_MAX};
use super::rule::Rule;
use super::specifier::{SegmentPattern, SelectorPattern, Specifier};
use super::{Env, Policy};

/// The most states of one automaton.
const STATES_MAX: usize = 20_000;
/// The most sets of tags and properties that one segment can match.
const UNIONS_MAX: usize = 2_048;
/// The most ways that one segment can be put together.
const SEGMENTS_TRIED_MAX: usize = 100_000;
/// Characters that names are made of where no pattern asks for one, the nicer ones first.
const FRESH: &str =
    "xyzwvutsrqponmlkjihgfedcba0123456789XYZWVUTSRQPONMLKJIHGFEDCBA_-éàüößñçøåæîôêëïÿ";
/// Every character of actions.
const ACTION_CHARS: &str = "xyzwvutsrqponmlkjihgfedcba0123456789XYZWVUTSRQPONMLKJIHGFEDCBA_-.:";
/// Types of resources that people know, for those that no specifier names.
const KINDS: [&str; 9] = [
    "proj",
    "env",
    "flag",
    "member",
    "role",
    "team",
    "token",
    "service-token",
    "segment",
];
/// Actions that people know: where one stands for a set as well as any text, it is the one that is named.
const ACTIONS: [&str; 40] = [
    "viewProject",
    "updateOn",
    "createFlag",
    "deleteFlag",
    "createProject",
    "deleteProject",
    "createAccessToken",
    "deleteAccessToken",
    "resetAccessToken",
    "updateAccessTokenName",
    "updateAccessTokenDescription",
    "updateAccessTokenPolicy",
    "updateAccessTokenExpiry",
    "viewAccessToken",
    "createMember",
    "deleteMember",
    "viewMember",
    "updateRole",
    "updateCustomRole",
    "updateMemberRoleAttributes",
    "createRole",
    "deleteRole",
    "viewRole",
    "updateName",
    "updateDescription",
    "updatePolicy",
    "updateBasePermissions",
    "updateMembers",
    "updateTokens",
    "createTeam",
    "deleteTeam",
    "viewTeam",
    "updateTeamName",
    "updateTeamDescription",
    "updateTeamMembers",
    "updateTeamCustomRoles",
    "updateTeamPermissionGrants",
    "updateTeamRoleAttributes",
    "updateAccountOwner",
    "viewAccount",
];

/// The statements of some policies, in order.
pub(crate) struct Universe<'p> {
    rules: Vec<&'p Rule>,
}

/// An action that stands for all that match the same statements.
pub(crate) struct Action {
    /// The action.
    pub(crate) text: String,
    /// Which of the statements speak of it.
    pub(crate) active: Vec<bool>,
}

impl<'p> Universe<'p> {
    /// The universe of policies without placeholders.
    pub(crate) fn of(policies: impl Iterator<Item = &'p Policy>) -> Self {
        Self {
            rules: policies.flat_map(|policy| policy.rules.iter()).collect(),
        }
    }

    fn speaking_of(&self, action: &str) -> Vec<bool> {
        let env = Env::default();
        let matches = |rule: &&Rule| {
            rule.actions
                .matches(|glob| glob.matches(action.as_bytes(), &env))
        };
        self.rules.iter().map(matches).collect()
    }

    /// One action for each set of statements that an action can match; known names first.
    pub(crate) fn actions(&self) -> Result<Vec<Action>, TooComplex> {
        let globs: Vec<&Glob> = self
            .rules
            .iter()
            .flat_map(|rule| rule.actions.list.iter())
            .collect();
        let texts = signatures(&globs, ACTION_CHARS, true, ACTION_BYTES_MAX, STATES_MAX)?;
        let known = ACTIONS.iter().map(|action| (*action).to_owned());
        let mut seen = BTreeSet::new();
        let mut actions = Vec::new();
        for text in known.chain(texts.into_values()) {
            let active = self.speaking_of(&text);
            if seen.insert(active.clone()) {
                actions.push(Action { text, active });
            }
        }
        Ok(actions)
    }

    /// The specifiers that speak of an action.
    fn specifiers<'a>(&'a self, active: &'a [bool]) -> impl Iterator<Item = &'p [SegmentPattern]> {
        let rules = self.rules.iter().zip(active).filter(|(_, active)| **active);
        rules
            .flat_map(|(rule, _)| rule.resources.list.iter())
            .filter_map(|specifier| match specifier {
                Specifier::Everything => None,
                Specifier::Path(segments) => Some(&**segments),
            })
    }

    /// Calls `visit` with a resource for each set of specifiers that a resource can match, among those that
    /// speak of an action, until it has enough.
    pub(crate) fn resources(
        &self,
        active: &[bool],
        mut visit: impl FnMut(&str) -> Result<bool, TooComplex>,
    ) -> Result<(), TooComplex> {
        let specifiers: Vec<&[SegmentPattern]> = self.specifiers(active).collect();
        let mut depths: BTreeSet<usize> = specifiers.iter().map(|path| path.len()).collect();
        // One depth that no specifier speaks of stands for all of those.
        depths.extend((1..=SEGMENTS_MAX).find(|depth| !depths.contains(depth)));
        depths.insert(0);
        for depth in depths {
            let mut columns = Vec::with_capacity(depth);
            for column in 0..depth {
                let patterns: Vec<&SegmentPattern> = specifiers
                    .iter()
                    .filter(|path| path.len() == depth)
                    .filter_map(|path| path.get(column))
                    .collect();
                columns.push(segments(&patterns)?);
            }
            if each(&columns, &mut visit)? {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Visits every way to take one of each column; true when `visit` has enough.
fn each(
    columns: &[Vec<String>],
    visit: &mut impl FnMut(&str) -> Result<bool, TooComplex>,
) -> Result<bool, TooComplex> {
    if columns.is_empty() {
        return visit("acct");
    }
    let mut places = vec![0_usize; columns.len()];
    loop {
        let parts: Vec<&str> = columns
            .iter()
            .zip(&places)
            .filter_map(|(column, place)| column.get(*place).map(String::as_str))
            .collect();
        if visit(&parts.join(":"))? {
            return Ok(true);
        }
        let mut carried = true;
        for (column, place) in columns.iter().zip(&mut places).rev() {
            *place += 1;
            carried = *place >= column.len();
            if !carried {
                break;
            }
            *place = 0;
        }
        if carried {
            return Ok(false);
        }
    }
}

/// One segment for each set of patterns that a segment can match.
fn segments(patterns: &[&SegmentPattern]) -> Result<Vec<String>, TooComplex> {
    let named: BTreeSet<&[u8]> = patterns
        .iter()
        .filter_map(|one| one.kind.as_deref())
        .collect();
    let unnamed = KINDS
        .into_iter()
        .find(|kind| !named.contains(kind.as_bytes()));
    // A type that is longer than every one that is named.
    let longest = named.iter().map(|kind| kind.len()).max().unwrap_or(0);
    let unnamed = unnamed.map_or_else(|| "x".repeat(longest + 1), str::to_owned);
    let kinds: Vec<&[u8]> = std::iter::once(unnamed.as_bytes()).chain(named).collect();
    let globs: Vec<&Glob> = patterns.iter().map(|one| &one.name).collect();
    let names = signatures(&globs, FRESH, false, NAME_BYTES_MAX, STATES_MAX)?;
    let unions = unions(patterns)?;
    let mut found: BTreeMap<Vec<bool>, String> = BTreeMap::new();
    if kinds.len() * names.len() * unions.len() > SEGMENTS_TRIED_MAX {
        return Err(TooComplex);
    }
    for kind in &kinds {
        for (matched, name) in &names {
            for (carried, selectors) in &unions {
                let matches = patterns.iter().zip(matched).zip(carried);
                let set = matches
                    .map(|((one, name), selectors)| {
                        let of_kind = one.kind.as_deref().is_none_or(|wanted| wanted == *kind);
                        of_kind && *name && *selectors
                    })
                    .collect();
                let text = || {
                    let kind = String::from_utf8_lossy(kind);
                    if selectors.is_empty() {
                        format!("{kind}/{name}")
                    } else {
                        format!("{kind}/{name};{}", selectors.join(","))
                    }
                };
                let known = found.get(&set).map(String::len);
                let new = text();
                if known.is_none_or(|length| new.len() < length) {
                    found.insert(set, new);
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// One tag or property with the selectors that it matches, of all those of the patterns.
struct Single {
    matched: Vec<bool>,
    text: String,
}

/// The tags, and the properties of each key, that can be told apart.
fn singles(selectors: &[&SelectorPattern]) -> Result<Vec<Single>, TooComplex> {
    let mut groups: BTreeMap<Option<&[u8]>, Vec<(usize, &Glob)>> = BTreeMap::new();
    for (place, selector) in selectors.iter().enumerate() {
        let (key, glob) = match selector {
            SelectorPattern::Tag(glob) => (None, glob),
            SelectorPattern::Property(key, glob) => (Some(&**key), glob),
        };
        groups.entry(key).or_default().push((place, glob));
    }
    let mut singles = Vec::new();
    for (key, group) in groups {
        let globs: Vec<&Glob> = group.iter().map(|(_, glob)| *glob).collect();
        for (set, value) in signatures(&globs, FRESH, false, NAME_BYTES_MAX, STATES_MAX)? {
            let mut matched = vec![false; selectors.len()];
            for ((place, _), hit) in group.iter().zip(set) {
                if let Some(slot) = matched.get_mut(*place) {
                    *slot = hit;
                }
            }
            if matched.contains(&true) {
                let text = match key {
                    None => value,
                    Some(key) => format!("{{{}:{value}}}", String::from_utf8_lossy(key)),
                };
                singles.push(Single { matched, text });
            }
        }
    }
    Ok(singles)
}

/// What tags and properties can bring about: for each pattern whether all of its selectors are met, with the
/// fewest texts that do.
fn unions(patterns: &[&SegmentPattern]) -> Result<BTreeMap<Vec<bool>, Vec<String>>, TooComplex> {
    let selectors: Vec<&SelectorPattern> = patterns
        .iter()
        .flat_map(|one| one.selectors.iter())
        .collect();
    let singles = singles(&selectors)?;
    let mut reached: BTreeMap<Vec<bool>, Vec<String>> =
        BTreeMap::from([(vec![false; selectors.len()], Vec::new())]);
    let mut latest: Vec<Vec<bool>> = reached.keys().cloned().collect();
    for _ in 0..SELECTORS_MAX {
        let mut next = Vec::new();
        for set in &latest {
            let texts = reached.get(set).cloned().unwrap_or_default();
            for single in &singles {
                let union: Vec<bool> = set
                    .iter()
                    .zip(&single.matched)
                    .map(|(one, other)| *one || *other)
                    .collect();
                if reached.contains_key(&union) {
                    continue;
                }
                if reached.len() >= UNIONS_MAX {
                    return Err(TooComplex);
                }
                let mut texts = texts.clone();
                texts.push(single.text.clone());
                reached.insert(union.clone(), texts);
                next.push(union);
            }
        }
        latest = next;
    }
    let mut met: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    for (set, texts) in reached {
        let mut bits = set.into_iter();
        let carried: Vec<bool> = patterns
            .iter()
            .map(|one| {
                let own: Vec<bool> = bits.by_ref().take(one.selectors.len()).collect();
                own.iter().all(|bit| *bit)
            })
            .collect();
        let shorter = met
            .get(&carried)
            .is_none_or(|known| texts.len() < known.len());
        if shorter {
            met.insert(carried, texts);
        }
    }
    Ok(met)
}
