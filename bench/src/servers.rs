//! Servers as processes, on the cores that they are given.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::load::{Connection, Question};

/// The core of whatever is measured.
pub const SERVER_CORE: &str = "0";
/// Both cores.
pub const ALL_CORES: &str = "0,1";

/// A server that ends with the value.
pub struct Process {
    child: Child,
    /// Where its files are.
    pub folder: TempDir,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A port that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// The binary of Keyledger, built for release.
#[must_use]
pub fn keyledger_binary() -> PathBuf {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/keyledger");
    assert!(binary.exists(), "build it first: cargo build --release");
    binary
}

impl Process {
    /// Starts a program on cores, and waits until `path` answers 200 there.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(
        cores: &str,
        program: &Path,
        arguments: &[String],
        env: &[(&str, String)],
        port: u16,
        path: &str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let output = |name: &str| std::fs::File::create(folder.path().join(name)).expect("a file");
        let child = Command::new("taskset")
            .args(["-c", cores])
            .arg(program)
            .args(arguments)
            .current_dir(folder.path())
            .envs(env.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .spawn()
            .expect("taskset");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut process = Self {
            child,
            folder,
            address,
        };
        let question = Question::new("GET", path, &[], "");
        let start = Instant::now();
        loop {
            if let Ok(mut connection) = Connection::open(address).await
                && let Ok(answer) = connection.ask(&question).await
                && crate::load::status(answer) == "200"
            {
                return process;
            }
            let ended = process.child.try_wait().expect("a child");
            let late = start.elapsed() > Duration::from_secs(120);
            assert!(
                ended.is_none() && !late,
                "{}: {}",
                program.display(),
                process.stderr()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// What it said.
    #[must_use]
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    /// What it printed.
    #[must_use]
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout")).unwrap_or_default()
    }

    /// A Keyledger server with more environment.
    pub async fn keyledger(cores: &str, data: Option<&Path>, more: &[(&str, String)]) -> Self {
        let port = free_port();
        let mut env = vec![
            ("KEYLEDGER_LISTEN", format!("127.0.0.1:{port}")),
            ("KEYLEDGER_RATE_ACCOUNT", "0".to_owned()),
            ("KEYLEDGER_RATE_ROUTE", "0".to_owned()),
            ("KEYLEDGER_RATE_TOKEN", "0".to_owned()),
            ("KEYLEDGER_LOG", "info,poem=warn".to_owned()),
            ("KEYLEDGER_FEED", "true".to_owned()),
        ];
        if let Some(data) = data {
            env.push(("KEYLEDGER_DATA_DIR", data.display().to_string()));
        }
        env.extend(more.iter().cloned());
        Self::start(cores, &keyledger_binary(), &[], &env, port, "/health/ready").await
    }

    /// The owner's token that a first start prints.
    #[must_use]
    pub fn owner(&self) -> String {
        let stdout = self.stdout();
        let line = stdout
            .lines()
            .find_map(|line| line.strip_prefix("owner token: "));
        line.expect("a first start").to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
