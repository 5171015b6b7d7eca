//! Decisions as of an earlier moment: slower, from the log, and the same for ever.

use keyledger_domain::ids::{AccountId, TokenId};
use keyledger_domain::policy::Resource;
use keyledger_domain::state::TokenStatus;
use keyledger_projections::{AuthFailure, DecideFailure, Holder, Judged, ScopeKind};

use super::Doors;
use crate::error::ApiError;

impl Doors {
    /// Decides as of a moment. Who holds the secret was settled now; what it might do, then.
    ///
    /// # Errors
    /// 400 when the moment is none that has come, 503 when the log cannot be read.
    pub(super) async fn decide_as_of(
        &self,
        account: AccountId,
        token: TokenId,
        (action, resource): (&str, &Resource<'_>),
        as_of: &str,
    ) -> Result<Judged, ApiError> {
        let node = self.server("asOf")?;
        let moment = node.moment(as_of).await?;
        let past = node.past().await;
        let ground = past.ground(account, moment.position).await?;
        let Some(token) = past.token(account, token, moment.position).await? else {
            return Ok(super::unknown(moment.position));
        };
        let outcome = match ground.token_status(&token, moment.at_ms) {
            TokenStatus::Active => ground
                .check(&token.grant, action, resource)
                .map_err(DecideFailure::from),
            TokenStatus::Expired => Err(AuthFailure::Expired.into()),
            TokenStatus::Deactivated => Err(AuthFailure::Deactivated.into()),
            TokenStatus::Deleted => return Ok(super::unknown(moment.position)),
        };
        Ok(Judged {
            holder: Some(Holder {
                account,
                token: token.id,
                member: token.grant.member,
                kind: token.grant.kind,
                scope: ScopeKind::of(&token.grant.scope),
                expiry_ms: token.expiry_ms,
            }),
            outcome,
            position: moment.position,
        })
    }
}
