//! The root, the versions.

use poem_openapi::Object;

use super::link::Links;

/// What is at the root. The vendor spells `links` without an underscore here, and only here.
#[derive(Debug, Clone, Object)]
pub struct RootResponse {
    /// The collections.
    pub links: Links,
}

/// The API versions.
#[derive(Debug, Clone, Object)]
#[oai(rename_all = "camelCase")]
pub struct VersionsRep {
    /// All of them, in rising order.
    pub valid_versions: Vec<u32>,
    /// The newest.
    pub latest_version: u32,
    /// The one that this call uses.
    pub current_version: u32,
    /// Whether this call may use what is in beta.
    pub beta: bool,
}

/// Addresses, for the rules of a firewall.
#[derive(Debug, Clone, Object)]
#[oai(rename = "IpList", rename_all = "camelCase")]
pub struct IpList {
    /// Where clients reach the service: addresses and CIDR blocks.
    pub addresses: Vec<String>,
    /// From where the service calls others.
    pub outbound_addresses: Vec<String>,
}
