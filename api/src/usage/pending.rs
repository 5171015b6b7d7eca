//! What was noted and is not written yet.

// Its hasher is several times faster on ids than the standard one, and every decision notes a use.
use hashbrown::HashMap;
use keyledger_domain::ids::{AccountId, MemberId, TokenId};
use serde_json::json;

/// The most tokens, and the most members, that are noted between two writes.
const PENDING_MAX: usize = 200_000;

/// When and how a member was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When, Unix milliseconds.
    pub last_ms: i64,
    /// The personal token, unless signed in.
    pub token: Option<TokenId>,
}

#[derive(Debug, Clone, Copy)]
struct Use {
    last_ms: i64,
    calls: u64,
}

/// What one write takes.
#[derive(Debug, Default)]
pub(super) struct Rows {
    tokens: HashMap<(AccountId, TokenId), Use>,
    members: HashMap<(AccountId, MemberId), Seen>,
}

impl Rows {
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty() && self.members.is_empty()
    }

    /// Tokens and members as the statements take them.
    pub(super) fn json(&self) -> (String, String) {
        let tokens: Vec<_> = self
            .tokens
            .iter()
            .map(|((account, token), used)| {
                json!({
                    "account": account.to_string(),
                    "token": token.to_string(),
                    "last_ms": used.last_ms,
                    "calls": used.calls,
                })
            })
            .collect();
        let members: Vec<_> = self
            .members
            .iter()
            .map(|((account, member), seen)| {
                json!({
                    "account": account.to_string(),
                    "member": member.to_string(),
                    "last_ms": seen.last_ms,
                    "token": seen.token.map(|token| token.to_string()),
                })
            })
            .collect();
        (json!(tokens).to_string(), json!(members).to_string())
    }
}

/// The note-book.
#[derive(Debug, Default)]
pub(super) struct Pending {
    noted: Rows,
    /// Being written: still looked at, because the file may not have it yet.
    writing: HashMap<(AccountId, TokenId), i64>,
    /// All members that were ever seen; there are never so many that memory matters.
    members: HashMap<(AccountId, MemberId), Seen>,
    dropped: u64,
}

impl Pending {
    /// A member was seen, as the store says.
    pub(super) fn heard(&mut self, member: (AccountId, MemberId), seen: Seen) {
        let known = self.members.entry(member).or_insert(seen);
        if seen.last_ms > known.last_ms {
            *known = seen;
        }
    }

    /// When a member was last seen, Unix milliseconds; 0 when none was.
    pub(super) fn newest_ms(&self) -> i64 {
        let times = self.members.values().map(|seen| seen.last_ms);
        times.max().unwrap_or(0)
    }

    pub(super) fn used(
        &mut self,
        account: AccountId,
        token: TokenId,
        member: Option<MemberId>,
        now_ms: i64,
    ) {
        let key = (account, token);
        let full = self.noted.tokens.len() >= PENDING_MAX;
        match self.noted.tokens.get_mut(&key) {
            Some(used) => {
                used.last_ms = used.last_ms.max(now_ms);
                used.calls += 1;
            }
            None if full => self.dropped += 1,
            None => {
                let used = Use {
                    last_ms: now_ms,
                    calls: 1,
                };
                self.noted.tokens.insert(key, used);
            }
        }
        if let Some(member) = member {
            self.seen(account, member, Some(token), now_ms);
        }
    }

    pub(super) fn seen(
        &mut self,
        account: AccountId,
        member: MemberId,
        token: Option<TokenId>,
        now_ms: i64,
    ) {
        let (key, seen) = (
            (account, member),
            Seen {
                last_ms: now_ms,
                token,
            },
        );
        self.members.insert(key, seen);
        self.noted.members.insert(key, seen);
    }

    pub(super) fn member(&self, account: AccountId, member: MemberId) -> Option<Seen> {
        self.members.get(&(account, member)).copied()
    }

    /// Puts the uses of an account's tokens that are not written yet over those that are.
    pub(super) fn newest(&self, account: AccountId, found: &mut HashMap<TokenId, i64>) {
        let noted = self.noted.tokens.iter();
        let noted = noted.map(|(key, used)| (key, used.last_ms));
        let writing = self.writing.iter().map(|(key, at_ms)| (key, *at_ms));
        for ((of, token), at_ms) in writing.chain(noted) {
            if *of == account {
                let known = found.entry(*token).or_insert(at_ms);
                *known = at_ms.max(*known);
            }
        }
    }

    pub(super) fn token(&self, account: AccountId, token: TokenId) -> Option<i64> {
        let key = (account, token);
        let noted = self.noted.tokens.get(&key).map(|used| used.last_ms);
        noted.or_else(|| self.writing.get(&key).copied())
    }

    /// Gives away what was noted, and how much was dropped.
    pub(super) fn take(&mut self) -> (Rows, u64) {
        let rows = std::mem::take(&mut self.noted);
        self.writing = rows
            .tokens
            .iter()
            .map(|(key, used)| (*key, used.last_ms))
            .collect();
        (rows, std::mem::take(&mut self.dropped))
    }

    pub(super) fn written(&mut self) {
        self.writing.clear();
    }

    /// Takes back what could not be written, as far as there is room.
    pub(super) fn put_back(&mut self, rows: Rows) {
        for (key, used) in rows.tokens {
            if self.noted.tokens.len() >= PENDING_MAX {
                self.dropped += used.calls;
                continue;
            }
            let newer = self.noted.tokens.entry(key).or_insert(Use {
                last_ms: used.last_ms,
                calls: 0,
            });
            newer.last_ms = newer.last_ms.max(used.last_ms);
            newer.calls += used.calls;
        }
        for (key, seen) in rows.members {
            self.noted.members.entry(key).or_insert(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 12]);
    const TOKEN: TokenId = TokenId::from_bytes([2; 12]);
    const MEMBER: MemberId = MemberId::from_bytes([3; 12]);

    #[test]
    fn what_could_not_be_written_is_kept_and_added_to() {
        let mut pending = Pending::default();
        pending.used(ACCOUNT, TOKEN, Some(MEMBER), 10);
        pending.used(ACCOUNT, TOKEN, Some(MEMBER), 20);
        let (rows, dropped) = pending.take();
        assert_eq!((dropped, pending.token(ACCOUNT, TOKEN)), (0, Some(20)));
        pending.used(ACCOUNT, TOKEN, Some(MEMBER), 30);
        pending.put_back(rows);
        pending.written();
        let (rows, _) = pending.take();
        assert_eq!(rows.tokens[&(ACCOUNT, TOKEN)].calls, 3);
        assert_eq!(rows.tokens[&(ACCOUNT, TOKEN)].last_ms, 30);
        assert_eq!(rows.members[&(ACCOUNT, MEMBER)].last_ms, 30);
    }

    #[test]
    fn a_full_note_book_drops_and_counts() {
        let mut pending = Pending::default();
        for number in 0..PENDING_MAX + 3 {
            let mut id = [0; 12];
            id[..8].copy_from_slice(&number.to_be_bytes());
            pending.used(ACCOUNT, TokenId::from_bytes(id), None, 1);
        }
        let (rows, dropped) = pending.take();
        assert_eq!((rows.tokens.len(), dropped), (PENDING_MAX, 3));
    }
}
