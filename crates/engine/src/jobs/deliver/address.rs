//! Whom a web hook may reach: the address that is connected to is looked at, whatever the name said before.

use std::net::{IpAddr, SocketAddr};

use affiant_gather::special_address;

/// Whether an address is on the public internet: no network of ours, no machine's own, nothing reserved.
pub fn is_public(ip: IpAddr) -> bool {
    special_address(ip).is_none()
}

/// The address to connect to: the first that is public, or any where the host is allowed.
pub(super) async fn resolve(host: &str, port: u16, is_allowed: bool) -> Result<SocketAddr, Refused> {
    let plain = host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((plain, port)).await.map_err(|e| Refused::Unknown(e.to_string()))?;
    let all: Vec<SocketAddr> = found.collect();
    if all.is_empty() {
        return Err(Refused::Unknown("it has no address".to_owned()));
    }
    all.iter().find(|a| is_allowed || is_public(a.ip())).copied().ok_or(Refused::Private(all[0].ip()))
}

/// Why there is no address to connect to.
pub(super) enum Refused {
    /// The name is not known, or was not told.
    Unknown(String),
    /// It leads into a private network.
    Private(IpAddr),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_and_what_is_not() {
        for ip in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "2002:0101:0101::1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b:1::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
