//! The binary, as a child process with a data folder of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::Api;

/// How long a server may take to become ready.
const READY: Duration = Duration::from_secs(60);

/// The binary that is tested: beside the test executable, in the same profile.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.ancestors().nth(2).expect("a target folder");
    let binary = folder.join("keyledger");
    assert!(
        binary.exists(),
        "{} is missing: build it first with `cargo build -p keyledger`",
        binary.display()
    );
    binary
}

/// Runs the binary to its end; gives success, standard output and standard error.
pub fn run(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    run_with(data, &[], arguments)
}

/// The same with more environment.
pub fn run_with(data: &Path, env: &[(&str, &str)], arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(binary())
        .args(arguments)
        .env("KEYLEDGER_DATA_DIR", data)
        // Whoever runs the tests over a database of their own means the databases that tests make.
        .env_remove("DATABASE_URL")
        .envs(env.iter().copied())
        .output()
        .expect("the binary runs");
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A running server. It ends with the value.
pub struct Server {
    folder: TempDir,
    env: Vec<(String, String)>,
    child: Child,
    port: u16,
    owner: String,
    starts: u32,
}

impl Server {
    /// Starts a server with a new data folder.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with more environment, which later starts get as well.
    pub async fn start_with(env: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(env, None);
        server.ready().await;
        let stdout = server.stdout();
        let owner = stdout
            .lines()
            .find_map(|line| line.strip_prefix("owner token: "));
        server.owner = owner
            .expect("the first start prints the owner's token")
            .to_owned();
        server
    }

    /// Starts another node beside a first one, with a data folder of its own and the same pepper.
    pub async fn join(first: &Self, env: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(env, Some(&first.data().join("pepper")));
        server.ready().await;
        assert_eq!(server.stdout(), "", "only the first start prints a token");
        server.owner = first.owner.clone();
        server
    }

    /// Starts a server with a new data folder, whether or not it is the first one over its log.
    pub async fn start_anyhow(env: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(env, None);
        server.ready().await;
        let stdout = server.stdout();
        let owner = stdout.trim().strip_prefix("owner token: ");
        server.owner = owner.unwrap_or_default().to_owned();
        server
    }

    fn spawn(env: &[(&str, &str)], pepper: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(pepper) = pepper {
            let data = folder.path().join("data");
            std::fs::create_dir(&data).expect("a folder");
            std::fs::copy(pepper, data.join("pepper")).expect("a copy");
        }
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let child = spawn(folder.path(), 0, &env);
        Self {
            folder,
            env,
            child,
            port: 0,
            owner: String::new(),
            starts: 0,
        }
    }

    /// Waits until it serves. The system picks the port, so that no two servers can ask for the same.
    async fn ready(&mut self) {
        let start = Instant::now();
        while start.elapsed() < READY {
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("the server ended with {status}: {}", self.stderr());
            }
            if let Some(port) = port_in(&self.stderr()) {
                self.port = port;
                let request = self.anonymous();
                let request = request.request(reqwest::Method::GET, "/health/ready");
                if matches!(Api::try_send(request).await, Ok(answer) if answer.status == 200) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server is not ready: {}", self.stderr());
    }

    /// Kills the server as a power cut would, in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Ends the server as an operator would, and waits for its end.
    pub async fn stop(&mut self) {
        self.signal("-TERM");
        let start = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(
                start.elapsed() < READY,
                "it does not end: {}",
                self.stderr()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts it again on the same data, on another port.
    pub async fn start_again(&mut self) {
        self.starts += 1;
        self.child = spawn(self.folder.path(), self.starts, &self.env);
        self.ready().await;
    }

    /// Starts it again where it was, for those who know its address.
    pub async fn start_again_there(&mut self) {
        let there = format!("127.0.0.1:{}", self.port);
        self.env.push(("KEYLEDGER_LISTEN".to_owned(), there));
        self.start_again().await;
    }

    /// Stops the server without ending it, or lets it go on.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args([name, &pid]).status();
        assert!(told.expect("kill").success());
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The secret of the owner's first token.
    pub fn owner_secret(&self) -> &str {
        &self.owner
    }

    /// Calls with the owner's first token.
    pub fn owner(&self) -> Api {
        self.anonymous().token(&self.owner)
    }

    /// Calls without a credential.
    pub fn anonymous(&self) -> Api {
        Api::anonymous(&self.url())
    }

    /// Standard output of the latest start.
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("stdout.{}", self.starts)))
            .unwrap_or_default()
    }

    /// Standard error of the latest start.
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("stderr.{}", self.starts)))
            .unwrap_or_default()
    }

    /// Where the log is, by its last position.
    pub async fn position(&self) -> i64 {
        self.anonymous()
            .get("/health/live")
            .await
            .expect(200)
            .integer("/position")
    }

    /// Invites a member with a password, and gives the member's id.
    pub async fn invite(&self, email: &str, role: &str) -> String {
        let form = json!([{"email": email, "password": password(email), "role": role}]);
        let invited = self
            .owner()
            .post("/api/v2/members", &form)
            .await
            .expect(201);
        invited.text("/items/0/_id")
    }

    /// Signs an invited member in.
    pub async fn sign_in(&self, email: &str) -> Api {
        let pair = self.cookie(email).await;
        self.anonymous()
            .with("Cookie", &pair)
            .with("Origin", &self.url())
    }

    /// Signs an invited member in, and gives the cookie as `name=value`.
    pub async fn cookie(&self, email: &str) -> String {
        let form = json!({"email": email, "password": password(email)});
        let answer = self.anonymous().post("/session", &form).await.expect(204);
        let cookie = answer.header("set-cookie").expect("a cookie");
        cookie.split(';').next().expect("a pair").to_owned()
    }

    /// Invites a member and signs in; gives the id and the calls.
    pub async fn member(&self, email: &str, role: &str) -> (String, Api) {
        let id = self.invite(email, role).await;
        (id, self.sign_in(email).await)
    }
}

/// The password of a member of these tests.
pub fn password(email: &str) -> String {
    format!("the password of {email}")
}

/// The port in the line with which the server says that it serves.
pub fn port_in(stderr: &str) -> Option<u16> {
    let line = stderr
        .lines()
        .find(|line| line.contains("keyledger serves"))?;
    let port = line.split(" port=").nth(1)?.split(' ').next()?;
    port.parse().ok()
}

/// The settings of the rate limits.
const RATES: [&str; 6] = [
    "KEYLEDGER_RATE_ACCOUNT",
    "KEYLEDGER_RATE_ROUTE",
    "KEYLEDGER_RATE_TOKEN",
    "KEYLEDGER_RATE_FAILURES_PER_IP",
    "KEYLEDGER_RATE_SIGN_INS_PER_IP",
    "KEYLEDGER_RATE_SIGN_INS_PER_EMAIL",
];

fn spawn(folder: &Path, start: u32, env: &[(String, String)]) -> Child {
    let file = |name: &str| File::create(folder.join(format!("{name}.{start}"))).expect("a file");
    Command::new(binary())
        .env("KEYLEDGER_DATA_DIR", folder.join("data"))
        .env("KEYLEDGER_LISTEN", "127.0.0.1:0")
        // A machine that is busy with other tests is slow, and no test is about how slow.
        .env("KEYLEDGER_STALENESS_MAX_MS", "30000")
        .env("KEYLEDGER_WAIT_MAX_MS", "30000")
        // Nor is any about how many calls, but those that set a limit themselves.
        .envs(RATES.map(|name| (name, "0")))
        .env_remove("DATABASE_URL")
        .envs(env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(file("stdout"))
        .stderr(file("stderr"))
        .spawn()
        .expect("the binary starts")
}

/// How much of the server's own words a failed test shows, in lines.
const LAST_LINES: usize = 30;

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The folder is about to go: what the server said is shown with the failure.
            let ended = self.child.try_wait();
            let said = self.stderr();
            let lines: Vec<&str> = said.lines().collect();
            let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
            eprintln!("the server: {ended:?}\n{}", last.join("\n"));
        }
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
