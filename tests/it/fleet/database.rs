//! The database is killed, and a standby takes its place.

use std::time::{Duration, Instant};

use keyledger_test_postgres::{Proxy, Server as Postgres, by_port, make_database};

use super::Fleet;
use super::load::Load;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_and_started_again_loses_and_doubles_nothing() {
    let mut postgres = Postgres::start(&[]);
    make_database(&postgres.url("postgres"), "keyledger").await;
    let fleet = Fleet::over(&postgres.url("keyledger"), 2, &[]).await;
    let load = Load::start(&fleet.owners(), 16);
    let mut kills = Vec::new();
    for _ in 0..3 {
        load.more(150).await;
        kills.push(Instant::now());
        postgres.kill();
        tokio::time::sleep(Duration::from_millis(200)).await;
        postgres.start_again();
        load.more(50).await;
    }
    let written = load.stop().await;
    for kill in kills {
        assert!(written.on_their_way(kill) > 0, "it came among the writers");
    }
    fleet.holds(&written, &fleet.url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_takes_over_has_everything_that_was_acknowledged() {
    let mut primary = Postgres::start(&["synchronous_standby_names=*"]);
    // Whoever makes a database waits for a standby as well.
    let mut standby = primary.standby(&[]);
    make_database(&primary.url("postgres"), "keyledger").await;
    let proxy = Proxy::start(primary.port).await;
    let url = by_port(&primary.url("keyledger"), proxy.port);
    let fleet = Fleet::over(&url, 2, &[]).await;
    let load = Load::start(&fleet.owners(), 16);
    load.more(300).await;
    let kill = Instant::now();
    primary.kill();
    standby.promote();
    proxy.redirect(standby.port);
    load.more(150).await;
    let written = load.stop().await;
    assert!(written.on_their_way(kill) > 0, "it came among the writers");
    fleet.holds(&written, &url).await;
}
