//! A vendor as data: one TOML file each under `catalog/vendors/`, and how an address is held against it.

use regex::Regex;
use serde::Deserialize;

use crate::CatalogError;
use crate::address::{Address, without_suffix};
use crate::facts::Class;
use crate::glob::{self, End};

/// A vendor's file.
#[cfg_attr(not(test), expect(dead_code, reason = "what only readers and tests of the catalogue need"))]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VendorFile {
    /// Name of what its traffic is when no product below is recognised.
    pub(crate) name: String,
    /// Technology class of that.
    pub(crate) class: Class,
    /// The company behind it.
    pub(crate) entity: Option<String>,
    /// Domains that are enough: `d` is itself and all below it, `*.d` only what is below it.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// `host/path?query` globs; a path is a beginning, a query is whole, no query means any.
    #[serde(default)]
    pub(crate) urls: Vec<String>,
    /// `/path?query` globs on whatever host, so also a first party's own: only what is unmistakable.
    #[serde(default)]
    pub(crate) any_host: Vec<String>,
    /// Domains of the owner that serve much else: they name nobody by themselves.
    #[serde(default)]
    pub(crate) shared_hosts: Vec<String>,
    /// Global variables.
    #[serde(default)]
    pub(crate) globals: Vec<String>,
    /// Names of cookies that are its own and nobody else's.
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
    /// Public sources that have one of its strings too.
    #[serde(default)]
    pub(crate) confirmed_by: Vec<String>,
    /// What else a reader should know.
    #[serde(default)]
    pub(crate) note: String,
    /// Addresses that must be named so.
    #[serde(default)]
    pub(crate) examples: Vec<String>,
    /// Addresses that must not.
    #[serde(default)]
    pub(crate) near_misses: Vec<String>,
    /// Products that can be told apart, the first that matches wins.
    #[serde(default, rename = "product")]
    pub(crate) products: Vec<Product>,
    /// How its account is read from a request, the first that gives one wins.
    #[serde(default, rename = "account")]
    pub(crate) accounts: Vec<AccountRule>,
    /// Candidates from memory: they never name anybody.
    #[serde(default)]
    pub(crate) unconfirmed: Unconfirmed,
}

/// A product of a vendor that can be told apart by its traffic.
#[cfg_attr(not(test), expect(dead_code, reason = "what only readers and tests of the catalogue need"))]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Product {
    /// Name.
    pub(crate) name: String,
    /// Technology class.
    pub(crate) class: Class,
    /// As of the vendor.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// As of the vendor.
    #[serde(default)]
    pub(crate) urls: Vec<String>,
    /// As of the vendor.
    #[serde(default)]
    pub(crate) any_host: Vec<String>,
    /// Names of cookies that are this product's and nobody else's.
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
    /// One of these must stand in the request's body.
    #[serde(default)]
    pub(crate) body_has: Vec<String>,
    /// Addresses that must be named so.
    #[serde(default)]
    pub(crate) examples: Vec<String>,
}

/// Candidates from memory.
#[cfg_attr(not(test), expect(dead_code, reason = "what only readers and tests of the catalogue need"))]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unconfirmed {
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) urls: Vec<String>,
    #[serde(default)]
    pub(crate) globals: Vec<String>,
    #[serde(default)]
    pub(crate) cookies: Vec<String>,
}

/// How an account is read from a request. Exactly one of `query`, `path` and `body` is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRule {
    /// A query parameter.
    pub(crate) query: Option<String>,
    /// A regular expression on the path; its first group is the account.
    #[serde(default, with = "pattern")]
    pub(crate) path: Option<Regex>,
    /// A field of the body.
    pub(crate) body: Option<String>,
    /// What the account must look like.
    #[serde(default, with = "pattern")]
    pub(crate) shape: Option<Regex>,
}

mod pattern {
    use regex::Regex;
    use serde::{Deserialize as _, Deserializer, de};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Regex>, D::Error> {
        Option::<String>::deserialize(d)?.map(|s| Regex::new(&s).map_err(de::Error::custom)).transpose()
    }
}

impl VendorFile {
    /// Reads a file.
    pub(crate) fn parse(file: &str, text: &str) -> Result<VendorFile, CatalogError> {
        toml::from_str(text).map_err(|e| CatalogError::new(file, e))
    }
}

/// Why an address was recognised, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// By its path, on a host that is not the vendor's.
    AnyHost,
    /// By its host alone.
    Host,
    /// By host and path.
    Url,
}

/// One glob of a vendor, ready to match.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// How strong it is.
    pub(crate) strength: Strength,
    /// Bytes that it fixes.
    pub(crate) weight: usize,
    host: String,
    below: bool,
    path: String,
    query: Option<String>,
}

impl Pattern {
    /// All patterns of these lists.
    pub(crate) fn all(hosts: &[String], urls: &[String], any_host: &[String]) -> Vec<Pattern> {
        let host = hosts.iter().map(|h| {
            let below = h.starts_with("*.");
            let host = h.trim_start_matches("*.").to_owned();
            Pattern {
                strength: Strength::Host,
                weight: host.len(),
                host,
                below,
                path: String::new(),
                query: None,
            }
        });
        let url = urls.iter().map(|u| Pattern::split(u, Strength::Url));
        let any = any_host.iter().map(|u| Pattern::split(u, Strength::AnyHost));
        host.chain(url).chain(any).collect()
    }

    fn split(text: &str, strength: Strength) -> Pattern {
        let (place, query) = match text.split_once('?') {
            Some((p, q)) => (p, Some(q.to_owned())),
            None => (text, None),
        };
        let (host, path) = match strength {
            Strength::AnyHost => ("*", place),
            _ => place.find('/').and_then(|i| place.split_at_checked(i)).unwrap_or((place, "")),
        };
        Pattern {
            strength,
            weight: glob::weight(text),
            host: host.to_owned(),
            below: false,
            path: path.to_owned(),
            query,
        }
    }

    /// The part of the host that is fixed, from a label on: hosts that end so are candidates. `None`: any host is.
    pub(crate) fn anchor(&self) -> Option<&str> {
        if !self.host.contains('*') {
            return Some(&self.host);
        }
        let fixed = self.host.rsplit('*').next().unwrap_or_default();
        fixed.split_once('.').map(|(_, labels)| labels).filter(|l| !l.is_empty())
    }

    /// A host that ends in `.*` stands for one name under every public suffix: `www.google.*` is `www.google.co.uk`,
    /// but not `www.google.evil.com`.
    fn host_matches(&self, host: &str) -> bool {
        let Some(stem) = self.host.strip_suffix(".*").filter(|s| !s.is_empty()) else {
            return glob::matches(&self.host, host, End::Whole);
        };
        let Some(name) = without_suffix(host) else { return false };
        stem.split('.').count() == name.split('.').count() && glob::matches(stem, name, End::Whole)
    }

    /// Whether it matches.
    pub(crate) fn matches(&self, a: &Address) -> bool {
        match self.strength {
            Strength::Host => match a.host.strip_suffix(self.host.as_str()) {
                Some("") => !self.below,
                Some(front) => front.ends_with('.'),
                None => false,
            },
            Strength::Url | Strength::AnyHost => {
                let end = if self.strength == Strength::Url && self.query.is_none() {
                    End::Prefix
                } else {
                    End::Whole
                };
                self.host_matches(&a.host)
                    && glob::matches(&self.path, &a.path, end)
                    && self.query.as_ref().is_none_or(|q| glob::matches(q, &a.query, End::Whole))
            }
        }
    }
}
