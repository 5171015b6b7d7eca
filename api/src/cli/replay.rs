//! `keyledger replay`: the state that the log adds up to, now or at an earlier moment.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use keyledger_domain::ids::AccountId;
use keyledger_domain::permission::LayerKind;
use keyledger_domain::policy::{Effect, Statement};
use keyledger_domain::scope::{Scope, TokenKind};
use keyledger_domain::state::{Member, Recorded, Role, State, Team, Token, TokenStatus, evolve};
use keyledger_eventstore::{ChainCheck, EventLog, Position};

use crate::as_of::{AsOf, time_text};
use crate::config::DataConfig;
use crate::node::decode_stored;
use crate::rep::effective::{effective_role, status_name};
use crate::sealed_log::SealedLog;

/// How many events are read at a time.
const PAGE: u32 = 5_000;

/// What is replayed.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    data: DataConfig,
    /// A position, Unix milliseconds, or a time such as `2026-11-25T12:00:00Z`; the end of the log when
    /// absent.
    #[arg(long)]
    as_of: Option<String>,
}

/// The accounts at one moment.
struct Replayed {
    accounts: BTreeMap<AccountId, State>,
    position: Position,
    recorded_at_ms: i64,
}

async fn fold(log: &dyn EventLog, end: Position) -> Result<Replayed, String> {
    let mut replayed = Replayed {
        accounts: BTreeMap::new(),
        position: Position::ZERO,
        recorded_at_ms: 0,
    };
    let mut chain = ChainCheck::genesis();
    while replayed.position < end {
        let page = log
            .read(replayed.position, PAGE)
            .await
            .map_err(|error| error.to_string())?;
        if page.is_empty() {
            break;
        }
        for stored in page.iter().take_while(|stored| stored.position <= end) {
            chain.check(stored).map_err(|error| error.to_string())?;
            let event = decode_stored(stored).map_err(|error| error.to_string())?;
            let state = replayed.accounts.entry(stored.stream.account).or_default();
            let recorded = Recorded {
                account: stored.stream.account,
                version: stored.version,
                recorded_at_ms: stored.recorded_at_ms,
                event: &event,
            };
            evolve(state, &recorded)
                .map_err(|error| format!("position {}: {error}", stored.position))?;
            replayed.position = stored.position;
            replayed.recorded_at_ms = stored.recorded_at_ms;
        }
        if page.last().is_some_and(|last| last.position >= end) {
            break;
        }
    }
    Ok(replayed)
}

/// Folds the log and prints the state.
pub(super) async fn run(args: &ReplayArgs) -> Result<(), String> {
    let log = SealedLog::read_only(&args.data)
        .await
        .map_err(|error| error.to_string())?;
    let head = log.head().await.map_err(|error| error.to_string())?;
    // Expiry is judged at the moment that is asked about.
    let now_ms = crate::clock::now_ms();
    let (end, at_ms) = match args.as_of.as_deref() {
        None => (head.position, now_ms),
        Some(text) => {
            let moment = AsOf::parse(text).map_err(|error| format!("--as-of: {error}"))?;
            let moment = moment.resolve(&log).await;
            let moment = moment.map_err(|error| format!("--as-of: {error}"))?;
            (moment.position, moment.at_ms)
        }
    };
    let replayed = fold(&log, end).await?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    print(&mut out, &replayed, at_ms)
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}

fn print(out: &mut impl Write, replayed: &Replayed, now_ms: i64) -> std::io::Result<()> {
    writeln!(
        out,
        "position {} recorded {}",
        replayed.position,
        time_text(replayed.recorded_at_ms)
    )?;
    for (id, state) in &replayed.accounts {
        let name = state
            .account
            .as_ref()
            .map_or("", |account| account.name.as_str());
        let plan = state
            .account
            .as_ref()
            .map_or("", |account| account.plan.name());
        writeln!(out, "account {id} {name:?} plan {plan}")?;
        let mut members: Vec<&Member> = state.members.values().collect();
        members.sort_by_key(|member| member.number);
        for member in members {
            print_member(out, state, member)?;
        }
        let mut roles: Vec<&Role> = state.roles.values().collect();
        roles.sort_by_key(|role| role.number);
        for role in roles {
            let state = if role.deleted { " deleted" } else { "" };
            writeln!(
                out,
                "role {} {:?} key {:?}{state}",
                role.id, role.name, role.key
            )?;
            print_policy(out, "  ", &role.policy)?;
        }
        let mut teams: Vec<&Team> = state.teams.values().collect();
        teams.sort_by_key(|team| team.number);
        for team in teams {
            print_team(out, state, team)?;
        }
        let mut tokens: Vec<&Token> = state.tokens.values().collect();
        tokens.sort_by_key(|token| (token.created_at_ms, token.id));
        for token in tokens {
            print_token(out, state, token, now_ms)?;
        }
    }
    Ok(())
}

fn role_keys(state: &State, ids: &[keyledger_domain::ids::RoleId]) -> String {
    let key = |id: &keyledger_domain::ids::RoleId| {
        state
            .role(*id)
            .map_or_else(|| format!("{id} (deleted)"), |role| role.key.clone())
    };
    ids.iter().map(key).collect::<Vec<_>>().join(", ")
}

fn print_member(out: &mut impl Write, state: &State, member: &Member) -> std::io::Result<()> {
    let status = if member.is_active() { "" } else { " removed" };
    write!(out, "member {} {} {}", member.id, member.email, member.role)?;
    if !member.custom_roles.is_empty() {
        write!(
            out,
            " custom roles {}",
            role_keys(state, &member.custom_roles)
        )?;
    }
    writeln!(out, "{status}")
}

fn print_team(out: &mut impl Write, state: &State, team: &Team) -> std::io::Result<()> {
    let status = if team.deleted { " deleted" } else { "" };
    let (id, name, key) = (team.id, &team.name, &team.key);
    write!(out, "team {id} {name:?} key {key:?}{status}")?;
    if !team.roles.is_empty() {
        write!(out, " custom roles {}", role_keys(state, &team.roles))?;
    }
    let members: Vec<String> = team.members.iter().map(ToString::to_string).collect();
    if !members.is_empty() {
        write!(out, " members {}", members.join(", "))?;
    }
    writeln!(out)
}

fn print_token(
    out: &mut impl Write,
    state: &State,
    token: &Token,
    now_ms: i64,
) -> std::io::Result<()> {
    let kind = match token.grant.kind {
        TokenKind::Personal => "personal",
        TokenKind::Service => "service",
    };
    let scope = match &token.scope {
        Scope::Role(role) => role.to_string(),
        Scope::CustomRoles(ids) => {
            format!(
                "custom roles {} ({})",
                role_keys(state, ids),
                token.role_binding.name()
            )
        }
        Scope::Inline(_) => "in-line policy".to_owned(),
    };
    let status = state.token_status(token, now_ms);
    writeln!(
        out,
        "token {} {:?} {kind} of member {} ending {} {}",
        token.id,
        token.name,
        token.grant.member,
        token.ending,
        status_name(status)
    )?;
    writeln!(out, "  scope: {scope}")?;
    if status != TokenStatus::Active {
        return writeln!(out, "  effective: nothing");
    }
    if let Some(role) = effective_role(state, &token.scope, &token.grant) {
        writeln!(out, "  effective: {role}")?;
    }
    let Some(permission) = state.grant_permission(&token.grant) else {
        return writeln!(out, "  effective: nothing");
    };
    for layer in &permission.layers {
        let from = match layer.kind {
            LayerKind::Scope => "scope",
            LayerKind::Member => "member now",
            LayerKind::Bound => "frozen at creation",
        };
        writeln!(out, "  allowed by {from}:")?;
        for policy in &layer.policies {
            print_policy(out, "    ", policy.statements())?;
        }
    }
    Ok(())
}

fn print_policy(out: &mut impl Write, indent: &str, policy: &[Statement]) -> std::io::Result<()> {
    if policy.is_empty() {
        writeln!(out, "{indent}nothing")?;
    }
    for statement in policy {
        writeln!(out, "{indent}{}", statement_text(statement))?;
    }
    Ok(())
}

/// A statement in a line.
pub(super) fn statement_text(statement: &Statement) -> String {
    let effect = match statement.effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    };
    let list = |yes: &Option<Vec<String>>, no: &Option<Vec<String>>| match (yes, no) {
        (Some(list), _) => list.join(" "),
        (None, Some(list)) => format!("all but {}", list.join(" ")),
        (None, None) => String::new(),
    };
    format!(
        "{effect} {} on {}",
        list(&statement.actions, &statement.not_actions),
        list(&statement.resources, &statement.not_resources)
    )
}
