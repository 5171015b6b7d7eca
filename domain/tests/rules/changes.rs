//! Nothing is changed until it cannot be read any more, and whatever there is can be ended.

use keyledger_domain::command::{CHANGES_MAX, Command, DeleteRole, RemoveMember};
use keyledger_domain::role::BuiltIn;
use keyledger_domain::scope::Scope;

use crate::ask::*;
use crate::sample::*;
use crate::scenario::*;

/// A house in which everything has been changed as often as may be.
fn worn() -> Given {
    let mut given = given(house())
        .and(custom_member(vec![allow(&["view*"], &["*"])]))
        .and([has_token(TOKEN, ADMIN, Scope::Role(BuiltIn::Reader))]);
    for token in given.state.tokens.values_mut() {
        token.version = CHANGES_MAX;
    }
    for member in given.state.members.values_mut() {
        member.version = CHANGES_MAX;
    }
    for role in given.state.roles.values_mut() {
        role.version = CHANGES_MAX;
    }
    given
}

#[test]
fn what_was_changed_too_often_is_changed_no_more() {
    let rename = keyledger_domain::command::UpdateToken {
        name: Some("again".to_owned()),
        ..update(TOKEN)
    };
    let edit = keyledger_domain::command::UpdateRole {
        name: Some("again".to_owned()),
        ..edit_role(DEPLOYER)
    };
    for command in [
        Command::UpdateToken(rename),
        reset(TOKEN, None),
        Command::UpdateRole(edit),
        assign(READER, &["deployer"]),
    ] {
        worn()
            .when(Who::Member(ADMIN), command)
            .then_rejected(conflict("was changed 90000 times"));
    }
}

#[test]
fn it_can_still_be_ended() {
    for command in [
        delete(TOKEN),
        Command::DeleteRole(DeleteRole { id: DEPLOYER }),
        Command::RemoveMember(RemoveMember { id: READER }),
    ] {
        let decided = worn().when(Who::Member(ADMIN), command);
        assert!(decided.result.is_ok_and(|events| events.len() == 1));
    }
}
