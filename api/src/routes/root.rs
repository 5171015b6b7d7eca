//! `GET /api/v2`.

use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::Tag;
use crate::rep::link::links;
use crate::rep::root::RootResponse;

/// The root.
pub struct Root;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Other")]
impl Root {
    /// Root resource
    ///
    /// The collections of this API. It needs no credential.
    #[oai(path = "/", method = "get", operation_id = "getRoot")]
    async fn get(&self) -> Json<RootResponse> {
        Json(RootResponse {
            links: links([
                ("self", "/api/v2".to_owned()),
                ("auditlog", "/api/v2/auditlog".to_owned()),
                ("caller-identity", "/api/v2/caller-identity".to_owned()),
                ("members", "/api/v2/members".to_owned()),
                ("openapi.json", "/api/v2/openapi.json".to_owned()),
                ("public-ip-list", "/api/v2/public-ip-list".to_owned()),
                ("roles", "/api/v2/roles".to_owned()),
                ("teams", "/api/v2/teams".to_owned()),
                ("tokens", "/api/v2/tokens".to_owned()),
                ("versions", "/api/v2/versions".to_owned()),
            ]),
        })
    }
}
