//! The view of what decides now about a token.

use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_domain::permission::LayerKind;
use keyledger_domain::policy::{Effect, Statement};
use keyledger_eventstore::Position;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use super::error::{self, TablesError};
use super::row::{cell, damage, json_or_null, number};

/// A row of the view `effective_permission`.
///
/// A token may do something when in each of its layers (`layer`, `layer_no`) some policy (`policy_no`)
/// allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveRow {
    /// Where the layer comes from.
    pub layer: LayerKind,
    /// Which of the layers that come from there.
    pub layer_no: u32,
    /// Which of the layer's policies; -1 for a layer of the past, which may have had none.
    pub policy_no: i64,
    /// Where the policy comes from: `built_in:<role>`, `custom_role:<id>`,
    /// `team_role:<team>:<role>`, `team_grant:<team>`, `inline`, `frozen`, `bound`.
    pub source: String,
    /// Which of the policy's statements, and the statement. None for a policy that grants nothing: its
    /// layer still has to allow.
    pub statement: Option<(u32, Statement)>,
}

impl EffectiveRow {
    fn read(row: &SqliteRow) -> Result<Self, TablesError> {
        let effect: Option<&str> = cell(row, "effect")?;
        let statement = match effect {
            None => None,
            Some(effect) => {
                let statement = Statement {
                    effect: match effect {
                        "allow" => Effect::Allow,
                        "deny" => Effect::Deny,
                        other => return Err(damage("effect", format!("no effect is {other:?}"))),
                    },
                    resources: json_or_null(row, "resources")?,
                    not_resources: json_or_null(row, "not_resources")?,
                    actions: json_or_null(row, "actions")?,
                    not_actions: json_or_null(row, "not_actions")?,
                };
                Some((number(row, "statement_no")?, statement))
            }
        };
        Ok(Self {
            layer: match cell(row, "layer")? {
                "scope" => LayerKind::Scope,
                "member" => LayerKind::Member,
                "bound" => LayerKind::Bound,
                other => return Err(damage("layer", format!("no layer is {other:?}"))),
            },
            layer_no: number(row, "layer_no")?,
            policy_no: cell(row, "policy_no")?,
            source: cell(row, "source")?,
            statement,
        })
    }
}

/// What decided about a token at a position.
pub(super) async fn of_token_at(
    readers: &SqlitePool,
    account: AccountId,
    token: TokenId,
    at: Position,
) -> Result<Vec<EffectiveRow>, TablesError> {
    let rows = sqlx::query(include_str!("sql/permission_history.sql"))
        .bind(account.to_string())
        .bind(token.to_string())
        .bind(at.get())
        .fetch_all(readers)
        .await
        .map_err(error::of)?;
    rows.iter().map(EffectiveRow::read).collect()
}

pub(super) async fn of_token(
    readers: &SqlitePool,
    account: AccountId,
    token: TokenId,
) -> Result<Vec<EffectiveRow>, TablesError> {
    let rows = sqlx::query(include_str!("sql/effective_permission.sql"))
        .bind(account.to_string())
        .bind(token.to_string())
        .fetch_all(readers)
        .await
        .map_err(error::of)?;
    rows.iter().map(EffectiveRow::read).collect()
}
