//! Why a token may do something or not, and what led there.

use keyledger_domain::event::{By, Metadata};
use keyledger_domain::ids::{MemberId, RoleId, StreamKind, StreamRef, TeamId, TokenId};
use keyledger_domain::permission::LayerKind;
use keyledger_domain::policy::Miss;
use keyledger_domain::state::{Cited, LayerAnswer, Source, State};
use keyledger_projections::{Step, Trail};
use poem_openapi::{Enum, Object};

use super::effective::{LayerFrom, status_name};
use super::member::{MemberSummary, summary};
use super::statement::Statement;
use crate::as_of::Moment;

/// Where a statement is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "camelCase")]
pub enum StatementSource {
    /// A built-in role.
    BuiltInRole,
    /// A custom role, assigned to the member or named by the scope.
    CustomRole,
    /// A custom role that a team gives.
    TeamRole,
    /// A permission on a team itself.
    TeamGrant,
    /// The token's in-line policy.
    InlinePolicy,
    /// A policy as it was when the token was made.
    Frozen,
}

/// A statement, and where it is from.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct CitedStatement {
    /// Where it is from.
    pub source: StatementSource,
    /// The built-in role.
    pub role: Option<String>,
    /// The id of the custom role.
    pub custom_role_id: Option<String>,
    /// The key of the custom role.
    pub custom_role_key: Option<String>,
    /// The key of the team.
    pub team_key: Option<String>,
    /// The place of the statement in its policy, from 0.
    pub index: u64,
    /// The statement.
    pub statement: Statement,
    /// Of a near miss: what it does not speak about, `action` or `resource`.
    pub misses: Option<String>,
}

/// What one layer says; all of them must allow.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct LayerExplanation {
    /// Where the layer comes from.
    pub from: LayerFrom,
    /// Whether it allows it.
    pub allowed: bool,
    /// The statement that decided; absent where none matches.
    pub by: Option<CitedStatement>,
    /// Where none matches: an allow that misses only half of the question.
    pub nearest: Option<CitedStatement>,
}

/// An event that the answer hangs on.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct ExplanationStep {
    /// Its position in the log.
    pub position: i64,
    /// When it happened, Unix milliseconds.
    pub date: i64,
    /// What happened, such as `member.downgraded`.
    #[oai(rename = "type")]
    pub event_type: String,
    /// What it happened to: account, member, role, team or token.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it is called: an e-mail, a key, a name.
    pub name: Option<String>,
    /// By what right it was done: `operator`, `session`, `token` or `invitation`.
    pub by: String,
    /// The member who did it.
    pub by_member_id: Option<String>,
    /// The token with which it was done.
    pub by_token_id: Option<String>,
    /// Whether the token was allowed it right after; absent before the token was made.
    pub allowed: Option<bool>,
    /// Whether this changed the answer.
    pub changed: bool,
}

/// Why a token may do something or not.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Explanation {
    /// Whether the token works and every layer allows it.
    pub allowed: bool,
    /// `active`, `expired`, `deactivated` or `deleted`; only an active token may do anything.
    pub status: String,
    /// The action that was asked about.
    pub action: String,
    /// The resource that was asked about.
    pub resource: String,
    /// The last event that the answer knows of.
    pub position: i64,
    /// The moment at which expiry is judged, Unix milliseconds.
    pub date: i64,
    /// The layer that decided: the first that refuses; where all allow, the scope.
    pub decided_by: Option<LayerFrom>,
    /// The layers, in the order in which they are asked.
    pub layers: Vec<LayerExplanation>,
    /// The member whom a personal token follows, or who made a service token.
    #[oai(rename = "_member")]
    pub member: Option<MemberSummary>,
    /// The event since which the answer is what it is; absent where only time made it so.
    pub since: Option<ExplanationStep>,
    /// What led there, the oldest first.
    pub steps: Vec<ExplanationStep>,
    /// Whether the steps are all there are.
    pub complete: bool,
}

/// The word for a layer.
#[must_use]
pub const fn layer_from(kind: LayerKind) -> LayerFrom {
    match kind {
        LayerKind::Scope => LayerFrom::Scope,
        LayerKind::Member => LayerFrom::Member,
        LayerKind::Bound => LayerFrom::Bound,
    }
}

fn cited(state: &State, cited: &Cited, misses: Option<Miss>) -> Option<CitedStatement> {
    let (mut role, mut custom, mut team) = (None, None, None);
    let source = match cited.source {
        Source::BuiltIn(name) => {
            role = Some(name.to_string());
            StatementSource::BuiltInRole
        }
        Source::CustomRole(id) => {
            custom = Some(id);
            StatementSource::CustomRole
        }
        Source::TeamRole(of, id) => {
            (custom, team) = (Some(id), Some(of));
            StatementSource::TeamRole
        }
        Source::TeamGrant(of) => {
            team = Some(of);
            StatementSource::TeamGrant
        }
        Source::Inline => StatementSource::InlinePolicy,
        Source::Frozen => StatementSource::Frozen,
    };
    let statement = cited.policy.statements().get(cited.statement)?;
    let key = |id: RoleId| state.roles.get(&id).map(|role| role.key.clone());
    Some(CitedStatement {
        source,
        role,
        custom_role_id: custom.map(|id| id.to_string()),
        custom_role_key: custom.and_then(key),
        team_key: team.and_then(|id| state.teams.get(&id).map(|team| team.key.clone())),
        index: cited.statement as u64,
        statement: statement.into(),
        misses: misses.map(|miss| {
            match miss {
                Miss::Action => "action",
                Miss::Resource => "resource",
            }
            .to_owned()
        }),
    })
}

fn layer(state: &State, answer: &LayerAnswer) -> LayerExplanation {
    LayerExplanation {
        from: layer_from(answer.kind),
        allowed: answer.allowed,
        by: answer.by.as_ref().and_then(|by| cited(state, by, None)),
        nearest: answer
            .nearest
            .as_ref()
            .and_then(|(nearest, miss)| cited(state, nearest, Some(*miss))),
    }
}

/// The id and the name of what a stream is about.
fn target(state: &State, stream: &StreamRef) -> (String, Option<String>) {
    let given = |text: &String| (!text.is_empty()).then(|| text.clone());
    match stream.kind {
        StreamKind::Account => (
            stream.account.to_string(),
            state.account.as_ref().map(|account| account.name.clone()),
        ),
        StreamKind::Member => {
            let id = MemberId::from_bytes(stream.id);
            let member = state.members.get(&id);
            (id.to_string(), member.map(|member| member.email.clone()))
        }
        StreamKind::Role => {
            let id = RoleId::from_bytes(stream.id);
            let role = state.roles.get(&id);
            (id.to_string(), role.map(|role| role.key.clone()))
        }
        StreamKind::Team => {
            let id = TeamId::from_bytes(stream.id);
            let team = state.teams.get(&id);
            (id.to_string(), team.map(|team| team.key.clone()))
        }
        StreamKind::Token => {
            let id = TokenId::from_bytes(stream.id);
            let token = state.tokens.get(&id);
            (id.to_string(), token.and_then(|token| given(&token.name)))
        }
    }
}

/// One step for the wire.
#[must_use]
pub fn step(state: &State, step: &Step) -> ExplanationStep {
    let stored = &step.event.stored;
    let (id, name) = target(state, &stored.stream);
    let by = Metadata::decode(&stored.metadata).map(|metadata| metadata.by);
    let (by, member, token) = match by {
        Ok(By::Session(member)) => ("session", Some(member), None),
        Ok(By::Token(token, member)) => ("token", Some(member), Some(token)),
        Ok(By::Invitation(member)) => ("invitation", Some(member), None),
        Ok(By::Operator) | Err(_) => ("operator", None, None),
    };
    ExplanationStep {
        position: stored.position.get(),
        date: stored.recorded_at_ms,
        event_type: stored.event_type.clone(),
        kind: stored.stream.kind.name().to_owned(),
        id,
        name,
        by: by.to_owned(),
        by_member_id: member.map(|id| id.to_string()),
        by_token_id: token.map(|id| id.to_string()),
        allowed: step.allowed,
        changed: step.changed,
    }
}

/// An explanation for the wire; none when there was no such token.
#[must_use]
pub fn explanation(
    trail: &Trail,
    (action, resource): (&str, &str),
    moment: Moment,
) -> Option<Explanation> {
    let (token, status) = (trail.token.as_ref()?, trail.status?);
    let state = &trail.state;
    let explained = &trail.explanation;
    let allowed = explained.allowed && status == keyledger_domain::state::TokenStatus::Active;
    let since = trail.since().filter(|since| since.allowed == Some(allowed));
    Some(Explanation {
        allowed,
        status: status_name(status).to_owned(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        position: moment.position.get(),
        date: moment.at_ms,
        decided_by: explained.decisive().map(|layer| layer_from(layer.kind)),
        layers: explained
            .layers
            .iter()
            .map(|one| layer(state, one))
            .collect(),
        member: summary(state, token.grant.member),
        since: since.map(|since| step(state, since)),
        steps: trail.steps.iter().map(|one| step(state, one)).collect(),
        complete: trail.complete,
    })
}
