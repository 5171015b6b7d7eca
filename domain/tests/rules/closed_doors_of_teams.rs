//! Ways to more than one's own by a team or by an invitation link, each of which once was open: the comments
//! say what used to happen.

use keyledger_domain::actor::Actor;
use keyledger_domain::command::{
    AcceptInvitation, ChangeTeamMembers, Command, DeleteTeam, IssueInvitation, PromoteMember,
};
use keyledger_domain::event::{Event, GrantActions, TeamCreated, TeamGrant, TeamGrantsChanged};
use keyledger_domain::ids::{MemberId, TeamId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;

use crate::sample::*;
use crate::scenario::*;

const WEB: TeamId = team_id(1);

fn issue(id: MemberId) -> Command {
    Command::IssueInvitation(IssueInvitation {
        id,
        digest: digest(1),
        expires_at_ms: NOW + 1_000,
    })
}

/// Whoever kept the link uses it.
fn use_link(given: Given, id: MemberId) -> Outcome {
    let actor = Actor::invited(ACCOUNT, &given.state.members[&id]);
    let command = Command::AcceptInvitation(AcceptInvitation {
        id,
        digest: digest(1),
        first_name: None,
        last_name: None,
        password_hash: "$argon2id$".to_owned(),
    });
    given.when_by(NOW, &actor, command)
}

fn team(members: &[MemberId]) -> TeamCreated {
    TeamCreated {
        id: WEB,
        key: "web".to_owned(),
        name: "Web".to_owned(),
        description: String::new(),
        members: members.to_vec(),
        roles: vec![AUDITOR],
        grants: Vec::new(),
        role_attributes: RoleAttributes::default(),
    }
}

fn auditor() -> Event {
    Event::RoleCreated(role_made(AUDITOR, "auditor", vec![allow(&["*"], &["*"])]))
}

fn granted_to(member: MemberId) -> Event {
    Event::TeamGrantsChanged(TeamGrantsChanged {
        id: WEB,
        grants: vec![TeamGrant {
            actions: GrantActions::Actions(texts(&["*"])),
            members: vec![member],
        }],
        comment: None,
    })
}

/// What makes a member more than the reader that an inviter may invite, one way each.
fn ways_up() -> Vec<Vec<Event>> {
    vec![
        vec![promoted(READER, BuiltIn::Reader, BuiltIn::Admin)],
        vec![auditor(), roles_assigned(READER, &[AUDITOR])],
        vec![attributes_set(READER, attributes("project", &["web"]))],
        vec![auditor(), Event::TeamCreated(team(&[READER]))],
        vec![auditor(), Event::TeamCreated(team(&[])), granted_to(READER)],
    ]
}

/// Whoever may only invite readers has a link for one.
fn link_of_an_inviter() -> Given {
    given(house())
        .and(custom_member(vec![allow(&["createMember"], &["member/*"])]))
        .when(Who::Member(CUSTOM), issue(READER))
        .then_accepted()
}

/// Whoever may only invite readers kept a link, and became what the reader was made later: an administrator.
#[test]
fn a_link_of_who_is_no_administrator_ends_when_the_member_is_given_more() {
    for more in ways_up() {
        use_link(link_of_an_inviter().and(more), READER).then_rejected(not_found("invitation"));
    }
    use_link(link_of_an_inviter(), READER).then_accepted();
    let less = downgraded(READER, BuiltIn::Reader, BuiltIn::NoAccess);
    use_link(link_of_an_inviter().and([less]), READER).then_accepted();
}

/// The same where the team's change was written between the decision about the link and the link.
#[test]
fn a_link_of_who_is_no_administrator_does_not_begin_when_a_team_came_first() {
    let before = given(house()).and(custom_member(vec![allow(&["createMember"], &["member/*"])]));
    let events = before.when(Who::Member(CUSTOM), issue(READER)).result;
    let late = given(house())
        .and(custom_member(vec![allow(&["createMember"], &["member/*"])]))
        .and([auditor(), Event::TeamCreated(team(&[READER]))])
        .and(events.expect("accepted"));
    use_link(late, READER).then_rejected(not_found("invitation"));
}

/// Inviting somebody, handing on the link and then putting them into a team goes on working.
#[test]
fn an_administrators_link_stays_when_the_member_is_given_more() {
    for who in [Who::Member(ADMIN), Who::Operator] {
        for more in ways_up() {
            let given = given(house()).when(who, issue(READER)).then_accepted();
            use_link(given.and(more), READER).then_accepted();
        }
    }
}

/// An administrator kept a link for the member to whom the owner then handed the account, and became the owner.
#[test]
fn no_link_outlives_becoming_the_owner() {
    for who in [Who::Member(ADMIN), Who::Operator] {
        let given = given(house()).when(who, issue(READER)).then_accepted();
        let heir = Command::PromoteMember(PromoteMember {
            id: READER,
            to: BuiltIn::Owner,
        });
        let given = given.when(Who::Member(OWNER), heir).then_accepted();
        use_link(given, READER).then_rejected(not_found("invitation"));
    }
}

/// A member whom a team's values keep away from a project by a deny, and who maintains the team.
fn kept_away() -> Given {
    let policy = vec![
        allow(&["*"], &["proj/*:env/*:flag/*"]),
        deny(&["*"], &["proj/${roleAttribute/closed}:env/*:flag/*"]),
        allow(&["updateTeamMembers", "deleteTeam"], &["team/*"]),
    ];
    let given = given(house())
        .and(custom_member(policy))
        .and([Event::TeamCreated(TeamCreated {
            roles: Vec::new(),
            role_attributes: attributes("closed", &["web"]),
            ..team(&[CUSTOM, READER])
        })]);
    assert!(!given.member_may(CUSTOM, "updateOn", FLAG));
    given
}

fn leave(member: MemberId) -> Command {
    Command::ChangeTeamMembers(ChangeTeamMembers {
        id: WEB,
        add: Vec::new(),
        remove: vec![member],
        comment: None,
    })
}

/// Values may close as well as open: whoever left the team was kept away from nothing any more.
#[test]
fn nobody_leaves_a_team_whose_values_keep_them_away_or_deletes_it() {
    let delete = || Command::DeleteTeam(DeleteTeam { id: WEB });
    for command in [leave(CUSTOM), delete()] {
        let given = kept_away()
            .when(Who::Member(CUSTOM), command)
            .then_rejected(forbidden("your own role"));
        assert!(!given.member_may(CUSTOM, "updateOn", FLAG));
    }
    kept_away()
        .when(Who::Member(CUSTOM), leave(READER))
        .then_accepted();
    for command in [leave(CUSTOM), delete()] {
        kept_away()
            .when(Who::Member(ADMIN), command)
            .then_accepted();
    }
}

/// A team without values only gives, and whoever may change its members may go.
#[test]
fn a_team_that_only_gives_may_be_left_and_deleted_by_its_members() {
    for command in [leave(CUSTOM), Command::DeleteTeam(DeleteTeam { id: WEB })] {
        let policy = vec![allow(&["updateTeamMembers", "deleteTeam"], &["team/*"])];
        let given = given(house())
            .and(custom_member(policy))
            .and([auditor(), Event::TeamCreated(team(&[CUSTOM]))])
            .when(Who::Member(CUSTOM), command)
            .then_accepted();
        assert!(!given.member_may(CUSTOM, "updateOn", FLAG));
    }
}
