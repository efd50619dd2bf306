//! What a connection is asked for: a host as a browser reads it, and a port.

use std::fmt;
use std::net::IpAddr;

use url::Url;

/// A host: an address in whatever way it was written, or a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    /// An address.
    Ip(IpAddr),
    /// A name, in lower case and without the dot at its end.
    Name(String),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
            Host::Ip(ip) => write!(f, "{ip}"),
            Host::Name(name) => f.write_str(name),
        }
    }
}

/// Host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Asked {
    /// Reads a host as browsers do: `2130706433`, `0x7f.1` and `0177.0.0.1` are addresses.
    pub(crate) fn read(host: &str, port: u16) -> Result<Asked, String> {
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return Ok(Asked { host: Host::Ip(ip), port });
        }
        let host = match url::Host::parse(host) {
            Ok(url::Host::Ipv4(ip)) => Host::Ip(ip.into()),
            Ok(url::Host::Ipv6(ip)) => Host::Ip(ip.into()),
            Ok(url::Host::Domain(name)) => {
                let name = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
                if name.is_empty() || name.len() > 253 {
                    return Err("no host is named".to_owned());
                }
                Host::Name(name)
            }
            Err(e) => return Err(format!("'{}' is no host: {e}", host.escape_debug())),
        };
        Ok(Asked { host, port })
    }

    /// Host and port of an address.
    pub(crate) fn of(url: &str) -> Option<Asked> {
        let url = Url::parse(url).ok()?;
        Asked::read(url.host_str()?, url.port_or_known_default()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_an_address() {
        let loopback = Host::Ip([127, 0, 0, 1].into());
        for text in [
            "127.0.0.1",
            "127.0.0.1.",
            "2130706433",
            "0177.0.0.1",
            "0x7f000001",
            "0x7f.1",
            "127.1",
            "127.0.1",
        ] {
            assert_eq!(Asked::read(text, 80).unwrap().host, loopback, "{text}");
        }
        assert_eq!(Asked::of("http://①②⑦.0.0.1/").unwrap().host, loopback);
        for text in ["::1", "[::1]", "0:0:0:0:0:0:0:1"] {
            assert_eq!(Asked::read(text, 80).unwrap().to_string(), "[::1]:80", "{text}");
        }
        assert_eq!(Asked::of("wss://LocalHost.:8443/x").unwrap().to_string(), "localhost:8443");
        for bad in ["", ".", "a b", "fe80::1%eth0", "[::1", "256.256.256.256"] {
            assert!(Asked::read(bad, 80).is_err(), "{bad}");
        }
    }
}
