//! A node works with the rights of the service alone, once an owner has made the schema.

use keyledger_test_postgres::{as_user, connect, fresh_database};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor as _};

use super::tables::{self, are_up_to_date};
use crate::support::{Server, make_token, run_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_migrates_and_a_service_serves() {
    let owner = fresh_database().await;
    let name = owner.rsplit('/').next().unwrap().to_owned();
    let login = format!("node_of_{name}");
    let folder = tempfile::tempdir().unwrap();
    let mut admin = connect(&owner).await;
    admin
        .execute(AssertSqlSafe(format!("CREATE ROLE {login} LOGIN")))
        .await
        .unwrap();
    let service = as_user(&owner, &login);
    let env = [
        ("DATABASE_URL", service.as_str()),
        ("KEYLEDGER_LISTEN", "127.0.0.1:0"),
    ];
    let (success, _, error) = run_with(folder.path(), &env, &["serve"]);
    assert!(!success && error.contains("keyledger migrate"), "{error}");
    let (success, printed, error) =
        run_with(folder.path(), &[("DATABASE_URL", &owner)], &["migrate"]);
    assert!(success && printed.contains("up to date"), "{error}");
    let grant = format!("GRANT keyledger_service TO {login}");
    admin.execute(AssertSqlSafe(grant)).await.unwrap();
    let node = Server::start_with(&env).await;
    let (id, secret) = make_token(&node.owner(), json!({"role": "reader"})).await;
    let itself = node.anonymous().token(&secret);
    itself.get("/api/v2/caller-identity").await.expect(200);
    let member = node.member("ann@example.com", "writer").await.1;
    member.get("/api/v2/caller-identity").await.expect(200);
    node.owner()
        .delete(&format!("/api/v2/tokens/{id}"))
        .await
        .expect(204);
    itself.get("/api/v2/caller-identity").await.expect(401);
    // What it fills, an analyst reads, and nothing else.
    let analyst = format!("analyst_of_{name}");
    admin
        .execute(AssertSqlSafe(format!(
            "CREATE ROLE {analyst} LOGIN IN ROLE keyledger_analyst"
        )))
        .await
        .unwrap();
    are_up_to_date(&mut tables::analyst(&owner).await).await;
    let mut analyst = tables::analyst(&as_user(&owner, &analyst)).await;
    let status: String =
        sqlx::query_scalar("SELECT status FROM token_overview WHERE token_id = $1")
            .bind(&id)
            .fetch_one(&mut analyst)
            .await
            .unwrap();
    assert_eq!(status, "deleted");
    for statement in ["SELECT * FROM keyledger.event", "DELETE FROM token"] {
        let refused = analyst.execute(statement).await.expect_err(statement);
        let code = refused.as_database_error().and_then(|error| error.code());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
    // Again, over a schema that is there.
    let (success, printed, error) = run_with(folder.path(), &env, &["migrate"]);
    assert!(success && printed.contains("up to date"), "{error}");
}
