//! `PATCH /api/v2/teams`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keyledger_domain::command::{ChangeTeamMembers, Command, Context, decide, resolve_members};
use keyledger_domain::ids::MemberId;
use keyledger_domain::state::State;
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
            decision.actor.require("viewTeam", "team/any")?;
            let context = Context {
                now_ms: node.now_ms(),
                actor: decision.actor,
                loaded: None,
            };
            let mut commands = Vec::new();
            let mut found = BulkEditTeams::default();
            let mut added = BTreeSet::new();
            for (key, members) in entering(node, decision.state, &body.instructions)? {
                let decided = match decision.state.team_by_key(&key) {
                    None => Err("unknown team".to_owned()),
                    Some(team) => {
                        let command = Command::ChangeTeamMembers(ChangeTeamMembers {
                            id: team.id,
                            add: members.iter().copied().collect(),
                            remove: Vec::new(),
                            comment: body.comment.clone(),
                        });
                        let decided = decide(decision.state, &command, &context);
                        decided.map(|_| command).map_err(|error| error.to_string())
                    }
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
            found.member_ids = added.iter().map(ToString::to_string).collect();
            *answer.lock() = found;
            Ok(commands)
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        Ok(Written::new(&outcome, Json(answer.into_inner())))
    }
}
