//! `POST /api/v2/members/{id}/teams`.

use std::sync::Arc;

use keyledger_domain::command::{ChangeTeamMembers, Command, TEAMS_PER_MEMBER_MAX};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;

use super::{answer, parse_id, unknown};
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::{JsonBody, WriteMeta, Written};
use crate::node::{Decision, Node};
use crate::rep::member::Member;
use crate::rep::team::MemberTeamsPost;
use crate::routes::Tag;

/// Add a member to teams.
pub(super) struct JoinTeams;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Members")]
impl JoinTeams {
    /// Add a member to teams
    ///
    /// To all of them or to none.
    #[oai(
        path = "/members/:id/teams",
        method = "post",
        operation_id = "postMemberTeams"
    )]
    async fn join(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(id): Path<String>,
        JsonBody(form): JsonBody<MemberTeamsPost>,
    ) -> Result<Written<Json<Member>, 201>, ApiError> {
        let id = parse_id(&caller, &id)?;
        let count = form.team_keys.len();
        if !(1..=TEAMS_PER_MEMBER_MAX).contains(&count) {
            return Err(ApiError::invalid(format!(
                "/teamKeys: has {count} teams; 1 to {TEAMS_PER_MEMBER_MAX} are allowed"
            )));
        }
        let settled = write.settle(&caller);
        let make = |decision: &Decision<'_>| {
            let state = decision.state;
            let member = state.member(id).ok_or_else(|| unknown(&id.to_string()))?;
            decision
                .actor
                .require("viewMember", &format!("member/{id}"))?;
            let mut teams = Vec::new();
            for (index, key) in form.team_keys.iter().enumerate() {
                let team = state.team_by_key(key).ok_or_else(|| {
                    let key: String = key.chars().take(64).collect();
                    ApiError::invalid(format!(
                        "/teamKeys/{index}: there is no team with the key {key:?}"
                    ))
                })?;
                if !teams.contains(&team.id) {
                    teams.push(team.id);
                }
            }
            let new = teams.iter().filter(|team| !member.teams.contains(team));
            if member.teams.len() + new.count() > TEAMS_PER_MEMBER_MAX {
                return Err(ApiError::invalid(format!(
                    "/teamKeys: a member is in at most {TEAMS_PER_MEMBER_MAX} teams"
                )));
            }
            let join = |id_of_team| {
                Command::ChangeTeamMembers(ChangeTeamMembers {
                    id: id_of_team,
                    add: vec![id],
                    remove: Vec::new(),
                    comment: None,
                })
            };
            Ok(teams.into_iter().map(join).collect())
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        let body = answer(node, &caller, id)?;
        Ok(Written::new(&outcome, Json(body)))
    }
}
