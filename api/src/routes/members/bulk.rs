//! `PATCH /api/v2/members`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use keyledger_domain::command::{
    AssignRoles, Command, Context, DowngradeMember, PromoteMember, SetRoleAttributes, decide,
};
use keyledger_domain::ids::MemberId;
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::role::BuiltIn;
use keyledger_domain::state::{Member, State};
use parking_lot::Mutex;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;
use serde::Deserialize;

use super::excluding::Excluding;
use super::invite::attributes;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{SemanticPatch, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::rep::member::BulkEditMembers;
use crate::routes::Tag;

/// The most members that one append changes; a larger change takes several, one after another.
const CHUNK: usize = 300;
/// The most members that one request changes.
const MEMBERS_MAX: usize = 10_000;

/// What a patch may do.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[expect(clippy::enum_variant_names, reason = "the vendor's names of the kinds")]
pub(super) enum Instruction {
    ReplaceMembersRoles {
        value: String,
        #[serde(rename = "memberIDs")]
        member_ids: Vec<String>,
    },
    ReplaceAllMembersRoles {
        value: String,
        #[serde(flatten)]
        excluding: Excluding,
    },
    ReplaceMembersCustomRoles {
        values: Vec<String>,
        #[serde(rename = "memberIDs")]
        member_ids: Vec<String>,
    },
    ReplaceAllMembersCustomRoles {
        values: Vec<String>,
        #[serde(flatten)]
        excluding: Excluding,
    },
    ReplaceMembersRoleAttributes {
        value: BTreeMap<String, Vec<String>>,
        #[serde(rename = "memberIDs")]
        member_ids: Vec<String>,
    },
}

/// What becomes of each member that an instruction is about.
enum Change {
    Role(BuiltIn),
    CustomRoles(Vec<String>),
    Attributes(RoleAttributes),
}

/// Whom an instruction is about.
enum Whom {
    Named(Vec<String>),
    AllBut(Excluding),
}

fn base_role(text: &str) -> Result<Change, ApiError> {
    match text.parse() {
        Ok(BuiltIn::Owner) => Err(ApiError::invalid("value: an account has one owner")),
        Ok(role) => Ok(Change::Role(role)),
        Err(error) => Err(ApiError::invalid(format!("value: {error}"))),
    }
}

impl Instruction {
    fn settle(self) -> Result<(Change, Whom), ApiError> {
        Ok(match self {
            Self::ReplaceMembersRoles { value, member_ids } => {
                (base_role(&value)?, Whom::Named(member_ids))
            }
            Self::ReplaceAllMembersRoles { value, excluding } => {
                (base_role(&value)?, Whom::AllBut(excluding))
            }
            Self::ReplaceMembersCustomRoles { values, member_ids } => {
                (Change::CustomRoles(values), Whom::Named(member_ids))
            }
            Self::ReplaceAllMembersCustomRoles { values, excluding } => {
                (Change::CustomRoles(values), Whom::AllBut(excluding))
            }
            Self::ReplaceMembersRoleAttributes { value, member_ids } => (
                Change::Attributes(attributes("value", Some(value))?),
                Whom::Named(member_ids),
            ),
        })
    }
}

impl Change {
    /// The commands that bring it about.
    fn commands(&self, member: &Member) -> Vec<Command> {
        let id = member.id;
        match self {
            // A base role that is given takes the custom roles away: they would replace it.
            Self::Role(to) => {
                let to = *to;
                let role = if to < member.role {
                    Command::DowngradeMember(DowngradeMember { id, to })
                } else {
                    Command::PromoteMember(PromoteMember { id, to })
                };
                let mut commands = vec![role];
                if !member.custom_roles.is_empty() {
                    commands.push(Command::AssignRoles(AssignRoles {
                        id,
                        custom_roles: Vec::new(),
                    }));
                }
                commands
            }
            Self::CustomRoles(custom_roles) => vec![Command::AssignRoles(AssignRoles {
                id,
                custom_roles: custom_roles.clone(),
            })],
            Self::Attributes(role_attributes) => {
                vec![Command::SetRoleAttributes(SetRoleAttributes {
                    id,
                    role_attributes: role_attributes.clone(),
                })]
            }
        }
    }
}

/// One member with what becomes of them.
type Task = (String, Arc<Change>);

/// Everybody whom the instructions are about, each with one change.
fn tasks(
    node: &Node,
    state: &State,
    instructions: Vec<Instruction>,
) -> Result<Vec<Task>, ApiError> {
    let mut seen = HashSet::new();
    let mut tasks: Vec<Task> = Vec::new();
    for (index, instruction) in instructions.into_iter().enumerate() {
        let at = |error: ApiError| {
            ApiError::invalid(format!("/instructions/{index}: {}", error.message()))
        };
        let (change, whom) = instruction.settle().map_err(at)?;
        let ids = match whom {
            Whom::Named(ids) => ids,
            Whom::AllBut(excluding) => excluding.rest(node, state).map_err(at)?,
        };
        let change = Arc::new(change);
        for id in ids {
            if !seen.insert(id.clone()) {
                let id: String = id.chars().take(64).collect();
                return Err(at(ApiError::invalid(format!(
                    "member {id:?} is there twice"
                ))));
            }
            if tasks.len() == MEMBERS_MAX {
                return Err(ApiError::invalid(format!(
                    "a patch changes at most {MEMBERS_MAX} members"
                )));
            }
            tasks.push((id, Arc::clone(&change)));
        }
    }
    Ok(tasks)
}

/// The commands for one member, or why they are refused.
fn commands(decision: &Decision<'_>, now_ms: i64, task: &Task) -> Result<Vec<Command>, String> {
    let (id, change) = task;
    let member = id
        .parse::<MemberId>()
        .ok()
        .and_then(|id| decision.state.member(id))
        .ok_or_else(|| "unknown member".to_owned())?;
    let context = Context {
        now_ms,
        actor: decision.actor,
        loaded: None,
    };
    let commands = change.commands(member);
    for command in &commands {
        decide(decision.state, command, &context).map_err(|error| error.to_string())?;
    }
    Ok(commands)
}

/// Modify account members.
pub(super) struct PatchMembers;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl PatchMembers {
    /// Modify account members
    ///
    /// A semantic patch. Who may not be changed is named in `errors`; everybody else is changed. The kinds:
    ///
    /// - `replaceMembersRoles` with `value` (a base role) and `memberIDs`; it takes custom roles away
    /// - `replaceMembersCustomRoles` with `values` (keys or ids) and `memberIDs`
    /// - `replaceMembersRoleAttributes` with `value` (lists by key) and `memberIDs`
    /// - `replaceAllMembersRoles` and `replaceAllMembersCustomRoles`, with instead of `memberIDs` who is
    ///   left out: `ignoredMemberIDs`, and who matches one of `filterQuery`, `filterRoles` (`|`-separated),
    ///   `filterTeamKey` and `filterLastSeen`
    ///
    /// More than 300 members are changed in several steps, each of which happens as a whole.
    #[oai(path = "/members", method = "patch", operation_id = "patchMembers")]
    async fn patch(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        body: SemanticPatch<Instruction>,
    ) -> Result<Written<Json<BulkEditMembers>, 200>, ApiError> {
        let made = caller.actor_now(node, |state, actor| {
            actor.require("viewMember", "member/any")?;
            tasks(node, state, body.instructions)
        })?;
        let tasks = made?;
        // A repeated request asks for what already is, so its key need not be looked at.
        let settled = write.once(&caller);
        let mut answer = BulkEditMembers::default();
        let mut last = None;
        // At least once: a patch about nobody changes nothing, and says where the log is.
        let mut chunks: Vec<&[Task]> = tasks.chunks(CHUNK).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        for chunk in chunks {
            let refused = Mutex::new(Vec::new());
            let make = |decision: &Decision<'_>| {
                let mut refused = refused.lock();
                refused.clear();
                let mut all = Vec::new();
                for task in chunk {
                    match commands(decision, node.now_ms(), task) {
                        Ok(commands) => all.extend(commands),
                        Err(message) => refused.push((task.0.clone(), message)),
                    }
                }
                Ok(all)
            };
            let outcome = node.execute(&settled.request(), None, make).await?;
            let refused = refused.into_inner();
            let failed: HashSet<&String> = refused.iter().map(|(id, _)| id).collect();
            let changed = chunk.iter().map(|(id, _)| id);
            answer
                .members
                .extend(changed.filter(|id| !failed.contains(id)).cloned());
            answer.errors.extend(
                refused
                    .iter()
                    .map(|(id, message)| BTreeMap::from([(id.clone(), message.clone())])),
            );
            last = Some(outcome);
        }
        let last = last.ok_or_else(|| ApiError::internal("a patch without a step"))?;
        Ok(Written::new(&last, Json(answer)))
    }
}
