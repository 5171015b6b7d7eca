//! The database's disk is full: nothing is half there, and everything works again when there is room.

use std::path::{Path, PathBuf};
use std::process::Command;

use keyledger_test_postgres::{Server as Postgres, connect};
use sqlx::{AssertSqlSafe, Executor as _};

use super::Fleet;
use super::load::Load;

/// A small file system. It goes with the value.
struct SmallDisk(PathBuf);

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).status().unwrap();
    assert!(
        done.success(),
        "{program} {arguments:?}: this test mounts a small file system, which takes root"
    );
}

impl SmallDisk {
    fn mount(bytes: u32) -> Self {
        let path = std::env::temp_dir().join(format!("keyledger-disk-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let text = path.to_str().unwrap();
        run(
            "mount",
            &["-t", "tmpfs", "-o", &format!("size={bytes}"), "tmpfs", text],
        );
        run("chown", &["postgres", text]);
        Self(path)
    }

    /// Fills what is left of it.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let zeros = [0; 64 << 10];
        let mut file = std::fs::File::create(&ballast).unwrap();
        while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
        ballast
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).status();
        let _removed = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let disk = SmallDisk::mount(64 << 20);
    let postgres = Postgres::start(&[]);
    let mut admin = connect(&postgres.url("postgres")).await;
    let location = disk.path().display();
    for statement in [
        format!("CREATE TABLESPACE small LOCATION '{location}'"),
        "CREATE DATABASE keyledger TABLESPACE small".to_owned(),
    ] {
        admin.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let fleet = Fleet::over(&postgres.url("keyledger"), 2, &[]).await;
    let load = Load::start(&fleet.owners(), 8);
    load.more(100).await;
    let ballast = disk.fill();
    // Until the room that the tables still had is used up as well. Some go through in between, where rows of those that
    // failed are cleared away; that the others are told so, the load requires of every answer.
    let before = load.failures();
    while load.failures() < before + 20 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // Decisions need no disk.
    fleet.nodes[0]
        .anonymous()
        .get("/health/ready")
        .await
        .expect(200);
    std::fs::remove_file(ballast).unwrap();
    load.more(100).await;
    let written = load.stop().await;
    fleet.holds(&written, &fleet.url).await;
    drop(fleet);
    drop(postgres);
}
