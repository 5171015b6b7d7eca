//! Many questions at one position.

use std::collections::HashMap;

use keyledger_domain::ids::AccountId;
use keyledger_domain::policy::Resource;
use keyledger_eventstore::Position;
use keyledger_projections::{Judged, Named};

use super::DOOR;
use super::form::{Form, Question, Subject, subject};
use super::single::{own_secret, required};
use crate::doors::trust::Asker;
use crate::doors::{About, BATCH_MAX, Doors, Verdict, require_action, resource, seen_by};
use crate::error::ApiError;

/// A question that was read: whom it is about by number, what it asks.
struct Read<'a> {
    who: usize,
    action: &'a str,
    resource: Resource<'a>,
}

/// The tokens that a batch is about, each found once, and whose they may be.
struct Known<'a> {
    doors: &'a Doors,
    asker: Asker<'a>,
    /// The account whose tokens the asker may ask about, once that was asked.
    account: Option<AccountId>,
    named: Vec<(Subject<'a>, Named)>,
    numbers: HashMap<Subject<'a>, usize>,
}

impl<'a> Known<'a> {
    fn trusted(&mut self) -> Result<AccountId, ApiError> {
        match self.account {
            Some(account) => Ok(account),
            None => Ok(*self.account.insert(self.doors.trusted(self.asker)?)),
        }
    }

    /// The number of a token, hashed when it is first met.
    fn number(&mut self, subject: Subject<'a>) -> Result<usize, ApiError> {
        // Most batches are about one token, or about one after the other.
        if let Some((last, _)) = self.named.last()
            && *last == subject
        {
            return Ok(self.named.len() - 1);
        }
        if let Some(number) = self.numbers.get(&subject) {
            return Ok(*number);
        }
        let live = &self.doors.memory.live;
        let name = match subject {
            Subject::Caller => live.named(own_secret(self.asker)?),
            Subject::Secret(secret) => {
                self.trusted()?;
                live.named(secret)
            }
            Subject::Id(id) => Named::Id(self.trusted()?, id),
        };
        let number = self.named.len();
        self.named.push((subject, name));
        self.numbers.insert(subject, number);
        Ok(number)
    }
}

fn read<'a>(
    form: &'a Form,
    question: &'a Question,
    default: Subject<'a>,
    known: &mut Known<'a>,
) -> Result<Read<'a>, ApiError> {
    let own = subject(question.token.as_deref(), question.token_id.as_deref())?;
    let subject = if own == Subject::Caller { default } else { own };
    let action = question.action.as_deref().or(form.action.as_deref());
    let action = required("action", action)?;
    require_action(action)?;
    let text = question.resource.as_deref().or(form.resource.as_deref());
    let resource = resource(required("resource", text)?)?;
    Ok(Read {
        who: known.number(subject)?,
        action,
        resource,
    })
}

/// Decides all questions at one position, which is given too.
///
/// # Errors
/// What is wrong with the first question that is wrong, the asker or the node; then none is answered.
pub(super) fn decide(
    doors: &Doors,
    asker: Asker<'_>,
    form: &Form,
    questions: &[Question],
) -> Result<(Vec<Verdict>, Position), ApiError> {
    if questions.len() > BATCH_MAX {
        return Err(ApiError::invalid(format!(
            "decisions: has {} questions, {BATCH_MAX} are the most",
            questions.len()
        )));
    }
    if form.moment()?.is_some() {
        return Err(ApiError::invalid("asOf: is for single questions"));
    }
    let default = subject(form.token.as_deref(), form.token_id.as_deref())?;
    let mut known = Known {
        doors,
        asker,
        account: None,
        named: Vec::new(),
        numbers: HashMap::new(),
    };
    let mut asked = Vec::with_capacity(questions.len());
    for (number, question) in questions.iter().enumerate() {
        let read = read(form, question, default, &mut known);
        asked.push(read.map_err(|error| error.at(&format!("/decisions/{number}")))?);
    }
    if known.named.is_empty() {
        // Nothing is asked; whoever asks it must be somebody all the same.
        known.trusted()?;
    }
    let Known { named, account, .. } = known;
    let (judged, position) = doors.memory.live.at_once(doors.memory.now_ms(), |moment| {
        let judge = |read: &Read<'_>| {
            let (subject, name) = named.get(read.who)?;
            let judged = moment.judge(name, (read.action, &read.resource));
            Some(match subject {
                Subject::Caller => judged,
                Subject::Secret(_) | Subject::Id(_) => seen_by(account, judged),
            })
        };
        let judged: Option<Vec<Judged>> = asked.iter().map(judge).collect();
        (judged, moment.position())
    });
    let judged = judged.ok_or_else(|| ApiError::internal("a question about nobody"))?;
    let by_secret = |read: &Read<'_>| {
        let subject = named.get(read.who).map(|(subject, _)| subject);
        !matches!(subject, Some(Subject::Id(_)))
    };
    let verdicts = judged.into_iter().zip(&asked);
    let verdicts = verdicts.map(|(judged, read)| {
        let about = About {
            asked: Some((read.action, read.resource.as_str())),
            ..About::new(DOOR, by_secret(read))
        };
        doors.verdict(judged, &about)
    });
    Ok((verdicts.collect(), position))
}
