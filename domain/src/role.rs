//! The built-in roles: policies in the policy language, evaluated by the same code as any other.
//!
//! `docs/policy.md` lists them for users. What the vendor leaves open is decided in `docs/adr/0002`.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::policy::{Effect, Policy, Statement};

/// A built-in role, in rising order of power: each allows all that the ones before it allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// Nothing but what custom and team roles grant.
    NoAccess,
    /// May look at everything but other members' tokens.
    Reader,
    /// May also change everything but the account's administration.
    Writer,
    /// May do everything but name the owner and pay.
    Admin,
    /// May do everything; one member of an account.
    Owner,
}

impl BuiltIn {
    /// All of them, in rising order.
    pub const ALL: [Self; 5] = [
        Self::NoAccess,
        Self::Reader,
        Self::Writer,
        Self::Admin,
        Self::Owner,
    ];

    /// The name in JSON, in events and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAccess => "no_access",
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// What the role allows as a token's scope: it manages no tokens unless it is `admin`.
    #[must_use]
    pub fn scope_policy(self) -> &'static Arc<Policy> {
        match self {
            Self::NoAccess => &POLICIES.no_access,
            Self::Reader => &POLICIES.reader,
            Self::Writer => &POLICIES.writer,
            Self::Admin => &POLICIES.admin,
            Self::Owner => &POLICIES.owner,
        }
    }

    /// What the role allows a member: its scope, and the member's own tokens besides.
    #[must_use]
    pub fn member_policy(self) -> &'static Arc<Policy> {
        match self {
            Self::Reader => &POLICIES.reader_member,
            Self::Writer => &POLICIES.writer_member,
            other => other.scope_policy(),
        }
    }
}

impl BuiltIn {
    /// Whether a layer plainly allows all that this role allows as a scope: one of its policies holds
    /// the statements of this role or a higher one, and denies nothing besides.
    ///
    /// Sound but not complete: `false` means only that it is not plain to see.
    #[must_use]
    pub fn is_plainly_within(self, layer: &[Arc<Policy>]) -> bool {
        let holds = |policy: &Policy, role: Self| {
            let of_role = role.scope_policy().statements();
            of_role.iter().all(|one| policy.statements().contains(one))
                && policy
                    .statements()
                    .iter()
                    .all(|one| one.effect == Effect::Allow || of_role.contains(one))
        };
        Self::ALL
            .into_iter()
            .filter(|role| *role >= self)
            .any(|role| layer.iter().any(|policy| holds(policy, role)))
    }
}

impl fmt::Display for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no built-in role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a built-in role: no_access, reader, writer, admin, owner")]
pub struct BuiltInError {
    found: String,
}

impl FromStr for BuiltIn {
    type Err = BuiltInError;

    fn from_str(text: &str) -> Result<Self, BuiltInError> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| BuiltInError {
                found: text.chars().take(40).collect(),
            })
    }
}

struct Policies {
    no_access: Arc<Policy>,
    reader: Arc<Policy>,
    writer: Arc<Policy>,
    admin: Arc<Policy>,
    owner: Arc<Policy>,
    reader_member: Arc<Policy>,
    writer_member: Arc<Policy>,
}

fn texts(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|text| (*text).to_owned()).collect())
}

fn allow(actions: &[&str], resources: &[&str]) -> Statement {
    Statement {
        effect: Effect::Allow,
        resources: texts(resources),
        not_resources: None,
        actions: texts(actions),
        not_actions: None,
    }
}

fn allow_except(actions: &[&str], not_resources: &[&str]) -> Statement {
    Statement {
        effect: Effect::Allow,
        resources: None,
        not_resources: texts(not_resources),
        actions: texts(actions),
        not_actions: None,
    }
}

/// `view*` on everything but other members' tokens and what the account pays.
pub(crate) fn reader_statements() -> Vec<Statement> {
    vec![
        allow_except(&["view*"], &["member/*:token/*", "acct"]),
        allow(&["viewAccount", "viewOrganization"], &["acct"]),
    ]
}

/// A member's own tokens, and the service tokens that the member created.
pub(crate) fn own_tokens_statements() -> Vec<Statement> {
    vec![
        allow(&["*AccessToken*"], &["member/${memberId}:token/*"]),
        allow(&["createAccessToken"], &["service-token/*"]),
        allow(
            &["*AccessToken*"],
            &["service-token/*;{creator:${memberId}}"],
        ),
    ]
}

fn writer_statements() -> Vec<Statement> {
    let mut statements = reader_statements();
    statements.push(allow_except(
        &["*"],
        &[
            "acct",
            "member/*",
            "member/*:token/*",
            "service-token/*",
            "role/*",
            "team/*",
            "ip-allowlist/*",
        ],
    ));
    statements
}

fn admin_statements() -> Vec<Statement> {
    vec![
        allow(&["*"], &["*"]),
        Statement {
            effect: Effect::Deny,
            ..allow(&["updateAccountOwner", "*Billing*", "*Payment*"], &["acct"])
        },
    ]
}

fn compile(statements: Vec<Statement>) -> Arc<Policy> {
    // The texts are constants, and a test compiles each of them. Should one ever fail, it fails closed.
    Arc::new(Policy::parse(statements).unwrap_or_default())
}

static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    let with_own_tokens = |mut statements: Vec<Statement>| {
        statements.extend(own_tokens_statements());
        compile(statements)
    };
    Policies {
        no_access: compile(Vec::new()),
        reader: compile(reader_statements()),
        writer: compile(writer_statements()),
        admin: compile(admin_statements()),
        owner: compile(vec![allow(&["*"], &["*"])]),
        reader_member: with_own_tokens(reader_statements()),
        writer_member: with_own_tokens(writer_statements()),
    }
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Env, Resource, RoleAttributes};

    const ME: &str = "61095542756dba551110ae21";

    fn allows(policy: &Policy, action: &str, resource: &str) -> bool {
        let env = Env {
            member_id: ME,
            attributes: RoleAttributes::empty(),
        };
        policy
            .decide(action, &Resource::parse(resource).unwrap(), &env)
            .is_allow()
    }

    #[test]
    fn every_built_in_policy_compiles_to_its_own_statements() {
        assert_eq!(BuiltIn::NoAccess.scope_policy().statements().len(), 0);
        assert_eq!(BuiltIn::Reader.scope_policy().statements().len(), 2);
        assert_eq!(BuiltIn::Writer.scope_policy().statements().len(), 3);
        assert_eq!(BuiltIn::Admin.scope_policy().statements().len(), 2);
        assert_eq!(BuiltIn::Owner.scope_policy().statements().len(), 1);
        assert_eq!(BuiltIn::Reader.member_policy().statements().len(), 5);
        assert_eq!(BuiltIn::Writer.member_policy().statements().len(), 6);
    }

    #[test]
    fn a_layer_of_a_role_holds_every_lower_role_and_no_higher_one() {
        for layer in BuiltIn::ALL {
            for role in BuiltIn::ALL {
                for policy in [layer.scope_policy(), layer.member_policy()] {
                    let within = role.is_plainly_within(&[Arc::clone(policy)]);
                    assert_eq!(within, role <= layer, "{role} within {layer}");
                }
            }
        }
        let mut narrowed = BuiltIn::Writer.scope_policy().statements().to_vec();
        narrowed.push(Statement {
            effect: Effect::Deny,
            ..allow(&["viewProject"], &["proj/*"])
        });
        assert!(!BuiltIn::Writer.is_plainly_within(&[compile(narrowed)]));
        assert!(!BuiltIn::Reader.is_plainly_within(&[]));
    }

    #[test]
    fn what_each_role_may_do() {
        let mine = "member/61095542756dba551110ae21:token/61095542756dba551110ae99";
        let theirs = "member/000000000000000000000001:token/61095542756dba551110ae99";
        // action, resource, then reader, writer, admin, owner as scopes, reader and writer as members
        let table = [
            (
                "viewProject",
                "proj/a",
                [true, true, true, true, true, true],
            ),
            (
                "updateOn",
                "proj/a:env/b:flag/c",
                [false, true, true, true, false, true],
            ),
            (
                "viewMember",
                "member/000000000000000000000001",
                [true, true, true, true, true, true],
            ),
            (
                "updateRole",
                "member/000000000000000000000001",
                [false, false, true, true, false, false],
            ),
            (
                "createRole",
                "role/x",
                [false, false, true, true, false, false],
            ),
            (
                "viewAccessToken",
                theirs,
                [false, false, true, true, false, false],
            ),
            (
                "deleteAccessToken",
                mine,
                [false, false, true, true, true, true],
            ),
            (
                "deleteAccessToken",
                theirs,
                [false, false, true, true, false, false],
            ),
            (
                "createAccessToken",
                "service-token/000000000000000000000001",
                [false, false, true, true, true, true],
            ),
            (
                "deleteAccessToken",
                "service-token/000000000000000000000001",
                [false, false, true, true, false, false],
            ),
            (
                "deleteAccessToken",
                "service-token/000000000000000000000001;{creator:61095542756dba551110ae21}",
                [false, false, true, true, true, true],
            ),
            (
                "updateAccountOwner",
                "acct",
                [false, false, false, true, false, false],
            ),
            ("viewAccount", "acct", [true, true, true, true, true, true]),
            (
                "viewPaymentMethod",
                "acct",
                [false, false, false, true, false, false],
            ),
            (
                "updateOrganization",
                "acct",
                [false, false, true, true, false, false],
            ),
        ];
        for (action, resource, expected) in table {
            let found = [
                allows(BuiltIn::Reader.scope_policy(), action, resource),
                allows(BuiltIn::Writer.scope_policy(), action, resource),
                allows(BuiltIn::Admin.scope_policy(), action, resource),
                allows(BuiltIn::Owner.scope_policy(), action, resource),
                allows(BuiltIn::Reader.member_policy(), action, resource),
                allows(BuiltIn::Writer.member_policy(), action, resource),
            ];
            assert_eq!(found, expected, "{action} on {resource}");
            assert!(!allows(BuiltIn::NoAccess.member_policy(), action, resource));
        }
    }
}
