//! `GET /api/v2/public-ip-list`.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::Tag;
use crate::node::Node;
use crate::rep::root::IpList;

/// The addresses of the service.
pub struct GetPublicIpList;

#[OpenApi(prefix_path = "/api/v2", tag = "Tag::Other")]
impl GetPublicIpList {
    /// Get the public IP list
    ///
    /// The addresses that the operator names, for the rules of a firewall. It needs no credential.
    #[oai(path = "/public-ip-list", method = "get", operation_id = "getIps")]
    async fn get(&self, Data(node): Data<&Arc<Node>>) -> Json<IpList> {
        Json(IpList {
            addresses: node.settings.public_addresses.clone(),
            outbound_addresses: node.settings.outbound_addresses.clone(),
        })
    }
}
