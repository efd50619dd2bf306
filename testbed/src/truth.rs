//! The truth about a site: what a fresh visitor meets there and who receives something, in which scenario.
//!
//! Written by hand in `sites/<id>/truth.toml`, checked against the server's log, and never derived from affiant.

use serde::Deserialize;

/// Everything that is true of a site. A host that no vendor lists is not contacted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Truth {
    /// Whether a consent banner is shown on the first page.
    pub banner: bool,
    /// The consent platform; empty where there is none.
    #[serde(default)]
    pub cmp: String,
    /// What the banner's first layer offers: `accept-all`, `reject-all`.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Every vendor that is contacted.
    #[serde(default, rename = "vendor")]
    pub vendors: Vec<TruthVendor>,
    /// The cookies that are set.
    #[serde(default, rename = "cookie")]
    pub cookies: Vec<TruthCookie>,
}

/// A vendor and when it first receives anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TruthVendor {
    /// The vendor's name as affiant's catalog has it.
    pub name: String,
    /// Its technology class as affiant's catalog has it.
    pub class: String,
    /// The hosts that are contacted.
    pub hosts: Vec<String>,
    /// Whether its hosts are third party to the site.
    #[serde(rename = "third_party")]
    pub third_party: bool,
    /// On which pages: paths, or `*` for all.
    pub pages: Vec<String>,
    /// When it first receives anything if the visitor makes no choice.
    pub no_choice: When,
    /// … if the visitor accepts everything on the first page.
    pub accept_all: When,
    /// … if the visitor rejects everything on the first page.
    pub reject_all: When,
    /// What else one should know, e.g. that it reads what is typed.
    #[serde(default)]
    pub note: String,
}

/// When a vendor first receives something, on the first page where it is present at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Always before the banner can be seen.
    BeforeBanner,
    /// Without waiting for a choice: before or after the banner can be seen.
    BeforeChoice,
    /// Only after a choice was made (or on a page after it).
    AfterChoice,
    /// Not at all.
    Never,
}

/// What the visitor does about consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// Makes no choice.
    NoChoice,
    /// Accepts everything on the first page.
    AcceptAll,
    /// Rejects everything on the first page.
    RejectAll,
}

/// Who sets a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetBy {
    /// A script, through `document.cookie` or the Cookie Store API.
    Script,
    /// A `Set-Cookie` header.
    Header,
}

/// A cookie and the scenarios in which it is set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TruthCookie {
    /// Its name; a trailing `*` stands for any rest.
    pub name: String,
    /// The cookie's domain as the browser keeps it (with a leading dot where it is not host-only).
    pub domain: String,
    /// Who sets it.
    #[serde(rename = "set_by")]
    pub set_by: SetBy,
    /// The vendor whose cookie it is; empty for the site's own.
    #[serde(default)]
    pub vendor: String,
    /// In which scenarios it is set.
    pub scenarios: Vec<Scenario>,
}

impl Truth {
    /// Reads a `truth.toml`.
    pub fn parse(text: &str) -> Result<Truth, toml::de::Error> {
        toml::from_str(text)
    }
}

impl TruthVendor {
    /// When it first receives anything in a scenario.
    #[must_use]
    pub fn when(&self, scenario: Scenario) -> When {
        match scenario {
            Scenario::NoChoice => self.no_choice,
            Scenario::AcceptAll => self.accept_all,
            Scenario::RejectAll => self.reject_all,
        }
    }
}
