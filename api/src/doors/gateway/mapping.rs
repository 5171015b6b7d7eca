//! The mapping from a gateway's requests to actions and resources, and who counts as a gateway.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use keyledger_domain::ids::AccountId;
use keyledger_projections::Live;
use serde::Deserialize;

use super::answer::Denied;
use super::original::{Family, Original};
use super::path::segments;
use super::route::{Route, RouteForm};
use crate::config::GatewayConfig;

/// The most routes of a mapping.
const ROUTES_MAX: usize = 10_000;

/// Why a mapping cannot be used. It is for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct MappingError {
    file: PathBuf,
    reason: String,
}

/// The file, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    account: Option<String>,
    #[serde(default)]
    remove_authorization: bool,
    #[serde(default)]
    route: Vec<RouteForm>,
}

/// What gateways' requests are about.
#[derive(Debug, Default)]
pub struct Gateway {
    peers: Vec<IpNet>,
    account: Option<AccountId>,
    remove_authorization: bool,
    routes: Vec<Route>,
}

impl Gateway {
    /// Reads the mapping that a configuration names.
    ///
    /// # Errors
    /// When the file cannot be read, or a route in it is wrong.
    pub fn open(config: &GatewayConfig) -> Result<Self, MappingError> {
        let mut gateway = match &config.gateway_routes {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
                let read = text.and_then(|text| Self::parse(&text));
                read.map_err(|reason| MappingError {
                    file: Path::to_owned(path),
                    reason,
                })?
            }
        };
        gateway.peers.clone_from(&config.gateway_peers);
        Ok(gateway)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.route.len() > ROUTES_MAX {
            return Err(format!(
                "{} routes, {ROUTES_MAX} are the most",
                file.route.len()
            ));
        }
        let account = file.account.map(|id| {
            let parsed = id.parse::<AccountId>();
            parsed.map_err(|_| format!("account: {id:?} is not the 24 hex characters of an id"))
        });
        let routes = file.route.into_iter().enumerate().map(|(number, form)| {
            Route::new(form).map_err(|error| format!("route {}: {error}", number + 1))
        });
        Ok(Self {
            peers: Vec::new(),
            account: account.transpose()?,
            remove_authorization: file.remove_authorization,
            routes: routes.collect::<Result<_, _>>()?,
        })
    }

    /// Requires that a request comes from a gateway.
    pub(super) fn require_peer(&self, peer: Option<IpAddr>) -> Result<(), Denied> {
        let address = peer.map(|address| address.to_canonical());
        let is_peer = address.is_some_and(|ip| self.peers.iter().any(|net| net.contains(&ip)));
        is_peer.then_some(()).ok_or(Denied::Peer)
    }

    /// The account whose tokens gateways let through: the first one of the log unless the mapping names another.
    pub(super) fn account(&self, live: &Live) -> Option<AccountId> {
        self.account.or_else(|| live.first_account())
    }

    /// Whether a gateway is told to take the credential off the request.
    pub(super) fn removes_authorization(&self, family: Family) -> bool {
        self.remove_authorization && family == Family::Envoy
    }

    /// What a request asks: an action, and the text of a resource. The first route that is for it counts.
    pub(super) fn map(&self, original: &Original<'_>) -> Result<(&str, String), Denied> {
        let segments = segments(original.target)?;
        let mut asked = self.routes.iter();
        let (action, resource) = asked
            .find_map(|route| route.ask(original, &segments))
            .ok_or(Denied::NoRoute)?;
        Ok((action, resource.ok_or(Denied::Resource)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        remove_authorization = true
        [[route]]
        methods = ["GET"]
        path = "/flags/{flag}"
        action = "viewFlag"
        resource = "proj/web:env/production:flag/{flag}"
        [[route]]
        path = "/flags/**"
        action = "updateOn"
        resource = "proj/web:env/production:flag/any"
    "#;

    #[test]
    fn the_first_route_that_fits_counts_and_paths_have_one_form() {
        let gateway = Gateway::parse(TEXT).unwrap();
        let map = |method, target| {
            gateway.map(&Original {
                method,
                host: None,
                target,
            })
        };
        let view = ("viewFlag", "proj/web:env/production:flag/a".to_owned());
        for target in [
            "/flags/a",
            "/flags//a?x=1",
            "/x/../flags/%61",
            "/flags/./a/",
        ] {
            assert_eq!(map("GET", target).unwrap(), view, "{target}");
        }
        assert_eq!(map("PUT", "/flags/a").unwrap().0, "updateOn");
        assert!(matches!(map("GET", "/other"), Err(Denied::NoRoute)));
        assert!(matches!(map("GET", "/flags/a%2fb"), Err(Denied::Path(_))));
        assert!(matches!(map("GET", "/flags/a:b"), Err(Denied::Resource)));
    }

    #[test]
    fn a_wrong_mapping_says_where() {
        for (text, said) in [
            ("account = \"x\"", "account: "),
            ("rout = 1", "rout"),
            (
                "[[route]]\npath = \"x\"\naction = \"a\"\nresource = \"acct\"",
                "route 1: path",
            ),
        ] {
            let error = Gateway::parse(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
