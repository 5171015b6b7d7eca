//! A load generator over HTTP/1.1: closed loop for the maximum, open loop for latencies.
//!
//! In the open loop requests are due at fixed times, and a latency counts from when a request was due: a server that
//! stalls is charged for everybody who would have come meanwhile.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Connections at once.
pub const CONNECTIONS: usize = 32;
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// One request as bytes, and the status that its answer must have.
#[derive(Clone)]
pub struct Question {
    /// The whole request.
    pub bytes: Arc<[u8]>,
    /// `200`, say.
    pub status: &'static str,
}

impl Question {
    /// A request with headers and a body.
    #[must_use]
    pub fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ));
        }
        text.push_str("\r\n");
        text.push_str(body);
        Self {
            bytes: text.into_bytes().into(),
            status: "200",
        }
    }
}

/// A connection that asks one question after the other.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

fn header_end(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}

fn content_length(head: &[u8]) -> usize {
    let text = std::str::from_utf8(head).unwrap_or_default();
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    found
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 << 10),
        })
    }

    /// Asks, and gives the status and the whole answer.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn ask(&mut self, question: &Question) -> io::Result<&[u8]> {
        self.stream.write_all(&question.bytes).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(end) = header_end(&self.buffer) {
                let whole = end + content_length(&self.buffer[..end]);
                if self.buffer.len() >= whole {
                    return Ok(&self.buffer[..whole]);
                }
                if whole > ANSWER_BYTES_MAX {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
    }
}

/// The status of an answer.
#[must_use]
pub fn status(answer: &[u8]) -> &str {
    std::str::from_utf8(answer.get(9..12).unwrap_or_default()).unwrap_or_default()
}

fn require(answer: &[u8], question: &Question) {
    assert_eq!(
        status(answer),
        question.status,
        "{}",
        String::from_utf8_lossy(answer)
    );
}

/// What a closed loop reached, requests a second.
pub async fn closed(address: SocketAddr, question: &Question, lasts: Duration) -> f64 {
    closed_at(&[address], question, lasts, CONNECTIONS).await
}

/// The same over several servers that answer the same, with so many connections in all.
pub async fn closed_at(
    addresses: &[SocketAddr],
    question: &Question,
    lasts: Duration,
    connections: usize,
) -> f64 {
    let stop = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicU64::new(0));
    // Whoever gives the measurement up ends its connections with it.
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..connections {
        let (stop, count, question) = (Arc::clone(&stop), Arc::clone(&count), question.clone());
        let address = addresses[number % addresses.len()];
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await.expect("a connection");
            while !stop.load(Ordering::Relaxed) {
                let answer = connection.ask(&question).await.expect("an answer");
                require(answer, &question);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    // The first part warms up.
    tokio::time::sleep(lasts / 4).await;
    let (from, start) = (count.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(lasts).await;
    let rate = (count.load(Ordering::Relaxed) - from) as f64 / start.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no client failed");
    }
    rate
}

/// Latencies of an open loop, microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latencies {
    /// The rate that was asked for, requests a second.
    pub rate: f64,
    /// The rate that was reached.
    pub reached: f64,
    /// Percentiles.
    pub p50_us: f64,
    /// 95 %.
    pub p95_us: f64,
    /// 99 %.
    pub p99_us: f64,
    /// 99.9 %.
    pub p999_us: f64,
}

/// Percentiles of durations.
#[must_use]
pub fn percentiles(rate: f64, reached: f64, mut all: Vec<Duration>) -> Latencies {
    all.sort_unstable();
    let at = |part: f64| {
        let place = ((all.len() as f64 - 1.0) * part).round() as usize;
        all.get(place)
            .map_or(0.0, |found| found.as_secs_f64() * 1e6)
    };
    Latencies {
        rate,
        reached,
        p50_us: at(0.50),
        p95_us: at(0.95),
        p99_us: at(0.99),
        p999_us: at(0.999),
    }
}

/// Asks at a fixed rate.
pub async fn open(
    address: SocketAddr,
    question: &Question,
    rate: f64,
    lasts: Duration,
) -> Latencies {
    let start = Instant::now() + Duration::from_millis(100);
    let step = Duration::from_secs_f64(CONNECTIONS as f64 / rate);
    let mut tasks = Vec::new();
    for number in 0..CONNECTIONS {
        let question = question.clone();
        let first = start + step.mul_f64(number as f64 / CONNECTIONS as f64);
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await.expect("a connection");
            let mut latencies = Vec::new();
            let mut due = first;
            while due < start + lasts {
                wait_until(due).await;
                let answer = connection.ask(&question).await.expect("an answer");
                require(answer, &question);
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
    // The first tenth warms up; what it was is not sorted out by time, so the run is long instead.
    percentiles(rate, reached, all)
}

/// Timers have a grain of a millisecond; what is left is spent giving others their turn.
pub async fn wait_until(due: Instant) {
    let coarse = Duration::from_millis(2);
    if let Some(left) = due.checked_duration_since(Instant::now())
        && left > coarse
    {
        tokio::time::sleep(left - coarse).await;
    }
    while Instant::now() < due {
        tokio::task::yield_now().await;
    }
}
