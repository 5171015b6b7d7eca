//! Random commands: each step is a few small numbers, so that failing runs shrink to short ones.

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{
    AcceptInvitation, AdmitMember, AssignRoles, ChangePlan, ChangeTeamMembers, CloneToken, Command,
    CreateRole, CreateTeam, CreateToken, DeleteRole, DeleteTeam, DeleteToken, DowngradeMember,
    EraseMember, Invitation, InviteMembers, IssueInvitation, PromoteMember, RemoveMember,
    ResetToken, ScopeChoice, SetRoleAttributes, SetTeamGrants, SetTeamRoles, UpdateRole,
    UpdateTeam, UpdateToken,
};
use keyledger_domain::event::{Digest, GrantActions, TeamGrant};
use keyledger_domain::ids::{MemberId, RoleId, TeamId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::policy::{RoleAttributes, Statement};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, TokenKind};
use keyledger_domain::state::Member;

use super::world::World;

/// One step: what to do, who does it, to what, how.
pub(crate) type Step = (u8, u8, u8, u8);

/// What is asked about every token.
pub(crate) const PROBES: [(&str, &str); 13] = [
    ("viewProject", "proj/a"),
    ("updateOn", "proj/a:env/b:flag/c"),
    ("updateOn", "proj/z:env/b:flag/c"),
    ("createRole", "role/x"),
    ("updateAccountOwner", "acct"),
    ("updateTeamName", "team/team-1"),
    (
        "createAccessToken",
        "service-token/000000000000000000000001",
    ),
    (
        "viewAccessToken",
        "member/000000000000000000000001:token/000000000000000000000002",
    ),
    (
        "viewAccessToken",
        "member/a5a5a5a50000010000000001:token/000000000000000000000002",
    ),
    ("deleteMember", "member/000000000000000000000001"),
    ("updateTags", "proj/a;beta:env/b"),
    ("not an action", "proj/a"),
    ("updateName", "proj/mine"),
];

const POLICIES: [&str; 7] = [
    r#"[{"effect":"allow","resources":["*"],"actions":["*"]}]"#,
    r#"[{"effect":"allow","resources":["proj/*"],"actions":["*"]},
        {"effect":"deny","resources":["proj/z:env/*:flag/*"],"actions":["updateOn"]}]"#,
    r#"[{"effect":"allow","resources":["proj/${roleAttribute/project}"],"actions":["*"]},
        {"effect":"allow","resources":["proj/a:env/*:flag/*"],"notActions":["view*"]}]"#,
    r#"[{"effect":"allow","notResources":["acct"],"actions":["view*","*AccessToken*"]}]"#,
    r#"[{"effect":"allow","resources":["member/${memberId}:token/*"],"actions":["*AccessToken*"]},
        {"effect":"deny","resources":["role/*"],"actions":["*"]}]"#,
    r#"[{"effect":"allow","resources":["proj/*;beta:env/*","role/*","member/*"],"actions":["*"]}]"#,
    r#"[{"effect":"deny","resources":["proj/*"],"actions":["*"]}]"#,
];

fn policy(n: u8) -> Vec<Statement> {
    serde_json::from_str(POLICIES[usize::from(n) % POLICIES.len()]).unwrap()
}

fn attributes(n: u8) -> RoleAttributes {
    let text = match n % 4 {
        0 => "{}",
        1 => r#"{"project":["a"]}"#,
        2 => r#"{"project":["mine","a"]}"#,
        _ => r#"{"project":["none"],"other":["a"]}"#,
    };
    serde_json::from_str(text).unwrap()
}

fn pick<T: Copy>(list: &[T], n: u8) -> Option<T> {
    list.get(usize::from(n) % list.len().max(1)).copied()
}

fn name<const N: usize>(names: [&str; N], n: u8) -> String {
    names[usize::from(n) % N].to_owned()
}

impl World {
    fn members(&self) -> Vec<MemberId> {
        let mut ids: Vec<_> = self.state.members.keys().copied().collect();
        ids.sort();
        ids
    }

    fn roles(&self) -> Vec<RoleId> {
        let mut ids: Vec<_> = self.state.roles.keys().copied().collect();
        ids.sort();
        ids
    }

    /// All tokens, the deleted ones included, in the order in which they were made.
    pub(crate) fn tokens(&self) -> Vec<TokenId> {
        let mut ids: Vec<_> = self.state.tokens.keys().copied().collect();
        ids.sort();
        ids
    }

    /// The owner half of the time, else a member or a token that works.
    pub(crate) fn actor(&self, n: u8) -> Option<Actor> {
        match n % 4 {
            0 | 1 => Some(self.owner()),
            2 => {
                let member = self.state.member(pick(&self.members(), n / 4)?)?;
                Some(Actor::member(self.account, &self.state, member))
            }
            _ => {
                let token = self.state.token(pick(&self.tokens(), n / 4)?)?;
                Actor::token(
                    self.account,
                    &self.state,
                    token.id,
                    token.version,
                    &token.grant,
                )
            }
        }
    }

    fn role_ids(&self, n: u8) -> Vec<String> {
        let roles = self.roles();
        let count = usize::from(n) % 3;
        let from = usize::from(n) / 3;
        let ids = roles.iter().cycle().skip(from % roles.len().max(1));
        let ids = ids.take(count.min(roles.len()));
        ids.map(ToString::to_string).collect()
    }

    fn scope(&self, n: u8) -> ScopeChoice {
        match n % 3 {
            0 => ScopeChoice {
                role: Some(name(["reader", "writer", "admin"], n / 3)),
                ..ScopeChoice::default()
            },
            1 => ScopeChoice {
                custom_roles: Some(self.role_ids(n / 3)),
                ..ScopeChoice::default()
            },
            _ => ScopeChoice {
                inline: Some(policy(n / 3)),
                ..ScopeChoice::default()
            },
        }
    }

    /// When something ends: mostly never, else soon or later.
    fn ending(&self, n: u8) -> Option<i64> {
        match n % 4 {
            0 => Some(self.now_ms + 5_000),
            1 => Some(self.now_ms + 60_000),
            _ => None,
        }
    }

    fn command(&mut self, what: u8, which: u8, how: u8) -> Option<Command> {
        let token = pick(&self.tokens(), which);
        let member = pick(&self.members(), which);
        let role = pick(&self.roles(), which);
        Some(match what % 23 {
            0..=3 => {
                let id = self.token_id();
                Command::CreateToken(CreateToken {
                    id,
                    secret: self.secret(id),
                    name: format!("token {how}"),
                    description: String::new(),
                    kind: if which.is_multiple_of(2) {
                        TokenKind::Personal
                    } else {
                        TokenKind::Service
                    },
                    scope: self.scope(how),
                    role_binding: (which % 4 == 3 && how % 3 == 1).then_some(RoleBinding::Live),
                    expiry_ms: self.ending(which / 2),
                    default_api_version: None,
                })
            }
            4 => {
                let id = self.token_id();
                Command::CloneToken(CloneToken {
                    source: token?,
                    id,
                    secret: self.secret(id),
                    name: None,
                    description: Some("a clone".to_owned()),
                    expiry_ms: self.ending(how),
                })
            }
            5 | 6 => Command::ResetToken(ResetToken {
                id: token?,
                secret: self.secret(token?),
                expiry_ms: self.ending(how),
            }),
            7 => Command::UpdateToken(UpdateToken {
                id: token?,
                name: how.is_multiple_of(2).then(|| format!("renamed {how}")),
                description: None,
                scope: how.is_multiple_of(3).then(|| self.scope(how / 3)),
                expiry_ms: match how % 5 {
                    0 => Some(0),
                    1 => self.ending(how / 5),
                    _ => None,
                },
                default_api_version: None,
            }),
            8 => Command::DeleteToken(DeleteToken { id: token? }),
            9 => {
                let id = self.member_id();
                Command::InviteMembers(InviteMembers {
                    invitations: vec![Invitation {
                        teams: Vec::new(),
                        id,
                        email: format!("m{which}@example.com"),
                        first_name: "M".to_owned(),
                        last_name: String::new(),
                        role: Some(name(["no_access", "reader", "writer", "admin"], how)),
                        custom_roles: self.role_ids(which),
                        role_attributes: attributes(how / 4),
                        password_hash: None,
                    }],
                })
            }
            10 => {
                let id = member?;
                let to = BuiltIn::ALL[usize::from(how) % 4];
                let now = self.state.member(id)?.role;
                match to < now {
                    true => Command::DowngradeMember(DowngradeMember { id, to }),
                    false => Command::PromoteMember(PromoteMember { id, to }),
                }
            }
            11 => Command::AssignRoles(AssignRoles {
                id: member?,
                custom_roles: self.role_ids(how),
            }),
            12 => match how % 4 {
                0 => Command::RemoveMember(RemoveMember { id: member? }),
                1 => Command::PromoteMember(PromoteMember {
                    id: member?,
                    to: BuiltIn::Owner,
                }),
                _ => Command::SetRoleAttributes(SetRoleAttributes {
                    id: member?,
                    role_attributes: attributes(how / 4),
                }),
            },
            13 => {
                let id = self.role_id();
                Command::CreateRole(CreateRole {
                    id,
                    key: format!("role-{}", which % 8),
                    name: "Role".to_owned(),
                    description: String::new(),
                    policy: policy(how),
                    base_permissions: Some(name(["no_access", "reader"], which / 8)),
                    resource_category: None,
                })
            }
            14 => Command::UpdateRole(UpdateRole {
                id: role?,
                name: None,
                description: None,
                policy: (!how.is_multiple_of(4)).then(|| policy(how / 4)),
                base_permissions: how
                    .is_multiple_of(3)
                    .then(|| name(["no_access", "reader"], how / 3)),
                comment: None,
            }),
            16..=19 => return self.team_command(what, which, how),
            20 => Command::IssueInvitation(IssueInvitation {
                id: member?,
                digest: Digest {
                    pepper: 1,
                    bytes: [how; 32],
                },
                expires_at_ms: self.now_ms + 600_000,
            }),
            21 if how % 4 == 3 => Command::AdmitMember(AdmitMember { id: member? }),
            21 => {
                let waiting = |member: &&MemberId| self.invitation(**member).is_some();
                let id = self.members().iter().find(waiting).copied()?;
                Command::AcceptInvitation(AcceptInvitation {
                    id,
                    digest: self.invitation(id)?,
                    first_name: None,
                    last_name: how.is_multiple_of(2).then(|| format!("Joined {how}")),
                    password_hash: "hash".to_owned(),
                })
            }
            22 if how % 3 == 1 => {
                let gone = |member: &&Member| !member.is_active() && !member.is_erased();
                let id = self
                    .state
                    .members
                    .values()
                    .filter(gone)
                    .map(|m| m.id)
                    .min()?;
                Command::EraseMember(EraseMember { id })
            }
            22 => Command::ChangePlan(ChangePlan {
                to: match how % 4 {
                    0 => Plan::Pro,
                    _ => Plan::Enterprise,
                },
            }),
            15 if how.is_multiple_of(4) => Command::DeleteRole(DeleteRole { id: role? }),
            _ => Command::AssignRoles(AssignRoles {
                id: member?,
                custom_roles: self.role_ids(how),
            }),
        })
    }

    fn invitation(&self, member: MemberId) -> Option<Digest> {
        Some(self.state.member(member)?.invitation?.digest)
    }

    fn grants(&self, n: u8) -> Vec<TeamGrant> {
        let actions = match n % 3 {
            0 => return Vec::new(),
            1 => GrantActions::MaintainTeam,
            _ => GrantActions::Actions(vec!["deleteTeam".to_owned(), "view*".to_owned()]),
        };
        let members = self.some_members(n / 3);
        vec![TeamGrant { actions, members }]
    }

    fn some_members(&self, n: u8) -> Vec<MemberId> {
        let members = self.members();
        let from = usize::from(n) % members.len().max(1);
        let list = members.iter().copied().skip(from).take(2);
        list.filter(|id| self.state.member(*id).is_some()).collect()
    }

    fn some_roles(&self, n: u8) -> Vec<RoleId> {
        let ids = self.role_ids(n);
        ids.iter().filter_map(|id| id.parse().ok()).collect()
    }

    fn team_command(&mut self, what: u8, which: u8, how: u8) -> Option<Command> {
        let mut teams: Vec<TeamId> = self.state.teams.keys().copied().collect();
        teams.sort();
        let team = pick(&teams, which);
        let comment = None;
        Some(match what % 23 {
            16 => Command::CreateTeam(CreateTeam {
                id: TeamId::from_bytes(*self.role_id().as_bytes()),
                key: format!("team-{}", which % 4),
                name: "Team".to_owned(),
                description: String::new(),
                members: self.some_members(which),
                roles: self.some_roles(how),
                grants: self.grants(how / 2),
                role_attributes: attributes(how / 4),
            }),
            17 => Command::ChangeTeamMembers(ChangeTeamMembers {
                id: team?,
                add: self.some_members(how),
                remove: if how.is_multiple_of(3) {
                    self.some_members(how / 2)
                } else {
                    Vec::new()
                },
                comment,
            }),
            18 if how.is_multiple_of(2) => Command::SetTeamRoles(SetTeamRoles {
                id: team?,
                roles: self.some_roles(how / 2),
                comment,
            }),
            18 => Command::UpdateTeam(UpdateTeam {
                id: team?,
                name: Some(format!("renamed {how}")),
                description: None,
                role_attributes: Some(attributes(how / 2)),
                comment,
            }),
            _ if how.is_multiple_of(5) => Command::DeleteTeam(DeleteTeam { id: team? }),
            _ => Command::SetTeamGrants(SetTeamGrants {
                id: team?,
                grants: self.grants(how),
                comment,
            }),
        })
    }

    /// Takes one step; a command that is refused changes nothing.
    pub(crate) fn step(&mut self, (what, who, which, how): Step) {
        self.now_ms += 1 + i64::from(how) * 40;
        let Some(actor) = self.actor(who) else {
            return;
        };
        let secrets = self.secrets.len();
        let Some(command) = self.command(what, which, how) else {
            self.secrets.truncate(secrets);
            return;
        };
        // Some commands are not for everybody.
        let actor = match &command {
            Command::ChangePlan(_) | Command::EraseMember(_) => Actor::operator(self.account),
            Command::AcceptInvitation(accept) => match self.state.member(accept.id) {
                Some(member) => Actor::invited(self.account, member),
                None => return,
            },
            Command::AdmitMember(admit) => match self.state.member(admit.id) {
                Some(member) => Actor::member(self.account, &self.state, member),
                None => return,
            },
            _ => actor,
        };
        if self.give(&actor, &command).is_err() {
            self.secrets.truncate(secrets);
        }
    }
}
