//! `PATCH /api/v2/teams`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keyledger_domain::command::{
    ChangeTeamMembers, Command, Context, TEAMS_PER_MEMBER_MAX, decide, resolve_members,
};
use keyledger_domain::ids::MemberId;
use keyledger_domain::rejection::Rejection;
use keyledger_domain::state::{State, Team};
use parking_lot::Mutex;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;
use serde::Deserialize;

use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{AskedVersion, SemanticPatch, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::rep::team::BulkEditTeams;
use crate::routes::Tag;
use crate::routes::members::excluding::Excluding;

/// The most teams that one patch changes.
const TEAMS_MAX: usize = 100;

/// What a patch may do.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(super) enum Instruction {
    AddMembersToTeams {
        #[serde(rename = "memberIDs")]
        member_ids: Vec<String>,
        #[serde(rename = "teamKeys")]
        team_keys: Vec<String>,
    },
    AddAllMembersToTeams {
        #[serde(rename = "teamKeys")]
        team_keys: Vec<String>,
        #[serde(flatten)]
        excluding: Excluding,
    },
}

/// Who comes into which team.
fn entering(
    node: &Node,
    state: &State,
    instructions: &[Instruction],
) -> Result<BTreeMap<String, BTreeSet<MemberId>>, ApiError> {
    let mut entering: BTreeMap<String, BTreeSet<MemberId>> = BTreeMap::new();
    for (index, instruction) in instructions.iter().enumerate() {
        let pointer = format!("/instructions/{index}/memberIDs");
        let (members, teams) = match instruction {
            Instruction::AddMembersToTeams {
                member_ids,
                team_keys,
            } => (resolve_members(state, &pointer, member_ids)?, team_keys),
            Instruction::AddAllMembersToTeams {
                team_keys,
                excluding,
            } => {
                let rest = excluding.rest(node, state)?;
                (resolve_members(state, &pointer, &rest)?, team_keys)
            }
        };
        for key in teams {
            entering.entry(key.clone()).or_default().extend(&members);
        }
    }
    if entering.len() > TEAMS_MAX {
        return Err(ApiError::invalid(format!(
            "a patch changes at most {TEAMS_MAX} teams"
        )));
    }
    Ok(entering)
}

/// How many teams each member comes into: all commands of a patch are decided on the same state, so none of
/// them sees what the others do.
#[derive(Default)]
struct Joined(BTreeMap<MemberId, usize>);

impl Joined {
    /// Notes who comes into a team, unless one of them is in the most teams already.
    fn note(
        &mut self,
        state: &State,
        team: &Team,
        members: &BTreeSet<MemberId>,
    ) -> Result<(), String> {
        let new = || members.iter().filter(|id| !team.members.contains(*id));
        let full = |id: &&MemberId| {
            let present = state.member(**id).map_or(0, |member| member.teams.len());
            let joined = self.0.get(*id).copied().unwrap_or_default();
            present + joined >= TEAMS_PER_MEMBER_MAX
        };
        if let Some(id) = new().find(full) {
            return Err(format!(
                "member {id} is in {TEAMS_PER_MEMBER_MAX} teams already, the most"
            ));
        }
        for id in new() {
            *self.0.entry(*id).or_default() += 1;
        }
        Ok(())
    }
}

/// Update teams.
pub(super) struct PatchTeams;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl PatchTeams {
    /// Update teams (beta)
    ///
    /// A semantic patch; it needs the header `LD-API-Version: beta`. Teams that may not be changed are
    /// named in `errors`; all others are changed. The kinds:
    ///
    /// - `addMembersToTeams` with `memberIDs` and `teamKeys`
    /// - `addAllMembersToTeams` with `teamKeys`, and who is left out: `ignoredMemberIDs`, and who matches
    ///   one of `filterQuery`, `filterRoles`, `filterTeamKey` and `filterLastSeen`
    #[oai(path = "/teams", method = "patch", operation_id = "patchTeams")]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "LD-API-Version")] asked: AskedVersion,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        body: SemanticPatch<Instruction>,
    ) -> Result<Written<Json<BulkEditTeams>, 200>, ApiError> {
        asked.settle(&caller).require_beta()?;
        // A repeated request asks for what already is, so its key need not be looked at.
        let settled = write.once(&caller);
        let answer = Mutex::new(BulkEditTeams::default());
        let make = |decision: &Decision<'_>| {
            let context = Context {
                now_ms: node.now_ms(),
                actor: decision.actor,
                loaded: None,
            };
            let may_view = |team: &Team| {
                let resource = format!("team/{}", team.key);
                decision.actor.require("viewTeam", &resource)
            };
            let joining = |team: &Team, members: &BTreeSet<MemberId>| {
                Command::ChangeTeamMembers(ChangeTeamMembers {
                    id: team.id,
                    add: members.iter().copied().collect(),
                    remove: Vec::new(),
                    comment: body.comment.clone(),
                })
            };
            let mut commands = Vec::new();
            let mut found = BulkEditTeams::default();
            let mut added = BTreeSet::new();
            let mut joined = Joined::default();
            let (mut hidden, mut seen): (Option<Rejection>, bool) = (None, false);
            for (key, members) in entering(node, decision.state, &body.instructions)? {
                let decided = match decision.state.team_by_key(&key) {
                    None => Err("unknown team".to_owned()),
                    Some(team) => match may_view(team) {
                        Err(rejection) => {
                            let message = rejection.to_string();
                            hidden.get_or_insert(rejection);
                            Err(message)
                        }
                        Ok(()) => {
                            seen = true;
                            let command = joining(team, &members);
                            decide(decision.state, &command, &context)
                                .map_err(|error| error.to_string())
                                .and_then(|_| joined.note(decision.state, team, &members))
                                .map(|()| command)
                        }
                    },
                };
                match decided {
                    Ok(command) => {
                        commands.push(command);
                        added.extend(members);
                        found.team_keys.push(key);
                    }
                    Err(message) => found.errors.push(BTreeMap::from([(key, message)])),
                }
            }
            if let Some(rejection) = hidden.filter(|_| !seen) {
                return Err(rejection.into());
            }
            found.member_ids = added.iter().map(ToString::to_string).collect();
            *answer.lock() = found;
            Ok(commands)
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        Ok(Written::new(&outcome, Json(answer.into_inner())))
    }
}
