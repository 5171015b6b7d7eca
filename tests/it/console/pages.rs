//! The other pages, by their forms; the browser tests drive them as people do.

use serde_json::json;

use super::{HOME, browser, hidden};
use crate::support::{Server, make_token};

#[tokio::test]
async fn an_invited_member_joins_by_the_link_of_the_page() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let fields = [
        ("key", "k1"),
        ("email", "new@example.com"),
        ("role", "writer"),
    ];
    let page = admin
        .form("/settings/members/new", &fields)
        .await
        .expect(200);
    let link = super::secret(&page);
    assert!(
        link.starts_with(&format!("{}/invitation#", server.url())),
        "{link}"
    );
    let code = link.split_once('#').unwrap().1;
    let stranger = server.anonymous().with("Origin", &server.url());
    stranger.get("/invitation").await.expect(200);
    let join = async |password: &str, again: &str| {
        let fields = [
            ("code", code),
            ("password", password),
            ("again", again),
            ("firstName", "Nia"),
        ];
        stranger.form("/join", &fields).await
    };
    let page = join("long enough", "long enouhg").await.expect(422);
    assert!(page.body.contains("not the same"), "{}", page.body);
    let joined = join("long enough", "long enough").await.expect(303);
    let cookie = joined.header("set-cookie").unwrap().to_owned();
    let member = stranger.with("Cookie", cookie.split(';').next().unwrap());
    let list = member.get(HOME).await.expect(200);
    assert!(list.body.contains("new@example.com"));
    let page = join("long enough", "long enough").await.expect(404);
    assert!(page.body.contains("does not work"), "{}", page.body);
}

#[tokio::test]
async fn a_member_is_lowered_and_removed_after_a_look_at_what_dies() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let (id, writer) = server.member("w@example.com", "writer").await;
    make_token(&writer, json!({"role": "writer", "name": "Laptop"})).await;
    let at = format!("/settings/members/{id}");
    let look = [("key", "k1"), ("role", "reader"), ("do", "look")];
    let page = admin.form(&at, &look).await.expect(200);
    assert!(
        page.body.contains("One token would change"),
        "{}",
        page.body
    );
    let page = admin.get(HOME).await.expect(200);
    assert!(!page.body.contains("narrowed"), "nothing was changed");
    let save = [("key", "k1"), ("role", "reader"), ("do", "save")];
    let page = admin.form(&at, &save).await.expect(200);
    assert!(page.body.contains("Saved"), "{}", page.body);
    let page = admin.get(HOME).await.expect(200);
    assert!(
        page.body.contains("narrowed: member is a reader since 20"),
        "{}",
        page.body
    );

    let remove = format!("{at}/remove");
    let page = admin.get(&remove).await.expect(200);
    assert!(
        page.body.contains("Laptop</a>") && page.body.contains("may do nothing"),
        "{}",
        page.body
    );
    admin
        .form(&remove, &[("key", "k2"), ("confirm", "w")])
        .await
        .expect(422);
    writer.get(HOME).await.expect(200);
    let right = [("key", "k2"), ("confirm", "w@example.com")];
    admin.form(&remove, &right).await.expect(303);
    writer.get(HOME).await.expect(303);
    let page = admin.get(HOME).await.expect(200);
    assert!(
        page.body.contains("deactivated: member was removed"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_token_s_page_says_what_it_may_do_and_why() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let policy = json!([{"effect": "allow", "actions": ["view*"], "resources": ["proj/*"]}]);
    let (id, _) = make_token(&admin, json!({"inlineRole": policy, "name": "Viewer"})).await;
    let at = format!("{HOME}/tokens/{id}");
    let ask = async |question: &str| {
        admin
            .get(&format!("{at}?{question}"))
            .await
            .expect(200)
            .body
    };
    let page = ask("action=viewProject&resource=proj/web").await;
    assert!(page.contains("<strong>Allowed, as of"), "{page}");
    assert!(page.contains("statement 1 of its in-line policy"), "{page}");
    assert!(page.contains("created the access token Viewer"), "{page}");
    let page = ask("action=deleteProject&resource=proj/web").await;
    assert!(page.contains("<strong>Not allowed, as of"), "{page}");
    assert!(page.contains("which is about other actions"), "{page}");
    let page = ask("action=viewProject&resource=proj/*").await;
    assert!(page.contains("resource: "), "{page}");
    let page = ask("action=viewProject&resource=proj/web&asOf=1").await;
    assert!(page.contains("unknown token"), "{page}");
}

#[tokio::test]
async fn roles_and_teams_are_made_changed_and_deleted() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let policy = r#"[{"effect":"allow","resources":["proj/*"],"actions":["viewProject"]}]"#;
    let new = [
        ("key", "k1"),
        ("newKey", "ops"),
        ("name", "Ops"),
        ("base", "no_access"),
        ("policy", policy),
    ];
    let made = admin.form("/settings/roles/new", &new).await.expect(303);
    let at = made.header("location").unwrap().to_owned();
    assert_eq!(at, "/settings/roles/role/ops");
    let (token, _) = make_token(&admin, json!({"customRoleIds": ["ops"], "name": "Bot"})).await;
    let wider = policy.replace("viewProject", "*");
    let edit = |what| {
        [
            ("key", "k2"),
            ("name", "Ops"),
            ("base", "no_access"),
            ("policy", &*wider),
            ("do", what),
        ]
    };
    let page = admin.form(&at, &edit("look")).await.expect(200);
    assert!(
        page.body.contains(&format!("/tokens/{token}\">Bot</a>")),
        "{}",
        page.body
    );
    let role = admin.get("/api/v2/roles/ops").await.expect(200);
    assert_eq!(role.json["policy"][0]["actions"], json!(["viewProject"]));
    admin.form(&at, &edit("save")).await.expect(200);
    let role = admin.get("/api/v2/roles/ops").await.expect(200);
    assert_eq!(role.json["policy"][0]["actions"], json!(["*"]));
    let page = admin.form(&at, &edit("save")).await.expect(422);
    assert!(page.body.contains("nothing is different"));

    server.invite("m@example.com", "reader").await;
    let new = [
        ("key", "k3"),
        ("name", "Web"),
        ("teamKey", "web"),
        ("description", ""),
    ];
    let made = admin.form("/settings/teams/new", &new).await.expect(303);
    let team = made.header("location").unwrap().to_owned();
    let add = [("key", "k4"), ("do", "add"), ("email", "m@example.com")];
    admin.form(&team, &add).await.expect(303);
    admin
        .form(&team, &[("key", "k5"), ("do", "roles"), ("role", "ops")])
        .await
        .expect(303);
    let page = admin.get(&team).await.expect(200);
    assert!(
        page.body.contains("Members (1)") && page.body.contains("gives (1)"),
        "{}",
        page.body
    );
    let add = [
        ("key", "k6"),
        ("do", "add"),
        ("email", "nobody@example.com"),
    ];
    let page = admin.form(&team, &add).await.expect(422);
    assert!(
        page.body.contains("no member has the e-mail"),
        "{}",
        page.body
    );
    let member = hidden(&admin.get(&team).await, "member");
    admin
        .form(&team, &[("key", "k7"), ("do", "drop"), ("member", &member)])
        .await
        .expect(303);
    let page = admin.get(&team).await.expect(200);
    assert!(page.body.contains("Members (0)"), "{}", page.body);
    admin
        .form(&team, &[("key", "k8"), ("do", "delete")])
        .await
        .expect(303);
    admin.get(&team).await.expect(404);
    admin
        .form(&format!("{at}/delete"), &[("key", "k9")])
        .await
        .expect(303);
    admin.get(&at).await.expect(404);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = Server::start().await;
    let one = browser(&server, "a@example.com", "reader").await;
    let other = server.sign_in("a@example.com").await;
    let page = one.get("/settings/sessions").await.expect(200);
    assert_eq!(page.body.matches("this one").count(), 1);
    let (_, rest) = page
        .body
        .split_once("action=\"/settings/sessions/")
        .unwrap();
    let path = format!("/settings/sessions/{}", rest.split('"').next().unwrap());
    other.get(HOME).await.expect(200);
    one.form(&path, &[]).await.expect(303);
    other.get(HOME).await.expect(303);
    one.get(HOME).await.expect(200);
    one.form(&path, &[]).await.expect(404);
    // Somebody else's is as unknown as one that never was.
    let stranger = browser(&server, "b@example.com", "admin").await;
    let list = one.get("/sessions").await.expect(200);
    let path = format!("/sessions/{}", list.text("/items/0/_id"));
    stranger.delete(&path).await.expect(404);
    one.get(HOME).await.expect(200);
    // A token has none and ends none.
    server.owner().get("/sessions").await.expect(403);
}

#[tokio::test]
async fn a_form_that_would_be_refused_is_not_shown() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let writer = browser(&server, "w@example.com", "writer").await;
    for (kind, action) in [
        ("members", "createMember"),
        ("roles", "createRole"),
        ("teams", "createTeam"),
    ] {
        let path = format!("/settings/{kind}/new");
        admin.get(&path).await.expect(200);
        let page = writer.get(&path).await.expect(403);
        assert!(page.body.contains(action), "{}", page.body);
    }
}

#[tokio::test]
async fn nobody_is_added_to_a_team_by_two_e_mails_at_once() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    let fields = [("key", "k1"), ("name", "Web"), ("teamKey", "web")];
    admin.form("/settings/teams/new", &fields).await.expect(303);
    let fields = [
        ("key", "k2"),
        ("do", "add"),
        ("email", "a@example.com,b@example.com"),
    ];
    let page = admin.form("/settings/teams/team/web", &fields).await;
    let said = "no member has the e-mail a@example.com,b@example.com";
    assert!(page.expect(422).body.contains(said));
}

#[tokio::test]
async fn the_overview_counts_the_changes_when_it_is_there() {
    let server = Server::start().await;
    let admin = browser(&server, "a@example.com", "admin").await;
    make_token(&admin, json!({"role": "reader"})).await;
    let title = "Entries of the audit log by day";
    let page = admin.get("/settings/overview").await.expect(200);
    assert!(!page.body.contains(title), "{}", page.body);
    let more = "/settings/overview?changes=count";
    assert!(page.body.contains(more), "{}", page.body);
    let page = admin.get(more).await.expect(200);
    assert!(page.body.contains(title), "{}", page.body);
    assert!(!page.body.contains("too many"), "{}", page.body);
}
