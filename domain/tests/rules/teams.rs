//! Teams: what may be asked of them, and what they give.

use keyledger_domain::command::{
    ChangeTeamMembers, Command, CreateTeam, DeleteTeam, SetTeamGrants, SetTeamRoles, UpdateTeam,
};
use keyledger_domain::event::{Event, GrantActions, TeamCreated, TeamGrant, TeamMembersChanged};
use keyledger_domain::ids::{MemberId, RoleId, TeamId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

const WEB: TeamId = team_id(1);

fn new_team(key: &str) -> CreateTeam {
    CreateTeam {
        id: WEB,
        key: key.to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        members: Vec::new(),
        roles: Vec::new(),
        grants: Vec::new(),
        role_attributes: RoleAttributes::default(),
    }
}

fn team(members: &[MemberId], roles: &[RoleId]) -> TeamCreated {
    TeamCreated {
        id: WEB,
        key: "web".to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        members: members.to_vec(),
        roles: roles.to_vec(),
        grants: Vec::new(),
        role_attributes: RoleAttributes::default(),
    }
}

/// A house with the role `deployer`, which changes flags, and a team that gives it.
fn with_team(members: &[MemberId]) -> Vec<Event> {
    let mut events = house();
    let policy = vec![allow(&["updateOn"], &["proj/*:env/*:flag/*"])];
    events.push(Event::RoleCreated(role_made(DEPLOYER, "deployer", policy)));
    events.push(Event::TeamCreated(team(members, &[DEPLOYER])));
    events
}

fn change(add: &[MemberId], remove: &[MemberId]) -> Command {
    Command::ChangeTeamMembers(ChangeTeamMembers {
        id: WEB,
        add: add.to_vec(),
        remove: remove.to_vec(),
        comment: None,
    })
}

fn roles(roles: &[RoleId]) -> Command {
    Command::SetTeamRoles(SetTeamRoles {
        id: WEB,
        roles: roles.to_vec(),
        comment: None,
    })
}

fn maintained_by(members: &[MemberId]) -> Vec<TeamGrant> {
    vec![TeamGrant {
        actions: GrantActions::MaintainTeam,
        members: members.to_vec(),
    }]
}

fn grants(grants: Vec<TeamGrant>) -> Command {
    Command::SetTeamGrants(SetTeamGrants {
        id: WEB,
        grants,
        comment: None,
    })
}

fn project(values: &[&str]) -> RoleAttributes {
    attributes("project", values)
}

#[test]
fn an_administrator_makes_a_team_and_its_key_is_its_alone() {
    let given = given(house())
        .when(
            Who::Member(ADMIN),
            Command::CreateTeam(CreateTeam {
                members: vec![READER],
                ..new_team("web")
            }),
        )
        .then([Event::TeamCreated(team(&[READER], &[]))]);
    let again = CreateTeam {
        id: team_id(2),
        ..new_team("web")
    };
    given
        .when(Who::Member(ADMIN), Command::CreateTeam(again))
        .then_rejected(conflict("\"web\""));
}

#[test]
fn what_is_wrong_with_a_team_is_said_with_its_place() {
    for (pointer, command) in [
        ("/key", new_team("a b")),
        (
            "/name",
            CreateTeam {
                name: " ".to_owned(),
                ..new_team("web")
            },
        ),
        (
            "/permissionGrants/0",
            CreateTeam {
                grants: vec![TeamGrant {
                    actions: GrantActions::Actions(Vec::new()),
                    members: vec![],
                }],
                ..new_team("web")
            },
        ),
        (
            "/permissionGrants/0/0/actions/0",
            CreateTeam {
                grants: vec![TeamGrant {
                    actions: GrantActions::Actions(texts(&["a b"])),
                    members: vec![],
                }],
                ..new_team("web")
            },
        ),
        (
            "/customRoleKeys",
            CreateTeam {
                roles: (0..25).map(role_id).collect(),
                ..new_team("web")
            },
        ),
    ] {
        given(house())
            .when(Who::Member(OWNER), Command::CreateTeam(command))
            .then_rejected(invalid(pointer));
    }
    given(house())
        .when(
            Who::Member(OWNER),
            Command::CreateTeam(CreateTeam {
                members: vec![NEW_MEMBER],
                ..new_team("web")
            }),
        )
        .then_rejected(not_found("member"));
    given(house())
        .when(
            Who::Member(OWNER),
            Command::CreateTeam(CreateTeam {
                roles: vec![NEW_ROLE],
                ..new_team("web")
            }),
        )
        .then_rejected(not_found("role"));
}

#[test]
fn a_new_team_gives_no_more_than_the_same_changes_would() {
    let only = |action: &str| custom_member(vec![allow(&["createTeam", action], &["team/*"])]);
    let full = CreateTeam {
        members: vec![READER],
        roles: vec![DEPLOYER],
        grants: maintained_by(&[READER]),
        role_attributes: project(&["web"]),
        ..new_team("web")
    };
    for (lacking, command) in [
        (
            "updateTeamMembers",
            CreateTeam {
                members: vec![READER],
                ..new_team("web")
            },
        ),
        (
            "updateTeamCustomRoles",
            CreateTeam {
                roles: vec![DEPLOYER],
                ..new_team("web")
            },
        ),
        (
            "updateTeamPermissionGrants",
            CreateTeam {
                grants: maintained_by(&[READER]),
                ..new_team("web")
            },
        ),
        (
            "updateTeamRoleAttributes",
            CreateTeam {
                role_attributes: project(&["a"]),
                ..new_team("web")
            },
        ),
    ] {
        given(house())
            .and(only("viewTeam"))
            .when(Who::Member(CUSTOM), Command::CreateTeam(command))
            .then_rejected(denied(lacking));
    }
    given(house())
        .and(only("updateTeam*"))
        .when(Who::Member(CUSTOM), Command::CreateTeam(full))
        .then_accepted();
    given(house())
        .when(Who::Member(WRITER), Command::CreateTeam(new_team("web")))
        .then_rejected(denied("createTeam"));
}

#[test]
fn members_have_the_teams_roles_on_top_of_their_own_at_once() {
    let given = given(with_team(&[READER, NOBODY]));
    for member in [READER, NOBODY] {
        assert!(given.member_may(member, "updateOn", FLAG));
    }
    // The base role goes on counting, and so do the rights of nobody.
    assert!(given.member_may(READER, "viewRole", "role/x"));
    assert!(!given.member_may(NOBODY, "viewRole", "role/x"));
    let given = given
        .when(Who::Member(ADMIN), change(&[WRITER], &[READER]))
        .then_accepted();
    assert!(!given.member_may(READER, "updateOn", FLAG));
    let given = given.when(Who::Member(ADMIN), roles(&[])).then_accepted();
    assert!(!given.member_may(NOBODY, "updateOn", FLAG));
}

#[test]
fn direct_custom_roles_replace_the_base_role_and_not_the_teams() {
    let given = given(with_team(&[READER])).and([
        Event::RoleCreated(role_made(
            AUDITOR,
            "auditor",
            vec![allow(&["view*"], &["role/*"])],
        )),
        roles_assigned(READER, &[AUDITOR]),
    ]);
    assert!(given.member_may(READER, "updateOn", FLAG));
    assert!(given.member_may(READER, "viewRole", "role/x"));
    assert!(!given.member_may(READER, "viewMember", "member/x"));
}

#[test]
fn personal_tokens_follow_the_team_and_service_tokens_do_not() {
    let given = given(with_team(&[READER])).and([has_token(
        TOKEN,
        READER,
        Scope::Inline(vec![allow(&["*"], &["*"])]),
    )]);
    let service = Command::CreateToken(keyledger_domain::command::CreateToken {
        id: OTHER_TOKEN,
        ..create(
            keyledger_domain::scope::TokenKind::Service,
            scope_inline(vec![allow(&["*"], &["*"])]),
        )
    });
    let given = given.when(Who::Member(READER), service).then_accepted();
    for token in [TOKEN, OTHER_TOKEN] {
        assert!(given.allows(token, "updateOn", FLAG));
    }
    let delete = Command::DeleteTeam(DeleteTeam { id: WEB });
    let given = given.when(Who::Member(ADMIN), delete).then_accepted();
    assert!(!given.allows(TOKEN, "updateOn", FLAG));
    assert!(
        given.allows(OTHER_TOKEN, "updateOn", FLAG),
        "frozen at creation"
    );
}

#[test]
fn a_deleted_role_and_a_removed_member_take_their_share_along() {
    let given = given(with_team(&[READER, NOBODY]))
        .when(
            Who::Member(ADMIN),
            Command::DeleteRole(keyledger_domain::command::DeleteRole { id: DEPLOYER }),
        )
        .then_accepted();
    assert!(!given.member_may(NOBODY, "updateOn", FLAG));
    let given = given.and([removed(NOBODY)]);
    assert!(!given.state.teams[&WEB].members.contains(&NOBODY));
    // A change that was decided before the removal passes over who is gone.
    let late = Event::TeamMembersChanged(TeamMembersChanged {
        id: WEB,
        added: vec![NOBODY, WRITER],
        removed: Vec::new(),
        comment: None,
    });
    let given = given.and([late]);
    let members: Vec<_> = given.state.teams[&WEB].members.iter().copied().collect();
    assert_eq!(members, [WRITER, READER]);
}

#[test]
fn placeholders_stand_for_the_values_of_the_member_and_of_the_teams() {
    let policy = vec![allow(
        &["updateOn"],
        &["proj/${roleAttribute/project}:env/*:flag/*"],
    )];
    let mut events = house();
    events.push(Event::RoleCreated(role_made(DEPLOYER, "deployer", policy)));
    events.push(attributes_set(READER, project(&["mine"])));
    events.push(Event::TeamCreated(TeamCreated {
        role_attributes: project(&["web", "mine"]),
        ..team(&[READER], &[DEPLOYER])
    }));
    let given = given(events);
    let may = |given: &Given, project: &str| {
        given.member_may(READER, "updateOn", &format!("proj/{project}:env/e:flag/f"))
    };
    assert!(may(&given, "mine") && may(&given, "web") && !may(&given, "shop"));
    let update = Command::UpdateTeam(UpdateTeam {
        id: WEB,
        name: None,
        description: None,
        role_attributes: Some(project(&["shop"])),
        comment: None,
    });
    let given = given.when(Who::Member(ADMIN), update).then_accepted();
    assert!(may(&given, "mine") && !may(&given, "web") && may(&given, "shop"));
    let given = given
        .when(Who::Member(ADMIN), change(&[], &[READER]))
        .then_accepted();
    assert!(given.state.members[&READER].attributes == project(&["mine"]));
}

#[test]
fn a_maintainer_does_what_the_grant_says_on_that_team_only() {
    let given = given(with_team(&[]))
        .when(Who::Member(ADMIN), grants(maintained_by(&[READER])))
        .then_accepted()
        .and([Event::TeamCreated(TeamCreated {
            id: team_id(2),
            key: "other".to_owned(),
            ..team(&[], &[])
        })]);
    assert!(given.member_may(READER, "updateTeamMembers", "team/web"));
    assert!(!given.member_may(READER, "updateTeamMembers", "team/other"));
    assert!(!given.member_may(READER, "updateTeamCustomRoles", "team/web"));
    let given = given
        .when(Who::Member(READER), change(&[NOBODY], &[]))
        .then_accepted();
    // The team gives a role that the maintainer does not have.
    let given = given
        .when(Who::Member(READER), change(&[READER], &[]))
        .then_rejected(forbidden("your own role"));
    let given = given
        .when(Who::Member(ADMIN), grants(Vec::new()))
        .then_accepted();
    assert!(!given.member_may(READER, "updateTeamMembers", "team/web"));
}

#[test]
fn nobody_widens_themselves_by_a_team_but_who_may_do_everything() {
    let all = vec![allow(&["*Team*"], &["team/*"])];
    let people = custom_member(all);
    let mine = |more: CreateTeam| Command::CreateTeam(more);
    for command in [
        mine(CreateTeam {
            members: vec![CUSTOM],
            ..new_team("x")
        }),
        mine(CreateTeam {
            grants: maintained_by(&[CUSTOM]),
            ..new_team("x")
        }),
    ] {
        given(house())
            .and(people.clone())
            .when(Who::Member(CUSTOM), command)
            .then_rejected(forbidden("your own role"));
    }
    let in_team = || {
        given(house()).and(people.clone()).and([
            Event::RoleCreated(role_made(AUDITOR, "auditor", vec![allow(&["*"], &["*"])])),
            Event::TeamCreated(team(&[CUSTOM], &[])),
        ])
    };
    in_team()
        .when(Who::Member(CUSTOM), roles(&[AUDITOR]))
        .then_rejected(forbidden("your own role"));
    in_team()
        .when(Who::Member(CUSTOM), grants(maintained_by(&[CUSTOM])))
        .then_rejected(forbidden("your own role"));
    in_team()
        .when(
            Who::Member(CUSTOM),
            Command::UpdateTeam(UpdateTeam {
                id: WEB,
                name: None,
                description: None,
                role_attributes: Some(project(&["*"])),
                comment: None,
            }),
        )
        .then_rejected(forbidden("your own role"));
    // A token that acts for its member is no way around.
    let token = has_token(TOKEN, CUSTOM, Scope::Inline(vec![allow(&["*"], &["*"])]));
    in_team()
        .and([token])
        .when(Who::Token(TOKEN), roles(&[AUDITOR]))
        .then_rejected(forbidden("your own role"));
    // An administrator may do everything anyway, by a token of that scope too.
    let admin = has_token(TOKEN, ADMIN, Scope::Role(BuiltIn::Admin));
    given(with_team(&[]))
        .and([admin])
        .when(Who::Token(TOKEN), change(&[ADMIN], &[]))
        .then_accepted();
    // An administrator by name whose token is narrower is not.
    let narrow = has_token(
        TOKEN,
        ADMIN,
        Scope::Inline(vec![allow(&["*Team*"], &["team/*"])]),
    );
    given(with_team(&[]))
        .and([narrow])
        .when(Who::Token(TOKEN), change(&[ADMIN], &[]))
        .then_rejected(forbidden("your own role"));
}

#[test]
fn a_member_of_a_team_has_no_rank_and_is_capped_instead() {
    let given = given(with_team(&[READER]));
    assert_eq!(given.state.members[&READER].rank(), None);
    let admin = create(
        keyledger_domain::scope::TokenKind::Personal,
        scope_role("admin"),
    );
    let given = given
        .when(Who::Member(READER), Command::CreateToken(admin))
        .then_accepted();
    assert!(!given.allows(NEW_TOKEN, "updateRole", "member/x"));
    assert!(given.allows(NEW_TOKEN, "updateOn", FLAG));
}

#[test]
fn what_already_is_changes_nothing_and_nobody_comes_in_and_goes_out_at_once() {
    let given = given(with_team(&[READER]))
        .when(Who::Member(ADMIN), change(&[READER], &[WRITER]))
        .then_nothing()
        .when(Who::Member(ADMIN), roles(&[DEPLOYER]))
        .then_nothing()
        .when(Who::Member(WRITER), change(&[READER], &[]))
        .then_rejected(denied("updateTeamMembers"));
    given
        .when(Who::Member(ADMIN), change(&[WRITER], &[WRITER]))
        .then_rejected(invalid(""));
}

#[test]
fn whom_a_grant_names_already_may_change_whom_else_it_names() {
    let people = custom_member(vec![allow(&["*Team*"], &["team/*"])]);
    let named = |members: &[MemberId]| {
        let grants = maintained_by(members);
        Event::TeamCreated(TeamCreated {
            grants,
            ..team(&[], &[])
        })
    };
    let given = given(house())
        .and(people)
        .and([named(&[CUSTOM, READER])])
        .when(Who::Member(CUSTOM), grants(maintained_by(&[CUSTOM])))
        .then_accepted()
        .when(
            Who::Member(CUSTOM),
            grants(maintained_by(&[CUSTOM, WRITER])),
        )
        .then_accepted();
    let mut more = maintained_by(&[CUSTOM, WRITER]);
    more.push(TeamGrant {
        actions: GrantActions::Actions(texts(&["deleteTeam"])),
        members: vec![CUSTOM],
    });
    given
        .when(Who::Member(CUSTOM), grants(more))
        .then_rejected(forbidden("your own role"));
}

#[test]
fn each_part_of_an_update_takes_its_own_permission_even_for_what_is() {
    let only = |action: &str| custom_member(vec![allow(&[action], &["team/*"])]);
    let update = |name: bool, description: bool, attributes: bool| {
        Command::UpdateTeam(UpdateTeam {
            id: WEB,
            name: name.then(|| "Web".to_owned()),
            description: description.then(String::new),
            role_attributes: attributes.then(RoleAttributes::default),
            comment: None,
        })
    };
    for (action, own, other) in [
        (
            "updateTeamName",
            update(true, false, false),
            "updateTeamDescription",
        ),
        (
            "updateTeamDescription",
            update(false, true, false),
            "updateTeamName",
        ),
        (
            "updateTeamRoleAttributes",
            update(false, false, true),
            "updateTeamName",
        ),
    ] {
        given(house())
            .and(only(action))
            .and([Event::TeamCreated(team(&[], &[]))])
            .when(Who::Member(CUSTOM), own)
            .then_nothing()
            .when(Who::Member(CUSTOM), update(true, true, true))
            .then_rejected(denied(other));
    }
}

#[test]
fn whom_a_grant_names_depends_on_the_team_and_not_on_its_roles() {
    let given = given(with_team(&[]))
        .when(Who::Member(ADMIN), grants(maintained_by(&[READER])))
        .then_accepted();
    let reads = |member: MemberId| {
        let member = &given.state.members[&member];
        let account = given.state.account.as_ref().unwrap().id;
        let actor = keyledger_domain::actor::Actor::member(account, &given.state, member);
        let kinds = actor.read.iter().map(|(stream, _)| stream.kind);
        kinds.collect::<Vec<_>>()
    };
    use keyledger_domain::ids::StreamKind::{Member, Team};
    assert_eq!(reads(READER), [Member, Team]);
    assert_eq!(reads(WRITER), [Member]);
}
