//! `/api/v2/members`.

mod bulk;
mod find;

use serde_json::{Value, json};

use crate::support::{Server, make_role, make_token};

const PATH: &str = "/api/v2/members";

#[tokio::test]
async fn members_are_invited_all_or_none() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = make_role(&owner, "one", &["*"], &["proj/*"]).await;
    let form = json!([
        {"email": "a@example.com", "firstName": "A", "lastName": "B", "role": "writer", "password": "a long one"},
        {"email": "b@example.com", "customRoles": ["one"], "roleAttributes": {"team": ["x", "y"]}},
    ]);
    let answer = owner.post(PATH, &form).await.expect(201);
    assert_eq!(answer.integer("/totalCount"), 2);
    let first = |name: &str| &answer.json["items"][0][name];
    assert_eq!(
        (first("role"), first("firstName")),
        (&json!("writer"), &json!("A"))
    );
    assert_eq!(
        (first("_pendingInvite"), first("_verified")),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (first("customRoles"), first("_lastSeen")),
        (&json!([]), &json!(0))
    );
    assert!(first("mfa").is_string() && first("creationDate").is_i64());
    let second = |name: &str| &answer.json["items"][1][name];
    assert_eq!(
        (second("role"), second("_pendingInvite")),
        (&json!("reader"), &json!(true))
    );
    assert_eq!(second("customRoles"), &json!([role]));
    assert_eq!(second("roleAttributes"), &json!({"team": ["x", "y"]}));

    let before = server.position().await;
    for (form, code, message) in [
        (
            json!([{"email": "c@example.com"}, {"email": "A@Example.com"}]),
            "email_already_exists_in_account",
            "already",
        ),
        (
            json!([{"email": "c@example.com"}, {"email": "C@example.com"}]),
            "duplicate_emails",
            "twice",
        ),
        (
            json!([{"email": "c@example.com"}, {"email": "nobody"}]),
            "invalid_request",
            "/1/email: is not an e-mail",
        ),
        (
            json!([{"email": "c@example.com", "role": "owner"}]),
            "invalid_request",
            "/0/role: an account has one owner",
        ),
        (
            json!([{"email": "c@example.com", "role": "boss"}]),
            "invalid_request",
            "/0/role: \"boss\" is not",
        ),
        (
            json!([{"email": "c@example.com", "customRoles": ["two"]}]),
            "invalid_request",
            "/0/customRoles/0: there is no",
        ),
        (
            json!([{"email": "c@example.com", "password": "short"}]),
            "invalid_request",
            "/0/password: a password has",
        ),
        (json!([]), "invalid_request", "invites 0 members"),
    ] {
        owner
            .post(PATH, &form)
            .await
            .expect_error(400, code, message);
    }
    let exists = owner.post(PATH, &json!([{"email": "a@example.com"}])).await;
    assert_eq!(exists.json["invalid_emails"], json!(["a@example.com"]));
    assert_eq!(server.position().await, before);
}

#[tokio::test]
async fn a_list_is_in_the_order_of_invitation_and_me_is_the_caller() {
    let server = Server::start().await;
    let owner = server.owner();
    let me = owner.get(&format!("{PATH}/me")).await.expect(200);
    assert_eq!(me.text("/role"), "owner");
    let (id, session) = server.member("a@example.com", "reader").await;
    assert_eq!(session.get(&format!("{PATH}/me")).await.text("/_id"), id);
    let list = session
        .get(&format!("{PATH}?limit=1&offset=1"))
        .await
        .expect(200);
    assert_eq!(
        (list.items("_id"), list.integer("/totalCount")),
        (vec![id], 2)
    );
    assert_eq!(
        list.text("/_links/first/href"),
        format!("{PATH}?limit=1&offset=0")
    );
    let (_, nobody) = server.member("n@example.com", "no_access").await;
    nobody
        .get(PATH)
        .await
        .expect_error(403, "forbidden", "not allowed: viewMember");
    nobody.get(&format!("{PATH}/me")).await.expect(200);
    owner
        .get(&format!("{PATH}/nonsense"))
        .await
        .expect_error(404, "not_found", "unknown member");
}

#[tokio::test]
async fn roles_are_patched_as_terraform_does() {
    let server = Server::start().await;
    let owner = server.owner();
    let role = make_role(&owner, "one", &["*"], &["proj/*"]).await;
    let (id, session) = server.member("a@example.com", "reader").await;
    let path = format!("{PATH}/{id}");
    let patch = json!([
        {"op": "replace", "path": "/role", "value": "writer"},
        {"op": "replace", "path": "/customRoles", "value": ["one"]},
    ]);
    let answer = owner.patch(&path, &patch).await.expect(200);
    assert_eq!(
        (&answer.json["role"], &answer.json["customRoles"]),
        (&json!("writer"), &json!([role]))
    );
    let patch = json!([
        {"op": "replace", "path": "/role", "value": ""},
        {"op": "replace", "path": "/customRoles", "value": []},
    ]);
    let answer = owner.patch(&path, &patch).await.expect(200);
    assert_eq!(
        (&answer.json["role"], &answer.json["customRoles"]),
        (&json!("writer"), &json!([]))
    );
    let patch = json!([{"op": "add", "path": "/roleAttributes/team", "value": ["x"]}]);
    let answer = owner.patch(&path, &patch).await.expect(200);
    assert_eq!(answer.json["roleAttributes"], json!({"team": ["x"]}));

    let widen = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    session
        .patch(&path, &widen)
        .await
        .expect_error(403, "forbidden", "updateRole on member/");
    let own = owner
        .patch(
            &format!("{PATH}/me"),
            &json!([{"op": "replace", "path": "/role", "value": "reader"}]),
        )
        .await;
    own.expect_error(403, "forbidden", "cannot modify your own role");
    let email = json!([{"op": "replace", "path": "/email", "value": "x@example.com"}]);
    owner.patch(&path, &email).await.expect_error(
        400,
        "invalid_request",
        "\"/email\" cannot be patched",
    );
}

#[tokio::test]
async fn the_owner_hands_the_account_on_and_is_protected_until_then() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    let owner = server.owner();
    let me = owner.get(&format!("{PATH}/me")).await.text("/_id");
    let (heir, admin) = server.member("heir@example.com", "admin").await;
    admin.delete(&format!("{PATH}/{me}")).await.expect_error(
        409,
        "conflict",
        "hand the account on first",
    );
    let demote = json!([{"op": "replace", "path": "/role", "value": "reader"}]);
    admin
        .patch(&format!("{PATH}/{me}"), &demote)
        .await
        .expect_error(403, "forbidden", "owner's role");
    let crown = json!([{"op": "replace", "path": "/role", "value": "owner"}]);
    admin
        .patch(&format!("{PATH}/{heir}"), &crown)
        .await
        .expect_error(403, "forbidden", "updateAccountOwner");
    // The owner's token has the admin scope, which does not include naming the owner.
    owner
        .patch(&format!("{PATH}/{heir}"), &crown)
        .await
        .expect_error(403, "forbidden", "updateAccountOwner on acct");
    drop(anonymous);
}

#[tokio::test]
async fn an_owner_with_a_password_hands_the_account_on() {
    let env = [
        ("KEYLEDGER_OWNER_EMAIL", "o@example.com"),
        ("KEYLEDGER_OWNER_PASSWORD", "the password of o@example.com"),
    ];
    let server = Server::start_with(&env).await;
    let session = server.sign_in("o@example.com").await;
    let heir = server.invite("heir@example.com", "reader").await;
    let crown = json!([{"op": "replace", "path": "/role", "value": "owner"}]);
    let answer = session
        .patch(&format!("{PATH}/{heir}"), &crown)
        .await
        .expect(200);
    assert_eq!(answer.text("/role"), "owner");
    assert_eq!(
        session.get(&format!("{PATH}/me")).await.text("/role"),
        "admin"
    );
    let (_, secret) = make_token(&session, json!({"role": "reader"})).await;
    let token = server
        .anonymous()
        .token(&secret)
        .get("/api/v2/tokens")
        .await
        .expect(200);
    assert_eq!(token.text("/items/0/ownerId"), heir);
}

#[tokio::test]
async fn a_removed_member_stays_removed_even_when_the_same_e_mail_comes_back() {
    let server = Server::start().await;
    let owner = server.owner();
    let (id, session) = server.member("a@example.com", "writer").await;
    let (_, personal) = make_token(&session, json!({"role": "writer"})).await;
    let (service_id, service) =
        make_token(&session, json!({"role": "writer", "serviceToken": true})).await;
    owner.delete(&format!("{PATH}/{id}")).await.expect(204);
    session
        .get("/api/v2/tokens")
        .await
        .expect_error(401, "unauthorized", "not signed in");
    owner
        .get(&format!("{PATH}/{id}"))
        .await
        .expect_error(404, "not_found", "unknown member");
    owner
        .delete(&format!("{PATH}/{id}"))
        .await
        .expect_error(404, "not_found", "unknown member");
    let (again, _) = server.member("a@example.com", "admin").await;
    assert_ne!(again, id);
    let who = "/api/v2/caller-identity";
    server
        .anonymous()
        .token(&personal)
        .get(who)
        .await
        .expect_error(401, "unauthorized", "removed");
    let still = server
        .anonymous()
        .token(&service)
        .get(who)
        .await
        .expect(200);
    assert_eq!(
        (still.text("/tokenId"), still.text("/memberId")),
        (service_id, id)
    );
    // The list still shows who made it.
    let list = owner.get("/api/v2/tokens").await.expect(200);
    assert_ne!(list.json["items"][0]["_member"], Value::Null);
}
