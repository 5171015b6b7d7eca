//! Blocks of addresses.

use std::net::IpAddr;

/// Reads an address or a block of addresses in CIDR notation, and gives it as it was written.
///
/// # Errors
/// What is wrong with it.
pub(super) fn block(text: &str) -> Result<String, String> {
    let (address, bits) = match text.split_once('/') {
        None => (text, None),
        Some((address, bits)) => (address, Some(bits)),
    };
    let address: IpAddr = address
        .parse()
        .map_err(|_| format!("{address:?} is no IP address"))?;
    let bits_max = if address.is_ipv4() { 32 } else { 128 };
    match bits.map(str::parse::<u8>) {
        None => Ok(text.to_owned()),
        Some(Ok(bits)) if bits <= bits_max => Ok(text.to_owned()),
        Some(_) => Err(format!("{text:?}: after the slash is 0 to {bits_max}")),
    }
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn addresses_and_blocks_are_taken_and_nothing_else() {
        for text in ["192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "::1/128"] {
            assert_eq!(block(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "x",
            "192.0.2.0/33",
            "192.0.2.0/",
            "::/129",
            "192.0.2/24",
            "1.2.3.4/-1",
        ] {
            assert!(block(text).is_err(), "{text}");
        }
    }
}
