//! TLS between a node and its database.

use std::path::{Path, PathBuf};
use std::process::Command;

use keyledger_eventstore::postgres::{Database, DatabaseOptions, Pooling};
use keyledger_eventstore::{EventLog as _, PostgresLog};
use keyledger_test_postgres::Server;
use sqlx::Row as _;

/// A certificate for `localhost` that vouches for itself, and its key.
fn certificate(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = (
        folder.join(format!("{name}.crt")),
        folder.join(format!("{name}.key")),
    );
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    (certificate, key)
}

#[tokio::test]
async fn the_database_is_asked_for_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), mode).unwrap();
    let (certificate_file, key) = certificate(folder.path(), "server");
    let (other, _) = certificate(folder.path(), "other");
    // The server's user must own the key; as another user the server is that user.
    let _only_as_root = Command::new("chown").arg("postgres").arg(&key).status();
    let server = Server::start(&[
        "fsync=off",
        "ssl=on",
        &format!("ssl_cert_file={}", certificate_file.display()),
        &format!("ssl_key_file={}", key.display()),
    ]);
    let url = |root: &Path| {
        format!(
            "postgres://postgres@localhost:{}/postgres?sslmode=verify-full&sslrootcert={}",
            server.port,
            root.display()
        )
    };
    let options = DatabaseOptions::parse(&url(&certificate_file), Pooling::Session).unwrap();
    let database = Database::connect(&options).await.unwrap();
    let log = PostgresLog::open(&database).await.unwrap();
    assert_eq!(log.head().await.unwrap().position.get(), 0);
    let row = sqlx::query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .fetch_one(database.pool())
        .await
        .unwrap();
    assert!(row.get::<bool, _>(0));
    assert_eq!(row.get::<&str, _>(1), "TLSv1.3");
    // One that another authority vouches for is refused.
    let options = DatabaseOptions::parse(&url(&other), Pooling::Session).unwrap();
    let refused = Database::connect(&options).await.unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");
}
