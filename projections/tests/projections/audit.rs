//! The audit log: what its table says is what the log says.

use keyledger_domain::event::personal::erased_email;
use keyledger_domain::event::{self, By, Metadata};
use keyledger_domain::ids::{AccountId, MemberId, RoleId, StreamKind, TeamId, TokenId};
use keyledger_domain::scope::TokenKind;
use keyledger_domain::state::{Recorded, State, evolve};
use keyledger_eventstore::{Position, StoredEvent};
use keyledger_projections::{AuditRange, AuditRow, AuditToken, Tables, catch_up_tables};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, Row as _};

use super::memory_log::MemoryLog;
use super::tables::{filled, grown};
use super::world::World;

const EVERYTHING: AuditRange = AuditRange {
    before: Position::new(i64::MAX),
    before_ms: i64::MAX,
    after_ms: i64::MIN,
    limit: 1_000,
};

/// All entries of an account, the newest first.
async fn all(tables: &Tables, account: AccountId) -> Vec<AuditRow> {
    let mut found: Vec<AuditRow> = Vec::new();
    loop {
        let before = found.last().map_or(EVERYTHING.before, |row| row.position);
        let range = AuditRange {
            before,
            ..EVERYTHING
        };
        let rows = tables.audit_entries(account, &range).await.unwrap();
        if rows.is_empty() {
            return found;
        }
        found.extend(rows);
    }
}

/// The name and the resource of what an event is about, after it.
fn about(state: &State, stored: &StoredEvent) -> (String, String) {
    let id = stored.stream.id;
    match stored.stream.kind {
        StreamKind::Account => {
            let account = state.account.as_ref().unwrap();
            (account.name.clone(), "acct".to_owned())
        }
        StreamKind::Member => {
            let member = &state.members[&MemberId::from_bytes(id)];
            (member.email.clone(), format!("member/{}", member.id))
        }
        StreamKind::Role => {
            let role = &state.roles[&RoleId::from_bytes(id)];
            (role.name.clone(), format!("role/{}", role.key))
        }
        StreamKind::Team => {
            let team = &state.teams[&TeamId::from_bytes(id)];
            (team.name.clone(), format!("team/{}", team.key))
        }
        StreamKind::Token => {
            let token = &state.tokens[&TokenId::from_bytes(id)];
            let name = match token.name.as_str() {
                "" => token.ending.clone(),
                name => name.to_owned(),
            };
            // Entries name it without its properties, as people do.
            let resource = token.resource();
            let plain = resource
                .split_once(';')
                .map_or(resource.as_str(), |cut| cut.0);
            (name, plain.to_owned())
        }
    }
}

/// The entries that a log makes, the newest first, without their actions.
fn expected(world: &World) -> Vec<AuditRow> {
    let mut state = State::default();
    let mut rows = Vec::new();
    for stored in &world.log {
        let event =
            event::decode(&stored.event_type, stored.schema_version, &stored.payload).unwrap();
        let recorded = Recorded {
            account: world.account,
            version: stored.version,
            recorded_at_ms: stored.recorded_at_ms,
            event: &event,
        };
        evolve(&mut state, &recorded).unwrap();
        let (name, resource) = about(&state, stored);
        let (member, token) = match Metadata::decode(&stored.metadata).unwrap().by {
            By::Operator => (None, None),
            By::Session(member) | By::Invitation(member) => (Some(member), None),
            By::Token(token, member) => (Some(member), Some(token)),
        };
        // Erasing reaches back.
        let name = match stored.stream.kind {
            StreamKind::Member => {
                let id = MemberId::from_bytes(stored.stream.id);
                match world.state.members[&id].is_erased() {
                    true => erased_email(id),
                    false => name,
                }
            }
            _ => name,
        };
        rows.push(AuditRow {
            position: stored.position,
            at_ms: stored.recorded_at_ms,
            kind: stored.stream.kind,
            event_type: stored.event_type.clone(),
            target_id: TokenId::from_bytes(stored.stream.id).to_string(),
            name,
            resource,
            actions: Vec::new(),
            member,
            token: token.map(|id| {
                let token = &world.state.tokens[&id];
                AuditToken {
                    id,
                    name: token.name.clone(),
                    ending: token.ending.clone(),
                    service: token.grant.kind == TokenKind::Service,
                }
            }),
            comment: None,
        });
    }
    rows.reverse();
    rows
}

#[tokio::test]
async fn entries_say_what_a_fold_of_the_log_says() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let tables = filled(&folder.path().join("p.db"), &world).await;
    let mut found = all(&tables, world.account).await;
    let kinds: std::collections::BTreeSet<_> =
        found.iter().map(|row| row.event_type.clone()).collect();
    assert!(kinds.len() >= 20, "only {kinds:?}");
    assert!(found.iter().any(|row| row.token.is_some()));
    assert!(found.iter().any(|row| row.member.is_none()));
    for row in &mut found {
        assert!(!row.actions.is_empty(), "{row:?} took no action");
        row.actions.clear();
    }
    let expected = expected(&world);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    for row in all(&tables, world.account).await {
        let one = tables
            .audit_entry(world.account, row.position)
            .await
            .unwrap();
        assert_eq!(one, Some(row));
    }
}

#[tokio::test]
async fn entries_are_the_account_s_own() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let tables = filled(&folder.path().join("p.db"), &world).await;
    let other = AccountId::from_bytes([0xee; 12]);
    assert_eq!(all(&tables, other).await, []);
    let one = tables.audit_entry(other, Position::new(1)).await.unwrap();
    assert_eq!(one, None);
    for nowhere in [0, -1, world.log.len() as i64 + 1, i64::MAX] {
        let nowhere = Position::new(nowhere);
        let one = tables.audit_entry(world.account, nowhere).await.unwrap();
        assert_eq!(one, None, "{nowhere:?}");
    }
}

#[tokio::test]
async fn a_file_that_grew_slowly_and_one_that_is_computed_again_are_the_same() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let slow = Tables::open(&folder.path().join("slow.db")).await.unwrap();
    for end in (1..=world.log.len()).step_by(7).chain([world.log.len()]) {
        let log = MemoryLog(world.log[..end].to_vec());
        catch_up_tables(&log, &slow, world.now_ms).await.unwrap();
    }
    let again = filled(&folder.path().join("again.db"), &world).await;
    let (slow, again) = (
        all(&slow, world.account).await,
        all(&again, world.account).await,
    );
    assert_eq!(slow.len(), world.log.len());
    assert_eq!(slow, again);
}

#[tokio::test]
async fn a_file_from_before_there_was_an_audit_log_has_the_earlier_events_as_well() {
    let world = grown();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    let tables = filled(&path, &world).await;
    let entries = all(&tables, world.account).await;
    tables.close().await;
    // As the version before left it: the rows, the cursor at the end, and no table of entries.
    let mut file = open(&path).await;
    // Views first, then what they look at; triggers go with their tables, or by themselves.
    let history = "SELECT type, name FROM sqlite_master WHERE (name LIKE '%history%' \
                   OR name IN ('token_overview', 'daily_activity', 'projection_status')) \
                   AND type IN ('view', 'trigger', 'table') ORDER BY type DESC";
    let mut sql = vec!["ALTER TABLE member DROP COLUMN custom_role_ids".to_owned()];
    for row in sqlx::query(history).fetch_all(&mut file).await.unwrap() {
        let (kind, name): (String, String) = (row.get("type"), row.get("name"));
        sql.insert(sql.len() - 1, format!("DROP {kind} {name}"));
    }
    sql.extend([
        "DROP TABLE audit_entry".to_owned(),
        "DELETE FROM _sqlx_migrations WHERE version >= 3".to_owned(),
    ]);
    for sql in sql {
        let sql = sqlx::AssertSqlSafe(sql);
        sqlx::query(sql).execute(&mut file).await.unwrap();
    }
    file.close().await.unwrap();
    let tables = Tables::open(&path).await.unwrap();
    assert_eq!(tables.position(), Position::ZERO, "it begins again");
    let log = MemoryLog(world.log.clone());
    catch_up_tables(&log, &tables, world.now_ms).await.unwrap();
    assert_eq!(all(&tables, world.account).await, entries);
    // What is there once is not computed again.
    tables.close().await;
    let tables = Tables::open(&path).await.unwrap();
    assert_eq!(tables.position(), Position::new(world.log.len() as i64));
}

#[tokio::test]
async fn bounds_are_exclusive_and_leave_out_nothing_else() {
    let mut world = grown();
    // Several events of one millisecond, where a bound by time must not cut between them.
    world.invite("reader");
    let now_ms = world.now_ms;
    world.invite("writer");
    world.invite("admin");
    let folder = tempfile::tempdir().unwrap();
    let tables = filled(&folder.path().join("p.db"), &world).await;
    let entries = all(&tables, world.account).await;
    assert!(entries.iter().filter(|row| row.at_ms == now_ms).count() >= 3);
    let middle = entries[entries.len() / 2].at_ms;
    let times = [
        i64::MIN,
        0,
        middle - 1,
        middle,
        middle + 1,
        now_ms,
        i64::MAX,
    ];
    let last = world.log.len() as i64;
    for before_ms in times {
        for after_ms in times {
            for before in [0, 1, last / 2, last, i64::MAX].map(Position::new) {
                let range = AuditRange {
                    before,
                    before_ms,
                    after_ms,
                    limit: 40,
                };
                let found = tables.audit_entries(world.account, &range).await.unwrap();
                let within = entries.iter().filter(|row| {
                    row.position < before && row.at_ms < before_ms && row.at_ms > after_ms
                });
                let within: Vec<_> = within.take(40).cloned().collect();
                assert_eq!(found, within, "{range:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_question_about_a_time_reads_nothing_outside_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    Tables::open(&path).await.unwrap().close().await;
    let mut file = open(&path).await;
    let question = concat!(
        "EXPLAIN QUERY PLAN ",
        include_str!("../../src/tables/sql/audit_entries.sql")
    );
    let rows = sqlx::query(question).fetch_all(&mut file).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    for part in [
        "SEARCH e USING INDEX audit_entry_account (account_id=? AND position>? AND position<?)",
        "SEARCH b USING COVERING INDEX audit_entry_time (account_id=? AND at_ms<?)",
        "SEARCH a USING COVERING INDEX audit_entry_time (account_id=? AND at_ms<?)",
    ] {
        assert!(plan.iter().any(|step| step == part), "{plan:#?}");
    }
    assert!(
        !plan.iter().any(|step| step.contains("TEMP B-TREE")),
        "{plan:#?}"
    );
}

pub(crate) async fn open(path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    SqliteConnection::connect_with(&options).await.unwrap()
}
