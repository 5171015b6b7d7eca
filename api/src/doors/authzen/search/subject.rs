//! Who may do it: members, users, tokens.

use std::collections::BTreeMap;

use keyledger_domain::policy::Resource;
use serde_json::json;

use super::{Found, Walk};
use crate::doors::authzen::Body;
use crate::doors::authzen::entity::{self, Beside, Entity, Wrong};
use crate::doors::authzen::evaluate::Evaluator;

/// How many tokens are gone through under the lock at once.
const TOKENS_AT_ONCE: u32 = 16_384;
/// How many tokens are gone through for one page at most. A page may be short, or empty, and not the last.
const TOKENS_A_PAGE: u32 = 262_144;

pub(super) fn search(evaluator: &Evaluator<'_>, body: &Body, walk: &Walk) -> Result<Found, Wrong> {
    let subject = entity::read(body.subject.as_ref(), "subject", "type")?;
    let action = entity::action(body.action.as_ref())?;
    let resource = entity::read(body.resource.as_ref(), "resource", "type")?;
    let beside = Beside {
        subject: subject.properties,
        action: action.properties,
    };
    let text = entity::question(&resource, &beside)?;
    let resource = Resource::parse(&text).map_err(|error| format!("resource: {error}"))?;
    match subject.kind {
        "token" => tokens(evaluator, (action.kind, &resource), walk),
        _ => Ok(members(evaluator, &subject, (action.kind, &resource), walk)),
    }
}

fn members(
    evaluator: &Evaluator<'_>,
    subject: &Entity<'_>,
    (action, resource): (&str, &Resource<'_>),
    walk: &Walk,
) -> Found {
    let memory = &evaluator.doors.memory;
    let users = &evaluator.doors.authzen.users;
    memory.live.at_once(memory.now_ms(), |moment| {
        let mut ids = BTreeMap::new();
        let state = moment.state(evaluator.account);
        for member in state.into_iter().flat_map(|state| state.members.values()) {
            let id = match subject.kind {
                "member" => Some(member.id.to_string()),
                "user" => users.id(member).map(str::to_owned),
                _ => None,
            };
            if let Some(id) = id.filter(|_| member.is_active()) {
                ids.insert(id, member.id);
            }
        }
        let (page, next) = walk.cut(ids.keys().map(String::as_str), |id| {
            let member = ids.get(id);
            let may = state
                .zip(member)
                .map(|(state, member)| state.check_member(*member, action, resource));
            matches!(may, Some(Ok(())))
        });
        let kind = subject.kind;
        let entities = page.into_iter().map(|id| json!({"type": kind, "id": id}));
        Found {
            results: entities.collect(),
            next,
            position: moment.position(),
        }
    })
}

fn tokens(
    evaluator: &Evaluator<'_>,
    asked: (&str, &Resource<'_>),
    walk: &Walk,
) -> Result<Found, Wrong> {
    let memory = &evaluator.doors.memory;
    let begin = match &walk.after {
        None => 0,
        Some(after) => after
            .parse()
            .map_err(|_| "page.token: is none that was given".to_owned())?,
    };
    let mut found = Found {
        results: Vec::new(),
        next: None,
        position: memory.live.position(),
    };
    let mut at: u32 = begin;
    loop {
        let end = at.saturating_add(TOKENS_AT_ONCE);
        let ((part, more), position) = memory.live.at_once(memory.now_ms(), |moment| {
            let part = moment.tokens_that_may(evaluator.account, at..end, asked);
            (part, moment.position())
        });
        found.position = position;
        for (number, token) in part {
            if found.results.len() == walk.limit {
                found.next = Some(number.to_string());
                return Ok(found);
            }
            found
                .results
                .push(json!({"type": "token", "id": token.to_string()}));
        }
        at = end;
        if !more || at == u32::MAX {
            return Ok(found);
        }
        if at.saturating_sub(begin) >= TOKENS_A_PAGE {
            found.next = Some(at.to_string());
            return Ok(found);
        }
    }
}
