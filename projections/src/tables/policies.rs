//! Policies and layers by their content: each is written once.

use std::collections::{HashSet, VecDeque};

use keyledger_domain::event::FrozenPolicies;
use keyledger_domain::policy::{Effect, Statement};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::engine::{Connection, NewRow, each};
use super::error::TablesError;

/// Ids that are remembered as written; more, and they are forgotten and written again, without effect.
const KNOWN_MAX: usize = 65_536;
/// Layers that are compared before their id is computed.
const LAST_MAX: usize = 4;

/// Collects what is new until it is written.
#[derive(Debug, Default)]
pub(super) struct Policies {
    known: HashSet<String>,
    policies: Vec<NewRow>,
    statements: Vec<NewRow>,
    layers: Vec<NewRow>,
    /// The layers that were asked for last, with their ids: those of the next token are mostly among them.
    last: VecDeque<(Vec<FrozenPolicies>, String)>,
}

/// A value as JSON text.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, TablesError> {
    serde_json::to_string(value).map_err(TablesError::corrupt)
}

fn id_of(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(text.as_bytes());
    let mut id = String::with_capacity(64);
    for byte in digest {
        // Writing to a String does not fail.
        let _written = write!(id, "{byte:02x}");
    }
    id
}

impl Policies {
    /// The id of a policy.
    pub(super) fn policy(&mut self, statements: &[Statement]) -> Result<String, TablesError> {
        let text = json(statements)?;
        let policy_id = id_of(&text);
        if !self.known.insert(policy_id.clone()) {
            return Ok(policy_id);
        }
        let list = |list: &Option<Vec<String>>| list.as_ref().map(json).transpose();
        for (statement_no, statement) in (0_i64..).zip(statements) {
            let effect = match statement.effect {
                Effect::Allow => "allow",
                Effect::Deny => "deny",
            };
            let row = NewRow::default()
                .with("policy_id", &policy_id)
                .with("statement_no", statement_no)
                .with("effect", effect)
                .with("resources", list(&statement.resources)?)
                .with("not_resources", list(&statement.not_resources)?)
                .with("actions", list(&statement.actions)?)
                .with("not_actions", list(&statement.not_actions)?);
            self.statements.push(row);
        }
        let row = NewRow::default()
            .with("policy_id", &policy_id)
            .with("statements", text);
        self.policies.push(row);
        Ok(policy_id)
    }

    /// The id of layers of policies; `None` when there are no layers.
    pub(super) fn layers(
        &mut self,
        layers: &[FrozenPolicies],
    ) -> Result<Option<String>, TablesError> {
        if layers.is_empty() {
            return Ok(None);
        }
        if let Some((_, set_id)) = self.last.iter().find(|(last, _)| last == layers) {
            return Ok(Some(set_id.clone()));
        }
        let set_id = self.set(layers)?;
        if self.last.len() == LAST_MAX {
            self.last.pop_front();
        }
        self.last.push_back((layers.to_vec(), set_id.clone()));
        Ok(Some(set_id))
    }

    /// The id of layers, and their rows if they are new.
    fn set(&mut self, layers: &[FrozenPolicies]) -> Result<String, TablesError> {
        let mut ids: Vec<Vec<String>> = Vec::with_capacity(layers.len());
        for layer in layers {
            let policies = layer.iter().map(|policy| self.policy(policy));
            ids.push(policies.collect::<Result<_, _>>()?);
        }
        let set_id = id_of(&json(&ids)?);
        if !self.known.insert(set_id.clone()) {
            return Ok(set_id);
        }
        for (layer_no, layer) in (0_i64..).zip(ids) {
            let row = |policy_no: i64, policy_id: Option<String>| {
                NewRow::default()
                    .with("set_id", &set_id)
                    .with("layer_no", layer_no)
                    .with("policy_no", policy_no)
                    .with("policy_id", policy_id)
            };
            // A layer without policies must not look like no layer: it allows nothing.
            if layer.is_empty() {
                self.layers.push(row(0, None));
            }
            for (policy_no, policy_id) in (0_i64..).zip(layer) {
                self.layers.push(row(policy_no, Some(policy_id)));
            }
        }
        Ok(set_id)
    }

    /// Writes what is new.
    pub(super) async fn flush(
        &mut self,
        connection: &mut Connection<'_>,
    ) -> Result<(), TablesError> {
        let (policies, statements) = (each!("insert_policies"), each!("insert_statements"));
        connection.insert(policies, &mut self.policies).await?;
        connection.insert(statements, &mut self.statements).await?;
        let layers = each!("insert_layers");
        connection.insert(layers, &mut self.layers).await?;
        if self.known.len() > KNOWN_MAX {
            self.known.clear();
            self.last.clear();
        }
        Ok(())
    }

    /// Forgets everything: what was written may have been rolled back.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}
