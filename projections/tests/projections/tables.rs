//! The SQL tables: lists, the cursor, and what is refused.

use std::path::Path;

use keyledger_domain::command::{Command, DeleteToken, RemoveMember};
use keyledger_domain::scope::TokenKind;
use keyledger_eventstore::Position;
use keyledger_projections::{
    FollowError, Page, Tables, TablesError, TokenFilter, TokenRow, catch_up_tables,
};

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

pub(crate) fn grown() -> World {
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

pub(crate) async fn filled(path: &Path, world: &World) -> Tables {
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
