//! The server against the vendor's own document: every operation, its success and its errors, each answer
//! validated with the vendor's schema for its status. The same answers against our document, which has to list
//! every status.

mod cases;
mod full;
mod spec;

use std::collections::BTreeSet;

use cases::{NEVER, explicit, send};
use spec::Spec;

use crate::authorization::callers::{Callers, OWNER_PASSWORD};
use crate::authorization::operations::Operations;
use crate::authorization::table::rows;
use crate::cli::create_account;
use crate::support::{Answer, Api, Server, run};

/// Answers that were validated, by operation and status.
struct Seen<'a> {
    spec: &'a Spec,
    own: &'a Spec,
    seen: BTreeSet<(String, u16)>,
    /// Statuses that the vendor does not list for the operation.
    beyond: BTreeSet<(String, u16)>,
}

impl Seen<'_> {
    /// Checks the answer to an operation of ours, which may be one of the vendor's.
    fn check(&mut self, operation: &str, answer: &Answer) {
        // A method that a path does not take belongs to no operation.
        let listed = self.own.validate(operation, answer) || answer.status == 405;
        assert!(listed, "openapi.yaml: {operation} {}", answer.status);
        if !self.spec.has(operation) {
            return;
        }
        let known = self.spec.validate(operation, answer);
        let pair = (operation.to_owned(), answer.status);
        if known {
            self.seen.insert(pair);
        } else {
            self.beyond.insert(pair);
        }
    }
}

/// The operation that an attempt in the table is at.
fn operation(row: &str) -> &str {
    row.split('@').next().unwrap()
}

/// Statuses that we answer and the vendor does not list.
const BEYOND: [(&str, u16); 9] = [
    ("deleteCustomRole", 403),
    ("deleteTeam", 403),
    // On a plan without the REST API.
    ("getCallerIdentity", 403),
    ("getTeams", 403),
    ("patchCustomRole", 403),
    ("patchTeam", 403),
    ("postTeam", 403),
    ("postTeamMembers", 403),
    ("postTeamMembers", 404),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_as_the_vendors_document_says() {
    let spec = Spec::of_the_vendor();
    let env = [("KEYLEDGER_OWNER_PASSWORD", OWNER_PASSWORD)];
    let server = Server::start_with(&env).await;
    let document = server.anonymous().get("/api/v2/openapi.json").await;
    let own = Spec::of(&document.expect(200).json, "ErrorRep");
    let callers = Callers::make(&server).await;
    let real = Operations::make(&server).await;
    let nothing = real.about_nothing();
    let (id, secret) = create_account(&server, "Starter", "starter@acme.test");
    let starter = server.anonymous().token(&secret);
    starter.eventually("/api/v2/caller-identity", 200).await;
    let (done, _, error) = run(
        &server.data(),
        &["account", "plan", "starter", "--account", &id],
    );
    assert!(done, "{error}");
    starter.eventually("/api/v2/caller-identity", 403).await;
    let wrong = server
        .anonymous()
        .token("api-00000000-0000-4000-0000-000000000000");
    let owner = callers.get("owner");
    let nobody = callers.get("no_access");
    let mut seen = Seen {
        spec: &spec,
        own: &own,
        seen: BTreeSet::new(),
        beyond: BTreeSet::new(),
    };
    for row in rows() {
        let operation = operation(&row.operation);
        let callers: [(&Operations<'_>, &Api, _); 5] = [
            (&real, &server.owner(), owner),
            (&nothing, &server.owner(), owner),
            (&real, &nobody.personal, nobody),
            (&nothing, &wrong, owner),
            (&nothing, &starter, owner),
        ];
        for (about, api, caller) in callers {
            let answer = about.attempt(&row.operation, api, caller).await;
            seen.check(operation, &answer);
        }
    }
    for case in explicit(&server).await {
        let answer = send(&server, &case).await;
        assert_eq!(
            answer.status, case.status,
            "{}: {}",
            case.operation, answer.body
        );
        seen.check(case.operation, &answer);
    }
    full::check(&server, &mut seen).await;
    limited(&mut seen).await;
    let mut missing: BTreeSet<(String, u16)> = spec.listed();
    missing.retain(|pair| !seen.seen.contains(pair));
    let never: BTreeSet<(String, u16)> = NEVER
        .iter()
        .map(|(operation, status, _why)| ((*operation).to_owned(), *status))
        .collect();
    assert_eq!(missing, never, "not answered, or answered after all");
    let beyond: BTreeSet<(String, u16)> = BEYOND
        .iter()
        .map(|(operation, status)| ((*operation).to_owned(), *status))
        .collect();
    let found: BTreeSet<_> = seen
        .beyond
        .into_iter()
        // A path that does not take a method, and a body that is none: our own document has them.
        .filter(|(_, status)| ![405, 415].contains(status))
        .collect();
    assert_eq!(found, beyond);
}

/// Every operation with a token whose limit is spent.
async fn limited(seen: &mut Seen<'_>) {
    let env = [
        ("KEYLEDGER_OWNER_PASSWORD", OWNER_PASSWORD),
        ("KEYLEDGER_RATE_TOKEN", "200"),
    ];
    let server = Server::start_with(&env).await;
    let callers = Callers::make(&server).await;
    let nothing = Operations::make(&server).await.about_nothing();
    let caller = callers.get("owner");
    let spent = &caller.personal;
    while spent.get("/api/v2/caller-identity").await.status != 429 {}
    for row in rows() {
        let operation = operation(&row.operation);
        if operation == "postDecisions" {
            // Doors are not counted (ADR 12).
            continue;
        }
        // The allowance comes back little by little.
        let mut answer = nothing.attempt(&row.operation, spent, caller).await;
        while answer.status != 429 && operation != "getRoot" {
            answer = nothing.attempt(&row.operation, spent, caller).await;
        }
        seen.check(operation, &answer);
    }
}
