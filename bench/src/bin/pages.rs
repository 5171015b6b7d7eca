//! The console's pages with a hundred thousand tokens in the account: how long each takes, one at a time, from the request
//! to the last byte, compressed as browsers ask for it.
//!
//! The server has one core, the browser's part the other.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use keyledger_bench::load::{Connection, Question, percentiles, status};
use keyledger_bench::servers::{ALL_CORES, Process, SERVER_CORE, keyledger_binary};
use keyledger_bench::tokens::call;
use serde_json::{Value, json};

/// The members that have tokens, and how many each.
const MEMBERS: u32 = 50;
const TOKENS_OF_EACH: u32 = 2_000;
/// How often each page is asked for, after some times that do not count.
const ASKED: usize = 300;
const WARM: usize = 30;
const OWNER: &str = "owner@example.com";
const PASSWORD: &str = "a password for a while";

fn email(member: u32) -> String {
    format!("member{member}@example.com")
}

/// Signs in; gives the cookie.
async fn sign_in(address: SocketAddr, email: &str) -> String {
    let mut connection = Connection::open(address).await.expect("a connection");
    let form = json!({"email": email, "password": PASSWORD}).to_string();
    let question = Question::new("POST", "/session", &[], &form);
    let answer = connection.ask(&question).await.expect("an answer").to_vec();
    let text = String::from_utf8_lossy(&answer).into_owned();
    let cookie = text
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.unwrap_or_else(|| panic!("no session: {text}"));
    cookie.split(';').next().expect("a cookie").to_owned()
}

/// What the tokens of a member are like: of every kind and scope.
fn form(member: u32, number: u32) -> Value {
    let roles = ["reader", "writer", "admin"];
    let mut form = json!({"name": format!("{} {member}-{number}", ["Deploy", "Laptop", "Report", "Build"][number as usize % 4])});
    match number % 10 {
        0 => {
            form["inlineRole"] = json!([
                {"effect": "allow", "actions": ["view*", "updateOn"], "resources": ["proj/*:env/*:flag/*"]},
                {"effect": "deny", "actions": ["*"], "resources": ["proj/*:env/production:flag/*"]},
            ])
        }
        1 => form["customRoleIds"] = json!(["deployer"]),
        _ => form["role"] = json!(roles[number as usize % 3]),
    }
    if number.is_multiple_of(7) {
        form["serviceToken"] = json!(true);
    }
    form
}

async fn make_tokens(address: SocketAddr, member: u32) {
    let cookie = sign_in(address, &email(member)).await;
    let mut connection = Connection::open(address).await.expect("a connection");
    for number in 0..TOKENS_OF_EACH {
        let form = form(member, number).to_string();
        let headers = [("Cookie", cookie.as_str()), ("Origin", "http://bench")];
        let question = Question::new("POST", "/api/v2/tokens", &headers, &form);
        let answer = connection.ask(&question).await.expect("an answer");
        let text = String::from_utf8_lossy(answer);
        assert_eq!(status(answer), "201", "{text}");
    }
}

/// An account with a hundred thousand tokens of fifty members, half of whom may less than when they made them.
async fn fill(data: &Path) {
    let env = [
        ("KEYLEDGER_OWNER_EMAIL", OWNER.to_owned()),
        ("KEYLEDGER_OWNER_PASSWORD", PASSWORD.to_owned()),
        ("KEYLEDGER_DURABILITY", "normal".to_owned()),
    ];
    let server = Process::keyledger(ALL_CORES, Some(data), &env).await;
    let (address, owner) = (server.address, server.owner());
    let mut connection = Connection::open(address).await.expect("a connection");
    let role = json!({"key": "deployer", "name": "Deployer", "policy": [
        {"effect": "allow", "actions": ["*"], "resources": ["proj/web:env/*:flag/*"]},
    ]});
    call(&mut connection, &owner, "POST", "/api/v2/roles", &role).await;
    let mut members = Vec::new();
    for member in 0..MEMBERS {
        let form = json!([{"email": email(member), "role": "admin", "password": PASSWORD}]);
        let made = call(&mut connection, &owner, "POST", "/api/v2/members", &form).await;
        members.push(made["items"][0]["_id"].as_str().expect("an id").to_owned());
    }
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for member in 0..MEMBERS {
        tasks.spawn(make_tokens(address, member));
    }
    while let Some(made) = tasks.join_next().await {
        made.expect("tokens");
    }
    println!(
        "{} tokens in {:?}",
        MEMBERS * TOKENS_OF_EACH,
        start.elapsed()
    );
    for id in members.iter().step_by(2) {
        let patch = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
        let path = format!("/api/v2/members/{id}");
        call(&mut connection, &owner, "PATCH", &path, &patch).await;
    }
}

async fn measure(address: SocketAddr, cookie: &str, path: &str) -> Value {
    let headers = [("Cookie", cookie), ("Accept-Encoding", "gzip")];
    let question = Question::new("GET", path, &headers, "");
    let mut connection = Connection::open(address).await.expect("a connection");
    let (mut all, mut bytes) = (Vec::new(), 0);
    for number in 0..WARM + ASKED {
        let start = Instant::now();
        let answer = connection.ask(&question).await.expect("an answer");
        let took = start.elapsed();
        assert_eq!(status(answer), "200", "{path}");
        bytes = answer.len();
        if number >= WARM {
            all.push(took);
        }
    }
    let worst = all.iter().max().map_or(0.0, Duration::as_secs_f64) * 1e3;
    let rate = ASKED as f64 / all.iter().sum::<Duration>().as_secs_f64();
    let found = percentiles(rate, rate, all);
    let [p50, p95, p99] = [found.p50_us, found.p95_us, found.p99_us].map(|us| us / 1e3);
    println!("{p50:7.2} {p95:7.2} {p99:7.2} {worst:7.2} ms {bytes:7} bytes  {path}");
    json!({"path": path, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": worst, "bytes": bytes})
}

#[tokio::main]
async fn main() {
    assert!(keyledger_binary().exists());
    let folder = tempfile::tempdir().expect("a folder");
    // A folder that is filled already may be measured again.
    let given = std::env::args().nth(1).map(std::path::PathBuf::from);
    let data = given.unwrap_or_else(|| folder.path().join("data"));
    if !data.exists() {
        fill(&data).await;
    }
    let server = Process::keyledger(SERVER_CORE, Some(&data), &[]).await;
    let address = server.address;
    let mut report = Vec::new();
    for (who, email) in [
        ("owner", OWNER.to_owned()),
        ("a reader with 2,000", email(0)),
    ] {
        let cookie = sign_in(address, &email).await;
        let mut connection = Connection::open(address).await.expect("a connection");
        let headers = [
            ("Cookie", cookie.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let ask = Question::new("GET", "/api/v2/tokens?showAll=true&limit=1", &headers, "");
        let answer = connection.ask(&ask).await.expect("an answer");
        let text = String::from_utf8_lossy(answer).into_owned();
        let body = text.split_once("\r\n\r\n").expect("a body").1;
        let tokens: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}"));
        println!("{who}: {} tokens", tokens["totalCount"]);
        let token = tokens["items"][0]["_id"].as_str().expect("an id");
        let table = "/settings/authorization";
        let mut pages = Vec::new();
        let mut paths = vec![
            table.to_owned(),
            format!("{table}?offset=1900"),
            format!("{table}?offset=99950"),
            format!("{table}?q=deploy"),
            format!("{table}?q=1999"),
            format!("{table}?q=nobody+has+this"),
            format!("{table}?q=member49"),
            format!("{table}?kind=service"),
            format!("{table}?sort=name"),
            format!("{table}?sort=-lastUsed"),
            format!("{table}?sort=expiry"),
            format!("{table}/tokens/{token}"),
            format!("{table}/tokens/new"),
            "/settings/members".to_owned(),
            "/settings/roles".to_owned(),
            "/settings/audit".to_owned(),
        ];
        if who == "owner" {
            paths.push("/settings/overview".to_owned());
        }
        for path in paths {
            pages.push(measure(address, &cookie, &path).await);
        }
        report.push(json!({"who": who, "tokens": tokens["totalCount"], "pages": pages}));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/pages.json");
    std::fs::write(&file, serde_json::to_string_pretty(&report).expect("JSON")).expect("a file");
    println!("written to {}", file.display());
}
