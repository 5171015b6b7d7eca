//! PostgreSQL servers for tests, started from the installed binaries, also as root; or the server of `DATABASE_URL`.
//!
//! A server lives in a folder of its own and ends with the process that started it, however that ends: a shell keeps it,
//! and stops it when its standard input is closed.

mod proxy;

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};

pub use proxy::{Cut, Proxy};

/// How long a server may take until it answers.
const START_MAX: Duration = Duration::from_secs(60);
/// Numbers for folders and databases.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A server of its own, for tests that hurt it.
pub struct Server {
    keeper: Child,
    programs: PathBuf,
    /// Its data folder.
    pub folder: PathBuf,
    /// Its port on 127.0.0.1.
    pub port: u16,
}

/// Where `initdb` and `postgres` are: Debian keeps them out of the path.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|programs| programs.join("postgres").exists())
        .collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A link in the path leads to the folder in which all of them are.
    let in_path = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("postgres").canonicalize().ok())
        .find_map(|program| program.parent().map(Path::to_owned));
    in_path
        .or_else(|| found.pop())
        .expect("PostgreSQL is not installed: run `make test-deps`, or set DATABASE_URL")
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    /// Starts a server with additional settings, such as `fsync=on`.
    pub fn start(settings: &[&str]) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyledger-postgres-{}-{number}", std::process::id());
        let mut server = Self::keep(std::env::temp_dir().join(name), settings);
        server.command("init");
        server.command("start");
        server.wait();
        server
    }

    /// A standby that follows this server, which has to be told `synchronous_standby_names` to wait for it.
    pub fn standby(&self, settings: &[&str]) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyledger-postgres-{}-{number}", std::process::id());
        let mut standby = Self::keep(std::env::temp_dir().join(name), settings);
        standby.command(&format!("copy {}", self.port));
        standby.command("start");
        standby.wait();
        standby
    }

    fn keep(folder: PathBuf, settings: &[&str]) -> Self {
        let programs = programs();
        let port = free_port();
        let mut keeper = Command::new("bash");
        keeper.arg("-c").arg(include_str!("keeper.sh"));
        keeper.arg("keeper").arg(&programs).arg(&folder);
        keeper.arg(port.to_string()).args(settings);
        let keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        Self {
            keeper: keeper.unwrap(),
            programs,
            folder,
            port,
        }
    }

    fn command(&mut self, command: &str) {
        let pipe = self.keeper.stdin.as_mut().unwrap();
        writeln!(pipe, "{command}").unwrap();
    }

    fn answers(&self) -> bool {
        let mut ask = Command::new(self.programs.join("pg_isready"));
        ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        ask.status().unwrap().success()
    }

    fn wait(&self) {
        let began = Instant::now();
        while !self.answers() {
            assert!(
                began.elapsed() < START_MAX,
                "PostgreSQL did not start; see {}",
                self.folder.join("server.log").display()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends every process of the server at once, as a crash of the machine would.
    pub fn kill(&mut self) {
        self.command("kill");
        while self.answers() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Starts it again, on the same port.
    pub fn start_again(&mut self) {
        self.command("start");
        self.wait();
    }

    /// Makes a standby the server that is written to.
    pub fn promote(&mut self) {
        self.command("promote");
    }

    /// The URL of one of its databases, as its superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The file to which the server writes what happens.
    pub fn log_file(&self) -> PathBuf {
        Path::new(&self.folder).join("server.log")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Closes its standard input: it stops the server and removes the folder.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A URL of the server that tests share: that of `DATABASE_URL`, or one of this process.
fn shared() -> String {
    static SHARED: OnceLock<Result<String, Server>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| match std::env::var("DATABASE_URL") {
        Ok(url) if !url.is_empty() => Ok(url),
        // A crash of a test machine may lose its databases: waiting for the disk would only cost time.
        _ => Err(Server::start(&["fsync=off", "full_page_writes=off"])),
    });
    match shared {
        Ok(url) => url.clone(),
        Err(server) => server.url("postgres"),
    }
}

/// Makes an empty database on the server that tests share, and gives its URL.
pub async fn fresh_database() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("keyledger_{}_{number}", std::process::id());
    let admin = shared();
    make_database(&admin, &name).await;
    let (server, _) = admin.rsplit_once('/').expect("a URL with a database");
    let options = admin.split_once('?').map_or("", |(_, options)| options);
    match options {
        "" => format!("{server}/{name}"),
        options => format!("{server}/{name}?{options}"),
    }
}

/// Makes a database.
pub async fn make_database(admin: &str, name: &str) {
    let mut connection = PgConnection::connect(admin).await.unwrap();
    // PostgreSQL copies a template that nobody may be connected to: another test may be at it.
    for attempt in 1.. {
        let made = connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await;
        match made {
            Ok(_) => break,
            Err(error) if attempt < 50 => {
                assert!(error.to_string().contains("being accessed"), "{error}");
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => panic!("{error}"),
        }
    }
    connection.close().await.unwrap();
}

/// The same URL by way of another port on 127.0.0.1, such as a proxy's.
pub fn by_port(url: &str, port: u16) -> String {
    let (before, rest) = url.split_once('@').expect("a URL with a user");
    let (_, path) = rest.split_once('/').expect("a URL with a database");
    format!("{before}@127.0.0.1:{port}/{path}")
}

/// The port of a URL.
pub fn port_of(url: &str) -> u16 {
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    options.get_port()
}

/// The same URL as another user, with trust instead of a password.
pub fn as_user(url: &str, user: &str) -> String {
    let (_, rest) = url.split_once('@').expect("a URL with a user");
    format!("postgres://{user}@{rest}")
}

/// A connection as any other program would have one.
pub async fn connect(url: &str) -> PgConnection {
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    options.connect().await.unwrap()
}
