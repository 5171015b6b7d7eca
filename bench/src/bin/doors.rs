//! The doors under load, beside what the web framework costs and beside Cerbos, all in one run.
//!
//! The server has one core and the load the other, except for batches, which have both.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use keyledger_bench::load::{self, Connection, Latencies, Question};
use keyledger_bench::revocation::revocations;
use keyledger_bench::servers::{ALL_CORES, Process, SERVER_CORE, free_port};
use keyledger_bench::tokens::{self, RESOURCE};
use serde::Serialize;
use serde_json::{Value, json};

/// How long each measurement lasts.
const LASTS: Duration = Duration::from_secs(6);
/// Rounds in which everything is measured once; the median counts.
const ROUNDS: usize = 3;
const BATCH: usize = 100;

#[derive(Serialize)]
struct Measured {
    max_per_s: f64,
    rounds_per_s: Vec<f64>,
    at_half: Latencies,
    at_85_percent: Latencies,
}

/// Something to be asked, and where.
struct Target {
    name: &'static str,
    address: std::net::SocketAddr,
    question: Question,
}

async fn cerbos(binary: &Path) -> Process {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let policies = folder.join("policies");
    std::fs::create_dir(&policies).expect("a folder");
    let port = free_port();
    let config = json!({
        "server": {"httpListenAddr": format!("127.0.0.1:{port}"), "grpcListenAddr": format!("127.0.0.1:{}", free_port())},
        "storage": {"driver": "disk", "disk": {"directory": policies, "watchForChanges": false}},
        "telemetry": {"disabled": true},
        "audit": {"enabled": false},
    });
    let rule = |effect: &str, action: &str, expression: &str| {
        json!({"actions": [action], "effect": effect, "roles": ["user"],
            "condition": {"match": {"expr": expression}}})
    };
    let policy = json!({
        "apiVersion": "api.cerbos.dev/v1",
        "resourcePolicy": {"resource": "flag", "version": "default", "rules": [
            rule("EFFECT_ALLOW", "*", "\"staging\" in R.attr.tags"),
            rule("EFFECT_DENY", "updateOn", "R.attr.env == \"production\""),
            rule("EFFECT_ALLOW", "createAccessToken", "R.attr.kind == \"token\""),
            rule("EFFECT_ALLOW", "viewOn", "R.attr.project != \"\""),
        ]},
    });
    // JSON is YAML.
    std::fs::write(folder.join("config.yaml"), config.to_string()).expect("a file");
    std::fs::write(policies.join("flag.yaml"), policy.to_string()).expect("a file");
    let arguments = [
        "server".to_owned(),
        format!("--config={}", folder.join("config.yaml").display()),
        "--log-level=ERROR".to_owned(),
    ];
    Process::start(
        SERVER_CORE,
        binary,
        &arguments,
        &[],
        port,
        "/_cerbos/health",
    )
    .await
}

fn cerbos_question() -> Question {
    let body = json!({
        "requestId": "1",
        "principal": {"id": "ada", "roles": ["user"], "attr": {}},
        "resources": [{"actions": ["updateOn"], "resource": {"kind": "flag", "id": "checkout",
            "attr": {"project": "web", "env": "test", "tags": ["staging"], "kind": "flag"}}}],
    });
    Question::new("POST", "/api/check/resources", &[], &body.to_string())
}

/// Asks once, and gives the body.
async fn once(target: &Target) -> Value {
    let mut connection = Connection::open(target.address)
        .await
        .expect("a connection");
    let answer = connection.ask(&target.question).await.expect("an answer");
    let text = String::from_utf8_lossy(answer).into_owned();
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).unwrap_or(Value::Null)
}

async fn measure(targets: &[Target]) -> BTreeMap<String, Measured> {
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); targets.len()];
    for _ in 0..ROUNDS {
        for (target, rates) in targets.iter().zip(&mut rates) {
            let rate = load::closed(target.address, &target.question, LASTS).await;
            println!("{:32} {rate:9.0}/s", target.name);
            rates.push(rate);
        }
    }
    let mut out = BTreeMap::new();
    for (target, rates) in targets.iter().zip(rates) {
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        let max = sorted[sorted.len() / 2];
        let at = |part: f64| load::open(target.address, &target.question, max * part, LASTS);
        let measured = Measured {
            max_per_s: max,
            rounds_per_s: rates,
            at_half: at(0.5).await,
            at_85_percent: at(0.85).await,
        };
        println!("{:32} {}", target.name, json!(&measured));
        out.insert(target.name.to_owned(), measured);
    }
    out
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let routes = (
        "KEYLEDGER_GATEWAY_ROUTES",
        manifest
            .join("../docs/gateways/routes.toml")
            .display()
            .to_string(),
    );
    let grpc_port = free_port();
    let grpc = ("KEYLEDGER_GRPC_LISTEN", format!("127.0.0.1:{grpc_port}"));
    let server = Process::keyledger(SERVER_CORE, None, &[routes.clone(), grpc]).await;
    let owner = server.owner();
    let (_, asker) = tokens::asker(server.address, &owner).await;
    let (_, secret) = tokens::four_statements(server.address, &owner).await;
    let bearer = format!("Bearer {secret}");

    let bare_port = free_port();
    let bare = std::env::current_exe()
        .expect("a path")
        .with_file_name("bare");
    let address = [format!("127.0.0.1:{bare_port}")];
    let bare = Process::start(SERVER_CORE, &bare, &address, &[], bare_port, "/hello").await;

    let single = json!({"token": secret, "action": "updateOn", "resource": RESOURCE}).to_string();
    let own = json!({"action": "updateOn", "resource": RESOURCE}).to_string();
    let ask = |who: &str, body: &str| {
        Question::new("POST", "/api/v2/decisions", &[("Authorization", who)], body)
    };
    let mut targets = vec![
        Target {
            name: "poem hello",
            address: bare.address,
            question: Question::new("GET", "/hello", &[], ""),
        },
        Target {
            name: "forward-auth",
            address: server.address,
            question: Question::new(
                "GET",
                "/forward-auth/nginx",
                &[
                    ("Authorization", &bearer),
                    ("X-Original-Method", "GET"),
                    ("X-Original-URI", "/flags/checkout"),
                ],
                "",
            ),
        },
        Target {
            name: "decision about another token",
            address: server.address,
            question: ask(&asker, &single),
        },
        Target {
            name: "decision about the own token",
            address: server.address,
            question: ask(&secret, &own),
        },
    ];
    // The echo is as long as the longer of question and answer.
    let answer = once(&targets[2]).await.to_string().len().max(single.len());
    let padding =
        "x".repeat(answer.saturating_sub(r#"{"token":"","action":"","resource":""}"#.len()));
    let echo = json!({"token": padding, "action": "", "resource": ""}).to_string();
    targets.insert(
        1,
        Target {
            name: "poem echo",
            address: bare.address,
            question: Question::new("POST", "/echo", &[], &echo),
        },
    );
    let cerbos_binary = std::env::var("CERBOS").expect("CERBOS is the path of its binary");
    let cerbos = cerbos(Path::new(&cerbos_binary)).await;
    targets.push(Target {
        name: "cerbos",
        address: cerbos.address,
        question: cerbos_question(),
    });
    assert_eq!(once(&targets[3]).await["allowed"], true);
    let theirs = once(&targets[5]).await;
    assert_eq!(
        theirs["results"][0]["actions"]["updateOn"], "EFFECT_ALLOW",
        "{theirs}"
    );
    let mut report = measure(&targets).await;
    // The same question at the rates at which Cerbos was asked.
    let theirs = report["cerbos"].max_per_s;
    let mut at_their_rate = Vec::new();
    for part in [0.5, 0.85] {
        let target = &targets[3];
        at_their_rate
            .push(load::open(target.address, &target.question, theirs * part, LASTS).await);
    }
    println!("at the rates of cerbos {}", json!(&at_their_rate));
    let grpc = grpc::measure(grpc_port, &bearer).await;
    println!("{:32} {}", "gRPC ext_authz", json!(&grpc));
    report.insert("gRPC ext_authz".to_owned(), grpc);
    drop((cerbos, bare));

    let busy = &targets[3].question;
    let (request, answer) = revocations(&server, &owner, &server, busy).await;
    let sidecar_port = free_port();
    let env = [
        ("KEYLEDGER_SERVER", format!("http://{}", server.address)),
        (
            "KEYLEDGER_PEPPER_FILE",
            server
                .folder
                .path()
                .join("keyledger-data/pepper")
                .display()
                .to_string(),
        ),
        ("KEYLEDGER_LISTEN", format!("127.0.0.1:{sidecar_port}")),
    ];
    let sidecar = Process::start(
        SERVER_CORE,
        &keyledger_bench::servers::keyledger_binary(),
        &["sidecar".to_owned()],
        &env,
        sidecar_port,
        "/health/ready",
    )
    .await;
    let (there_request, there_answer) = revocations(&server, &owner, &sidecar, busy).await;
    let revocations = json!({
        "same node, after the request": request, "same node, after the answer": answer,
        "sidecar, after the request": there_request, "sidecar, after the answer": there_answer,
    });
    println!("revocation {revocations}");
    drop((sidecar, server));

    let server = Process::keyledger(ALL_CORES, None, &[]).await;
    let owner = server.owner();
    let (_, secret) = tokens::four_statements(server.address, &owner).await;
    let questions: Vec<Value> = (0..BATCH)
        .map(|number| json!({"resource": format!("proj/web:env/test;staging:flag/f{number}")}))
        .collect();
    let body = json!({"action": "updateOn", "decisions": questions}).to_string();
    let batch = Target {
        name: "batch of 100",
        address: server.address,
        question: ask(&secret, &body),
    };
    let batch = measure(&[batch]).await;
    report.extend(batch);
    let decisions = report["batch of 100"].max_per_s * BATCH as f64;
    println!("batch of 100: {decisions:.0} decisions/s");

    let out = json!({"doors": report, "at the rates of cerbos": at_their_rate, "revocation": revocations});
    let file = manifest.join("results/doors.json");
    std::fs::write(&file, serde_json::to_string_pretty(&out).expect("JSON")).expect("a file");
    println!("written to {}", file.display());
}

mod grpc {
    //! Envoy's question, as Envoy asks it: many calls on one connection.

    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    use envoy_types::ext_authz::v3::pb::CheckRequest;
    use envoy_types::pb::envoy::service::auth::v3::attribute_context::{HttpRequest, Request};
    use envoy_types::pb::envoy::service::auth::v3::{
        AttributeContext, authorization_client::AuthorizationClient,
    };
    use keyledger_bench::load::{CONNECTIONS, Latencies, percentiles, wait_until};
    use tonic::transport::Channel;

    use super::{LASTS, Measured, ROUNDS};

    fn question(bearer: &str) -> CheckRequest {
        let http = HttpRequest {
            method: "GET".to_owned(),
            path: "/flags/checkout".to_owned(),
            host: "api.acme.example".to_owned(),
            headers: [("authorization".to_owned(), bearer.to_owned())].into(),
            ..HttpRequest::default()
        };
        let request = Request {
            http: Some(http),
            ..Request::default()
        };
        CheckRequest {
            attributes: Some(AttributeContext {
                request: Some(request),
                ..AttributeContext::default()
            }),
        }
    }

    async fn ask(client: &mut AuthorizationClient<Channel>, question: &CheckRequest) {
        let answer = client.check(question.clone()).await.expect("an answer");
        let status = answer.into_inner().status.expect("a status");
        assert_eq!(status.code, 0, "{status:?}");
    }

    async fn closed(client: &AuthorizationClient<Channel>, question: &CheckRequest) -> f64 {
        let stop = Arc::new(AtomicBool::new(false));
        let count = Arc::new(AtomicU64::new(0));
        for _ in 0..CONNECTIONS {
            let (mut client, question) = (client.clone(), question.clone());
            let (stop, count) = (Arc::clone(&stop), Arc::clone(&count));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    ask(&mut client, &question).await;
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        tokio::time::sleep(LASTS / 4).await;
        let (from, start) = (count.load(Ordering::Relaxed), Instant::now());
        tokio::time::sleep(LASTS).await;
        let rate = (count.load(Ordering::Relaxed) - from) as f64 / start.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        rate
    }

    async fn open(
        client: &AuthorizationClient<Channel>,
        question: &CheckRequest,
        rate: f64,
    ) -> Latencies {
        let start = Instant::now() + Duration::from_millis(100);
        let step = Duration::from_secs_f64(CONNECTIONS as f64 / rate);
        let mut tasks = Vec::new();
        for number in 0..CONNECTIONS {
            let (mut client, question) = (client.clone(), question.clone());
            let mut due = start + step.mul_f64(number as f64 / CONNECTIONS as f64);
            tasks.push(tokio::spawn(async move {
                let mut latencies = Vec::new();
                while due < start + LASTS {
                    wait_until(due).await;
                    ask(&mut client, &question).await;
                    latencies.push(due.elapsed());
                    due += step;
                }
                latencies
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("no client failed"));
        }
        let reached = all.len() as f64 / start.elapsed().as_secs_f64();
        percentiles(rate, reached, all)
    }

    pub(super) async fn measure(port: u16, bearer: &str) -> Measured {
        let client = AuthorizationClient::connect(format!("http://127.0.0.1:{port}"));
        let (client, question) = (client.await.expect("a connection"), question(bearer));
        let mut rates = Vec::new();
        for _ in 0..ROUNDS {
            rates.push(closed(&client, &question).await);
        }
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        let max = sorted[sorted.len() / 2];
        Measured {
            max_per_s: max,
            rounds_per_s: rates,
            at_half: open(&client, &question, max * 0.5).await,
            at_85_percent: open(&client, &question, max * 0.85).await,
        }
    }
}
