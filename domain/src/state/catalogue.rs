//! What an account's policies name in full: the actions and resources that a search can try.

use std::collections::BTreeSet;

use super::State;
use crate::policy::{Policy, Resource, Statement};
use crate::role::BuiltIn;

/// The actions that the account's roles, the built-in roles and these policies name without a `*`.
#[must_use]
pub fn named_actions<'p>(
    state: &State,
    own: impl IntoIterator<Item = &'p Policy>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_statement(state, own, |statement| {
        let lists = [&statement.actions, &statement.not_actions];
        let names = lists.into_iter().flatten().flatten();
        found.extend(names.filter(|name| !name.contains('*')).cloned());
    });
    found
}

/// The resources that the account's roles and these policies name without a `*` or a placeholder.
#[must_use]
pub fn named_resources<'p>(
    state: &State,
    own: impl IntoIterator<Item = &'p Policy>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    each_statement(state, own, |statement| {
        let lists = [&statement.resources, &statement.not_resources];
        for text in lists.into_iter().flatten().flatten() {
            // One slash before a type means nothing.
            let text = text.strip_prefix('/').unwrap_or(text);
            if Resource::parse(text).is_ok() {
                found.insert(text.to_owned());
            }
        }
    });
    found
}

fn each_statement<'p>(
    state: &State,
    own: impl IntoIterator<Item = &'p Policy>,
    mut f: impl FnMut(&Statement),
) {
    let roles = state.roles.values().filter(|role| !role.deleted);
    roles.for_each(|role| role.as_member.statements().iter().for_each(&mut f));
    for policy in own {
        policy.statements().iter().for_each(&mut f);
    }
    for role in BuiltIn::ALL {
        let policy = role.member_policy();
        policy.statements().iter().for_each(&mut f);
    }
}
