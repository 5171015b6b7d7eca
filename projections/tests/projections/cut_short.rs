//! Writing that is cut short: rows and cursor change together or not at all.

use keyledger_domain::scope::TokenKind;
use keyledger_projections::{Tables, catch_up_tables};

use super::dump::dump;
use super::memory_log::MemoryLog;
use super::tables::{filled, grown};

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
    let cut = folder.path().join("cut.db");
    let mut interrupted = 0;
    for polls in [1_u32, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233] {
        let tables = Tables::open(&cut).await.unwrap();
        let mut left = polls;
        {
            let work = catch_up_tables(&log, &tables, 0);
            tokio::pin!(work);
            // The future is dropped after so many polls, wherever it is then.
            let outcome = std::future::poll_fn(|context| {
                use std::task::Poll;
                left -= 1;
                match work.as_mut().poll(context) {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending if left == 0 => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
            interrupted += u32::from(outcome.is_none());
        }
        tables.close().await;
        let reopened = Tables::open(&cut).await.unwrap();
        let position = reopened.position();
        reopened.close().await;
        // What is there is exactly what the events up to the cursor make.
        let exact = folder.path().join(format!("exact{polls}.db"));
        let tables = Tables::open(&exact).await.unwrap();
        let some = world.log[..usize::try_from(position.get()).unwrap()].to_vec();
        catch_up_tables(&MemoryLog(some), &tables, 0).await.unwrap();
        tables.close().await;
        assert_eq!(dump(&cut).await, dump(&exact).await);
    }
    assert!(interrupted >= 4);
    filled(&cut, &world).await.close().await;
    assert_eq!(dump(&cut).await, expected);
}
