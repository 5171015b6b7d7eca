//! Whom a limit without a credential is about: an address, an e-mail.

use std::net::IpAddr;

use poem::Request;
use poem::web::RemoteAddr;
use sha2::{Digest as _, Sha256};

/// How much of an e-mail is looked at, in characters: no longer one is anybody's.
const EMAIL_CHARS_MAX: usize = 320;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An IPv4 address, also in the clothes of IPv6.
    V4([u8; 4]),
    /// The first 64 bits of an IPv6 address: one subscriber has all the rest.
    V6([u16; 4]),
    /// None is known, as with a Unix socket.
    Unknown,
}

impl Source {
    /// Where a request comes from.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self::of_remote(request.remote_addr())
    }

    /// Where a connection comes from.
    #[must_use]
    pub fn of_remote(remote: &RemoteAddr) -> Self {
        let address = remote.as_socket_addr();
        address.map_or(Self::Unknown, |address| Self::of_address(address.ip()))
    }

    fn of_address(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

/// An e-mail, whatever its case, as a digest: what a stranger typed is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Email([u8; 32]);

impl Email {
    /// The key of an e-mail.
    #[must_use]
    pub fn of(email: &str) -> Self {
        let email: String = email.chars().take(EMAIL_CHARS_MAX).collect();
        Self(Sha256::digest(email.to_lowercase()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_are_one_source() {
        let source = |text: &str| Source::of_address(text.parse().unwrap());
        assert_eq!(source("192.0.2.1"), source("::ffff:192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
        assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
        assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
    }

    #[test]
    fn an_email_is_the_same_in_any_case() {
        assert_eq!(Email::of("Ada@Example.com"), Email::of("ada@example.COM"));
        assert_ne!(Email::of("ada@example.com"), Email::of("ida@example.com"));
        assert_eq!(
            Email::of(&"a".repeat(1_000_000)),
            Email::of(&"a".repeat(320))
        );
    }
}
