//! What `POST /api/v2/decisions` answers.

use keyledger_projections::Holder;
use poem_openapi::Object;
use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::doors::verdict::Verdict;

/// A verdict as JSON, written without copies. [`DecisionRep`] describes it.
pub(super) struct Decision<'a>(pub(super) &'a Verdict);

struct WhoJson<'a>(&'a Holder);

struct Text<T>(T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for WhoJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut who = serializer.serialize_struct("who", 5)?;
        who.serialize_field("tokenId", &Text(self.0.token))?;
        who.serialize_field("kind", self.0.kind_word())?;
        who.serialize_field("memberId", &Text(self.0.member))?;
        who.serialize_field("accountId", &Text(self.0.account))?;
        who.serialize_field("scope", self.0.scope.word())?;
        who.end()
    }
}

impl Serialize for Decision<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = self.0;
        let mut out = serializer.serialize_struct("decision", 6)?;
        out.serialize_field("allowed", &verdict.allowed())?;
        out.serialize_field("reason", verdict.reason().word())?;
        if let Some(layer) = verdict.judged.layer() {
            out.serialize_field("layer", layer)?;
        }
        if let Some(holder) = verdict.holder() {
            out.serialize_field("who", &WhoJson(holder))?;
        }
        out.serialize_field("position", &verdict.judged.position.get())?;
        out.serialize_field("decisionId", verdict.id.text().as_str())?;
        out.end()
    }
}

/// Verdicts as JSON.
pub(super) struct Decisions<'a>(pub(super) &'a [Verdict]);

impl Serialize for Decisions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct List<'a>(&'a [Verdict]);
        impl Serialize for List<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(Decision))
            }
        }
        let mut out = serializer.serialize_struct("decisions", 1)?;
        out.serialize_field("decisions", &List(self.0))?;
        out.end()
    }
}

/// Whom a decision is about.
#[derive(Debug, Object)]
#[oai(rename = "DecisionWho", rename_all = "camelCase")]
pub(crate) struct WhoRep {
    /// The token's id.
    pub token_id: String,
    /// `personal` or `service`.
    pub kind: String,
    /// Who made it; a personal token follows them.
    pub member_id: String,
    /// The account.
    pub account_id: String,
    /// How its scope was given: `role`, `customRoles` as they are now, or `policy` by value: in-line, or custom roles
    /// as they were when a service token was made.
    pub scope: String,
}

/// A decision, or those of a batch.
#[derive(Debug, Object)]
#[oai(rename = "DecisionRep", rename_all = "camelCase")]
pub(crate) struct DecisionRep {
    /// Whether it is allowed.
    pub allowed: Option<bool>,
    /// Why: `allowed`, `unknown`, `expired`, `deactivated`, `denied_by_statement`, `not_allowed_by_scope` or
    /// `not_allowed_by_ceiling`.
    pub reason: Option<String>,
    /// Which part of the token's permission refused: its `scope` or its `ceiling`.
    pub layer: Option<String>,
    /// Whom it is about; absent when no token is known by that secret or id.
    pub who: Option<WhoRep>,
    /// The last event of the log that the answer knows of.
    pub position: Option<i64>,
    /// The name of the decision, as in the decision log.
    pub decision_id: Option<String>,
    /// The decisions of a batch, in the order of the questions.
    pub decisions: Option<Vec<DecisionRep>>,
}
