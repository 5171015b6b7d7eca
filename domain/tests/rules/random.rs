//! What holds whatever is asked for, by whomever, in whatever order.

use std::collections::{HashMap, HashSet};

use keyledger_domain::actor::Actor;
use keyledger_domain::event::{Event, decode, encode};
use keyledger_domain::ids::TokenId;
use keyledger_domain::permission::Permission;
use keyledger_domain::policy::{Effect, Resource, Verdict};
use keyledger_domain::scope::{RoleBinding, TokenKind};
use keyledger_domain::state::{Refusal, State, TokenStatus};
use proptest::prelude::*;

use crate::random_log::{Done, Log, answers, questions, same};
use crate::random_reference::slowly_allows;
use crate::random_step::steps;
use crate::scenario::{Given, Who};

fn is_frozen_service(given: &Given, token: TokenId) -> bool {
    let token = &given.state.tokens[&token];
    token.grant.kind == TokenKind::Service && token.role_binding == RoleBinding::Frozen
}

/// An explanation says what the decision says, and names a statement of that effect.
fn explained_as_decided(
    permission: &Permission,
    action: &str,
    resource: &Resource<'_>,
) -> Result<(), TestCaseError> {
    let explained = permission.explain(action, resource);
    prop_assert_eq!(explained.allowed, permission.allows(action, resource));
    if let Some((policy, statement)) = explained.by {
        let effect = policy.statements()[statement].effect;
        prop_assert_eq!(effect == Effect::Allow, explained.allowed);
        let verdict = policy.decide(action, resource, &permission.env());
        prop_assert!(matches!(verdict, Verdict::Allow(at) | Verdict::Deny(at) if at == statement));
    } else {
        prop_assert!(!explained.allowed);
    }
    Ok(())
}

/// No personal token is allowed what its member may not do now.
fn members_are_ceilings(log: &Log) -> Result<(), TestCaseError> {
    for id in &log.tokens {
        let token = &log.given.state.tokens[id];
        let Some(member) = log.given.state.member(token.grant.member) else {
            continue;
        };
        if token.grant.kind == TokenKind::Personal {
            let permission = log.given.state.member_permission(member);
            for (action, text) in questions(&log.given, *id) {
                let resource = Resource::parse(&text).expect("a resource");
                explained_as_decided(&permission, action, &resource)?;
                let exceeds =
                    log.given.allows(*id, action, &text) && !permission.allows(action, &resource);
                prop_assert!(
                    !exceeds,
                    "{} exceeds its member: {} on {}",
                    id,
                    action,
                    text
                );
            }
        }
    }
    Ok(())
}

/// Tokens whose member was removed stay dead, however often they are asked.
fn the_dead_stay_dead(log: &Log, dead: &mut HashSet<TokenId>) -> Result<(), TestCaseError> {
    let state = &log.given.state;
    dead.extend(log.tokens.iter().filter(|id| {
        let grant = &state.tokens[*id].grant;
        grant.kind == TokenKind::Personal && state.member(grant.member).is_none()
    }));
    for id in dead.iter() {
        let token = &state.tokens[id];
        let status = state.token_status(token, log.now_ms);
        prop_assert!(matches!(
            status,
            TokenStatus::Deactivated | TokenStatus::Deleted
        ));
        prop_assert_eq!(
            log.given.check(*id, "viewFlag", "acct"),
            Err(Refusal::Deactivated)
        );
        let actor = Actor::token(
            crate::sample::ACCOUNT,
            state,
            *id,
            token.version,
            &token.grant,
        );
        prop_assert!(actor.is_none());
    }
    Ok(())
}

/// A token that a token made, or gave a new scope, is allowed nothing that its maker was not: itself
/// included.
fn no_token_makes_more_than_itself(log: &Log, done: &Done) -> Result<(), TestCaseError> {
    let Who::Token(maker) = done.who else {
        return Ok(());
    };
    for (made, before) in &done.before {
        let after = answers(&log.given, *made);
        let exceeds = after
            .iter()
            .zip(before)
            .any(|(after, before)| *after && !before);
        prop_assert!(!exceeds, "{} exceeds its maker {}", made, maker);
    }
    Ok(())
}

/// An explanation of a token says what the decision says, layer by layer, and cites what is there.
fn explained_as_decided_for(
    log: &Log,
    id: TokenId,
    action: &str,
    text: &str,
) -> Result<(), TestCaseError> {
    let state = &log.given.state;
    let grant = &state.tokens[&id].grant;
    let resource = Resource::parse(text).expect("a resource");
    let explained = state.explain(grant, action, &resource);
    let decided = state.check(grant, action, &resource);
    prop_assert_eq!(explained.allowed, decided.is_ok());
    if let Err(refusal) = decided {
        let decisive = explained.decisive();
        prop_assert_eq!(decisive.map(|layer| layer.kind), refusal.layer());
        // Refused by a statement exactly when there is one to cite.
        let cited = decisive.is_some_and(|layer| layer.by.is_some());
        prop_assert_eq!(cited, matches!(refusal, Refusal::DeniedBy(_)));
    }
    let permission = state.grant_permission(grant);
    let layers = permission
        .map(|permission| permission.layers)
        .unwrap_or_default();
    prop_assert_eq!(layers.len(), explained.layers.len());
    for (layer, answer) in layers.iter().zip(&explained.layers) {
        prop_assert_eq!(layer.kind, answer.kind);
        if let Some(cited) = &answer.by {
            prop_assert!(layer.policies.contains(&cited.policy));
            prop_assert_eq!(cited.effect() == Some(Effect::Allow), answer.allowed);
        }
        prop_assert!(answer.by.is_some() || !answer.allowed);
        if let Some((cited, _)) = &answer.nearest {
            prop_assert!(answer.by.is_none() && layer.policies.contains(&cited.policy));
            prop_assert_eq!(cited.effect(), Some(Effect::Allow));
        }
    }
    Ok(())
}

/// Whoever is no administrator may do nothing more after changing a team than before.
fn nobody_widens_themselves_by_a_team(log: &Log, done: &Done) -> Result<(), TestCaseError> {
    let Some((id, before)) = &done.by_team else {
        return Ok(());
    };
    let widens = log
        .may(*id)
        .iter()
        .zip(before)
        .any(|(after, before)| *after && !before);
    prop_assert!(!widens, "{} widens themselves: {:?}", id, done.events);
    Ok(())
}

/// The quick answer, the described permission and the slow reference agree.
fn three_ways_agree(log: &Log) -> Result<(), TestCaseError> {
    for id in &log.tokens {
        let grant = &log.given.state.tokens[id].grant;
        let permission = log.given.state.grant_permission(grant);
        for (action, text) in questions(&log.given, *id) {
            let resource = Resource::parse(&text).expect("a resource");
            explained_as_decided_for(log, *id, action, &text)?;
            let quick = log.given.allows(*id, action, &text);
            let described = permission
                .as_ref()
                .is_some_and(|all| all.allows(action, &resource));
            let slow = slowly_allows(&log.history, *id, action, &text);
            prop_assert_eq!(
                (quick, described),
                (slow, slow),
                "{} asks {} on {}",
                id,
                action,
                text
            );
        }
    }
    Ok(())
}

/// Puts what a snapshot of the ground gives back in the place of a state's ground.
fn by_bytes(state: &mut State) -> Result<(), TestCaseError> {
    let bytes = state.ground_to_bytes().expect("encodes");
    let mut read = State::ground_from_bytes(&bytes).expect("decodes");
    prop_assert_eq!(&read.ground_to_bytes().expect("encodes"), &bytes);
    prop_assert!(read.tokens.is_empty() && same(&read, &state.without_tokens()));
    for member in state.members.values() {
        let found = |state: &State| state.member_by_email(&member.email).map(|m| m.id);
        prop_assert_eq!(found(&read), found(state));
    }
    for role in state.roles.values() {
        let found = |state: &State| state.role_by_key_or_id(&role.key).map(|r| r.id);
        prop_assert_eq!(found(&read), found(state));
    }
    for team in state.teams.values() {
        let found = |state: &State| state.team_by_key(&team.key).map(|t| t.id);
        prop_assert_eq!(found(&read), found(state));
    }
    read.tokens = std::mem::take(&mut state.tokens);
    *state = read;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_law_holds_after_every_command(steps in steps(40)) {
        let mut log = Log::new();
        let mut frozen: HashMap<TokenId, Vec<bool>> = HashMap::new();
        let mut dead = HashSet::new();
        for step in &steps {
            let Some(done) = log.take(step) else {
                continue;
            };
            members_are_ceilings(&log)?;
            the_dead_stay_dead(&log, &mut dead)?;
            no_token_makes_more_than_itself(&log, &done)?;
            nobody_widens_themselves_by_a_team(&log, &done)?;
            for id in &log.tokens {
                if is_frozen_service(&log.given, *id) {
                    let now = answers(&log.given, *id);
                    let then = frozen.entry(*id).or_insert_with(|| now.clone());
                    prop_assert_eq!(then, &now, "{} changed", id);
                }
            }
        }
        three_ways_agree(&log)?;
    }

    #[test]
    fn a_replay_in_two_parts_from_the_stored_bytes_is_the_same_state(
        steps in steps(40),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut log = Log::new();
        for step in &steps {
            log.take(step);
        }
        let stored: Vec<Event> = log
            .history
            .iter()
            .map(|event| {
                let bytes = encode(event).expect("encodes");
                decode(event.type_name(), event.schema_version(), &bytes).expect("decodes")
            })
            .collect();
        prop_assert_eq!(&stored, &log.history);
        let (prefix, rest) = stored.split_at(cut.index(stored.len() + 1));
        let mut first = crate::scenario::given(prefix.to_vec());
        by_bytes(&mut first.state)?;
        let in_parts = first.and(rest.to_vec());
        let at_once = crate::scenario::given(stored.clone());
        prop_assert!(same(&in_parts.state, &at_once.state));
        prop_assert!(same(&at_once.state, &log.given.state));
    }
}

/// A generator whose commands are all refused would prove nothing.
#[test]
fn the_random_sequences_reach_every_kind_of_event() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: HashMap<&'static str, usize> = HashMap::new();
    let mut by_team = 0;
    for _ in 0..240 {
        let tree = steps(40).new_tree(&mut runner).expect("steps");
        let mut log = Log::new();
        for step in tree.current() {
            let Some(done) = log.take(&step) else {
                continue;
            };
            by_team += usize::from(done.by_team.is_some());
            for event in done.events {
                *seen.entry(event.type_name()).or_default() += 1;
            }
        }
    }
    assert!(
        by_team >= 5,
        "teams changed by who is no administrator: {by_team}"
    );
    for (kind, _) in Event::READABLE
        .iter()
        .filter(|(kind, _)| *kind != "account.created")
    {
        let count = seen.get(kind).copied().unwrap_or(0);
        assert!(count >= 5, "{kind} happened {count} times: {seen:?}");
    }
}
