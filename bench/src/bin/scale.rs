//! A thousand to ten million tokens: how long the index takes to know them, what they weigh, how fast it answers; and how
//! long a server with a million of them takes to start.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use keyledger_bench::servers::{ALL_CORES, Process};
use keyledger_domain::event::{self, AccountCreated, Digest, Event, MemberInvited, TokenCreated};
use keyledger_domain::ids::{AccountId, EventId, MemberId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{Resource, RoleAttributes};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_domain::secret::{Pepper, Secret};
use keyledger_eventstore::chain::{self, Link};
use keyledger_eventstore::{
    Append, ChainCheck, Durability, EventLog as _, NewEvent, SqliteLog, StoredEvent,
};
use keyledger_projections::{Live, Peppers};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNT: AccountId = AccountId::from_bytes([1; 12]);
const MEMBERS: u32 = 10_000;
const NOW_MS: i64 = 1_790_000_000_000;
const ASKED: u32 = 65_536;
const STRIDE: usize = 40;

fn id(kind: u8, n: u32) -> [u8; 12] {
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

fn account() -> Event {
    Event::AccountCreated(AccountCreated {
        id: ACCOUNT,
        name: "Account".to_owned(),
        plan: Plan::Enterprise,
    })
}

fn member(n: u32) -> Event {
    Event::MemberInvited(MemberInvited {
        id: MemberId::from_bytes(id(2, n)),
        email: format!("m{n}@example.com"),
        first_name: String::new(),
        last_name: String::new(),
        role: if n == 0 {
            BuiltIn::Owner
        } else {
            BuiltIn::Writer
        },
        custom_roles: Vec::new(),
        role_attributes: RoleAttributes::default(),
        password_hash: None,
    })
}

/// Nine personal tokens for each service token.
fn token(pepper: &Pepper, n: u32) -> Event {
    let service = n % 10 == 0;
    let frozen = |role: BuiltIn| vec![role.scope_policy().statements().to_vec()];
    let secret = secret(pepper, n);
    Event::TokenCreated(TokenCreated {
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
            pepper: pepper.id(),
            bytes: pepper.digest(secret.reveal()),
        },
        ending: secret.ending(),
        expiry_ms: None,
        default_api_version: 20_240_415,
        cloned_from: None,
    })
}

fn stored(check: &mut ChainCheck, event: &Event) -> StoredEvent {
    let mut stored = StoredEvent {
        position: check.position.next(),
        id: EventId::v7(NOW_MS, [0; 10]),
        stream: event.stream(ACCOUNT),
        version: 1,
        event_type: event.type_name().to_owned(),
        schema_version: event.schema_version(),
        recorded_at_ms: NOW_MS,
        payload: event::encode(event).unwrap(),
        metadata: vec![0; 60],
        hash: [0; 32],
        opened: None,
    };
    stored.hash = chain::hash(&check.hash, &Link::from(&stored));
    *check = ChainCheck::resume(stored.position, stored.hash);
    stored
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// In memory, without a log: what the index itself takes.
fn in_memory(tokens: u32) -> serde_json::Value {
    let pepper = Pepper::new(1, &[1; 32]).unwrap();
    let peppers = Peppers {
        current: pepper.clone(),
        older: Vec::new(),
    };
    let live = Live::new(peppers, "api-".to_owned());
    let mut check = ChainCheck::genesis();
    let mut beginning = vec![stored(&mut check, &account())];
    beginning.extend((0..MEMBERS).map(|n| stored(&mut check, &member(n))));
    live.apply(&beginning).unwrap();
    let mut applying = Duration::ZERO;
    for from in (0..tokens).step_by(5_000) {
        let to = tokens.min(from + 5_000);
        let page: Vec<_> = (from..to)
            .map(|n| stored(&mut check, &token(&pepper, n)))
            .collect();
        let start = Instant::now();
        live.apply(&page).unwrap();
        applying += start.elapsed();
    }
    // The secrets lie one behind the other: a request's own bytes are at hand when it is decided.
    let mut secrets = Vec::with_capacity(ASKED as usize * STRIDE);
    for k in 0..ASKED {
        let n = k.wrapping_mul(2_654_435_761) % tokens;
        secrets.extend_from_slice(secret(&pepper, n).reveal().as_bytes());
    }
    let text = "proj/default:env/production:flag/new-checkout";
    let mut rounds = Vec::new();
    for round in 0..12 {
        let start = Instant::now();
        for secret in secrets.chunks_exact(STRIDE) {
            let secret = std::str::from_utf8(secret).unwrap();
            let resource = Resource::parse(black_box(text)).unwrap();
            let judged = live.judge(secret, ("updateOn", &resource), NOW_MS);
            assert!(black_box(judged).allowed());
        }
        let each = start.elapsed().as_nanos() as f64 / f64::from(ASKED);
        if round > 1 {
            rounds.push(each);
        }
    }
    let bytes = live.memory_bytes() as f64 / f64::from(tokens);
    json!({
        "tokens": tokens, "bytes_a_token": bytes, "apply_s": applying.as_secs_f64(),
        "authenticate_and_decide_ns": median(rounds.clone()), "rounds_ns": rounds,
    })
}

async fn write_log(file: &Path, pepper: &Pepper, tokens: u32) {
    let log = SqliteLog::open(file, Durability::Normal).await.unwrap();
    let mut made = 0_u64;
    let mut append = |event: &Event| {
        made += 1;
        let [.., a, b, c, d, e, f, g, h] = made.to_be_bytes();
        NewEvent {
            id: EventId::v7(
                NOW_MS + (made / 1_000) as i64,
                [0, 0, a, b, c, d, e, f, g, h],
            ),
            stream: event.stream(ACCOUNT),
            event_type: event.type_name().into(),
            schema_version: event.schema_version(),
            payload: event::encode(event).unwrap(),
            metadata: event::Metadata {
                by: event::By::Operator,
                request_id: "bench".to_owned(),
            }
            .encode()
            .unwrap(),
        }
    };
    let all = std::iter::once(account())
        .chain((0..MEMBERS).map(member))
        .chain((0..tokens).map(|n| token(pepper, n)));
    let mut batch = Vec::new();
    for event in all {
        batch.push(Append {
            events: vec![append(&event)],
            ..Append::default()
        });
        if batch.len() == 1_000 {
            let done = log.append(&batch, NOW_MS).await.unwrap();
            assert!(done.iter().all(Result::is_ok));
            batch.clear();
        }
    }
    log.append(&batch, NOW_MS).await.unwrap();
}

/// A server's start, from the process to the first answer.
async fn cold_start(tokens: u32) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    // A first start makes the folder with its pepper and keys, which the log then replaces but for the pepper.
    let pepper = Pepper::new(1, &[1; 32]).unwrap();
    let hex: String = [1_u8; 32]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let file = data.join("pepper");
    std::fs::write(&file, format!("1 {hex}\n")).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let start = Instant::now();
    write_log(&data.join("log.db"), &pepper, tokens).await;
    println!("a log of {tokens} tokens took {:?}", start.elapsed());
    let whole = starts(&data, "0").await;
    // One that keeps a snapshot, until it is there; the SQL tables are computed beside it.
    let server = Process::keyledger(ALL_CORES, Some(&data), &[]).await;
    while !data.join("index.snapshot").exists() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(server);
    let bytes = std::fs::metadata(data.join("index.snapshot"))
        .unwrap()
        .len();
    let snapshot = starts(&data, "1000000000").await;
    json!({
        "tokens": tokens, "ready_s, whole log": whole,
        "ready_s, snapshot and tail": snapshot, "snapshot_bytes": bytes,
    })
}

/// Seconds until a server answers, several times. The SQL tables are computed beside it; the next start finds them done
/// or not, as it comes.
async fn starts(data: &Path, snapshot_every: &str) -> Vec<f64> {
    let mut starts = Vec::new();
    for _ in 0..4 {
        let every = [("KEYLEDGER_SNAPSHOT_EVERY", snapshot_every.to_owned())];
        let start = Instant::now();
        let server = Process::keyledger(ALL_CORES, Some(data), &every).await;
        starts.push(start.elapsed().as_secs_f64());
        println!("ready after {:?}", start.elapsed());
        drop(server);
    }
    starts
}

#[tokio::main]
async fn main() {
    let mut report = Vec::new();
    let sizes: &[u32] = match std::env::args().nth(1).as_deref() {
        // Starts alone, which end in no file.
        Some("starts") => &[],
        _ => &[1_000, 100_000, 1_000_000, 10_000_000],
    };
    for &tokens in sizes {
        let measured = in_memory(tokens);
        println!("{measured}");
        report.push(measured);
    }
    let start = cold_start(1_000_000).await;
    println!("{start}");
    if sizes.is_empty() {
        return;
    }
    let out = json!({"index": report, "cold start": start});
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/scale.json");
    std::fs::write(&file, serde_json::to_string_pretty(&out).unwrap()).unwrap();
    println!("written to {}", file.display());
}
