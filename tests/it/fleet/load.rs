//! A load that notices every loss and every double: each write has an idempotency key and is repeated, at whatever node
//! answers, until one says that it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use sqlx::Row as _;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::support::{Api, run_with};

/// How long a writer tries to get one write done.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause after an attempt that did not go through.
const PAUSE: Duration = Duration::from_millis(50);

/// One write that was acknowledged.
#[derive(Debug, Clone)]
struct Done {
    id: String,
    position: i64,
    /// From the first attempt to the acknowledgement.
    time: (Instant, Instant),
}

/// Writers that go on until they are told to stop.
pub struct Load {
    done: Arc<Mutex<BTreeMap<String, Done>>>,
    failures: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts writers; each begins at another node.
    pub fn start(nodes: &[Api], writers: usize) -> Self {
        let mut load = Self {
            done: Arc::default(),
            failures: Arc::default(),
            stop: Arc::default(),
            writers: Vec::new(),
        };
        for writer in 0..writers {
            let nodes = nodes.to_vec();
            let (done, failures) = (Arc::clone(&load.done), Arc::clone(&load.failures));
            let stop = Arc::clone(&load.stop);
            load.writers.push(tokio::spawn(async move {
                for count in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let name = format!("w{writer}-{count}");
                    let one = write(&nodes, writer, &name, &failures).await;
                    done.lock().await.insert(name, one);
                }
            }));
        }
        load
    }

    /// How many writes were acknowledged.
    pub async fn count(&self) -> usize {
        self.done.lock().await.len()
    }

    /// How many attempts did not go through.
    pub fn failures(&self) -> usize {
        self.failures.load(Ordering::SeqCst)
    }

    /// Waits until so many more are acknowledged.
    pub async fn more(&self, writes: usize) {
        let enough = self.count().await + writes;
        let began = Instant::now();
        while self.count().await < enough {
            assert!(began.elapsed() < PATIENCE, "too few writes go through");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets every writer finish what it began, and gives back what was acknowledged.
    pub async fn stop(self) -> Written {
        self.stop.store(true, Ordering::SeqCst);
        for writer in self.writers {
            writer.await.expect("every write was done in the end");
        }
        let done = self.done.lock().await.clone();
        Written {
            failures: self.failures.load(Ordering::SeqCst),
            done,
        }
    }
}

async fn write(nodes: &[Api], writer: usize, name: &str, failures: &AtomicUsize) -> Done {
    let form = json!({"role": "reader", "name": name});
    let began = Instant::now();
    for attempt in 0.. {
        let node = &nodes[(writer + attempt) % nodes.len()];
        let keyed = node.with("Idempotency-Key", name);
        let request = keyed.request(Method::POST, "/api/v2/tokens").json(&form);
        let request = request.timeout(Duration::from_secs(10));
        match Api::try_send(request).await {
            Ok(answer) if answer.status == 201 => {
                return Done {
                    id: answer.text("/_id"),
                    position: answer.position(),
                    time: (began, Instant::now()),
                };
            }
            Ok(answer) => assert!(answer.status >= 500, "{}: {}", answer.status, answer.body),
            Err(_cut_off) => {}
        }
        failures.fetch_add(1, Ordering::SeqCst);
        assert!(began.elapsed() < PATIENCE, "{name} does not go through");
        tokio::time::sleep(PAUSE).await;
    }
    unreachable!("the attempts have no end")
}

/// What was acknowledged.
pub struct Written {
    pub failures: usize,
    done: BTreeMap<String, Done>,
}

impl Written {
    /// How many writes were on their way at this moment.
    pub fn on_their_way(&self, at: Instant) -> usize {
        let times = self.done.values().map(|done| done.time);
        times
            .filter(|(began, ended)| (*began..*ended).contains(&at))
            .count()
    }

    /// Each write is in the log once, where it was said to be; nothing else is; and the log is whole.
    pub async fn is_what_the_log_holds(&self, url: &str) {
        let folder = tempfile::tempdir().unwrap();
        let env = [("DATABASE_URL", url)];
        let (success, printed, error) = run_with(folder.path(), &env, &["verify-log"]);
        assert!(success && printed.contains("the log is whole"), "{error}");
        let mut database = keyledger_test_postgres::connect(url).await;
        let rows = sqlx::query(
            "SELECT position, encode(stream_id, 'hex') AS about, event_type
             FROM keyledger.event ORDER BY position",
        )
        .fetch_all(&mut database)
        .await
        .unwrap();
        let mut expected: BTreeMap<i64, &str> = BTreeMap::new();
        for (name, done) in &self.done {
            let before = expected.insert(done.position, &done.id);
            assert_eq!(before, None, "{name}: two writes at {}", done.position);
        }
        let mut created = BTreeSet::new();
        for (index, row) in rows.iter().enumerate() {
            let position: i64 = row.get("position");
            assert_eq!(position, i64::try_from(index).unwrap() + 1, "a gap");
            let about: &str = row.get("about");
            let kind: &str = row.get("event_type");
            if let Some(id) = expected.remove(&position) {
                assert_eq!((id, kind), (about, "token.created"), "at {position}");
                created.insert(about.to_owned());
            } else if kind == "token.created" {
                // The owner's own: all that was made without this load.
                assert!(
                    position <= 3,
                    "a token that nobody was told of: {about} at {position}"
                );
            }
        }
        assert!(expected.is_empty(), "lost: {expected:?}");
        assert_eq!(created.len(), self.done.len());
    }

    /// These tokens have a row each, made at the position that was answered: name, id, position.
    pub fn is_what_the_rows_say(&self, rows: Vec<(String, String, i64)>) {
        let count = rows.len();
        let rows: BTreeMap<String, (String, i64)> = rows
            .into_iter()
            .map(|(name, id, position)| (name, (id, position)))
            .collect();
        assert_eq!(rows.len(), count, "a name is there twice");
        for (name, done) in &self.done {
            assert_eq!(rows.get(name), Some(&(done.id.clone(), done.position)));
        }
        assert_eq!(rows.len(), self.done.len() + 1, "these and the owner's");
    }

    /// What a node lists are these tokens, each once.
    pub async fn is_what_it_lists(&self, node: &Api) {
        let mut listed = BTreeMap::new();
        let mut next = Some("/api/v2/tokens?showAll=true&limit=1000".to_owned());
        while let Some(href) = next {
            let page = node.get(&href).await.expect(200);
            for item in page.json["items"].as_array().unwrap() {
                let name = item["name"].as_str().unwrap_or_default().to_owned();
                let id = item["_id"].as_str().unwrap().to_owned();
                let twice = listed.insert(name.clone(), id);
                assert_eq!(twice, None, "{name} is there twice");
            }
            let link = page.json["_links"]["next"]["href"].as_str();
            next = link.map(str::to_owned);
        }
        for (name, done) in &self.done {
            assert_eq!(listed.get(name), Some(&done.id), "{name}");
        }
        assert_eq!(listed.len(), self.done.len() + 1, "these and the owner's");
    }
}
