//! An address taken apart: host, registrable domain, path, query.

use url::{Host, Url};

use crate::glob::bounded;

/// Version of the public suffix list: the crate that compiles it in.
pub const SUFFIX_LIST_VERSION: &str = "psl 2.1.247";

/// How much of a path or a query is looked at, in bytes.
const LOOKED_AT: usize = 8192;

/// The parts of an address that matching looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host in lower case; empty where there is none (`data:`, `blob:`, no address at all).
    pub(crate) host: String,
    /// Registrable domain, or the host where there is none.
    pub(crate) domain: String,
    /// Path with its leading slash, bounded.
    pub(crate) path: String,
    /// Query without its question mark, bounded.
    pub(crate) query: String,
}

impl Address {
    /// Takes an address apart. What is no address gives an empty host.
    pub(crate) fn parse(text: &str) -> Address {
        let remote = ["http:", "https:", "ws:", "wss:", "ftp:"];
        let start = bounded(text.trim_start(), 8).to_ascii_lowercase();
        if !remote.iter().any(|p| start.starts_with(p)) {
            return Address::default();
        }
        let Ok(url) = Url::parse(text) else { return Address::default() };
        let host = match url.host() {
            Some(Host::Domain(d)) => d.trim_end_matches('.').to_ascii_lowercase(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => format!("[{ip}]"),
            None => String::new(),
        };
        Address {
            domain: registrable(&host),
            host,
            path: bounded(url.path(), LOOKED_AT).to_owned(),
            query: bounded(url.query().unwrap_or_default(), LOOKED_AT).to_owned(),
        }
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(k, v)| k == name && !v.is_empty())
            .map(|(_, v)| v.into_owned())
    }
}

/// The registrable domain of a host (eTLD+1); the host itself where there is none: an IP address, `localhost`,
/// a public suffix.
pub fn registrable(host: &str) -> String {
    let host = host.trim_matches('.').to_ascii_lowercase();
    if is_ip(&host) {
        return host;
    }
    psl::domain_str(&host).map_or_else(|| host.clone(), str::to_owned)
}

/// Whether the registrable domain was handed out by a private registry (`github.io`, `myshopify.com`): then its
/// owner is the tenant.
pub(crate) fn is_tenant(domain: &str) -> bool {
    !is_ip(domain)
        && psl::suffix(domain.as_bytes()).is_some_and(|s| s.is_known() && s.typ() == Some(psl::Type::Private))
}

/// A host without its public suffix and the dot before it, where the suffix is a known one.
pub(crate) fn without_suffix(host: &str) -> Option<&str> {
    let suffix = psl::suffix(host.as_bytes()).filter(psl::Suffix::is_known)?;
    let suffix = std::str::from_utf8(suffix.as_bytes()).ok()?;
    host.strip_suffix(suffix)?.strip_suffix('.')
}

/// `host` and every domain above it, the longest first.
pub(crate) fn and_above(host: &str) -> impl Iterator<Item = &str> {
    let mut rest = if host.is_empty() { None } else { Some(host) };
    std::iter::from_fn(move || {
        let now = rest?;
        rest = now.split_once('.').map(|(_, up)| up).filter(|up| !up.is_empty());
        Some(now)
    })
}

/// The address without its fragment.
pub(crate) fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(u, _)| u)
}

fn is_ip(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn domains() {
        for (host, domain) in [
            ("www.shop.example.co.uk", "example.co.uk"),
            ("fernhollow.test", "fernhollow.test"),
            ("www.fernhollow.test", "fernhollow.test"),
            ("a.b.github.io", "b.github.io"),
            ("localhost", "localhost"),
            ("co.uk", "co.uk"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("WWW.Example.COM.", "example.com"),
            ("", ""),
        ] {
            assert_eq!(registrable(host), domain, "{host}");
        }
        assert!(is_tenant("b.github.io") && !is_tenant("example.com") && !is_tenant("fernhollow.test"));
    }

    #[test]
    fn parts() {
        let a = Address::parse("https://User:pw@WWW.Example.com:8443/a/b?id=1&x=%20#f");
        assert_eq!((a.host.as_str(), a.domain.as_str()), ("www.example.com", "example.com"));
        assert_eq!((a.path.as_str(), a.query.as_str()), ("/a/b", "id=1&x=%20"));
        assert_eq!(a.parameter("id").as_deref(), Some("1"));
        for none in
            ["", "data:text/html,x", "blob:https://a.example/1", "about:blank", "not an address", "https://"]
        {
            assert_eq!(Address::parse(none).host, "", "{none}");
        }
        assert_eq!(Address::parse("wss://[::1]:1/x").domain, "[::1]");
        assert_eq!(and_above("a.b.c").collect::<Vec<_>>(), ["a.b.c", "b.c", "c"]);
    }

    #[test]
    fn the_suffix_list_is_the_one_that_is_named() {
        let lock = include_str!("../../../Cargo.lock");
        let version = SUFFIX_LIST_VERSION.strip_prefix("psl ").unwrap();
        assert!(
            lock.contains(&format!("name = \"psl\"\nversion = \"{version}\"")),
            "set SUFFIX_LIST_VERSION"
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            let a = Address::parse(&text);
            let _ = (registrable(&text), is_tenant(&text), a.parameter("id"), without_fragment(&text), without_suffix(&text));
            prop_assert!(and_above(&text).count() <= text.len() + 1);
        }

        #[test]
        fn addresses_never_panic(host in "[a-z0-9.\\[\\]:%@é-]{0,30}", rest in "\\PC{0,40}") {
            let a = Address::parse(&format!("https://{host}/{rest}"));
            prop_assert!(a.host.ends_with(&a.domain));
        }
    }
}
