//! Gateways that ask for decisions.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use ipnet::IpNet;

/// Which gateways may ask, and what their requests are about.
#[derive(Debug, Clone, Args)]
pub struct GatewayConfig {
    /// The file that says which action and resource a gateway's request is about, in TOML (docs/gateways.md).
    /// Without one no request of a gateway is allowed.
    #[arg(long, env = "KEYLEDGER_GATEWAY_ROUTES")]
    pub gateway_routes: Option<PathBuf>,
    /// The addresses from which gateways ask: CIDR blocks. What others say of a request is not believed.
    #[arg(
        long,
        env = "KEYLEDGER_GATEWAY_PEERS",
        value_delimiter = ',',
        value_parser = peers,
        default_value = "127.0.0.0/8,::1/128"
    )]
    pub gateway_peers: Vec<IpNet>,
    /// The address to answer Envoy's `ext_authz` on over gRPC; without one nobody listens.
    #[arg(long, env = "KEYLEDGER_GRPC_LISTEN")]
    pub grpc_listen: Option<SocketAddr>,
}

/// Reads an address or a block of addresses in CIDR notation.
///
/// # Errors
/// What is wrong with it.
fn peers(text: &str) -> Result<IpNet, String> {
    let block = super::block::block(text)?;
    if let Ok(block) = block.parse::<IpNet>() {
        return Ok(block);
    }
    let address = block.parse::<std::net::IpAddr>();
    address.map(IpNet::from).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::peers;

    #[test]
    fn an_address_is_a_block_of_one() {
        assert_eq!(peers("192.0.2.7").unwrap().to_string(), "192.0.2.7/32");
        assert_eq!(peers("2001:db8::/32").unwrap().to_string(), "2001:db8::/32");
        assert!(peers("192.0.2.0/33").is_err());
    }
}
