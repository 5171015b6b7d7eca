//! What may be done: the actions that policies name in full, tried one by one.

use keyledger_domain::policy::Resource;
use keyledger_domain::state::named_actions;
use serde_json::json;

use super::resource::policies;
use super::{Found, Walk};
use crate::doors::authzen::Body;
use crate::doors::authzen::entity::{self, Beside, Wrong};
use crate::doors::authzen::evaluate::Evaluator;

pub(super) fn search(evaluator: &Evaluator<'_>, body: &Body, walk: &Walk) -> Result<Found, Wrong> {
    let subject = entity::read(body.subject.as_ref(), "subject", "type")?;
    let resource = entity::read(body.resource.as_ref(), "resource", "type")?;
    let beside = Beside {
        subject: subject.properties,
        action: None,
    };
    let text = entity::question(&resource, &beside)?;
    let resource = Resource::parse(&text).map_err(|error| format!("resource: {error}"))?;
    let memory = &evaluator.doors.memory;
    memory.live.at_once(memory.now_ms(), |moment| {
        let (subject, _) = evaluator.subject(moment, &subject)?;
        let state = moment.state(evaluator.account);
        let names = state.map(|state| {
            let own = policies(state, &subject, moment);
            named_actions(state, own.iter().map(|policy| &**policy))
        });
        let names = names.unwrap_or_default();
        let (page, next) = walk.cut(names.iter().map(String::as_str), |name| {
            let judged = subject.judge(evaluator.account, moment, (name, &resource));
            judged.outcome.is_ok()
        });
        let entities = page.into_iter().map(|name| json!({"name": name}));
        Ok(Found {
            results: entities.collect(),
            next,
            position: moment.position(),
        })
    })
}
