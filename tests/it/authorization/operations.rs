//! One attempt at each operation, each on something of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::callers::Caller;
use crate::support::{Answer, Api, Server, make_token};

/// Operations that no credential is about, or a sign-in alone: `session.rs` tries those.
pub(crate) const WITHOUT_CALLER: &[&str] = &[
    "getOpenapiSpec",
    "getIps",
    "postSession",
    "deleteSession",
    "getSessions",
    "deleteSessionById",
    "postInvitation",
    "getHealthLive",
    "getHealthReady",
];

/// The last part of a path.
fn id_of(path: &str) -> &str {
    path.rsplit_once('/').unwrap().1
}

/// The parts of a path, owned.
fn own((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

/// Makes what the operations are about.
pub(crate) struct Operations<'a> {
    server: &'a Server,
    owner: Api,
    /// A member who asks for nothing here.
    bystander: Api,
    made: AtomicU32,
    /// Whether nothing is made, and made-up ids and keys are named in its place.
    unknown: bool,
    /// The ids and keys of what was made, or made up, since they were last taken.
    named: Mutex<Vec<String>>,
}

impl<'a> Operations<'a> {
    pub(crate) async fn make(server: &'a Server) -> Self {
        let (_, bystander) = server.member("bystander@matrix.test", "writer").await;
        Self {
            server,
            owner: server.owner(),
            bystander,
            made: AtomicU32::new(0),
            unknown: false,
            named: Mutex::default(),
        }
    }

    /// The same about things that nobody has.
    pub(crate) fn about_nothing(&self) -> Self {
        Self {
            server: self.server,
            owner: self.owner.clone(),
            bystander: self.bystander.clone(),
            made: AtomicU32::new(1_000_000),
            unknown: true,
            named: Mutex::default(),
        }
    }

    /// The ids and keys that the last attempt was about.
    pub(crate) fn take_named(&self) -> Vec<String> {
        std::mem::take(&mut *self.named.lock().unwrap())
    }

    fn named(&self, name: &str) -> String {
        self.named.lock().unwrap().push(name.to_owned());
        name.to_owned()
    }

    /// An id that nobody has.
    fn made_up(&self) -> String {
        format!("{:024x}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// A word that is new.
    fn fresh(&self, word: &str) -> String {
        format!("{word}-{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    async fn personal(&self) -> String {
        let id = match self.unknown {
            true => self.made_up(),
            false => {
                make_token(&self.bystander, json!({"role": "reader"}))
                    .await
                    .0
            }
        };
        format!("/api/v2/tokens/{}", self.named(&id))
    }

    async fn service(&self) -> String {
        let form = json!({"role": "reader", "serviceToken": true});
        let id = match self.unknown {
            true => self.made_up(),
            false => make_token(&self.bystander, form).await.0,
        };
        format!("/api/v2/tokens/{}", self.named(&id))
    }

    async fn member(&self) -> String {
        let form = json!([{"email": format!("{}@target.test", self.fresh("m"))}]);
        let id = match self.unknown {
            true => self.made_up(),
            false => {
                let made = self.owner.post("/api/v2/members", &form).await;
                made.expect(201).text("/items/0/_id")
            }
        };
        format!("/api/v2/members/{}", self.named(&id))
    }

    async fn role(&self) -> (String, String) {
        let key = self.named(&self.fresh("target"));
        let form = json!({"key": key, "name": "Target", "policy": []});
        if !self.unknown {
            self.owner.post("/api/v2/roles", &form).await.expect(201);
        }
        (format!("/api/v2/roles/{key}"), key)
    }

    async fn team(&self) -> (String, String) {
        let key = self.named(&self.fresh("target"));
        let form = json!({"key": key, "name": "Target"});
        if !self.unknown {
            self.owner.post("/api/v2/teams", &form).await.expect(201);
        }
        (format!("/api/v2/teams/{key}"), key)
    }

    /// Tries an operation, named as in the table.
    pub(crate) async fn attempt(&self, operation: &str, api: &Api, caller: &Caller) -> Answer {
        let replace =
            |path: &str, value: Value| json!([{"op": "replace", "path": path, "value": value}]);
        let (name, about) = operation.split_once('@').unwrap_or((operation, ""));
        match (name, about) {
            ("getRoot", _) => api.get("/api/v2").await,
            ("getVersions", _) => api.get("/api/v2/versions").await,
            ("getCallerIdentity", _) => api.get("/api/v2/caller-identity").await,
            ("getTokens", _) => api.get("/api/v2/tokens?showAll=true").await,
            ("getToken", "personal") => api.get(&self.personal().await).await,
            ("getToken", "service") => api.get(&self.service().await).await,
            ("explainToken", about) => {
                let token = match about {
                    "personal" => self.personal().await,
                    _ => self.service().await,
                };
                let question = "action=viewProject&resource=proj/a";
                api.get(&format!("{token}/explanation?{question}")).await
            }
            ("getTokenUsage", "personal") => {
                api.get(&format!("{}/usage", self.personal().await)).await
            }
            ("getTokenUsage", "service") => {
                api.get(&format!("{}/usage", self.service().await)).await
            }
            ("getTokenStatistics", _) => api.get("/api/v2/token-statistics").await,
            ("postToken", "personal") => {
                api.post("/api/v2/tokens", &json!({"role": "reader"})).await
            }
            ("postToken", "service") => {
                let form = json!({"role": "reader", "serviceToken": true});
                api.post("/api/v2/tokens", &form).await
            }
            ("patchToken", "personal") => {
                api.patch(&self.personal().await, &replace("/name", json!("new")))
                    .await
            }
            ("patchToken", "service") => {
                api.patch(&self.service().await, &replace("/name", json!("new")))
                    .await
            }
            ("deleteToken", "personal") => api.delete(&self.personal().await).await,
            ("deleteToken", "service") => api.delete(&self.service().await).await,
            ("resetToken", "own") => {
                api.post_nothing(&format!("/api/v2/tokens/{}/reset", caller.spare))
                    .await
            }
            ("resetToken", "personal") => {
                api.post_nothing(&format!("{}/reset", self.personal().await))
                    .await
            }
            ("resetToken", "service") => {
                api.post_nothing(&format!("{}/reset", self.service().await))
                    .await
            }
            ("cloneToken", "service") => {
                api.post(&format!("{}/clone", self.service().await), &json!({}))
                    .await
            }
            ("getMembers", _) => api.get("/api/v2/members").await,
            ("getMember", _) => api.get(&self.member().await).await,
            ("postMembers", _) => {
                let form = json!([{"email": format!("{}@invited.test", self.fresh("m"))}]);
                api.post("/api/v2/members", &form).await
            }
            ("patchMember", "role") => {
                api.patch(&self.member().await, &replace("/role", json!("no_access")))
                    .await
            }
            ("patchMember", "customRoles") => {
                let (_, key) = self.role().await;
                api.patch(&self.member().await, &replace("/customRoles", json!([key])))
                    .await
            }
            ("patchMember", "roleAttributes") => {
                let value = json!({"project": ["web"]});
                api.patch(&self.member().await, &replace("/roleAttributes", value))
                    .await
            }
            ("postMemberInvitation", _) => {
                let path = format!("{}/invitation", self.member().await);
                api.post_nothing(&path).await
            }
            ("deleteMember", _) => api.delete(&self.member().await).await,
            ("patchMembers", _) => {
                let (_, id) = self.member().await.rsplit_once('/').map(own).unwrap();
                let kind = "replaceMembersRoles";
                let one = json!([{"kind": kind, "value": "no_access", "memberIDs": [id]}]);
                api.instruct("/api/v2/members", &one).await
            }
            ("postMemberTeams", _) => {
                let (_, key) = self.team().await;
                let path = format!("{}/teams", self.member().await);
                api.post(&path, &json!({"teamKeys": [key]})).await
            }
            ("getTeams", _) => api.get("/api/v2/teams").await,
            ("getTeam", _) => api.get(&self.team().await.0).await,
            ("postTeam", _) => {
                let form = json!({"key": self.fresh("made"), "name": "Made"});
                api.post("/api/v2/teams", &form).await
            }
            ("patchTeams", _) => {
                let (_, key) = self.team().await;
                let (_, id) = self.member().await.rsplit_once('/').map(own).unwrap();
                let kind = "addMembersToTeams";
                let one = json!([{"kind": kind, "memberIDs": [id], "teamKeys": [key]}]);
                let beta = api.with("LD-API-Version", "beta");
                beta.instruct("/api/v2/teams", &one).await
            }
            ("patchTeam", about) => {
                let (_, member) = self.member().await.rsplit_once('/').map(own).unwrap();
                let one = match about {
                    "name" => json!({"kind": "updateName", "value": "New"}),
                    "members" => json!({"kind": "addMembers", "values": [member]}),
                    "roles" => {
                        let (_, role) = self.role().await;
                        json!({"kind": "addCustomRoles", "values": [role]})
                    }
                    "grants" => json!({
                        "kind": "addPermissionGrants",
                        "actionSet": "maintainTeam",
                        "memberIDs": [member],
                    }),
                    "roleAttributes" => {
                        json!({"kind": "addRoleAttribute", "key": "project", "values": ["web"]})
                    }
                    other => panic!("no attempt at patchTeam@{other}"),
                };
                api.instruct(&self.team().await.0, &json!([one])).await
            }
            ("deleteTeam", _) => api.delete(&self.team().await.0).await,
            ("getTeamMaintainers", _) => {
                api.get(&format!("{}/maintainers", self.team().await.0))
                    .await
            }
            ("getTeamRoles", _) => api.get(&format!("{}/roles", self.team().await.0)).await,
            ("postTeamMembers", _) => {
                let email = format!("{}@upload.test", self.fresh("m"));
                let form = json!([{"email": email}]);
                if !self.unknown {
                    self.owner.post("/api/v2/members", &form).await.expect(201);
                }
                let path = format!("{}/members", self.team().await.0);
                api.upload(&path, &email).await
            }
            ("getEvents", _) => api.get("/api/v2/events").await,
            ("getPermissionChanges", _) => api.get("/api/v2/permission-changes?from=1").await,
            ("postWhatIf", _) => {
                let form = json!({"role": self.role().await.1, "delete": true});
                api.post("/api/v2/what-if", &form).await
            }
            ("postDecisions", _) => {
                let token = self.personal().await;
                let form =
                    json!({"tokenId": id_of(&token), "action": "viewRole", "resource": "role/a"});
                api.post("/api/v2/decisions", &form).await
            }
            ("getAuditLogEntries", _) => api.get("/api/v2/auditlog").await,
            ("postAuditLogEntries", _) => api.post("/api/v2/auditlog", &json!([])).await,
            ("postAuditLogEntryCounts", _) => {
                api.post("/api/v2/auditlog/counts?after=0", &json!([]))
                    .await
            }
            ("getAuditLogEntry", about) => {
                let spec = match about {
                    "role" => format!("role/{}", self.role().await.1),
                    "team" => format!("team/{}", self.team().await.1),
                    "member" => format!("member/{}", id_of(&self.member().await)),
                    "account" => "acct".to_owned(),
                    "personal" => format!("member/*:token/{}", id_of(&self.personal().await)),
                    "service" => format!("service-token/{}", id_of(&self.service().await)),
                    other => panic!("no attempt at getAuditLogEntry@{other}"),
                };
                if self.unknown {
                    let id = self.named(&self.made_up());
                    return api.get(&format!("/api/v2/auditlog/{id}")).await;
                }
                let list = self
                    .owner
                    .get(&format!("/api/v2/auditlog?spec={spec}"))
                    .await;
                let href = list.expect(200).text("/items/0/_links/self/href");
                self.named(id_of(&href));
                api.get(&href).await
            }
            ("getCustomRoles", _) => api.get("/api/v2/roles").await,
            ("getCustomRole", _) => api.get(&self.role().await.0).await,
            ("postCustomRole", _) => {
                let form = json!({"key": self.fresh("made"), "name": "Made", "policy": []});
                api.post("/api/v2/roles", &form).await
            }
            ("patchCustomRole", "name") => {
                api.patch(&self.role().await.0, &replace("/name", json!("new")))
                    .await
            }
            ("patchCustomRole", "policy") => {
                let policy = json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/a"]}]);
                api.patch(&self.role().await.0, &replace("/policy", policy))
                    .await
            }
            ("deleteCustomRole", _) => api.delete(&self.role().await.0).await,
            _ => panic!("no attempt at {operation} on {}", self.server.url()),
        }
    }
}
