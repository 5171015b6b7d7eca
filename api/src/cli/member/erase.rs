//! `keyledger member erase`.

use keyledger_domain::command::{Command, EraseMember};
use keyledger_domain::event::personal::is_personal;
use keyledger_domain::ids::{AccountId, MemberId, StreamRef};
use keyledger_domain::state::State;
use keyledger_projections::{Past, Tables, catch_up_tables, discard_snapshot};

use super::super::operator::Operator;
use crate::config::DataConfig;
use crate::side_file;

/// How often the tables are tried while a running server writes them as well.
const ATTEMPTS_MAX: u32 = 16;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The removed member that is meant.
fn find(state: &State, named: &str) -> Result<MemberId, String> {
    if let Ok(id) = named.parse::<MemberId>()
        && state.members.contains_key(&id)
    {
        return Ok(id);
    }
    if state.member_by_email(named).is_some() {
        return Err(format!(
            "{named} is in the account; remove the member first"
        ));
    }
    let same = |email: &str| email.to_lowercase() == named.to_lowercase();
    let mut removed: Vec<MemberId> = state
        .members
        .values()
        .filter(|member| !member.is_active() && same(&member.email))
        .map(|member| member.id)
        .collect();
    removed.sort_unstable();
    match removed.as_slice() {
        [] => Err(format!("no removed member has the id or e-mail {named:?}")),
        [only] => Ok(*only),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(format!(
                "several removed members had this e-mail; name one by id: {}",
                ids.join(", ")
            ))
        }
    }
}

/// Erases a member from the log, the tables and the snapshots.
pub(super) async fn run(
    data: &DataConfig,
    operator: &Operator,
    account: AccountId,
    named: &str,
) -> Result<(), String> {
    let id = operator.state(account, |state| find(state, named))?;
    let stream = StreamRef::member(account, id);
    // First the event: whoever follows the log lets go of what it holds. Called again, the rest is done again.
    let erase = Command::EraseMember(EraseMember { id });
    operator.give(account, &[erase]).await?;
    operator.keys.destroy((account, id)).await.map_err(text)?;
    let past = data.past_file();
    if past.exists() {
        let store = side_file::open(&past, side_file::PAST_SCHEMA).await;
        let store = store.map_err(text)?;
        let log = std::sync::Arc::clone(&operator.log);
        Past::new(log, Some(store.clone())).forget(&[account]).await;
        side_file::truncate_log(&store).await.map_err(text)?;
    }
    discard_snapshot(&data.index_file()).map_err(text)?;
    tables(data, operator).await?;
    let stored = operator
        .log
        .read_stream(&stream, None)
        .await
        .map_err(text)?;
    let clear = stored
        .iter()
        .filter(|event| is_personal(&event.event_type, event.schema_version));
    match clear.count() {
        0 => println!("{id} is erased"),
        count => println!(
            "{id} is erased, except for {count} events from before events were sealed, which cannot be changed"
        ),
    }
    Ok(())
}

/// Brings the tables to where they know of it. A running server does the same; whoever is later finds it done.
async fn tables(data: &DataConfig, operator: &Operator) -> Result<(), String> {
    let head = operator.log.head().await.map_err(text)?.position;
    let mut last = String::new();
    for _ in 0..ATTEMPTS_MAX {
        let tables = Tables::open(&data.projections_file()).await.map_err(text)?;
        let done = catch_up_tables(operator.log.as_ref(), &tables, operator.now_ms()).await;
        let reached = done.is_ok() && tables.position() >= head;
        if reached {
            tables.truncate_log().await.map_err(text)?;
        }
        tables.close().await;
        match done {
            Ok(()) if reached => return Ok(()),
            Ok(()) => {}
            Err(error) => last = error.to_string(),
        }
    }
    Err(format!(
        "the tables cannot be brought up to the log: {last}"
    ))
}
