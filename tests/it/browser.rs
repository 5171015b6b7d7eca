//! The console in a real browser: Debian's Chromium, driven by `playwright-core` and checked by `axe-core`.
//!
//! A scenario is a script of `browser/` that does what a person does, against a server of its own. No page may say an
//! error, break its policy of content or open a dialog that nobody expected (`browser/support.js`). A scenario prints its
//! result as JSON; one that fails prints what its pages showed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Server, password};

/// Who is signed in, unless a scenario says otherwise.
const EMAIL: &str = "ada@example.com";

/// Who may not do much.
const READER: &str = "reader@example.com";

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("tests/ is in the repository").join(path)
}

/// What `make test-deps` installed.
pub fn modules() -> PathBuf {
    let modules = repository("target/test-deps/browser/node_modules");
    for name in ["playwright-core", "axe-core", "oidc-provider", "jose"] {
        let module = modules.join(name);
        let path = module.display();
        assert!(module.exists(), "{path} is missing: run `make test-deps`");
    }
    modules
}

/// Runs a scenario on a new server with an administrator and a reader, and gives its result.
async fn run(scenario: &str) -> Value {
    run_on(&Server::start().await, scenario).await
}

/// The same on a server that is there.
pub async fn run_on(server: &Server, scenario: &str) -> Value {
    server.invite(EMAIL, "admin").await;
    server.invite(READER, "reader").await;
    let mut command = Command::new("node");
    command
        .arg(repository("tests/it/browser").join(scenario))
        .env("NODE_PATH", modules())
        .env("BASE", server.url())
        .env("TOKEN", server.owner_secret())
        .env("EMAIL", EMAIL)
        .env("PASSWORD", password(EMAIL))
        .env("READER", READER)
        .env("READER_PASSWORD", password(READER));
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}: run `make test-deps`"));
    let printed = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{scenario}: {}\n{printed}\n{said}",
        output.status
    );
    let last = printed.lines().last().expect("a result");
    serde_json::from_str(last).expect("the result is JSON")
}

#[tokio::test]
async fn a_token_is_created_as_the_vendors_page_tells_it() {
    let result = run("seed.js").await;
    assert_eq!(result, json!({"version": 20_220_603, "works": 200}));
}

#[tokio::test]
async fn a_token_is_cloned_reset_and_deleted_from_its_menu() {
    let result = run("manage.js").await;
    assert_eq!(result["graced"], json!([200, 200]), "old and new");
    assert_eq!(result["reset"], json!([401, 401, 200]), "the last one");
    assert_eq!(result["deleted"], json!([401, 200]), "the clone goes on");
}

#[tokio::test]
async fn a_token_gets_a_custom_role_or_a_policy() {
    let result = run("scopes.js").await;
    assert_eq!(result["may"], json!([200, 403, 200, 403]));
    assert_eq!(result["inline"][0]["actions"], json!(["viewProject"]));
    let made = json!(["Broken", "By policy", "By role", "Owner's first token"]);
    assert_eq!(result["made"], made);
}

#[tokio::test]
async fn what_is_refused_is_said_in_words() {
    let result = run("refusals.js").await;
    let said = result["said"].as_str().expect("words");
    assert!(said.contains("the role admin is above your own"), "{said}");
    assert_eq!(result["made"], 1, "a double click is one token");
}

#[tokio::test]
async fn all_of_it_works_by_keyboard() {
    let result = run("keyboard.js").await;
    assert_eq!(result["deleted"], 401);
    assert_eq!(result["left"], 0);
}

#[tokio::test]
async fn all_of_it_works_without_a_script() {
    let result = run("scriptless.js").await;
    assert_eq!(result["before"], json!([401, 200, 200]));
    assert_eq!(result["after"], 401);
}

#[tokio::test]
async fn every_page_is_accessible_and_fits_a_small_screen() {
    let result = run("accessible.js").await;
    let checked = result["checked"].as_u64().expect("a count");
    assert!(checked >= 264, "{checked}");
}

#[tokio::test]
async fn hostile_names_are_shown_on_every_page_and_never_obeyed() {
    let result = run("hostile.js").await;
    let looked = result["looked"].as_u64().expect("a count");
    assert!(looked >= 232, "{looked}");
}

#[tokio::test]
async fn hostile_texts_come_back_as_typed_and_lead_nowhere() {
    assert_eq!(run("typed.js").await["stayed"], 4);
}

#[tokio::test]
async fn what_a_browser_changes_still_works() {
    let result = run("odd.js").await;
    assert_eq!(result, json!({"names": 4, "addresses": 3}));
}

#[tokio::test]
async fn tokens_are_found_sorted_and_paged() {
    let result = run("find.js").await;
    let found = json!({"name": 1, "member": 1, "ending": ["Rollout 27"]});
    assert_eq!(result["found"], found);
    assert_eq!(result["unused"], "Rollout 27", "the one that was used");
}

#[tokio::test]
async fn what_a_token_may_do_now_is_said_and_explained() {
    let result = run("narrowed.js").await;
    let wide = "in-line policy, but not for example viewProject on acct";
    let narrowed = "narrowed: member is a reader since today";
    let said = json!({
        "Laptop": {"may": "reader", "why": narrowed},
        "Left behind": {"may": "nothing", "why": "deactivated: member was removed today"},
        "Too wide": {"may": wide, "why": narrowed},
    });
    assert_eq!(result["said"], said);
    let answers = &result["answers"];
    let line = |question: &str, index: usize| answers[question][index].as_str().unwrap_or_default();
    for question in ["read", "position", "time"] {
        assert!(
            line(question, 0).starts_with("Allowed, as of "),
            "{answers}"
        );
    }
    assert!(
        line("write", 0).starts_with("Not allowed, as of "),
        "{answers}"
    );
    assert!(
        line("write", 0).contains("member.downgraded wen@example.com"),
        "{answers}"
    );
    let scope = "Its scope allows it: statement 3 of the built-in role writer.";
    for question in ["write", "position", "time"] {
        assert_eq!(line(question, 1), scope);
    }
    let member = "does not allow it; nearest is statement 1 of the built-in role reader, which is about other actions.";
    assert!(line("write", 2).ends_with(member), "{answers}");
    for (question, words) in [
        ("malformed", "a segment is type/name"),
        ("pattern", "a resource is concrete and has no '*'"),
        ("when", "is no moment"),
        ("early", "unknown token"),
    ] {
        assert!(line(question, 0).contains(words), "{answers}");
    }
    // What was then is not said to be now.
    for question in ["position", "time"] {
        assert!(!line(question, 2).contains("now"), "{answers}");
    }
}

#[tokio::test]
async fn a_policy_is_checked_as_it_is_typed_and_a_role_changed_after_a_look() {
    let result = run("policy.js").await;
    let places: Vec<&str> = (0..3)
        .filter_map(|one| result["errors"][one][0].as_str()?.split(':').next())
        .collect();
    let expected = [
        "Line 2, column 22",
        "Line 2, column 20",
        "Line 3, column 28",
    ];
    assert_eq!(places, expected, "{result}");
    assert_eq!(result["errors"][0][1], r#"{"effect": "allow",,}"#);
    let allowed = "Allowed: statement 1 allows it";
    let refused = "Not allowed: no statement is about it";
    assert_eq!(result["tried"][0], allowed);
    assert_eq!(result["tried"][1], refused);
    let malformed = result["tried"][2].as_str().expect("words");
    assert!(malformed.starts_with("the resource: "), "{malformed}");
    let more = "Pipeline personal may then also updateOn on proj/x, for example.";
    assert_eq!(result["look"], json!([more]));
    assert_eq!(result["kept"], json!(["viewProject"]), "a look");
    assert_eq!(result["saved"], json!(["viewProject", "updateOn"]));
    let nothing = "Pipeline personal may do nothing any more.";
    assert_eq!(result["dies"], json!([nothing]));
    assert_eq!(result["deleted"], 404);
}

#[tokio::test]
async fn a_member_is_invited_joins_is_changed_and_removed() {
    let result = run("people.js").await;
    let less = "Theirs personal may no more updateOn on proj/x, for example.";
    assert_eq!(result["look"], json!([less]));
    assert_eq!(result["role"], "reader");
    let team = json!({"added": ["web"], "roles": ["ops"], "left": []});
    assert_eq!(result["team"], team);
    let nothing = "Theirs personal may do nothing any more.";
    assert_eq!(result["dies"], json!([nothing]));
    assert_eq!(result["works"], json!([200, 401]));
}

/// Everything that `roles_seen.js` sends, but what is of one's own.
const SENT: [&str; 15] = [
    "reset another",
    "reset a service token",
    "delete another",
    "delete a service token",
    "invite",
    "change a role of a member",
    "make a role",
    "change a role",
    "make a team",
    "rename a team",
    "add to a team",
    "roles of a team",
    "delete a team",
    "delete a role",
    "remove a member",
];

/// Requires that an administrator is offered everything, and may do it.
fn may_all(admin: &Value) {
    let looks = &admin["looks"];
    assert_eq!(looks["tabs"][0], "Overview");
    let menus = json!({
        "Own of admin": "Clone Reset Delete",
        "Service": "Clone Reset Delete",
        "Theirs": "Clone Delete",
        "Owner's first token": "Clone Delete",
    });
    assert_eq!(looks["menus"], menus);
    assert_eq!(looks["members"], "Invite member");
    assert_eq!(looks["member"], "Remove, Save, See what would change");
    assert_eq!(looks["roles"], "Create role");
    assert_eq!(looks["role"], "Delete, Save role, See what would change");
    assert_eq!(looks["teams"], "Create team");
    let team = looks["team"].as_str().expect("words");
    assert!(
        team.starts_with("Add, ") && team.ends_with(", Save roles, Save name"),
        "{team}"
    );
    // Nobody but its member resets a personal token.
    assert_eq!(admin["statuses"]["reset another"], 403);
    for what in &SENT[1..] {
        assert_ne!(admin["statuses"][*what], 403, "{what}");
    }
}

#[tokio::test]
async fn what_one_may_not_do_is_not_offered_and_is_refused() {
    let result = run("roles_seen.js").await;
    let tabs = json!([
        "Authorization",
        "Members",
        "Roles",
        "Teams",
        "Audit log",
        "Sessions"
    ]);
    for name in ["reader-2", "writer"] {
        let (looks, statuses) = (&result[name]["looks"], &result[name]["statuses"]);
        assert_eq!(looks["tabs"], tabs, "{name}");
        let own = format!("Own of {name}");
        let menus = json!({own: "Clone Reset Delete", "Service": "Clone"});
        assert_eq!(looks["menus"], menus, "{name}");
        assert_eq!(looks["tokens"], "Create token", "{name}");
        for page in ["members", "member", "roles", "role", "teams", "team"] {
            assert_eq!(looks[page], "", "{name} at {page}");
        }
        assert_eq!(looks["overview"], 403, "{name}");
        for what in SENT {
            assert_eq!(statuses[what], 403, "{name}: {what}");
        }
        assert_eq!(statuses["delete an own token"], 303, "{name}");
    }

    // Who may only see tokens is offered nothing to change.
    let viewer = &result["viewer"];
    let menus = viewer["looks"]["menus"].as_object().expect("menus");
    assert_eq!(menus.len(), 6, "{viewer}");
    assert!(menus.values().all(|menu| menu == ""), "{viewer}");
    for page in ["tokens", "teams", "overview"] {
        assert_eq!(viewer["looks"][page], "", "{page}");
    }
    for page in ["members", "member", "roles", "role", "team"] {
        assert_eq!(viewer["looks"][page], 403, "{page}");
    }
    for what in SENT {
        assert_eq!(viewer["statuses"][what], 403, "{what}");
    }

    may_all(&result["admin"]);
    // A tab leads to what one may see.
    let tabs = json!([
        "Overview",
        "Authorization",
        "Teams",
        "Audit log",
        "Sessions"
    ]);
    assert_eq!(viewer["looks"]["tabs"], tabs);
    for name in ["viewer", "reader-2", "writer", "admin"] {
        assert_eq!(result[name]["silent"], json!([]), "{name} is told why");
    }
    assert_eq!(result["kept"], 1, "custom roles that are not on the page");
}

#[tokio::test]
async fn the_log_is_searched_and_sessions_are_ended() {
    let result = run("audit.js").await;
    let found = &result["found"];
    let words = "owner@keyledger.example created the access token Robot 17";
    assert_eq!(found["words"], json!([words]));
    let resources = json!([
        "owner@keyledger.example updated the custom role Platform\nRenamed with the team",
        "owner@keyledger.example created the custom role Operations",
    ]);
    assert_eq!(found["resources"], resources);
    assert_eq!(found["days"], json!([true, true, true, true, false, false]));
    assert_eq!(found["paged"], 45);
    let entry = json!({"why": 1, "before": "Operations", "after": "Platform"});
    assert_eq!(found["entry"], entry);
    assert_eq!(result["sessions"], json!([2, 1, 1]), "all, this one, left");
}

#[tokio::test]
async fn the_newer_pages_work_by_keyboard() {
    let result = run("keyboard_pages.js").await;
    let expected = json!({"invited": "writer", "roles": 1, "kept": ["updateOn"]});
    assert_eq!(result, expected, "a look keeps the policy");
}
