//! Nodes behind a real PgBouncer in transaction mode.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyledger_test_postgres::{by_port, free_port, fresh_database, port_of};

use super::Fleet;
use super::load::Load;
use super::tables::{analyst, are_up_to_date};
use crate::support::run_with;

/// A running PgBouncer. It ends with the value.
struct Pooler {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Pooler {
    fn start(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let database = url.rsplit('/').next().unwrap();
        let users = folder.path().join("users.txt");
        std::fs::write(&users, "\"postgres\" \"\"\n").unwrap();
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n{database} = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\n\
             pool_mode = transaction\ndefault_pool_size = 4\nmax_client_conn = 200\n",
            port_of(url),
            users.display()
        );
        std::fs::write(&file, text).unwrap();
        // It refuses to run as root, and must then read what root has written.
        for path in [folder.path(), users.as_path(), file.as_path()] {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(path, mode).unwrap();
        }
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = match root {
            true => {
                let mut command = Command::new("setpriv");
                command.args([
                    "--reuid",
                    "postgres",
                    "--regid",
                    "postgres",
                    "--clear-groups",
                ]);
                command.arg("/usr/sbin/pgbouncer");
                command
            }
            false => Command::new("/usr/sbin/pgbouncer"),
        };
        let child = command
            .args(["-q", file.to_str().unwrap()])
            .stdin(Stdio::null())
            .spawn()
            .expect("PgBouncer is not installed: run `make test-deps`");
        let pooler = Self {
            child,
            port,
            _folder: folder,
        };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(30), "no PgBouncer");
            std::thread::sleep(Duration::from_millis(20));
        }
        pooler
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_work_behind_a_pooler_in_transaction_mode() {
    let url = fresh_database().await;
    let pooler = Pooler::start(&url);
    let pooled = by_port(&url, pooler.port);
    let env = [("KEYLEDGER_DATABASE_POOLER", "true")];
    let folder = tempfile::tempdir().unwrap();
    let through = [("DATABASE_URL", pooled.as_str()), env[0]];
    let (success, _, error) = run_with(folder.path(), &through, &["migrate"]);
    assert!(!success && error.contains("past the pooler"), "{error}");
    let past = [("DATABASE_URL", url.as_str())];
    let (success, _, error) = run_with(folder.path(), &past, &["migrate"]);
    assert!(success, "{error}");
    let fleet = Fleet::over(&pooled, 2, &env).await;
    let load = Load::start(&fleet.owners(), 16);
    load.more(300).await;
    let written = load.stop().await;
    assert_eq!(written.failures, 0);
    fleet.holds(&written, &url).await;
    are_up_to_date(&mut analyst(&url).await).await;
}
