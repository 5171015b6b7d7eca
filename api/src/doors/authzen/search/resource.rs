//! On what it may be done: what policies name in full, and the account's own members, roles and teams.

use std::collections::BTreeMap;

use keyledger_domain::policy::Resource;
use keyledger_domain::state::{State, named_resources};
use serde_json::json;

use super::{Found, Walk};
use crate::doors::authzen::Body;
use crate::doors::authzen::entity::{self, Beside, PREFIXES, Wrong};
use crate::doors::authzen::evaluate::Evaluator;
use crate::doors::subject::Subject;

pub(super) fn search(evaluator: &Evaluator<'_>, body: &Body, walk: &Walk) -> Result<Found, Wrong> {
    let subject = entity::read(body.subject.as_ref(), "subject", "type")?;
    let action = entity::action(body.action.as_ref())?;
    let resource = entity::read(body.resource.as_ref(), "resource", "type")?;
    let beside = Beside {
        subject: subject.properties,
        action: action.properties,
    };
    let selectors = entity::selectors(resource.properties, &beside)?;
    let memory = &evaluator.doors.memory;
    memory.live.at_once(memory.now_ms(), |moment| {
        let (subject, _) = evaluator.subject(moment, &subject)?;
        let state = moment.state(evaluator.account);
        let candidates = state.map_or_else(BTreeMap::new, |state| {
            candidates(state, resource.kind, &policies(state, &subject, moment))
        });
        let (page, next) = walk.cut(candidates.keys().map(String::as_str), |id| {
            let known = candidates.get(id).map(Vec::as_slice).unwrap_or_default();
            // What the request says of the resource counts before what a policy says of it.
            let mut all = selectors.clone();
            let said = |key: &str| {
                let told = selectors.iter().filter_map(|one| one.split_once(':'));
                told.map(|(key, _)| key).any(|told| told == key)
            };
            all.extend(
                known
                    .iter()
                    .filter(|one| !one.split_once(':').is_some_and(|(key, _)| said(key)))
                    .cloned(),
            );
            let text = entity::with(&entity::bare(resource.kind, id), &all);
            Resource::parse(&text).is_ok_and(|resource| {
                let judged = subject.judge(evaluator.account, moment, (action.kind, &resource));
                judged.outcome.is_ok()
            })
        });
        let kind = resource.kind;
        let entities = page.into_iter().map(|id| json!({"type": kind, "id": id}));
        Ok(Found {
            results: entities.collect(),
            next,
            position: moment.position(),
        })
    })
}

/// The policies that a subject has besides the account's roles.
pub(super) fn policies(
    state: &State,
    subject: &Subject,
    moment: &keyledger_projections::Moment<'_>,
) -> Vec<std::sync::Arc<keyledger_domain::policy::Policy>> {
    match subject {
        Subject::Token(named) => moment
            .grant(named)
            .map(|grant| state.scope_policies(&grant.scope))
            .unwrap_or_default(),
        Subject::Member(_) | Subject::Nobody => Vec::new(),
    }
}

/// Resources of a type by their ids, with what policies say of their properties.
fn candidates(
    state: &State,
    kind: &str,
    own: &[std::sync::Arc<keyledger_domain::policy::Policy>],
) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in named_resources(state, own.iter().map(|policy| &**policy)) {
        let last = entity::last_segment(&text);
        let (segment, selectors) = last.split_once(';').unwrap_or((last, ""));
        let Some((named, id)) = segment.split_once('/') else {
            continue;
        };
        if named != kind {
            continue;
        }
        let before = text.get(..text.len() - last.len()).unwrap_or_default();
        let id = match before {
            "" => id.to_owned(),
            before => format!("{before}{segment}"),
        };
        // Those that stand for a subject or an action are theirs to say; tags are no properties.
        let properties = selectors
            .split(['{', '}', ','])
            .filter(|one| one.contains(':'))
            .filter(|one| !PREFIXES.iter().any(|prefix| one.starts_with(prefix)));
        let known = found.entry(id).or_default();
        for property in properties {
            if !known.iter().any(|one| one == property) {
                known.push(property.to_owned());
            }
        }
    }
    let mut add = |id: String| {
        found.entry(id).or_default();
    };
    match kind {
        "acct" => add("acct".to_owned()),
        "role" => state
            .roles
            .values()
            .filter(|role| !role.deleted)
            .for_each(|role| add(role.key.clone())),
        "team" => state
            .teams
            .values()
            .filter(|team| !team.deleted)
            .for_each(|team| add(team.key.clone())),
        "member" => state
            .members
            .values()
            .filter(|member| member.is_active())
            .for_each(|member| add(member.id.to_string())),
        _ => {}
    }
    found
}
