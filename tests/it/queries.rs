//! The queries of `docs/queries.md`, as they stand there, on the files of a running server.

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    Column as _, Connection as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _,
};

use crate::support::{Server, in_seconds, make_role, make_token, run};

const DAY_MS: i64 = 86_400_000;

/// The query under a heading of the page.
fn query(heading: &str) -> String {
    let page = include_str!("../../docs/queries.md");
    let (_, section) = page
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading);
    let (_, rest) = section.split_once("```sql\n").expect("a query");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// The files of a server, opened as the page says.
struct Analyst {
    file: SqliteConnection,
    account: String,
}

fn value(row: &SqliteRow, column: usize) -> Value {
    let raw = row.try_get_raw(column).unwrap();
    match raw.type_info().name() {
        _ if raw.is_null() => Value::Null,
        "INTEGER" | "BOOLEAN" => Value::from(row.get::<i64, _>(column)),
        _ => Value::from(row.get::<String, _>(column)),
    }
}

impl Analyst {
    async fn of(server: &Server) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(server.data().join("projections.db"))
            .read_only(true);
        let mut file = SqliteConnection::connect_with(&options).await.unwrap();
        let usage = format!(
            "ATTACH 'file:{}?mode=ro' AS usage",
            server.data().join("usage.db").display()
        );
        sqlx::query(sqlx::AssertSqlSafe(usage))
            .execute(&mut file)
            .await
            .unwrap();
        let account = sqlx::query_scalar("SELECT account_id FROM account")
            .fetch_one(&mut file)
            .await
            .unwrap();
        Self { file, account }
    }

    /// Rows as objects, and only some of their columns.
    async fn ask(&mut self, heading: &str, now_ms: i64, columns: &[&str]) -> Vec<Value> {
        let sql = query(heading)
            .replace(":account", &format!("'{}'", self.account))
            .replace(":now_ms", &now_ms.to_string());
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&mut self.file)
            .await
            .unwrap();
        let object = |row: &SqliteRow| {
            let all = row.columns().iter().enumerate();
            let wanted = all.filter(|(_, column)| columns.contains(&column.name()));
            wanted
                .map(|(at, column)| (column.name().to_owned(), value(row, at)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        rows.iter().map(object).collect()
    }
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn every_query_of_the_page_answers_what_it_says() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(
        &owner,
        "ops",
        &["updateOn"],
        &["proj/*:env/production:flag/*"],
    )
    .await;
    make_role(&owner, "kept", &["view*"], &["proj/*"]).await;
    let (ada_id, ada) = server.member("ada@acme.test", "admin").await;
    let (bob_id, bob) = server.member("bob@acme.test", "writer").await;
    let team = json!({"key": "core", "name": "Core", "memberIDs": [ada_id]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    make_token(&ada, json!({"role": "admin", "name": "hers"})).await;
    make_token(&bob, json!({"role": "reader", "name": "his"})).await;
    let service = |name: &str, role: &str| json!({"customRoleIds": [role], "serviceToken": true, "name": name});
    let (_, secret) = make_token(&owner, service("deploys", "ops")).await;
    make_token(&owner, service("reads", "kept")).await;
    let soon = in_seconds(3_600);
    make_token(
        &owner,
        json!({"role": "reader", "name": "short", "expiry": soon}),
    )
    .await;
    server
        .anonymous()
        .token(&secret)
        .get("/api/v2/caller-identity")
        .await
        .expect(200);
    let then = in_seconds(0);
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let policy = json!([{"effect": "allow", "actions": ["view*"], "resources": ["proj/*"]}]);
    owner
        .patch("/api/v2/roles/ops", &replace("/policy", policy))
        .await
        .expect(200);
    owner
        .patch(
            &format!("/api/v2/members/{bob_id}"),
            &replace("/role", json!("reader")),
        )
        .await
        .expect(200);
    owner
        .delete(&format!("/api/v2/members/{bob_id}"))
        .await
        .expect(204);
    // The tables have followed when a list answers; uses are written a second later at the latest.
    owner.get("/api/v2/tokens").await.expect(200);
    tokio::time::sleep(std::time::Duration::from_millis(2_000)).await;

    let mut analyst = Analyst::of(&server).await;
    let now = in_seconds(0);
    let later = now + 100 * DAY_MS;
    let names = |rows: Vec<Value>| -> Vec<String> {
        rows.iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    // The owner's first token makes these calls.
    let stale = analyst.ask("Stale tokens", later, &["name"]).await;
    assert_eq!(names(stale), ["deploys", "Owner's first token"]);
    let stale_now = analyst.ask("Stale tokens", now, &["name"]).await;
    assert_eq!(stale_now, Vec::<Value>::new());
    let unused = analyst
        .ask("Tokens that were never used", later, &["name"])
        .await;
    assert_eq!(names(unused), ["hers", "reads", "short"]);
    let soon = analyst.ask("Tokens about to expire", now, &["name"]).await;
    assert_eq!(names(soon), ["short"]);
    let admins = analyst
        .ask(
            "Tokens with the admin scope, by team",
            now,
            &["team", "tokens", "names"],
        )
        .await;
    assert_eq!(
        admins,
        [
            json!({"team": "", "tokens": 1, "names": "Owner's first token"}),
            json!({"team": "core", "tokens": 1, "names": "hers"}),
        ]
    );
    let production = "Who could change production on a date";
    let could = analyst.ask(production, then, &["name"]).await;
    assert_eq!(names(could), ["Owner's first token", "deploys", "hers"]);
    let frozen = analyst
        .ask(
            "Service tokens whose frozen role has changed since",
            now,
            &["name", "role_key", "role_deleted"],
        )
        .await;
    assert_eq!(
        frozen,
        [json!({"name": "deploys", "role_key": "ops", "role_deleted": 0})]
    );
    let most = analyst
        .ask(
            "Who made the most tokens",
            now,
            &["email", "made", "with_a_token"],
        )
        .await;
    assert_eq!(most.len(), 3);
    assert_eq!(
        (&most[0]["made"], &most[0]["with_a_token"]),
        (&json!(3), &json!(3))
    );
    let week = analyst
        .ask(
            "What happened in the last week",
            now,
            &["event_type", "events"],
        )
        .await;
    let of = |name: &str| -> i64 {
        let rows = week.iter().filter(|row| row["event_type"] == name);
        rows.map(|row| row["events"].as_i64().unwrap()).sum()
    };
    assert_eq!(
        (
            of("token.created"),
            of("member.removed"),
            of("role.updated")
        ),
        (6, 1, 1)
    );
    let died = analyst
        .ask(
            "Tokens that died with their member",
            now,
            &["email", "name"],
        )
        .await;
    assert_eq!(died, [json!({"email": "bob@acme.test", "name": "his"})]);
    let roles = analyst
        .ask(
            "What a member's role was, and when",
            now,
            &["email", "role", "valid_to_ms"],
        )
        .await;
    let of_bob: Vec<&Value> = roles
        .iter()
        .filter(|row| row["email"] == "bob@acme.test")
        .map(|row| &row["role"])
        .collect();
    assert_eq!(of_bob, ["writer", "reader"]);
    assert!(
        roles
            .iter()
            .any(|row| row["email"] == "ada@acme.test" && row["valid_to_ms"].is_null())
    );
    let busy = analyst
        .ask("The busiest tokens of a day", now, &["name", "calls"])
        .await;
    assert!(
        busy.contains(&json!({"name": "deploys", "calls": 1})),
        "{busy:?}"
    );
    let headings = include_str!("../../docs/queries.md")
        .matches("\n```sql\n")
        .count();
    assert_eq!(headings, 11, "each query of the page is asked here");
}

#[tokio::test]
async fn a_read_only_handle_cannot_write_and_sees_no_digest() {
    let server = Server::start().await;
    let owner = server.owner();
    make_token(&owner, json!({"role": "reader"})).await;
    owner.get("/api/v2/tokens").await.expect(200);
    let mut analyst = Analyst::of(&server).await;
    for sql in [
        "DELETE FROM token",
        "UPDATE member SET role = 'owner'",
        "CREATE TABLE mine (a TEXT)",
        "DELETE FROM usage.token_usage",
    ] {
        let error = sqlx::query(sql)
            .execute(&mut analyst.file)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("readonly"), "{sql}: {error}");
    }
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p",
    )
    .fetch_all(&mut analyst.file)
    .await
    .unwrap();
    assert!(columns.len() > 100);
    for (table, column) in columns {
        let secret = ["digest", "secret", "password_hash"].contains(&column.as_str());
        assert!(!secret, "{table}.{column}");
    }
}

#[test]
fn the_data_dictionary_is_not_stale() {
    let folder = tempfile::tempdir().unwrap();
    let (done, printed, error) = run(folder.path(), &["projections", "dictionary"]);
    assert!(done, "{error}");
    let stored = include_str!("../../docs/data-dictionary.md");
    assert!(
        printed == stored,
        "docs/data-dictionary.md is stale: run `make dictionary`"
    );
}
