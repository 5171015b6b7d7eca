//! SQL time travel: at any position the history tables say what a fold of the prefix says, and what `asOf` says.

use std::sync::Arc;

use keyledger_domain::state::{State, TokenStatus};
use keyledger_eventstore::Position;
use keyledger_projections::{Past, PastEvent, Tables, catch_up_tables};
use proptest::prelude::*;

use super::audit::open;
use super::harness::Step;
use super::memory_log::MemoryLog;
use super::properties::{answers, by_rows};
use super::world::World;

async fn check(world: &World, positions: &[prop::sample::Index]) {
    let folder = tempfile::tempdir().unwrap();
    let tables = Tables::open(&folder.path().join("p.db")).await.unwrap();
    let log = Arc::new(MemoryLog(world.log.clone()));
    catch_up_tables(log.as_ref(), &tables, world.now_ms)
        .await
        .unwrap();
    let past = Past::new(log, None);
    for position in positions {
        let at = position.index(world.log.len() + 1);
        let mut state = State::default();
        for stored in &world.log[..at] {
            let event = PastEvent::of(stored.clone()).unwrap();
            event.fold_into(&mut state).unwrap();
        }
        let at = Position::new(i64::try_from(at).unwrap());
        let ground = past.ground(world.account, at).await.unwrap();
        for id in world.tokens() {
            let rows = tables.permission_at(world.account, id, at).await.unwrap();
            let Some(token) = state.tokens.get(&id) else {
                assert_eq!(rows, [], "{id} at {at}");
                assert_eq!(past.token(world.account, id, at).await.unwrap(), None);
                continue;
            };
            let ended = matches!(
                state.token_status(token, world.now_ms),
                TokenStatus::Deleted | TokenStatus::Deactivated
            );
            assert_eq!(rows.is_empty(), ended, "{id} at {at}: {rows:?}");
            // What a token that has ended would be allowed says nothing.
            if ended {
                continue;
            }
            let folded =
                answers(|action, resource| state.check(&token.grant, action, resource).is_ok());
            assert_eq!(
                by_rows(&state, token, &rows),
                folded,
                "{id} at {at}: {rows:#?}"
            );
            let then = past.token(world.account, id, at).await.unwrap().unwrap();
            let as_of =
                answers(|action, resource| ground.check(&then.grant, action, resource).is_ok());
            assert_eq!(as_of, folded, "{id} at {at}");
        }
    }
    tables.close().await;
    whole(&folder.path().join("p.db")).await;
}

/// No two intervals of one thing overlap or are empty, and what is still so is what the tables say now.
async fn whole(path: &std::path::Path) {
    use sqlx::Row as _;
    let mut file = open(path).await;
    for (table, keys) in [
        ("member", &["member_id"][..]),
        ("role", &["role_id"]),
        ("team", &["team_id"]),
        ("team_member", &["team_id", "member_id"]),
        ("team_role", &["team_id", "ordinal"]),
        ("team_grant", &["team_id", "ordinal"]),
        ("team_grant_member", &["team_id", "ordinal", "member_id"]),
        ("token", &["token_id"]),
    ] {
        let same: Vec<String> = keys
            .iter()
            .map(|key| format!("a.{key} = b.{key}"))
            .collect();
        let bad = format!(
            "SELECT count(*) AS bad FROM {table}_history AS a
             WHERE a.valid_from_position >= a.valid_to_position OR a.valid_from_ms > a.valid_to_ms
                OR EXISTS (
                    SELECT 1 FROM {table}_history AS b
                    WHERE a.account_id = b.account_id AND {}
                        AND a.valid_from_position < b.valid_from_position
                        AND b.valid_from_position < a.valid_to_position
                )",
            same.join(" AND ")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(bad))
            .fetch_one(&mut file)
            .await
            .unwrap();
        assert_eq!(row.get::<i64, _>("bad"), 0, "{table}");
        let gone = match table {
            "member" => "removed_at_ms IS NULL",
            "role" | "team" | "token" => "deleted_at_ms IS NULL",
            _ => "true",
        };
        let counts = format!(
            "SELECT (SELECT count(*) FROM {table} WHERE {gone}) AS now, \
             (SELECT count(*) FROM {table}_history WHERE valid_to_position = 9007199254740991) AS open"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(counts))
            .fetch_one(&mut file)
            .await
            .unwrap();
        assert_eq!(
            row.get::<i64, _>("now"),
            row.get::<i64, _>("open"),
            "{table}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fold_of_the_prefix_as_of_and_sql_say_the_same(
        steps in prop::collection::vec(any::<Step>(), 1..128),
        positions in prop::collection::vec(any::<prop::sample::Index>(), 1..10),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(check(&world, &positions));
    }
}
