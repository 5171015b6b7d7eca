//! The past of a long log: how long a replay takes, how fast an answer about an earlier moment comes, and what a
//! demotion costs when a million tokens hang on the member.
//!
//! `KEYLEDGER_BENCH_EVENTS` sets how long the log is (1,000,000 unless set; the figures in docs/performance.md are of
//! 10,000,000). It is made first, in a folder that is removed again, with one token for each ten events.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that fails may stop"
)]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyledger_domain::event::{
    self, AccountCreated, By, Digest, Event, MemberDowngraded, MemberInvited, MemberPromoted,
    Metadata, TokenCreated, TokenUpdated,
};
use keyledger_domain::ids::{AccountId, EventId, MemberId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{Resource, RoleAttributes};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_domain::secret::Pepper;
use keyledger_eventstore::{Append, Durability, EventLog, NewEvent, Position, SqliteLog};
use keyledger_projections::{Live, Past, Peppers, Question, Tables, catch_up, catch_up_tables};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNT: AccountId = AccountId::from_bytes([1; 12]);
const MEMBERS: u32 = 10_000;
/// The member on whom one token in two hangs.
const BUSY: u32 = 0;
/// The member on whom one token hangs.
const IDLE: u32 = MEMBERS - 1;
const EVENTS_A_TOKEN: u64 = 10;
const START_MS: i64 = 1_700_000_000_000;
/// Questions about random moments.
const ASKED: u32 = 200;

fn id(kind: u8, n: u32) -> [u8; 12] {
    let [a, b, c, d] = n.to_be_bytes();
    let mixed = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [e, f, g, h, i, j, k, _] = mixed.to_be_bytes();
    [kind, a, b, c, d, e, f, g, h, i, j, k]
}

fn member(n: u32) -> MemberId {
    MemberId::from_bytes(id(2, n))
}

fn token(n: u32) -> TokenId {
    TokenId::from_bytes(id(3, n))
}

/// The member of a token: every second one's is the busy one.
fn member_of(n: u32) -> MemberId {
    match n {
        1 => member(IDLE),
        n if n.is_multiple_of(2) => member(BUSY),
        n => member(1 + n % (MEMBERS - 2)),
    }
}

fn created(n: u32) -> Event {
    // Spread as a keyed hash is.
    let mut bytes = [0; 32];
    for (place, part) in bytes.chunks_mut(8).enumerate() {
        let seed = (u64::from(n) << 2 | place as u64).wrapping_add(1);
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        part.copy_from_slice(&(mixed ^ (mixed >> 29)).to_le_bytes());
    }
    Event::TokenCreated(TokenCreated {
        id: token(n),
        kind: TokenKind::Personal,
        member: member_of(n),
        name: format!("token {n}"),
        description: String::new(),
        scope: Scope::Role(BuiltIn::Writer),
        frozen_scope: None,
        role_binding: RoleBinding::Frozen,
        role_attributes: RoleAttributes::default(),
        bounds: Vec::new(),
        digest: Digest { pepper: 1, bytes },
        ending: "abcd".to_owned(),
        expiry_ms: None,
        default_api_version: 20_240_415,
        cloned_from: None,
    })
}

fn renamed(n: u32, round: u64) -> Event {
    Event::TokenUpdated(TokenUpdated {
        id: token(n),
        name: Some(format!("token {n}, name {round}")),
        description: None,
        scope: None,
        bounds: Vec::new(),
        expiry_ms: None,
        default_api_version: None,
    })
}

/// A member's role goes down and up again.
fn moved(n: u32, down: bool) -> Event {
    let (writer, reader) = (BuiltIn::Writer, BuiltIn::Reader);
    if down {
        Event::MemberDowngraded(MemberDowngraded {
            id: member(n),
            from: writer,
            to: reader,
        })
    } else {
        Event::MemberPromoted(MemberPromoted {
            id: member(n),
            from: reader,
            to: writer,
        })
    }
}

fn beginning() -> Vec<Event> {
    let account = Event::AccountCreated(AccountCreated {
        id: ACCOUNT,
        name: "Account".to_owned(),
        plan: Plan::Enterprise,
    });
    let invited = (0..MEMBERS).map(|n| {
        Event::MemberInvited(MemberInvited {
            id: member(n),
            email: format!("m{n}@example.com"),
            first_name: String::new(),
            last_name: String::new(),
            role: BuiltIn::Writer,
            custom_roles: Vec::new(),
            role_attributes: RoleAttributes::default(),
            password_hash: None,
        })
    });
    std::iter::once(account).chain(invited).collect()
}

/// Fills a log; its times go up with its positions.
struct Filler {
    log: Arc<SqliteLog>,
    now_ms: i64,
    made: u64,
    events: Vec<NewEvent>,
    metadata: Vec<u8>,
}

impl Filler {
    fn new(log: &Arc<SqliteLog>, now_ms: i64, made: u64) -> Self {
        let metadata = Metadata {
            by: By::Operator,
            request_id: "benchmark".to_owned(),
        };
        Self {
            log: Arc::clone(log),
            now_ms,
            made,
            events: Vec::new(),
            metadata: metadata.encode().unwrap(),
        }
    }

    fn new_event(&mut self, event: &Event) -> NewEvent {
        self.made += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.made.to_be_bytes());
        NewEvent {
            id: EventId::v7(self.now_ms, random),
            stream: event.stream(ACCOUNT),
            event_type: event.type_name().into(),
            schema_version: event.schema_version(),
            payload: event::encode(event).unwrap(),
            metadata: self.metadata.clone(),
        }
    }

    async fn push(&mut self, event: &Event) {
        let event = self.new_event(event);
        self.events.push(event);
        if self.events.len() == 8_000 {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        self.now_ms += 1_000;
        let requests: Vec<Append> = self
            .events
            .chunks(1_000)
            .map(|events| Append {
                events: events.to_vec(),
                ..Append::default()
            })
            .collect();
        if !requests.is_empty() {
            let answers = self.log.append(&requests, self.now_ms).await.unwrap();
            assert!(answers.iter().all(Result::is_ok));
        }
        self.events.clear();
    }

    /// An account with its members and tokens.
    async fn fill_tokens(&mut self, tokens: u32) {
        for event in beginning() {
            self.push(&event).await;
        }
        for n in 0..tokens {
            self.push(&created(n)).await;
        }
        self.flush().await;
    }

    async fn fill(&mut self, events: u64) {
        let tokens = tokens_of(events);
        self.fill_tokens(tokens).await;
        let mut down = vec![true; MEMBERS as usize];
        let mut n = 0_u32;
        while self.made < events {
            n = n.wrapping_add(2_654_435_761);
            // One event in fifty is of a member.
            let one = if n.is_multiple_of(50) {
                let at = n % (MEMBERS - 2) + 1;
                let down = &mut down[at as usize];
                *down = !*down;
                moved(at, !*down)
            } else {
                renamed(n % tokens, self.made)
            };
            self.push(&one).await;
        }
        self.flush().await;
    }
}

fn tokens_of(events: u64) -> u32 {
    u32::try_from(events / EVENTS_A_TOKEN).unwrap()
}

fn median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn show(what: &str, times: Vec<Duration>) {
    let count = times.len();
    let (middle, high) = median(times);
    println!("{what}: median {middle:.2?}, p99 {high:.2?} ({count} times)");
}

async fn past(log: &Arc<SqliteLog>, folder: &std::path::Path, head: i64, tokens: u32) {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("past.db"))
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1);
    let store = pool.connect_with(options).await.unwrap();
    let schema = include_str!("../../migrations/sqlite/past/0001_past.sql");
    sqlx::raw_sql(schema).execute(&store).await.unwrap();
    let open = || Past::new(Arc::clone(log) as Arc<dyn EventLog>, Some(store.clone()));
    let begin = Instant::now();
    open().ground(ACCOUNT, Position::new(head)).await.unwrap();
    println!(
        "the first question ever, which makes the snapshots: {:.2?}",
        begin.elapsed()
    );
    let resource = Resource::parse("proj/web:env/live:flag/dark-mode").unwrap();
    let (mut cold, mut warm, mut why) = (Vec::new(), Vec::new(), Vec::new());
    let shared = open();
    for n in 0..ASKED {
        let spread = u64::from(n.wrapping_mul(2_654_435_761));
        let at = 1 + i64::try_from(spread % u64::try_from(head).unwrap()).unwrap();
        let at = Position::new(at);
        let asked = token(u32::try_from(spread % u64::from(tokens)).unwrap());
        let decide = async |past: &Past| {
            let begin = Instant::now();
            let found = past.token(ACCOUNT, asked, at).await.unwrap();
            let ground = past.ground(ACCOUNT, at).await.unwrap();
            let allowed = found.map(|t| ground.check(&t.grant, "updateOn", &resource).is_ok());
            (begin.elapsed(), allowed)
        };
        // A node that has just started, with nothing in memory.
        let (time, first) = decide(&open()).await;
        cold.push(time);
        decide(&shared).await;
        let (time, second) = decide(&shared).await;
        warm.push(time);
        assert_eq!(first, second);
        if n < 20 {
            let question = Question {
                token: asked,
                action: "updateOn",
                resource: &resource,
            };
            let begin = Instant::now();
            let trail = shared.trail(ACCOUNT, question, at, START_MS).await.unwrap();
            why.push(begin.elapsed());
            let works = trail.token.is_some() && trail.explanation.allowed;
            assert_eq!(works, first.unwrap_or(false));
        }
    }
    show("asOf decision, nothing in memory", cold);
    show("asOf decision, asked again", warm);
    show("explanation with what led there", why);
}

/// A demotion of a member with half of all tokens, and of one with a single token.
async fn demotions(folder: &std::path::Path, tokens: u32) {
    let path = folder.join("tokens.db");
    let log = SqliteLog::open(&path, Durability::Full).await.unwrap();
    let log = Arc::new(log);
    let mut filler = Filler::new(&log, START_MS, 0);
    filler.fill_tokens(tokens).await;
    let live = empty();
    catch_up(log.as_ref(), &live).await.unwrap();
    let begin = Instant::now();
    let tables = Tables::open(&folder.join("projections.db")).await.unwrap();
    catch_up_tables(log.as_ref(), &tables, 0).await.unwrap();
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "SQL tables of {tokens} tokens: {:.0} events/s",
        f64::from(tokens + MEMBERS + 1) / seconds
    );
    for (who, name) in [(IDLE, "one token"), (BUSY, "half of all tokens")] {
        let (mut command, mut followed) = (Vec::new(), Vec::new());
        for round in 0..100 {
            let event = moved(who, round % 2 == 0);
            let begin = Instant::now();
            filler.push(&event).await;
            filler.flush().await;
            catch_up(log.as_ref(), &live).await.unwrap();
            command.push(begin.elapsed());
            let begin = Instant::now();
            catch_up_tables(log.as_ref(), &tables, 0).await.unwrap();
            followed.push(begin.elapsed());
        }
        show(
            &format!("demotion, {name}: appended and in the index"),
            command,
        );
        show(
            &format!("demotion, {name}: in the SQL tables after that"),
            followed,
        );
    }
}

/// An index before the first event.
fn empty() -> Arc<Live> {
    let peppers = Peppers {
        current: Pepper::new(1, &[1; 32]).unwrap(),
        older: Vec::new(),
    };
    Arc::new(Live::new(peppers, "api-".to_owned()))
}

fn main() {
    let events = std::env::var("KEYLEDGER_BENCH_EVENTS");
    let events: u64 = events.map_or(1_000_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let kept = std::env::var("KEYLEDGER_BENCH_LOG");
        let path = kept.map_or_else(|_| folder.path().join("log.db"), Into::into);
        let log = SqliteLog::open(&path, Durability::Normal).await.unwrap();
        let log = Arc::new(log);
        let begin = Instant::now();
        let mut filler = Filler::new(&log, START_MS, 0);
        if log.head().await.unwrap().position == Position::ZERO {
            filler.fill(events).await;
        }
        let head = log.head().await.unwrap().position.get();
        println!("made a log of {head} events in {:.1?}", begin.elapsed());
        let live = empty();
        let begin = Instant::now();
        catch_up(log.as_ref(), &live).await.unwrap();
        let seconds = begin.elapsed().as_secs_f64();
        println!(
            "replay into the index: {:.0} events/s",
            head as f64 / seconds
        );
        past(&log, folder.path(), head, tokens_of(events)).await;
        demotions(folder.path(), tokens_of(events)).await;
    });
}
