//! `keyledger export parquet`, read back by DuckDB.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Server, make_role, make_token, run};

fn compared(folder: &Path, projections: &Path) -> Value {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(format!("{root}/target/test-deps/tools/bin/python"))
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/it/parquet/compare.py"
        ))
        .env("FOLDER", folder)
        .env("PROJECTIONS", projections)
        .output()
        .expect("run `make test-deps`");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_tables_as_parquet_hold_what_the_tables_hold() {
    let server = Server::start().await;
    let owner = server.owner();
    make_role(&owner, "ops", &["updateOn"], &["proj/*"]).await;
    let (ada, _) = server.member("ada@acme.test", "writer").await;
    let team =
        json!({"key": "core", "name": "Core", "memberIDs": [ada], "customRoleKeys": ["ops"]});
    owner.post("/api/v2/teams", &team).await.expect(201);
    let scope =
        json!({"customRoleIds": ["ops"], "serviceToken": true, "name": "déploys \u{1f511}"});
    make_token(&owner, scope).await;
    for n in 0..30 {
        let name = format!("t{n}");
        make_token(&owner, json!({"role": "reader", "name": name})).await;
    }
    let (gone, _) = make_token(&owner, json!({"role": "reader", "name": "gone"})).await;
    let path = format!("/api/v2/tokens/{gone}");
    owner.delete(&path).await.expect(204);
    owner.get("/api/v2/tokens").await.expect(200);
    let position = server.position().await;

    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("new/parquet");
    let to_text = to.to_str().unwrap();
    let (done, out, error) = run(&server.data(), &["export", "parquet", to_text]);
    assert!(done, "{error}");
    assert!(out.contains("token.parquet: 33 rows\n"), "{out}");
    assert!(
        out.ends_with(&format!("as of position {position}\n")),
        "{out}"
    );
    let found = compared(&to, &server.data().join("projections.db"));
    let files = found.as_object().unwrap();
    // Whatever the data dictionary has is there.
    let dictionary = include_str!("../../docs/data-dictionary.md");
    let (_, section) = dictionary.split_once("## `projections.db`").unwrap();
    let (section, _) = section.split_once("## `usage.db`").unwrap();
    let headings = section
        .lines()
        .filter_map(|line| line.strip_prefix("### `"));
    let names: Vec<&str> = headings.filter_map(|rest| rest.split('`').next()).collect();
    assert!(names.len() > 25, "{names:?}");
    for name in &names {
        assert_eq!(found[name]["position"], position, "{name}");
    }
    assert_eq!(files.len(), names.len() + 1, "and what was asked");
    for name in [
        "token",
        "audit_entry",
        "token_permission_history",
        "daily_activity",
        "team_member",
    ] {
        assert!(found[name]["rows"].as_u64().unwrap() > 0, "{name}");
    }
    let types = &found["token_permission_history"]["types"];
    assert_eq!(types["valid_from_ms"], "BIGINT");
    assert_eq!(found["token"]["types"]["name"], "VARCHAR");
    let asked = found["asked"].as_array().unwrap();
    assert_eq!(asked.len(), 33);
    assert!(
        asked.contains(&json!(["déploys \u{1f511}", 1])),
        "{asked:?}"
    );

    // What is there is left alone.
    let (done, _, error) = run(&server.data(), &["export", "parquet", to_text]);
    assert!(!done && error.contains(".parquet: "), "{error}");
}
