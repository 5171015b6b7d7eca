//! What a change would do to every token of an account, before it is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyledger_domain::difference::{Change, Difference, difference};
use keyledger_domain::grant::Grant;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use keyledger_domain::permission::Permission;
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::State;

use crate::live::Live;

/// The most pairs of permissions that are compared exactly.
const COMPARED_MAX: usize = 2_000;

/// A token whose permission would change.
#[derive(Debug, Clone)]
pub struct Affected {
    /// The token.
    pub token: TokenId,
    /// Personal or service.
    pub kind: TokenKind,
    /// Who made it.
    pub member: MemberId,
    /// How it would change; none where there were too many to compare them all, or where they are too intricate.
    pub difference: Option<Difference>,
}

/// Tokens with the same member, scope and bounds have the same permission.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    kind: bool,
    member: MemberId,
    scope: usize,
    bounds: usize,
    attributes: usize,
}

impl Alike {
    fn of(grant: &Grant) -> Self {
        // Equal parts are shared by the index, so where they are says which they are. A part that is not
        // shared costs a comparison and nothing else.
        let attributes = grant.attributes.as_ref();
        Self {
            kind: grant.kind == TokenKind::Service,
            member: grant.member,
            scope: Arc::as_ptr(&grant.scope).addr(),
            bounds: Arc::as_ptr(&grant.bounds).addr(),
            attributes: attributes.map_or(0, |own| Arc::as_ptr(own).addr()),
        }
    }
}

fn same(before: &Option<Permission>, after: &Option<Permission>) -> bool {
    before == after
}

/// Every token of an account that works at `now_ms` and would be allowed something else if its ground changed from
/// `before` to `after`, in the order of ids. Long: not for a thread that serves requests.
#[must_use]
pub fn affected(
    live: &Live,
    account: AccountId,
    (before, after): (&State, &State),
    now_ms: i64,
) -> Vec<Affected> {
    // The grants are kept as well, so that where their parts are says something until the end.
    let mut groups: BTreeMap<Alike, (Grant, Vec<TokenId>)> = BTreeMap::new();
    live.each_grant(account, |token, grant, expiry_ms| {
        if expiry_ms.is_none_or(|at| at > now_ms) {
            let group = groups.entry(Alike::of(grant));
            let (_, tokens) = group.or_insert_with(|| (grant.clone(), Vec::new()));
            tokens.push(token);
        }
    });
    let mut found = Vec::new();
    let mut compared = 0_usize;
    for (grant, tokens) in groups.into_values() {
        let (was, will) = (
            before.grant_permission(&grant),
            after.grant_permission(&grant),
        );
        if same(&was, &will) {
            continue;
        }
        compared += 1;
        let difference = (compared <= COMPARED_MAX)
            .then(|| difference(was.as_ref(), will.as_ref()))
            .filter(|difference| difference.change.is_some());
        if difference.as_ref().and_then(|known| known.change) == Some(Change::Same) {
            continue;
        }
        found.extend(tokens.into_iter().map(|token| Affected {
            token,
            kind: grant.kind,
            member: grant.member,
            difference: difference.clone(),
        }));
    }
    found.sort_unstable_by_key(|one| one.token);
    found
}
