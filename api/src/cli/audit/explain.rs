//! `keyledger audit explain`.

use clap::Args;
use keyledger_domain::ids::TokenId;
use keyledger_domain::policy::{Resource, Statement};
use keyledger_projections::Question;

use super::{Where, text};
use crate::as_of::time_text;
use crate::cli::replay::statement_text;
use crate::rep::explanation::{CitedStatement, Explanation, ExplanationStep, explanation};

/// What is explained.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    place: Where,
    /// The token's id.
    token: TokenId,
    /// The action, such as `updateOn`.
    action: String,
    /// The resource, such as `proj/web:env/production:flag/dark-mode`.
    resource: String,
    /// A position, Unix milliseconds, or a time such as `2026-11-25T12:00:00Z`; now when absent.
    #[arg(long)]
    as_of: Option<String>,
}

pub(super) async fn run(args: &ExplainArgs) -> Result<(), String> {
    let opened = args.place.open().await?;
    let resource = Resource::parse(&args.resource).map_err(|error| format!("RESOURCE: {error}"))?;
    let moment = opened.moment(args.as_of.as_deref()).await;
    let moment = moment.map_err(|error| format!("--as-of: {error}"))?;
    let question = Question {
        token: args.token,
        action: &args.action,
        resource: &resource,
    };
    let trail = opened
        .past
        .trail(opened.account, question, moment.position, moment.at_ms)
        .await
        .map_err(text)?;
    let asked = (args.action.as_str(), args.resource.as_str());
    let found = explanation(&trail, asked, moment)
        .ok_or_else(|| format!("there was no token {} at that moment", args.token))?;
    print(&found);
    Ok(())
}

fn cited(cited: &CitedStatement) -> String {
    let named = [
        cited.role.as_ref().map(|role| format!("role {role}")),
        cited.team_key.as_ref().map(|key| format!("team {key}")),
        cited
            .custom_role_key
            .as_ref()
            .map(|key| format!("custom role {key}")),
    ];
    let mut named: Vec<String> = named.into_iter().flatten().collect();
    if named.is_empty() {
        named.push(
            match cited.source {
                crate::rep::explanation::StatementSource::Frozen => "frozen at creation",
                _ => "in-line policy",
            }
            .to_owned(),
        );
    }
    let statement = Statement::from(cited.statement.clone());
    format!(
        "statement {} of {}: {}",
        cited.index,
        named.join(", "),
        statement_text(&statement)
    )
}

pub(super) fn step(step: &ExplanationStep) -> String {
    let name = step.name.as_deref().unwrap_or(&step.id);
    let who = match (&step.by_member_id, &step.by_token_id) {
        (Some(member), Some(token)) => format!("member {member} with token {token}"),
        (Some(member), None) => format!("member {member}"),
        (None, _) => "the operator".to_owned(),
    };
    format!(
        "{:>9}  {}  {} {} {name:?} by {who}",
        step.position,
        time_text(step.date),
        step.event_type,
        step.kind
    )
}

fn print(found: &Explanation) {
    let verdict = if found.allowed {
        "allowed"
    } else {
        "not allowed"
    };
    println!("{verdict}: {} on {}", found.action, found.resource);
    println!(
        "as of position {}, {}",
        found.position,
        time_text(found.date)
    );
    println!("the token is {}", found.status);
    for layer in &found.layers {
        let says = if layer.allowed { "allows" } else { "refuses" };
        println!("{:?} {says} it", layer.from);
        if let Some(by) = &layer.by {
            println!("  by {}", cited(by));
        }
        if let Some(nearest) = &layer.nearest {
            let misses = nearest.misses.as_deref().unwrap_or("question");
            println!("  nearest, but for another {misses}: {}", cited(nearest));
        }
    }
    if let Some(since) = &found.since {
        println!("since\n{}", step(since));
    }
    println!("what led there");
    for one in &found.steps {
        let mark = if one.changed {
            "  <- changed the answer"
        } else {
            ""
        };
        println!("{}{mark}", step(one));
    }
    if !found.complete {
        println!("there is more, further back");
    }
}
