//! One evaluation: entities in, a decision with its reasons out.

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::Resource;
use keyledger_projections::Moment;
use serde_json::{Value, json};

use super::entity::{self, Beside, Wrong};
use crate::doors::subject::Subject;
use crate::doors::{About, Doors, Verdict};

/// Evaluates for a caller's account.
pub(super) struct Evaluator<'a> {
    pub(super) doors: &'a Doors,
    pub(super) account: AccountId,
}

/// The three entities of an evaluation, as they were sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entities<'a> {
    pub(super) subject: Option<&'a Value>,
    pub(super) action: Option<&'a Value>,
    pub(super) resource: Option<&'a Value>,
}

impl Evaluator<'_> {
    /// The subject of an entity, and whether its secret was shown.
    pub(super) fn subject(
        &self,
        moment: &Moment<'_>,
        entity: &entity::Entity<'_>,
    ) -> Result<(Subject, bool), Wrong> {
        let users = &self.doors.authzen.users;
        let state = moment.state(self.account);
        entity::subject(
            entity,
            self.account,
            state,
            (users, &self.doors.memory.live),
        )
    }

    /// Evaluates.
    ///
    /// # Errors
    /// What is wrong with an entity.
    pub(super) fn evaluate(
        &self,
        moment: &Moment<'_>,
        entities: &Entities<'_>,
    ) -> Result<Verdict, Wrong> {
        let subject = entity::read(entities.subject, "subject", "type")?;
        let action = entity::action(entities.action)?;
        let resource = entity::read(entities.resource, "resource", "type")?;
        let beside = Beside {
            subject: subject.properties,
            action: action.properties,
        };
        let text = entity::question(&resource, &beside)?;
        let resource = Resource::parse(&text).map_err(|error| format!("resource: {error}"))?;
        let (subject, by_secret) = self.subject(moment, &subject)?;
        let judged = subject.judge(self.account, moment, (action.kind, &resource));
        let about = About {
            asked: Some((action.kind, &text)),
            member: subject.member(),
            ..About::new("authzen", by_secret)
        };
        Ok(self.doors.verdict(judged, &about))
    }
}

/// A decision as it is answered.
pub(super) fn decision(verdict: &Verdict) -> Value {
    let mut context = json!({
        "reason": verdict.reason().word(),
        "decision_id": verdict.id.to_string(),
        "position": verdict.judged.position.get(),
    });
    if let (Some(layer), Value::Object(context)) = (verdict.judged.layer(), &mut context) {
        context.insert("layer".to_owned(), layer.into());
    }
    json!({"decision": verdict.allowed(), "context": context})
}
