//! The hosts that an installation allows by name, wherever they lead.

use super::asked::{Asked, Host};
use crate::GatherError;

/// Hosts that are allowed.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    host: Host,
    /// Whether it is what is below the host: `*.example.com`.
    below: bool,
    port: Option<u16>,
}

impl Allowed {
    /// Reads `HOST`, `*.HOST`, an address, each with or without `:PORT`.
    pub fn read(list: &[String]) -> Result<Allowed, GatherError> {
        list.iter().map(|text| entry(text)).collect::<Result<_, _>>().map(Allowed)
    }

    /// Whether this host is allowed at this port.
    pub fn has_host(&self, host: &str, port: u16) -> bool {
        Asked::read(host, port).is_ok_and(|asked| self.has(&asked))
    }

    /// Whether what was asked for is allowed: by the name or address that was asked for, not by where that leads.
    pub(super) fn has(&self, asked: &Asked) -> bool {
        self.0.iter().any(|e| {
            let host = match (&e.host, &asked.host) {
                (Host::Name(suffix), Host::Name(name)) if e.below => {
                    name.strip_suffix(suffix.as_str()).is_some_and(|front| front.ends_with('.'))
                }
                (allowed, host) => !e.below && allowed == host,
            };
            host && e.port.is_none_or(|p| p == asked.port)
        })
    }
}

fn entry(text: &str) -> Result<Entry, GatherError> {
    let bad = || GatherError::BadAllow(text.to_owned());
    let (below, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
    // An IPv6 address has a port only behind brackets.
    let split = rest.rsplit_once(':').filter(|(h, _)| !h.contains(':') || h.ends_with(']'));
    let (host, port) = match split {
        Some((host, port)) => (host, Some(port.parse().map_err(|_| bad())?)),
        None => (rest, None),
    };
    let host = Asked::read(host, 0).map_err(|_| bad())?.host;
    match &host {
        Host::Name(name) if name.contains('*') => return Err(bad()),
        Host::Ip(_) if below => return Err(bad()),
        _ => {}
    }
    Ok(Entry { host, below, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, host: &str, port: u16) -> bool {
        Allowed::read(&[entry.to_owned()]).unwrap().has(&Asked::read(host, port).unwrap())
    }

    #[test]
    fn names_suffixes_addresses_and_ports() {
        assert!(allows("Staging.Example.com", "staging.example.com.", 443));
        assert!(!allows("staging.example.com", "a.staging.example.com", 443));
        assert!(!allows("example.com", "notexample.com", 443));
        assert!(allows("*.example.com", "a.b.example.com", 443));
        assert!(!allows("*.example.com", "example.com", 443));
        assert!(!allows("*.example.com", "notexample.com", 443));
        assert!(allows("example.com:8443", "example.com", 8443));
        assert!(!allows("example.com:8443", "example.com", 443));
        assert!(allows("127.0.0.1", "2130706433", 80));
        assert!(allows("127.0.0.1:80", "0177.0.0.1", 80));
        assert!(allows("::1", "[::1]", 80) && allows("[::1]", "::1", 80));
        assert!(allows("[::1]:81", "::1", 81) && !allows("[::1]:81", "::1", 80));
        // An address is allowed as an address: no name may lead there for it.
        assert!(!allows("127.0.0.1", "localhost", 80));
        assert!(allows("bücher.example", "xn--bcher-kva.example", 443));
    }

    #[test]
    fn what_would_allow_everything_or_nothing_is_an_error() {
        for bad in [
            "",
            "*",
            "*.",
            "*.*.com",
            "a*.example.com",
            "*.10.0.0.1",
            "example.com:x",
            "example.com:99999",
            "a b",
            "http://a",
        ] {
            assert!(Allowed::read(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
