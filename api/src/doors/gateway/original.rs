//! The request that a gateway asks about, as each gateway tells it.

use poem::Request;
use poem::http::{HeaderMap, header};

use super::answer::Denied;

/// The gateways that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// nginx `auth_request`: `X-Original-Method`, `X-Original-URI` and, where routes name hosts, `X-Original-Host`.
    Nginx,
    /// Traefik's ForwardAuth, and Caddy's `forward_auth`: `X-Forwarded-Method`, `-Uri` and `-Host`.
    Traefik,
    /// Envoy's HTTP `ext_authz`: the request line itself, after a prefix.
    Envoy,
}

const NGINX: &str = "/forward-auth/nginx";
const TRAEFIK: &str = "/forward-auth/traefik";
const ENVOY: &str = "/forward-auth/envoy";

impl Family {
    /// The gateway that asks at a path.
    pub(in crate::doors) fn of(path: &str) -> Option<Self> {
        match path {
            NGINX => Some(Self::Nginx),
            TRAEFIK => Some(Self::Traefik),
            _ => {
                let rest = path.strip_prefix(ENVOY)?;
                rest.starts_with('/').then_some(Self::Envoy)
            }
        }
    }
}

impl Family {
    /// The name in the decision log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
            Self::Envoy => "envoy",
        }
    }
}

/// A request as the gateway got it.
#[derive(Debug, Clone, Copy)]
pub(in crate::doors) struct Original<'a> {
    /// Its method.
    pub(in crate::doors) method: &'a str,
    /// The host it was sent to, with its port if it has one.
    pub(in crate::doors) host: Option<&'a str>,
    /// Its path and query.
    pub(in crate::doors) target: &'a str,
}

/// A header that must be there once.
fn once<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Denied> {
    optional(headers, name)?.ok_or(Denied::Header(name))
}

/// A header that must not be there twice.
fn optional<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Denied> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Denied::Header(name));
    }
    value.to_str().map(Some).map_err(|_| Denied::Header(name))
}

impl<'a> Original<'a> {
    /// The request that a gateway asks about.
    ///
    /// # Errors
    /// When a header that the gateway sets is not there, or is there twice.
    pub(super) fn of(family: Family, request: &'a Request) -> Result<Self, Denied> {
        let headers = request.headers();
        match family {
            Family::Nginx => Ok(Self {
                method: once(headers, "x-original-method")?,
                host: optional(headers, "x-original-host")?,
                target: once(headers, "x-original-uri")?,
            }),
            Family::Traefik => Ok(Self {
                method: once(headers, "x-forwarded-method")?,
                host: optional(headers, "x-forwarded-host")?,
                target: once(headers, "x-forwarded-uri")?,
            }),
            Family::Envoy => {
                let target = request.uri().path_and_query().map(|target| target.as_str());
                let target = target.and_then(|target| target.strip_prefix(ENVOY));
                Ok(Self {
                    method: request.method().as_str(),
                    host: optional(headers, header::HOST.as_str())?,
                    target: target.unwrap_or_default(),
                })
            }
        }
    }
}
