//! A gateway as a child process. It ends with the value.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::Api;

/// How long a gateway may take to listen.
const READY: Duration = Duration::from_secs(30);

/// A running gateway.
pub(super) struct Proxy {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Proxy {
    /// Starts `program` with the configuration, whose `{listen}`, `{folder}` and `fills` are put in.
    pub(super) async fn start(
        program: &Path,
        arguments: &[&str],
        configuration: &str,
        fills: &[(&str, String)],
        listen: impl Fn(u16) -> String,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let mut text = configuration
            .replace("{listen}", &listen(port))
            .replace("{folder}", folder.path().to_str().expect("a plain path"));
        for (name, value) in fills {
            assert!(text.contains(name), "{name} is not in the configuration");
            text = text.replace(name, value);
        }
        let file = folder.path().join("configuration.yaml");
        std::fs::write(&file, text).expect("a file");
        let stderr = std::fs::File::create(folder.path().join("stderr")).expect("a file");
        let child = Command::new(program)
            .args(arguments)
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut proxy = Self {
            child,
            folder,
            port,
        };
        proxy.ready().await;
        proxy
    }

    async fn ready(&mut self) {
        let start = Instant::now();
        while start.elapsed() < READY {
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("the gateway ended with {status}: {}", self.stderr());
            }
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the gateway does not listen: {}", self.stderr());
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    /// Calls through it without a credential.
    pub(super) fn api(&self) -> Api {
        Api::anonymous(&format!("http://127.0.0.1:{}", self.port))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the gateway: {}", self.stderr());
        }
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
