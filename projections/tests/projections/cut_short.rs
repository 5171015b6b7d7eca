//! Writing that is cut short: rows and cursor change together or not at all.

use std::path::Path;

use keyledger_domain::scope::TokenKind;
use keyledger_projections::{Tables, catch_up_tables};
use sqlx::Connection as _;

use super::audit::open;
use super::dump::dump;
use super::memory_log::MemoryLog;
use super::tables::{filled, grown};
use super::world::World;

#[tokio::test]
async fn writing_that_is_cut_short_leaves_rows_and_cursor_together() {
    let mut world = grown();
    // More than two batches.
    for _ in 0..2_000 {
        world.token(&world.owner(), TokenKind::Service, "writer", None);
    }
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    filled(&whole, &world).await.close().await;
    let expected = dump(&whole).await;
    let log = MemoryLog(world.log.clone());
    for polls in [1_u32, 2, 3] {
        let cut = folder.path().join(format!("after{polls}.db"));
        let tables = Tables::open(&cut).await.unwrap();
        let mut left = polls;
        {
            let work = catch_up_tables(&log, &tables, 0);
            tokio::pin!(work);
            // The future is dropped after so many polls. The batch that it waited for comes to its end without it.
            let given_up = std::future::poll_fn(|context| {
                use std::task::Poll;
                left -= 1;
                match work.as_mut().poll(context) {
                    // On a busy machine it may be faster than it is asked.
                    Poll::Ready(done) => Poll::Ready(done),
                    Poll::Pending if left == 0 => Poll::Ready(Ok(())),
                    Poll::Pending => Poll::Pending,
                }
            });
            given_up.await.unwrap();
        }
        tables.close().await;
        are_exact(&cut, &world).await;
    }
    // SQLite itself ends the batch: in its middle and at the end of the log, in each of its ways.
    let cut = folder.path().join("ended.db");
    let end = world.log.len();
    for (at, how) in [
        (1_500, "ABORT"),
        (1_500, "ROLLBACK"),
        (1_500, "FAIL"),
        (end - 1, "ROLLBACK"),
        (end, "ABORT"),
    ] {
        let tables = Tables::open(&cut).await.unwrap();
        let mut file = open(&cut).await;
        let trigger = format!(
            "CREATE TRIGGER cut BEFORE INSERT ON audit_entry WHEN NEW.position = {at} \
             BEGIN SELECT RAISE({how}, 'cut'); END"
        );
        let trigger = sqlx::AssertSqlSafe(trigger);
        sqlx::query(trigger).execute(&mut file).await.unwrap();
        let outcome = catch_up_tables(&log, &tables, 0).await;
        assert!(outcome.is_err(), "{how} at {at}");
        sqlx::query("DROP TRIGGER cut")
            .execute(&mut file)
            .await
            .unwrap();
        file.close().await.unwrap();
        tables.close().await;
        let position = are_exact(&cut, &world).await;
        assert!(position < at, "{how} at {at}: it is at {position}");
    }
    filled(&cut, &world).await.close().await;
    assert_eq!(dump(&cut).await, expected);
}

/// Asserts that a file holds exactly what the events up to its cursor make, and says where that is.
async fn are_exact(file: &Path, world: &World) -> usize {
    let reopened = Tables::open(file).await.unwrap();
    let position = usize::try_from(reopened.position().get()).unwrap();
    reopened.close().await;
    let folder = tempfile::tempdir().unwrap();
    let exact = folder.path().join("exact.db");
    let tables = Tables::open(&exact).await.unwrap();
    let some = world.log[..position].to_vec();
    catch_up_tables(&MemoryLog(some), &tables, 0).await.unwrap();
    tables.close().await;
    assert_eq!(dump(file).await, dump(&exact).await);
    position
}
