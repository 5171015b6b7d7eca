//! Who asks: seven members, each signed in, with a personal token and with a service token.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::{Api, Server, make_token};

/// The owner's password, so that the owner can sign in.
pub(crate) const OWNER_PASSWORD: &str = "the password of owner@keyledger.example";
const OWNER: &str = "owner@keyledger.example";

/// One member with everything that can be asked with.
pub(crate) struct Caller {
    /// The member's id.
    pub(crate) id: String,
    /// Signed in.
    pub(crate) session: Api,
    /// With a personal token.
    pub(crate) personal: Api,
    /// With a service token, unless there can be none.
    pub(crate) service: Option<Api>,
    /// Another personal token of the member, to be the object of an operation.
    pub(crate) spare: String,
}

/// All of them.
pub(crate) struct Callers {
    owner: Api,
    anonymous: Api,
    by_name: HashMap<&'static str, Caller>,
    roles: u32,
}

fn everything() -> Value {
    json!([{"effect": "allow", "actions": ["*"], "resources": ["*"]}])
}

async fn caller(server: &Server, id: String, session: Api, scope: Value, service: bool) -> Caller {
    let anonymous = server.anonymous();
    let form = |more: Value| {
        let mut form = scope.clone();
        form.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        form
    };
    let (_, personal) = make_token(&session, form(json!({"name": "personal"}))).await;
    let (spare, _) = make_token(&session, form(json!({"name": "spare"}))).await;
    let service = match service {
        false => None,
        true => {
            let form = form(json!({"name": "service", "serviceToken": true}));
            let (_, secret) = make_token(&session, form).await;
            Some(anonymous.token(&secret))
        }
    };
    Caller {
        id,
        session,
        personal: anonymous.token(&personal),
        service,
        spare,
    }
}

impl Callers {
    pub(crate) async fn make(server: &Server) -> Self {
        let owner = server.owner();
        let mut by_name = HashMap::new();
        let me = owner.get("/api/v2/members/me").await.expect(200);
        let session = server.sign_in(OWNER).await;
        let admin = json!({"role": "admin"});
        let made = caller(server, me.text("/_id"), session, admin, true).await;
        by_name.insert("owner", made);
        for name in ["admin", "writer", "reader"] {
            let (id, session) = server.member(&format!("{name}@matrix.test"), name).await;
            let made = caller(server, id, session, json!({"role": name}), true).await;
            by_name.insert(name, made);
        }
        // These are narrowed once they have their tokens.
        for name in ["no_access", "only", "but"] {
            let (id, session) = server.member(&format!("{name}@matrix.test"), "admin").await;
            let scope = json!({"inlineRole": everything()});
            by_name.insert(name, caller(server, id, session, scope, false).await);
        }
        let nobody = &by_name["no_access"];
        let patch = json!([{"op": "replace", "path": "/role", "value": "no_access"}]);
        let path = format!("/api/v2/members/{}", nobody.id);
        owner.patch(&path, &patch).await.expect(200);
        let form = json!({"inlineRole": everything(), "serviceToken": true});
        nobody
            .session
            .post("/api/v2/tokens", &form)
            .await
            .expect(403);
        Self {
            owner,
            anonymous: server.anonymous(),
            by_name,
            roles: 0,
        }
    }

    pub(crate) fn get(&self, name: &str) -> &Caller {
        &self.by_name[name]
    }

    /// Gives `only` and `but` the roles that belong to a row of the table.
    pub(crate) async fn take_roles(&mut self, needs: &[(String, String)]) {
        let allow = |(action, resource): &(String, String)| json!({"effect": "allow", "actions": [action], "resources": [resource]});
        let only = match needs {
            // A role that is about something else altogether.
            [] => {
                json!([{"effect": "allow", "actions": ["viewProject"], "resources": ["proj/none"]}])
            }
            needs => Value::Array(needs.iter().map(allow).collect()),
        };
        let but = match needs.first() {
            None => everything(),
            Some((action, resource)) => json!([
                {"effect": "allow", "actions": ["*"], "resources": ["*"]},
                {"effect": "deny", "actions": [action], "resources": [resource]},
            ]),
        };
        for (name, policy) in [("only", only), ("but", but)] {
            self.roles += 1;
            let key = format!("{name}-{}", self.roles);
            let form = json!({"key": key, "name": key, "policy": policy});
            self.owner.post("/api/v2/roles", &form).await.expect(201);
            let caller = self.by_name.get_mut(name).unwrap();
            let patch = json!([{"op": "replace", "path": "/customRoles", "value": [key]}]);
            let path = format!("/api/v2/members/{}", caller.id);
            self.owner.patch(&path, &patch).await.expect(200);
            let form = json!({"customRoleIds": [key], "serviceToken": true});
            let (_, secret) = make_token(&self.owner, form).await;
            caller.service = Some(self.anonymous.token(&secret));
        }
    }
}
