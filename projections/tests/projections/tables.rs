//! The SQL tables: lists, the cursor, and what happens when writing is cut short.

use std::path::Path;

use keyledger_domain::command::{Command, DeleteToken, RemoveMember};
use keyledger_domain::scope::TokenKind;
use keyledger_eventstore::Position;
use keyledger_projections::{
    FollowError, Page, Tables, TablesError, TokenFilter, TokenRow, catch_up_tables,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Row};

use super::harness::Step;
use super::memory_log::MemoryLog;
use super::world::World;

const ALL: TokenFilter = TokenFilter {
    all: true,
    own_member: None,
};

const fn page(limit: u32, offset: u32) -> Page {
    Page { limit, offset }
}

fn grown() -> World {
    let mut world = World::new();
    for n in 0..=255_u8 {
        let step: Step = (
            n.wrapping_mul(11),
            n,
            n.wrapping_mul(17),
            n.wrapping_mul(31),
        );
        world.step(step);
    }
    world
}

/// Every row of every table, as text.
async fn dump(path: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let pool = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .unwrap();
    let mut lines = Vec::new();
    for table in [
        "account",
        "member",
        "member_role",
        "role",
        "token",
        "policy",
        "policy_statement",
        "policy_layer",
        "built_in_role",
    ] {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(columns))
            .fetch_all(&pool)
            .await
            .unwrap();
        let row = columns
            .iter()
            .map(|name| format!("quote({name})"))
            .collect::<Vec<_>>()
            .join(" || ',' || ");
        let sql = format!("SELECT {row} FROM {table} ORDER BY 1");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&pool)
            .await
            .unwrap();
        lines.extend(
            rows.iter()
                .map(|row| format!("{table}: {}", row.get::<String, _>(0))),
        );
    }
    lines
}

async fn filled(path: &Path, world: &World) -> Tables {
    let tables = Tables::open(path).await.unwrap();
    let log = MemoryLog(world.log.clone());
    catch_up_tables(&log, &tables, world.now_ms).await.unwrap();
    tables
}

#[tokio::test]
async fn token_rows_say_what_the_fold_says() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let tables = filled(&folder.path().join("p.db"), &world).await;
    let (rows, total) = tables
        .list_tokens(world.account, &ALL, page(1_000, 0))
        .await
        .unwrap();
    let alive = world.state.tokens.values().filter(|token| !token.deleted);
    assert_eq!(total, alive.count() as u64);
    assert_eq!(rows.len() as u64, total);
    assert!(rows.is_sorted_by(|a, b| a.created_at_ms >= b.created_at_ms));
    for row in rows {
        let token = &world.state.tokens[&row.id];
        let expected = TokenRow {
            id: token.id,
            kind: token.grant.kind,
            member: token.grant.member,
            name: token.name.clone(),
            description: token.description.clone(),
            scope: token.scope.clone(),
            role_binding: token.role_binding,
            ending: token.ending.clone(),
            expiry_ms: token.expiry_ms,
            previous_secret_until_ms: token.previous.map(|old| old.until_ms),
            default_api_version: token.default_api_version,
            created_at_ms: token.created_at_ms,
            modified_at_ms: token.modified_at_ms,
            version: token.version,
            cloned_from: row.cloned_from,
            last_position: row.last_position,
        };
        assert_eq!(row, expected);
    }
}

#[tokio::test]
async fn lists_come_in_pages_and_leave_out_what_is_gone() {
    let mut world = World::new();
    let first = world.invite("reader");
    let gone = world.invite("reader");
    let last = world.invite("writer");
    let mine = world
        .token(&world.session(last), TokenKind::Personal, "writer", None)
        .0;
    let deleted = world
        .token(&world.owner(), TokenKind::Personal, "admin", None)
        .0;
    let service = world
        .token(&world.owner(), TokenKind::Service, "admin", None)
        .0;
    let owner = world.owner();
    world
        .give(&owner, &Command::RemoveMember(RemoveMember { id: gone }))
        .unwrap();
    world
        .give(&owner, &Command::DeleteToken(DeleteToken { id: deleted }))
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let tables = filled(&folder.path().join("p.db"), &world).await;

    let owner = world.state.owner().unwrap().id;
    let (members, total) = tables
        .list_members(world.account, page(2, 0))
        .await
        .unwrap();
    assert_eq!((members, total), (vec![owner, first], 3));
    let (members, _) = tables
        .list_members(world.account, page(2, 2))
        .await
        .unwrap();
    assert_eq!(members, [last]);
    let (roles, total) = tables.list_roles(world.account, page(10, 0)).await.unwrap();
    assert_eq!((roles.len(), total), (0, 0));

    let own = TokenFilter {
        all: false,
        own_member: Some(last),
    };
    let (rows, total) = tables
        .list_tokens(world.account, &own, page(10, 0))
        .await
        .unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert_eq!((ids, total), (vec![service, mine], 2));
    let nobody = TokenFilter {
        all: false,
        own_member: None,
    };
    let (rows, _) = tables
        .list_tokens(world.account, &nobody, page(10, 0))
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [service]);
    let (rows, total) = tables
        .list_tokens(world.account, &ALL, page(1, 1))
        .await
        .unwrap();
    assert_eq!((rows.len(), total), (1, 3));
    assert_eq!(rows[0].id, mine);
}

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

#[tokio::test]
async fn two_that_write_the_same_file_cannot_both_move_the_cursor() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    let one = Tables::open(&path).await.unwrap();
    let other = Tables::open(&path).await.unwrap();
    let log = MemoryLog(world.log.clone());
    catch_up_tables(&log, &one, 0).await.unwrap();
    // The other read from where it found the cursor at first; it finds it again and goes on from there.
    catch_up_tables(&log, &other, 0).await.unwrap();
    assert_eq!(one.position(), other.position());
    assert_eq!(one.position(), Position::new(world.log.len() as i64));
}

#[tokio::test]
async fn an_event_that_does_not_follow_changes_nothing() {
    let mut world = World::new();
    let before = world.log.len();
    let (token, _) = world.token(&world.owner(), TokenKind::Personal, "admin", None);
    let delete = Command::DeleteToken(DeleteToken { id: token });
    world.give(&world.owner(), &delete).unwrap();
    // The deletion without the creation, its chain made good again.
    let mut log = world.log.clone();
    let mut deletion = log.remove(before + 1);
    log.truncate(before);
    deletion.position = Position::new(before as i64 + 1);
    deletion.hash = keyledger_eventstore::chain::hash(
        &log[before - 1].hash,
        &keyledger_eventstore::chain::Link::from(&deletion),
    );
    log.push(deletion);
    let folder = tempfile::tempdir().unwrap();
    let tables = Tables::open(&folder.path().join("p.db")).await.unwrap();
    let error = catch_up_tables(&MemoryLog(log), &tables, 0)
        .await
        .unwrap_err();
    let inconsistent = FollowError::Tables(TablesError::Inconsistent {
        position: Position::new(before as i64 + 1),
        event_type: "token.deleted",
    });
    assert_eq!(error.to_string(), inconsistent.to_string());
    assert_eq!(tables.position(), Position::ZERO);
    let (rows, _) = tables
        .list_tokens(world.account, &ALL, page(10, 0))
        .await
        .unwrap();
    assert!(rows.is_empty());
}

#[tokio::test]
async fn tables_open_for_reading_beside_their_writer() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    let writer = filled(&path, &world).await;
    let reader = Tables::open_read_only(&path).await.unwrap();
    assert_eq!(reader.position(), writer.position());
    let written = writer
        .list_tokens(world.account, &ALL, page(10, 0))
        .await
        .unwrap();
    let read = reader
        .list_tokens(world.account, &ALL, page(10, 0))
        .await
        .unwrap();
    assert_eq!(written, read);
    let mut world = world;
    world.invite("reader");
    let error = catch_up_tables(&MemoryLog(world.log), &reader, 0)
        .await
        .unwrap_err();
    assert!(
        matches!(error, FollowError::Tables(TablesError::ReadOnly)),
        "{error}"
    );
}
