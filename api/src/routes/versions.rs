//! `GET /api/v2/versions`.

use keyledger_domain::command::{API_VERSIONS, LATEST_API_VERSION};
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::Tag;
use crate::auth::Auth;
use crate::error::ApiError;
use crate::http::AskedVersion;
use crate::rep::root::VersionsRep;

/// The API versions.
pub struct Versions;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Other")]
impl Versions {
    /// Get version information
    ///
    /// The API versions in rising order, and the one that this call uses: what `LD-API-Version` asks for,
    /// else the default of the token, else the latest.
    #[oai(path = "/versions", method = "get", operation_id = "getVersions")]
    async fn get(
        &self,
        Auth(caller): Auth,
        #[oai(name = "LD-API-Version")] asked: AskedVersion,
    ) -> Result<Json<VersionsRep>, ApiError> {
        let version = asked.settle(&caller);
        Ok(Json(VersionsRep {
            valid_versions: API_VERSIONS.to_vec(),
            latest_version: LATEST_API_VERSION,
            current_version: version.date(),
            beta: version.is_beta(),
        }))
    }
}
