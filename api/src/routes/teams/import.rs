//! `POST /api/v2/teams/{key}/members`.

use std::collections::HashSet;
use std::sync::Arc;

use keyledger_domain::command::{ChangeTeamMembers, Command, TEAM_MEMBERS_MAX};
use keyledger_domain::ids::MemberId;
use keyledger_domain::state::State;
use parking_lot::Mutex;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::types::multipart::Upload;
use poem_openapi::{ApiResponse, Multipart, OpenApi};

use super::find;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::WriteMeta;
use crate::node::{Decision, Node};
use crate::rep::team::{MemberImportItem, TeamImports};
use crate::routes::Tag;

/// The longest e-mail that is repeated in an answer, in characters.
const SHOWN_CHARS_MAX: usize = 254;

/// An uploaded file.
#[derive(Multipart)]
struct Form {
    /// Comma-separated values: the first of each line is the e-mail of a member.
    file: Upload,
}

/// What became of it.
#[derive(ApiResponse)]
enum Imported {
    /// Everybody was added.
    #[oai(status = 201)]
    Added(
        Json<TeamImports>,
        /// The position of the write in the log.
        #[oai(header = "X-Keyledger-Position")]
        i64,
    ),
    /// Nobody was added, because at least one line is wrong; the items say which.
    #[oai(status = 207)]
    Refused(Json<TeamImports>),
}

/// The e-mails of a file, one a line. A heading is passed over.
fn emails(bytes: &[u8]) -> Result<Vec<String>, ApiError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut emails = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| ApiError::invalid(format!("file: {error}")))?;
        let first = record
            .get(0)
            .unwrap_or_default()
            .trim_start_matches('\u{feff}');
        let heading = emails.is_empty() && first.eq_ignore_ascii_case("email");
        if first.is_empty() || heading {
            continue;
        }
        if emails.len() == TEAM_MEMBERS_MAX {
            return Err(ApiError::invalid(format!(
                "file: has more than {TEAM_MEMBERS_MAX} lines"
            )));
        }
        emails.push(first.to_owned());
    }
    if emails.is_empty() {
        return Err(ApiError::invalid("file: has no e-mail in it"));
    }
    Ok(emails)
}

/// Each line with the member that it names, or what is wrong with it.
fn lines(state: &State, emails: &[String]) -> Vec<(MemberImportItem, Option<MemberId>)> {
    let mut seen = HashSet::new();
    let line = |email: &String| {
        let found = state.member_by_email(email).map(|member| member.id);
        let problem = match found {
            None => Some("there is no member with this e-mail"),
            Some(id) if !seen.insert(id) => Some("the member is there twice"),
            Some(_) => None,
        };
        let status = if problem.is_some() {
            "error"
        } else {
            "success"
        };
        let item = MemberImportItem {
            message: problem.map(str::to_owned),
            status: status.to_owned(),
            value: email.chars().take(SHOWN_CHARS_MAX).collect(),
        };
        (item, found)
    };
    emails.iter().map(line).collect()
}

/// Add multiple members to team.
pub(super) struct ImportMembers;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Teams")]
impl ImportMembers {
    /// Add multiple members to team
    ///
    /// By a file of comma-separated values with one e-mail a line. All of them, or none: with 207 nobody
    /// was added.
    #[oai(
        path = "/teams/:key/members",
        method = "post",
        operation_id = "postTeamMembers"
    )]
    async fn import(
        &self,
        Data(node): Data<&Arc<Node>>,
        Auth(caller): Auth,
        #[oai(name = "Idempotency-Key")] write: WriteMeta,
        Path(key): Path<String>,
        form: Form,
    ) -> Result<Imported, ApiError> {
        let bytes = form.file.into_vec().await;
        let bytes = bytes.map_err(|error| ApiError::invalid(format!("file: {error}")))?;
        let emails = emails(&bytes)?;
        // A repeated upload asks for what already is, so its key need not be looked at.
        let settled = write.once(&caller);
        let read = Mutex::new((Vec::new(), false));
        let make = |decision: &Decision<'_>| {
            let team = find(decision.state, &key)?;
            decision
                .actor
                .require("updateTeamMembers", &format!("team/{}", team.key))?;
            let lines = lines(decision.state, &emails);
            let all = lines.iter().all(|(item, _)| item.message.is_none());
            let add = lines.iter().filter_map(|(_, id)| *id).collect();
            let items = lines.into_iter().map(|(item, _)| item).collect();
            *read.lock() = (items, all);
            if !all {
                return Ok(Vec::new());
            }
            Ok(vec![Command::ChangeTeamMembers(ChangeTeamMembers {
                id: team.id,
                add,
                remove: Vec::new(),
                comment: None,
            })])
        };
        let outcome = node.execute(&settled.request(), None, make).await?;
        let (items, all) = read.into_inner();
        let body = Json(TeamImports { items });
        Ok(if all {
            Imported::Added(body, outcome.position.get())
        } else {
            Imported::Refused(body)
        })
    }
}
