//! What the golden bytes mean: one value of every event type and version ever released.

use keyledger_domain::event::{
    AccountCreated, AccountPlanChanged, By, Digest, Event, GrantActions, InvitationIssued,
    MemberAdmitted, MemberAttributesSet, MemberDowngraded, MemberErased, MemberInvited,
    MemberJoined, MemberPromoted, MemberRemoved, MemberRolesAssigned, Metadata, RoleCreated,
    RoleDeleted, RoleUpdated, TeamCreated, TeamDeleted, TeamGrant, TeamGrantsChanged,
    TeamMembersChanged, TeamRolesChanged, TeamUpdated, TokenCreated, TokenDeleted, TokenReset,
    TokenUpdated,
};
use keyledger_domain::ids::{AccountId, MemberId, RoleId, TeamId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{Effect, RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};

const ACCOUNT: AccountId = AccountId::from_bytes(*b"acme-account");
const MEMBER: MemberId = MemberId::from_bytes(*b"acme-member1");
const TOKEN: TokenId = TokenId::from_bytes(*b"acme-token-1");
const SOURCE: TokenId = TokenId::from_bytes(*b"acme-token-0");
const ROLE: RoleId = RoleId::from_bytes(*b"acme-role--1");
const TEAM: TeamId = TeamId::from_bytes(*b"acme-team--1");
const DIGEST: Digest = Digest {
    pepper: 7,
    bytes: [0xd1; 32],
};

fn texts(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(|text| (*text).to_owned()).collect())
}

fn policy() -> Vec<Statement> {
    vec![
        Statement {
            effect: Effect::Allow,
            resources: texts(&["proj/*:env/live:flag/*;beta", "acct"]),
            not_resources: None,
            actions: texts(&["updateOn", "view*"]),
            not_actions: None,
        },
        Statement {
            effect: Effect::Deny,
            resources: None,
            not_resources: texts(&["member/${memberId}:token/*"]),
            actions: None,
            not_actions: texts(&["viewProject"]),
        },
    ]
}

fn attributes() -> RoleAttributes {
    let values = texts(&["web", "größe"]).expect("there");
    RoleAttributes::parse([("projects".to_owned(), values)].into()).expect("attributes")
}

fn grants() -> Vec<TeamGrant> {
    vec![
        TeamGrant {
            actions: GrantActions::MaintainTeam,
            members: vec![MEMBER],
        },
        TeamGrant {
            actions: GrantActions::Actions(vec!["deleteTeam".to_owned()]),
            members: Vec::new(),
        },
    ]
}

/// One metadata with a token, the widest case.
pub(crate) fn metadata() -> Metadata {
    Metadata {
        by: By::Token(TOKEN, MEMBER),
        request_id: "req-0001".to_owned(),
    }
}

/// One event of every type and version, with every field in use.
pub(crate) fn events() -> Vec<Event> {
    vec![
        Event::AccountCreated(AccountCreated {
            id: ACCOUNT,
            name: "Acme".to_owned(),
            plan: Plan::Enterprise,
        }),
        Event::MemberInvited(MemberInvited {
            id: MEMBER,
            email: "ada@acme.test".to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
            role: BuiltIn::Writer,
            custom_roles: vec![ROLE],
            role_attributes: attributes(),
            password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
        }),
        Event::MemberDowngraded(MemberDowngraded {
            id: MEMBER,
            from: BuiltIn::Admin,
            to: BuiltIn::NoAccess,
        }),
        Event::MemberPromoted(MemberPromoted {
            id: MEMBER,
            from: BuiltIn::Reader,
            to: BuiltIn::Owner,
        }),
        Event::MemberRolesAssigned(MemberRolesAssigned {
            id: MEMBER,
            custom_roles: vec![ROLE],
        }),
        Event::MemberAttributesSet(MemberAttributesSet {
            id: MEMBER,
            role_attributes: attributes(),
        }),
        Event::AccountPlanChanged(AccountPlanChanged {
            from: Plan::Enterprise,
            to: Plan::Starter,
        }),
        Event::InvitationIssued(InvitationIssued {
            id: MEMBER,
            digest: DIGEST,
            expires_at_ms: 1_750_000_600_000,
            limited: false,
        }),
        Event::MemberJoined(MemberJoined {
            id: MEMBER,
            first_name: Some("Ada".to_owned()),
            last_name: Some("King".to_owned()),
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        }),
        Event::MemberAdmitted(MemberAdmitted { id: MEMBER }),
        Event::MemberRemoved(MemberRemoved { id: MEMBER }),
        Event::MemberErased(MemberErased { id: MEMBER }),
        Event::RoleCreated(RoleCreated {
            id: ROLE,
            key: "deployer".to_owned(),
            name: "Deployer".to_owned(),
            description: "Deploys".to_owned(),
            policy: policy(),
            base_permissions: BuiltIn::Reader,
            resource_category: Some("project".to_owned()),
        }),
        Event::RoleUpdated(RoleUpdated {
            id: ROLE,
            name: Some("Deployers".to_owned()),
            description: Some(String::new()),
            policy: Some(policy()),
            base_permissions: Some(BuiltIn::NoAccess),
            comment: Some("less is more".to_owned()),
        }),
        Event::RoleDeleted(RoleDeleted { id: ROLE }),
        Event::TeamCreated(TeamCreated {
            id: TEAM,
            key: "web".to_owned(),
            name: "Web".to_owned(),
            description: "Builds the web site".to_owned(),
            members: vec![MEMBER],
            roles: vec![ROLE],
            grants: grants(),
            role_attributes: attributes(),
        }),
        Event::TeamUpdated(TeamUpdated {
            id: TEAM,
            name: Some("Site".to_owned()),
            description: Some(String::new()),
            role_attributes: Some(attributes()),
            comment: Some("renamed".to_owned()),
        }),
        Event::TeamMembersChanged(TeamMembersChanged {
            id: TEAM,
            added: vec![MEMBER],
            removed: vec![MemberId::from_bytes(*b"acme-member0")],
            comment: Some("moved".to_owned()),
        }),
        Event::TeamRolesChanged(TeamRolesChanged {
            id: TEAM,
            roles: vec![ROLE],
            comment: Some("deploys now".to_owned()),
        }),
        Event::TeamGrantsChanged(TeamGrantsChanged {
            id: TEAM,
            grants: grants(),
            comment: Some("a maintainer".to_owned()),
        }),
        Event::TeamDeleted(TeamDeleted { id: TEAM }),
        Event::TokenCreated(TokenCreated {
            id: TOKEN,
            kind: TokenKind::Service,
            member: MEMBER,
            name: "ci".to_owned(),
            description: "nightly".to_owned(),
            scope: Scope::CustomRoles(vec![ROLE]),
            frozen_scope: Some(vec![policy()]),
            role_binding: RoleBinding::Live,
            role_attributes: attributes(),
            bounds: vec![vec![policy(), Vec::new()], Vec::new()],
            digest: DIGEST,
            ending: "9xyz".to_owned(),
            expiry_ms: Some(1_800_000_000_000),
            default_api_version: 20_240_415,
            cloned_from: Some(SOURCE),
        }),
        Event::TokenReset(TokenReset {
            id: TOKEN,
            digest: DIGEST,
            ending: "8abc".to_owned(),
            previous_until_ms: Some(1_750_000_000_000),
        }),
        Event::TokenUpdated(TokenUpdated {
            id: TOKEN,
            name: Some("ci".to_owned()),
            description: Some("nightly".to_owned()),
            scope: Some(Scope::Inline(policy())),
            bounds: vec![vec![policy()]],
            expiry_ms: Some(0),
            default_api_version: Some(20_191_212),
        }),
        Event::TokenDeleted(TokenDeleted { id: TOKEN }),
    ]
}
