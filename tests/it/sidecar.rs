//! `keyledger sidecar`, and the crate that does the same in a service's own process.

mod embedded;
mod feed;
mod process;

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Api, Server, binary, port_in};

const FEED: (&str, &str) = ("KEYLEDGER_FEED", "true");

/// A running sidecar. It ends with the value.
struct Sidecar {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Sidecar {
    /// Starts one that follows a server.
    async fn start(server: &Server, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stderr = File::create(folder.path().join("stderr")).expect("a file");
        let child = Command::new(binary())
            .arg("sidecar")
            .env("KEYLEDGER_SERVER", server.url())
            .env("KEYLEDGER_PEPPER_FILE", server.data().join("pepper"))
            .env("KEYLEDGER_LISTEN", "127.0.0.1:0")
            .env("KEYLEDGER_STALENESS_MAX_MS", "30000")
            .env("KEYLEDGER_WAIT_MAX_MS", "30000")
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .expect("the binary starts");
        let mut sidecar = Self {
            child,
            folder,
            port: 0,
        };
        let start = Instant::now();
        while sidecar.port == 0 {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{}",
                sidecar.stderr()
            );
            if let Some(status) = sidecar.child.try_wait().expect("a child") {
                panic!("the sidecar ended with {status}: {}", sidecar.stderr());
            }
            sidecar.port = port_in(&sidecar.stderr()).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        sidecar
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    fn api(&self) -> Api {
        Api::anonymous(&format!("http://127.0.0.1:{}", self.port))
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the sidecar: {}", self.stderr());
        }
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
