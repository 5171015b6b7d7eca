//! A log in memory that random commands grow.

use std::collections::HashMap;

use keyledger_domain::actor::Actor;
use keyledger_domain::claim::{ClaimChange, ClaimKey, of_event};
use keyledger_domain::command::{
    AcceptInvitation, AdmitMember, AssignRoles, ChangePlan, ChangeTeamMembers, CloneToken, Command,
    Context, CreateRole, CreateTeam, CreateToken, DeleteRole, DeleteTeam, DowngradeMember,
    EraseMember, Invitation, IssueInvitation, PromoteMember, RemoveMember, ResetToken, ScopeChoice,
    SetRoleAttributes, SetTeamGrants, SetTeamRoles, UpdateRole, UpdateTeam, UpdateToken, decide,
    preconditions,
};
use keyledger_domain::event::{Event, GrantActions, TeamCreated, TeamGrant};
use keyledger_domain::ids::{MemberId, RoleId, TeamId, TokenId};
use keyledger_domain::plan::Plan;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::{RoleBinding, Scope, TokenKind};
use keyledger_domain::state::{State, TokenStatus};

use crate::ask::*;
use crate::random_step::{Choice, Step, What, probes};
use crate::sample::*;
use crate::scenario::{Given, NOW, Who};

#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) given: Given,
    pub(crate) history: Vec<Event>,
    pub(crate) members: Vec<MemberId>,
    pub(crate) roles: Vec<RoleId>,
    pub(crate) tokens: Vec<TokenId>,
    teams: Vec<TeamId>,
    claims: HashMap<ClaimKey, Event>,
    pub(crate) now_ms: i64,
}

/// What came of a step.
pub(crate) struct Done {
    pub(crate) who: Who,
    pub(crate) events: Vec<Event>,
    /// What the acting token was answered before, to the questions that each token is asked which it
    /// then made or gave a new scope; empty for members.
    pub(crate) before: Vec<(TokenId, Vec<bool>)>,
    /// The acting member, who is no administrator, with what they might do before they changed a team; none
    /// where somebody else acted or something else changed.
    pub(crate) by_team: Option<(MemberId, Vec<bool>)>,
}

fn pick<T: Copy>(list: &[T], number: usize) -> Option<T> {
    list.get(number.checked_rem(list.len())?).copied()
}

impl Log {
    pub(crate) fn new() -> Self {
        let mut log = Self {
            given: Given::default(),
            history: Vec::new(),
            members: Vec::new(),
            roles: Vec::new(),
            tokens: Vec::new(),
            teams: Vec::new(),
            claims: HashMap::new(),
            now_ms: NOW,
        };
        let role = role_made(
            AUDITOR,
            "auditor",
            vec![allow(&["view*", "*AccessToken*"], &["*"])],
        );
        // Whoever leads teams without being an administrator, and is kept away from something by a value.
        let lead = custom_member(vec![
            allow(&["*"], &["team/*", "proj/*:env/*:flag/*"]),
            deny(&["*"], &["proj/${roleAttribute/projects}:env/*:flag/*"]),
        ]);
        let team = Event::TeamCreated(TeamCreated {
            id: team_id(20),
            key: "team-0".to_owned(),
            name: "Team 0".to_owned(),
            description: String::new(),
            members: vec![CUSTOM],
            roles: Vec::new(),
            grants: Vec::new(),
            role_attributes: attributes("projects", &["web"]),
        });
        for event in house().into_iter().chain(lead).chain([
            team,
            Event::RoleCreated(role),
            has_token(TOKEN, OWNER, Scope::Role(BuiltIn::Admin)),
            has_token(
                OTHER_TOKEN,
                ADMIN,
                Scope::Inline(vec![allow(&["*"], &["*"])]),
            ),
        ]) {
            log.record(event);
        }
        log
    }

    fn record(&mut self, event: Event) {
        match of_event(&self.given.state, ACCOUNT, &event) {
            Some((key, ClaimChange::Take)) => {
                let before = self.claims.insert(key, event.clone());
                assert!(before.is_none(), "{event:?} takes what {before:?} holds");
            }
            Some((key, ClaimChange::Release)) => {
                assert!(
                    self.claims.remove(&key).is_some(),
                    "{event:?} releases nothing"
                );
            }
            None => {}
        }
        self.given.record(&event);
        match &event {
            Event::MemberInvited(event) => self.members.push(event.id),
            Event::RoleCreated(event) => self.roles.push(event.id),
            Event::TeamCreated(event) => self.teams.push(event.id),
            Event::TokenCreated(event) => self.tokens.push(event.id),
            _ => {}
        }
        self.history.push(event);
    }

    /// Whether the token works now.
    pub(crate) fn works(&self, id: TokenId) -> bool {
        let token = &self.given.state.tokens[&id];
        self.given.state.token_status(token, self.now_ms) == TokenStatus::Active
    }

    /// The actor of a step, unless that can give no commands any more.
    fn who(&self, step: &Step) -> Option<Who> {
        if step.by_token {
            let id = pick(&self.tokens, step.actor)?;
            return self.works(id).then_some(Who::Token(id));
        }
        let id = pick(&self.members, step.actor)?;
        self.given.state.member(id).map(|_| Who::Member(id))
    }

    /// Takes one step. Nothing when there is nobody to take it, or it is refused.
    pub(crate) fn take(&mut self, step: &Step) -> Option<Done> {
        self.now_ms += 1_000;
        let who = self.who(step)?;
        let command = self.command(&step.what)?;
        // Some commands are not for everybody.
        let actor = match &command {
            Command::ChangePlan(_) | Command::EraseMember(_) => Actor::operator(ACCOUNT),
            Command::AcceptInvitation(accept) => {
                Actor::invited(ACCOUNT, self.given.state.member(accept.id)?)
            }
            Command::AdmitMember(admit) => Actor::member(
                ACCOUNT,
                &self.given.state,
                self.given.state.member(admit.id)?,
            ),
            _ => self.given.actor(who),
        };
        let context = Context {
            now_ms: self.now_ms,
            actor: &actor,
            loaded: None,
        };
        let events = decide(&self.given.state, &command, &context).ok()?;
        for (stream, version) in preconditions(&self.given.state, &context, &events) {
            assert_eq!(version, self.given.version(stream), "{stream:?}");
        }
        let before = match who {
            Who::Token(maker) => self.answers_before(maker, &events),
            Who::Operator | Who::Member(_) => Vec::new(),
        };
        let of_team = |event: &Event| event.type_name().starts_with("team.");
        let by_team = actor
            .member_id()
            .filter(|id| self.given.state.member(*id).is_some())
            .filter(|_| !actor.plainly_holds(BuiltIn::Admin) && events.iter().any(of_team))
            .map(|id| (id, self.may(id)));
        for event in &events {
            self.record(event.clone());
        }
        Some(Done {
            who,
            events,
            before,
            by_team,
        })
    }

    /// What a member may do now, signed in.
    pub(crate) fn may(&self, id: MemberId) -> Vec<bool> {
        about(id)
            .iter()
            .map(|(action, text)| self.given.member_may(id, action, text))
            .collect()
    }

    /// What the maker is answered now to the questions of each token that it is about to make or to give
    /// a new scope. The questions are about the made token's member, who may be another than the maker's.
    fn answers_before(&self, maker: TokenId, events: &[Event]) -> Vec<(TokenId, Vec<bool>)> {
        let made = events.iter().filter_map(|event| match event {
            Event::TokenCreated(event) => Some((event.id, event.member)),
            Event::TokenUpdated(event) if event.scope.is_some() => {
                let token = &self.given.state.tokens[&event.id];
                Some((event.id, token.grant.member))
            }
            _ => None,
        });
        made.map(|(id, member)| {
            let answered = about(member)
                .iter()
                .map(|(action, text)| self.given.allows(maker, action, text))
                .collect();
            (id, answered)
        })
        .collect()
    }

    fn keys(&self, numbers: &[usize]) -> Vec<String> {
        let picked = numbers
            .iter()
            .filter_map(|number| pick(&self.roles, *number));
        picked.map(|id| id.to_string()).collect()
    }

    fn choice(&self, choice: &Choice) -> ScopeChoice {
        match choice {
            Choice::BuiltIn(name) => scope_role(name),
            Choice::Roles(numbers) => ScopeChoice {
                custom_roles: Some(self.keys(numbers)),
                ..ScopeChoice::default()
            },
            Choice::Inline(statements) => scope_inline(statements.clone()),
        }
    }

    fn command(&self, what: &What) -> Option<Command> {
        let number = |count: usize| u8::try_from(20 + count).expect("few");
        let new_token = token_id(number(self.tokens.len()));
        let secret = secret(number(self.history.len()));
        let at = |after: &Option<i64>| after.map(|after| self.now_ms + after);
        let base = |reader: bool| if reader { "reader" } else { "no_access" }.to_owned();
        Some(match what {
            What::Create {
                service,
                live,
                scope,
                expiry,
            } => Command::CreateToken(CreateToken {
                id: new_token,
                secret,
                role_binding: (*live && *service && matches!(scope, Choice::Roles(_)))
                    .then_some(RoleBinding::Live),
                expiry_ms: at(expiry),
                ..create(
                    if *service {
                        TokenKind::Service
                    } else {
                        TokenKind::Personal
                    },
                    self.choice(scope),
                )
            }),
            What::Clone { source } => Command::CloneToken(CloneToken {
                source: pick(&self.tokens, *source)?,
                id: new_token,
                secret,
                name: None,
                description: None,
                expiry_ms: None,
            }),
            What::Reset { token, grace } => Command::ResetToken(ResetToken {
                id: pick(&self.tokens, *token)?,
                secret,
                expiry_ms: at(grace),
            }),
            What::Update {
                token,
                scope,
                expiry,
            } => Command::UpdateToken(UpdateToken {
                scope: scope.as_ref().map(|scope| self.choice(scope)),
                expiry_ms: at(expiry),
                ..update(pick(&self.tokens, *token)?)
            }),
            What::Delete { token } => delete(pick(&self.tokens, *token)?),
            What::Invite {
                role,
                roles,
                old_email,
            } => {
                let count = self.members.len();
                let email = if *old_email {
                    "writer@acme.test".to_owned()
                } else {
                    format!("m{count}@acme.test")
                };
                invite(vec![Invitation {
                    id: member_id(number(count)),
                    role: Some(role.name().to_owned()),
                    custom_roles: self.keys(roles),
                    ..invitation(&email)
                }])
            }
            What::Change { member, to } => {
                let id = pick(&self.members, *member)?;
                if *to < self.given.state.members[&id].role {
                    Command::DowngradeMember(DowngradeMember { id, to: *to })
                } else {
                    Command::PromoteMember(PromoteMember { id, to: *to })
                }
            }
            What::Assign { member, roles } => Command::AssignRoles(AssignRoles {
                id: pick(&self.members, *member)?,
                custom_roles: self.keys(roles),
            }),
            What::Attributes { member, to } => Command::SetRoleAttributes(SetRoleAttributes {
                id: pick(&self.members, *member)?,
                role_attributes: to.clone(),
            }),
            What::Remove { member } => Command::RemoveMember(RemoveMember {
                id: pick(&self.members, *member)?,
            }),
            What::Erase => {
                let gone = |id: &&MemberId| {
                    let found = self.given.state.members.get(*id);
                    found.is_some_and(|found| !found.is_active() && !found.is_erased())
                };
                let id = *self.members.iter().find(gone)?;
                Command::EraseMember(EraseMember { id })
            }
            What::CreateRole {
                policy,
                base: reader,
            } => Command::CreateRole(CreateRole {
                id: role_id(number(self.roles.len())),
                policy: policy.clone(),
                base_permissions: Some(base(*reader)),
                ..new_role(&format!("role-{}", self.roles.len()))
            }),
            What::UpdateRole {
                role,
                policy,
                base: reader,
            } => Command::UpdateRole(UpdateRole {
                policy: policy.clone(),
                base_permissions: reader.map(base),
                ..edit_role(pick(&self.roles, *role)?)
            }),
            What::DeleteRole { role } => Command::DeleteRole(DeleteRole {
                id: pick(&self.roles, *role)?,
            }),
            What::Link { member } => Command::IssueInvitation(IssueInvitation {
                id: pick(&self.members, *member)?,
                digest: digest(number(self.history.len())),
                expires_at_ms: self.now_ms + 60_000,
            }),
            What::Join => {
                let invited = |id: &&MemberId| {
                    let member = self.given.state.member(**id);
                    member.is_some_and(|member| member.invitation.is_some())
                };
                let id = *self.members.iter().find(invited)?;
                let link = self.given.state.member(id)?.invitation?;
                Command::AcceptInvitation(AcceptInvitation {
                    id,
                    digest: link.digest,
                    first_name: None,
                    last_name: None,
                    password_hash: "hash".to_owned(),
                })
            }
            What::Admit { member } => Command::AdmitMember(AdmitMember {
                id: pick(&self.members, *member)?,
            }),
            What::Plan { pro } => Command::ChangePlan(ChangePlan {
                to: if *pro { Plan::Pro } else { Plan::Enterprise },
            }),
            other => return self.team_command(other),
        })
    }

    fn some<T: Copy + Eq>(list: &[T], numbers: &[usize]) -> Vec<T> {
        let mut found = Vec::new();
        for number in numbers {
            if let Some(one) = pick(list, *number)
                && !found.contains(&one)
            {
                found.push(one);
            }
        }
        found
    }

    fn grants(&self, members: &[usize], maintain: bool) -> Vec<TeamGrant> {
        let actions = if maintain {
            GrantActions::MaintainTeam
        } else {
            GrantActions::Actions(texts(&["deleteTeam", "updateTeamName"]))
        };
        let members = Self::some(&self.members, members);
        vec![TeamGrant { actions, members }]
    }

    fn team_command(&self, what: &What) -> Option<Command> {
        let comment = None;
        Some(match what {
            What::CreateTeam {
                members,
                roles,
                maintainer,
                to,
            } => {
                let number = u8::try_from(self.teams.len()).expect("few");
                Command::CreateTeam(CreateTeam {
                    id: team_id(number),
                    key: format!("team-{number}"),
                    name: "Team".to_owned(),
                    description: String::new(),
                    members: Self::some(&self.members, members),
                    roles: Self::some(&self.roles, roles),
                    grants: maintainer
                        .map(|member| self.grants(&[member], true))
                        .unwrap_or_default(),
                    role_attributes: to.clone(),
                })
            }
            What::ChangeTeam { team, add, remove } => {
                Command::ChangeTeamMembers(ChangeTeamMembers {
                    id: pick(&self.teams, *team)?,
                    add: Self::some(&self.members, add),
                    remove: Self::some(&self.members, remove),
                    comment,
                })
            }
            What::TeamRoles { team, roles } => Command::SetTeamRoles(SetTeamRoles {
                id: pick(&self.teams, *team)?,
                roles: Self::some(&self.roles, roles),
                comment,
            }),
            What::TeamAttributes { team, to } => Command::UpdateTeam(UpdateTeam {
                id: pick(&self.teams, *team)?,
                name: None,
                description: None,
                role_attributes: Some(to.clone()),
                comment,
            }),
            What::TeamGrants {
                team,
                members,
                maintain,
            } => Command::SetTeamGrants(SetTeamGrants {
                id: pick(&self.teams, *team)?,
                grants: self.grants(members, *maintain),
                comment,
            }),
            What::DeleteTeam { team } => Command::DeleteTeam(DeleteTeam {
                id: pick(&self.teams, *team)?,
            }),
            _ => return None,
        })
    }
}

/// What a token is asked again and again.
pub(crate) fn questions(given: &Given, token: TokenId) -> Vec<(&'static str, String)> {
    about(given.state.tokens[&token].grant.member)
}

/// Questions about what a member has and what somebody else has.
fn about(member: MemberId) -> Vec<(&'static str, String)> {
    let other = if member == OWNER { READER } else { OWNER };
    probes(&member.to_string(), &other.to_string())
}

/// What it is answered.
pub(crate) fn answers(given: &Given, token: TokenId) -> Vec<bool> {
    questions(given, token)
        .iter()
        .map(|(action, resource)| given.allows(token, action, resource))
        .collect()
}

/// Whether what two states hold is the same.
pub(crate) fn same(one: &State, other: &State) -> bool {
    one.account == other.account
        && one.members == other.members
        && one.roles == other.roles
        && one.teams == other.teams
        && one.tokens == other.tokens
        && one.owner() == other.owner()
}
