//! Whom a web hook may reach: the address that is connected to is looked at, whatever the name said before.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Whether an address is on the public internet: no network of ours, no machine's own, nothing reserved.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => v6(ip),
    }
}

fn v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let reserved = a == 0
        || a >= 240
        || (a, b, c) == (192, 0, 0)
        // Between a provider and its customers.
        || (a == 100 && b & 0xC0 == 64)
        // Measuring of networks.
        || (a == 198 && b & 0xFE == 18);
    !(reserved
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

fn v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // What carries an older address is that address: mapped, compatible, translated, 6to4.
    if s[..5] == [0; 5] && (s[5] == 0xFFFF || s[5] == 0) || s[..6] == [0x64, 0xFF9B, 0, 0, 0, 0] {
        return v4(low(s[6], s[7]));
    }
    if s[0] == 0x2002 {
        return v4(low(s[1], s[2]));
    }
    // 2000::/3 is all that is given out; of it, tunnels and documentation are nobody's.
    (s[0] & 0xE000) == 0x2000 && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xDB8)) && s[0] != 0x3FFF
}

/// Whether the settings allow this host by name.
pub(crate) fn allowed(host: &str, hosts: &[String]) -> bool {
    let plain = |h: &str| h.trim_end_matches('.').trim_matches(['[', ']']).to_ascii_lowercase();
    hosts.iter().any(|h| plain(h) == plain(host))
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

    #[test]
    fn a_host_is_allowed_by_its_name() {
        let hosts = ["hooks.Test".to_owned(), "::1".to_owned()];
        assert!(allowed("hooks.test.", &hosts) && allowed("[::1]", &hosts));
        assert!(!allowed("hooks.test.evil.test", &hosts) && !allowed("127.0.0.1", &hosts));
    }
}
