//! `/api/v2/auditlog`.

mod counts;
mod get;
mod list;
mod query;
mod scan;
mod search;

use keyledger_domain::actor::Actor;
use keyledger_domain::ids::{MemberId, StreamKind};
use keyledger_projections::AuditRow;
use poem_openapi::OpenApi;

/// The operations on the audit log.
pub fn all() -> impl OpenApi {
    (
        list::ListEntries,
        search::SearchEntries,
        counts::CountEntries,
        get::GetEntry,
    )
}

/// Whether the caller may see an entry: whoever may see what it is about.
fn is_visible(actor: &Actor, caller: MemberId, row: &AuditRow) -> bool {
    match row.kind {
        StreamKind::Account => actor.may("viewAccount", &row.resource),
        StreamKind::Member => {
            row.target_id == caller.to_string() || actor.may("viewMember", &row.resource)
        }
        StreamKind::Role => actor.may("viewRole", &row.resource),
        StreamKind::Team => actor.may("viewTeam", &row.resource),
        StreamKind::Token => {
            let own = row.resource.starts_with(&format!("member/{caller}:"));
            own || row.resource.starts_with("service-token/")
                || actor.may("viewAccessToken", &row.resource)
        }
    }
}
