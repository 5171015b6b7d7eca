//! Lists from the roll in memory against the same lists in SQL.

use keyledger_domain::ids::{MemberId, TokenId};
use keyledger_domain::scope::TokenKind;
use keyledger_projections::{Page, Tables, TokenFilter, TokenSearch, TokenSort, catch_up_tables};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use super::harness::Step;
use super::memory_log::MemoryLog;
use super::world::World;

const SORTS: [TokenSort; 8] = [
    TokenSort::Newest,
    TokenSort::Oldest,
    TokenSort::Name,
    TokenSort::NameBackwards,
    TokenSort::EndsSoonest,
    TokenSort::EndsLatest,
    TokenSort::UsedLast,
    TokenSort::UsedLeast,
];

/// What is asked for: numbers point into what the world has.
#[derive(Debug, Clone)]
struct Asked {
    all: bool,
    own: Option<u8>,
    text: Option<(u8, bool)>,
    kind: Option<TokenKind>,
    sort: TokenSort,
    used: Vec<(u8, i64)>,
    page: Page,
}

fn asked() -> impl Strategy<Value = Asked> {
    let kind = prop::option::of(select(vec![TokenKind::Personal, TokenKind::Service]));
    let page = (0..6_u32, 0..9_u32).prop_map(|(limit, offset)| Page { limit, offset });
    (
        any::<bool>(),
        prop::option::of(any::<u8>()),
        prop::option::weighted(0.6, (any::<u8>(), any::<bool>())),
        kind,
        select(SORTS.to_vec()),
        prop::collection::vec((any::<u8>(), 1..4_i64), 0..6),
        page,
    )
        .prop_map(|(all, own, text, kind, sort, used, page)| Asked {
            all,
            own,
            text,
            kind,
            sort,
            used,
            page,
        })
}

fn pick<T: Clone>(list: &[T], number: u8) -> Option<T> {
    list.get(usize::from(number) % list.len().max(1)).cloned()
}

/// Parts of what there is, and what there is not.
fn text(world: &World, tokens: &[TokenId], (number, upper): (u8, bool)) -> String {
    let mut known: Vec<String> = vec!["%".to_owned(), "_".to_owned(), "nobody".to_owned()];
    for id in tokens {
        let token = &world.state.tokens[id];
        known.push(token.id.to_string());
        known.push(token.ending.clone());
        known.push(token.name.chars().skip(1).take(3).collect());
        let member = &world.state.members[&token.grant.member];
        known.push(member.email.chars().take(4).collect());
    }
    known.retain(|text| !text.is_empty());
    let text = pick(&known, number).unwrap_or_default();
    match upper {
        true => text.to_uppercase(),
        false => text,
    }
}

async fn is_the_same(tables: &Tables, world: &World, asked: &Asked) {
    let mut tokens: Vec<TokenId> = world.state.tokens.keys().copied().collect();
    tokens.sort_unstable();
    let mut members: Vec<MemberId> = world.state.members.keys().copied().collect();
    members.sort_unstable();
    let visible = TokenFilter {
        all: asked.all,
        own_member: asked.own.and_then(|number| pick(&members, number)),
    };
    let used = asked.used.iter();
    let used = used.filter_map(|(number, at_ms)| Some((pick(&tokens, *number)?, *at_ms)));
    let search = TokenSearch {
        text: asked.text.map(|number| text(world, &tokens, number)),
        kind: asked.kind,
        sort: asked.sort,
        used: used.collect(),
    };
    let fast = tables.search_tokens(world.account, &visible, &search, asked.page);
    let slow = tables.search_tokens_by_sql(world.account, &visible, &search, asked.page);
    assert_eq!(fast.await.unwrap(), slow.await.unwrap(), "{search:?}");
}

#[test]
fn whatever_happens_and_is_asked_the_roll_says_what_sql_says() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        max_shrink_iters: 500,
        ..ProptestConfig::default()
    };
    // Some things happen, something is asked, and so on: the roll reads on from where it was.
    let part = (
        prop::collection::vec(any::<Step>(), 1..32),
        prop::collection::vec(asked(), 1..8),
    );
    let parts = prop::collection::vec(part, 1..6);
    let outcome = TestRunner::new(config).run(&parts, |parts| {
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let tables = Tables::open(&folder.path().join("p.db")).await.unwrap();
            let mut world = World::new();
            for (steps, questions) in &parts {
                for step in steps {
                    world.step(*step);
                }
                let log = MemoryLog(world.log.clone());
                catch_up_tables(&log, &tables, world.now_ms).await.unwrap();
                for asked in questions {
                    is_the_same(&tables, &world, asked).await;
                }
            }
            tables.close().await;
        });
        Ok(())
    });
    outcome.unwrap();
}
