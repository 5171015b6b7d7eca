//! Which tokens of a roll are on a page.

use std::cmp::Ordering;
use std::collections::HashSet;

use keyledger_domain::ids::{MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use memchr::memmem::Finder;

use super::super::list::{Page, TokenFilter};
use super::super::search::{TokenSearch, TokenSort};
use super::{Entry, Roll};

/// A token that is asked for.
struct Found<'r> {
    /// The position at which it was made.
    made: i64,
    entry: &'r Entry,
    /// When it was last used, Unix milliseconds; for an order by use only.
    used_ms: Option<i64>,
}

/// When a token ends; what never does comes after everything else.
const fn end(entry: &Entry) -> (bool, Option<i64>) {
    (entry.expiry_ms.is_none(), entry.expiry_ms)
}

/// The order of a list; where it is equal, the newest come first.
fn order(sort: TokenSort, a: &Found<'_>, b: &Found<'_>) -> Ordering {
    let order = match sort {
        TokenSort::Newest => Ordering::Equal,
        TokenSort::Oldest => return a.made.cmp(&b.made),
        TokenSort::Name => a.entry.name.cmp(&b.entry.name),
        TokenSort::NameBackwards => b.entry.name.cmp(&a.entry.name),
        TokenSort::EndsSoonest => end(a.entry).cmp(&end(b.entry)),
        TokenSort::EndsLatest => end(b.entry).cmp(&end(a.entry)),
        // What was never used is less than any time.
        TokenSort::UsedLast => b.used_ms.cmp(&a.used_ms),
        TokenSort::UsedLeast => a.used_ms.cmp(&b.used_ms),
    };
    order.then(b.made.cmp(&a.made))
}

/// The part of a list that is on a page, in order; the rest need not be.
fn cut<T>(mut all: Vec<T>, page: Page, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let from = (page.offset as usize).min(all.len());
    let until = from.saturating_add(page.limit as usize).min(all.len());
    if from == until {
        return Vec::new();
    }
    if until < all.len() {
        all.select_nth_unstable_by(until, &order);
        all.truncate(until);
    }
    if from > 0 {
        all.select_nth_unstable_by(from, &order);
        all.drain(..from);
    }
    all.sort_unstable_by(order);
    all
}

impl Roll {
    /// The tokens of a page that `visible` shows and `search` asks for, where `members` are those whom the text is about; and
    /// how many there are in all.
    pub(super) fn pick(
        &self,
        visible: &TokenFilter,
        search: &TokenSearch,
        members: &HashSet<MemberId>,
        page: Page,
    ) -> (Vec<TokenId>, u64) {
        let text = search.text.as_deref();
        let lower = text.map(str::to_ascii_lowercase).unwrap_or_default();
        let finder = Finder::new(&lower);
        let id: Option<TokenId> = text.and_then(|text| text.parse().ok());
        let is_asked_for = |entry: &Entry| {
            let seen = visible.all
                || entry.kind == TokenKind::Service
                || visible.own_member == Some(entry.member);
            let kind = search.kind.is_none_or(|kind| kind == entry.kind);
            let said = text.is_none_or(|text| {
                finder.find(entry.name.as_bytes()).is_some()
                    || *entry.ending == *text
                    || id == Some(entry.id)
                    || members.contains(&entry.member)
            });
            seen && kind && said
        };
        let found: Vec<Found<'_>> = self
            .tokens
            .iter()
            .filter(|(_, entry)| is_asked_for(entry))
            .map(|(made, entry)| Found {
                made: *made,
                entry,
                used_ms: search.used.get(&entry.id).copied(),
            })
            .collect();
        let total = found.len() as u64;
        let page = cut(found, page, |a, b| order(search.sort, a, b));
        (page.iter().map(|found| found.entry.id).collect(), total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_list_is_what_sorting_all_of_it_gives() {
        let all: Vec<u32> = (0..57).map(|n| n * 31 % 57).collect();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        for offset in [0, 1, 20, 50, 56, 57, 90] {
            for limit in [0, 1, 5, 57, u32::MAX] {
                let page = Page { limit, offset };
                let rest = sorted.iter().skip(offset as usize);
                let expected: Vec<u32> = rest.take(limit as usize).copied().collect();
                assert_eq!(cut(all.clone(), page, u32::cmp), expected, "{page:?}");
            }
        }
    }
}
