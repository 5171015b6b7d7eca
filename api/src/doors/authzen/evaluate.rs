//! One evaluation: entities in, a decision with its reasons out.

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::Resource;
use keyledger_projections::{DecideFailure, Judged, Moment, Named};
use serde_json::{Value, json};

use super::entity::{self, Beside, Subject, Wrong};
use crate::doors::{About, Doors, Verdict, seen_by, unknown};

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

/// A subject, ready to be asked about many times.
pub(super) enum Ready {
    Token(Named),
    Member(keyledger_domain::ids::MemberId),
    Nobody,
}

impl Ready {
    /// Decides about the subject.
    pub(super) fn judge(
        &self,
        account: AccountId,
        moment: &Moment<'_>,
        asked: (&str, &Resource<'_>),
    ) -> Judged {
        match self {
            Self::Token(named) => seen_by(Some(account), moment.judge(named, asked)),
            Self::Nobody => unknown(moment.position()),
            Self::Member(member) => {
                let (action, resource) = asked;
                let state = moment.state(account);
                let outcome = state.map(|state| state.check_member(*member, action, resource));
                match outcome {
                    None => unknown(moment.position()),
                    Some(outcome) => Judged {
                        holder: None,
                        outcome: outcome.map_err(DecideFailure::from),
                        position: moment.position(),
                    },
                }
            }
        }
    }
}

impl Evaluator<'_> {
    /// The subject of an entity, and whether its secret was shown.
    pub(super) fn ready(
        &self,
        moment: &Moment<'_>,
        entity: &entity::Entity<'_>,
    ) -> Result<(Ready, bool), Wrong> {
        let users = &self.doors.authzen.users;
        let state = moment.state(self.account);
        Ok(match entity::subject(entity, self.account, state, users)? {
            Subject::Secret(secret) => (Ready::Token(self.doors.memory.live.named(secret)), true),
            Subject::Token(account, id) => (Ready::Token(Named::Id(account, id)), false),
            Subject::Member(id) => (Ready::Member(id), false),
            Subject::Nobody => (Ready::Nobody, false),
        })
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
        let selectors = entity::selectors(resource.properties, &beside)?;
        let bare = entity::bare(resource.kind, resource.id("resource")?);
        let text = entity::with(&bare, &selectors);
        let resource = Resource::parse(&text).map_err(|error| format!("resource: {error}"))?;
        let (ready, by_secret) = self.ready(moment, &subject)?;
        let judged = ready.judge(self.account, moment, (action.kind, &resource));
        let about = About {
            asked: Some((action.kind, &text)),
            member: match ready {
                Ready::Member(id) => Some(id),
                Ready::Token(_) | Ready::Nobody => None,
            },
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
