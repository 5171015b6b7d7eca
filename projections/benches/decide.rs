//! How fast the access index answers with a million tokens, how fast both projections follow the log,
//! and what a token costs in memory.
#![expect(clippy::unwrap_used, reason = "a benchmark that fails may stop")]

#[path = "../tests/projections/memory_log.rs"]
mod memory_log;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use keyledger_domain::event::{
    self, AccountCreated, Digest, Event, MemberDowngraded, MemberInvited, MemberPromoted,
    TokenCreated,
};
use keyledger_domain::ids::{AccountId, EventId, MemberId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{Resource, RoleAttributes};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_domain::secret::{Pepper, Secret};
use keyledger_eventstore::chain::{self, Link};
use keyledger_eventstore::{ChainCheck, StoredEvent};
use keyledger_projections::{Live, Peppers, Tables, catch_up_tables};
use memory_log::MemoryLog;

const TOKENS: u32 = 1_000_000;
const MEMBERS: u32 = 10_000;
/// Secrets that are asked about, far more than any cache holds records for.
const ASKED: u32 = 65_536;
const NOW_MS: i64 = 1_700_000_000_000;
const ACCOUNT: AccountId = AccountId::from_bytes([1; 12]);

fn id(kind: u8, n: u32) -> [u8; 12] {
    // Spread as random ids are.
    let mixed = u64::from(n)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .to_be_bytes();
    let [a, b, c, d] = n.to_be_bytes();
    let [e, f, g, h, i, j, k, _] = mixed;
    [kind, a, b, c, d, e, f, g, h, i, j, k]
}

fn secret(pepper: &Pepper, n: u32) -> Secret {
    let mut random = [0; 64];
    for (part, chunk) in (0_u8..).zip(random.chunks_mut(32)) {
        chunk.copy_from_slice(&pepper.derive(&format!("{part} {n}")));
    }
    Secret::from_random("api-", &random).unwrap()
}

/// Makes events as a log would hold them.
struct Maker {
    pepper: Pepper,
    check: ChainCheck,
}

impl Maker {
    fn new() -> Self {
        Self {
            pepper: Pepper::new(1, &[1; 32]).unwrap(),
            check: ChainCheck::genesis(),
        }
    }

    fn stored(&mut self, event: &Event, version: i64) -> StoredEvent {
        let mut stored = StoredEvent {
            position: self.check.position.next(),
            id: EventId::v7(NOW_MS, [0; 10]),
            stream: event.stream(ACCOUNT),
            version,
            event_type: event.type_name().to_owned(),
            schema_version: event.schema_version(),
            recorded_at_ms: NOW_MS,
            payload: event::encode(event).unwrap(),
            metadata: vec![0; 60],
            hash: [0; 32],
            opened: None,
        };
        stored.hash = chain::hash(&self.check.hash, &Link::from(&stored));
        self.check = ChainCheck::resume(stored.position, stored.hash);
        stored
    }

    fn beginning(&mut self) -> Vec<StoredEvent> {
        let account = Event::AccountCreated(AccountCreated {
            id: ACCOUNT,
            name: "Account".to_owned(),
            plan: Plan::Enterprise,
        });
        let mut events = vec![self.stored(&account, 1)];
        for n in 0..MEMBERS {
            let member = Event::MemberInvited(MemberInvited {
                id: MemberId::from_bytes(id(2, n)),
                email: format!("m{n}@example.com"),
                first_name: String::new(),
                last_name: String::new(),
                role: BuiltIn::Writer,
                custom_roles: Vec::new(),
                role_attributes: RoleAttributes::default(),
                password_hash: None,
            });
            events.push(self.stored(&member, 1));
        }
        events
    }

    /// Nine personal tokens for each service token.
    fn tokens(&mut self, numbers: std::ops::Range<u32>) -> Vec<StoredEvent> {
        numbers.map(|n| self.token(n)).collect()
    }

    fn token(&mut self, n: u32) -> StoredEvent {
        let service = n.is_multiple_of(10);
        let frozen = |role: BuiltIn| vec![role.scope_policy().statements().to_vec()];
        let secret = secret(&self.pepper, n);
        let event = Event::TokenCreated(TokenCreated {
            id: TokenId::from_bytes(id(3, n)),
            kind: if service {
                TokenKind::Service
            } else {
                TokenKind::Personal
            },
            member: MemberId::from_bytes(id(2, n % MEMBERS)),
            name: format!("token {n}"),
            description: String::new(),
            scope: Scope::Role(BuiltIn::Writer),
            frozen_scope: service.then(|| frozen(BuiltIn::Writer)),
            role_binding: RoleBinding::Frozen,
            role_attributes: RoleAttributes::default(),
            bounds: if service {
                vec![frozen(BuiltIn::Owner)]
            } else {
                Vec::new()
            },
            digest: Digest {
                pepper: self.pepper.id(),
                bytes: self.pepper.digest(secret.reveal()),
            },
            ending: secret.ending(),
            expiry_ms: None,
            default_api_version: 20_240_415,
            cloned_from: None,
        });
        self.stored(&event, 1)
    }

    fn live(&self) -> Live {
        let peppers = Peppers {
            current: self.pepper.clone(),
            older: Vec::new(),
        };
        Live::new(peppers, "api-".to_owned())
    }
}

fn decide(c: &mut Criterion) {
    let mut maker = Maker::new();
    let live = maker.live();
    live.apply(&maker.beginning()).unwrap();
    for from in (0..TOKENS).step_by(5_000) {
        live.apply(&maker.tokens(from..from + 5_000)).unwrap();
    }
    println!(
        "memory: {} tokens, {:.1} bytes a token",
        live.token_count(),
        live.memory_bytes() as f64 / live.token_count() as f64
    );
    // In an order that no prefetcher guesses.
    let asked: Vec<(TokenId, String)> = (0..ASKED)
        .map(|n| n.wrapping_mul(2_654_435_761) % TOKENS)
        .map(|n| {
            let token = TokenId::from_bytes(id(3, n));
            (token, secret(&maker.pepper, n).reveal().to_owned())
        })
        .collect();
    let action = "updateOn";
    let text = "proj/default:env/production:flag/new-checkout";
    let mut next = asked.iter().cycle();
    let mut next = || next.next().unwrap();

    let mut group = c.benchmark_group("live, 1 M tokens");
    group.bench_function("authenticate and decide", |b| {
        b.iter(|| {
            let resource = Resource::parse(black_box(text)).unwrap();
            live.decide(&next().1, action, &resource, NOW_MS).unwrap()
        });
    });
    let mut hot = asked.iter().take(1_000).cycle();
    group.bench_function("authenticate and decide, 1,000 busy tokens", |b| {
        b.iter(|| {
            let resource = Resource::parse(black_box(text)).unwrap();
            let secret = &hot.next().unwrap().1;
            live.decide(secret, action, &resource, NOW_MS).unwrap()
        });
    });
    group.bench_function("decide by id", |b| {
        b.iter(|| {
            let resource = Resource::parse(black_box(text)).unwrap();
            let token = next().0;
            live.decide_by_id(ACCOUNT, token, action, &resource, NOW_MS)
                .unwrap();
        });
    });
    group.bench_function("authenticate", |b| {
        b.iter(|| live.authenticate(&next().1, NOW_MS).unwrap());
    });
    group.bench_function("keyed hash alone", |b| {
        b.iter(|| maker.pepper.digest(&next().1));
    });
    group.bench_function("well-formed but unknown", |b| {
        let unknown = secret(&maker.pepper, TOKENS + 1);
        let resource = Resource::parse(text).unwrap();
        b.iter(|| live.decide(unknown.reveal(), action, &resource, NOW_MS));
    });
    let member = MemberId::from_bytes(id(2, 0));
    let mut version = 1;
    group.bench_function("demote or promote a member", |b| {
        b.iter_batched(
            || {
                version += 1;
                let (from, to) = (BuiltIn::Writer, BuiltIn::Reader);
                let event = if version % 2 == 0 {
                    Event::MemberDowngraded(MemberDowngraded {
                        id: member,
                        from,
                        to,
                    })
                } else {
                    Event::MemberPromoted(MemberPromoted {
                        id: member,
                        from: to,
                        to: from,
                    })
                };
                maker.stored(&event, version)
            },
            |stored| live.apply(&[stored]).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn follow(c: &mut Criterion) {
    const EVENTS: u32 = 100_000;
    let mut maker = Maker::new();
    let mut events = maker.beginning();
    events.extend(maker.tokens(0..EVENTS));
    let mut group = c.benchmark_group("follow");
    group.sample_size(10);
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("apply to the index", |b| {
        b.iter_batched_ref(
            || maker.live(),
            |live| {
                for page in events.chunks(5_000) {
                    live.apply(page).unwrap();
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("check the chain", |b| {
        b.iter(|| {
            let mut check = ChainCheck::genesis();
            events.iter().try_for_each(|event| check.check(event))
        });
    });
    group.finish();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    events.truncate(MEMBERS as usize + 1 + 20_000);
    let tokens = events.split_off(MEMBERS as usize + 1);
    let beginning = events.clone();
    let log = MemoryLog([beginning.clone(), tokens].concat());
    let beginning = MemoryLog(beginning);
    let mut group = c.benchmark_group("tables");
    group.sample_size(10);
    group.throughput(Throughput::Elements(20_000));
    group.bench_function("token.created", |b| {
        b.iter_batched(
            || {
                let folder = tempfile::tempdir().unwrap();
                let tables = runtime.block_on(async {
                    let path = folder.path().join("projections.db");
                    let tables = Tables::open(&path).await.unwrap();
                    catch_up_tables(&beginning, &tables, 0).await.unwrap();
                    tables
                });
                (folder, tables)
            },
            |(folder, tables)| {
                runtime.block_on(catch_up_tables(&log, &tables, 0)).unwrap();
                (folder, tables)
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, decide, follow);
criterion_main!(benches);
