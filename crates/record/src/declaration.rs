//! What a consent platform declares: its categories, and what it says is in each. The site's own word, not an observation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Extra;

/// What a platform declares, for one region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Declaration {
    /// Name of the platform.
    pub platform: String,
    /// Where it was read: `page` (the running page), or the address of a file that the page fetched.
    pub from: String,
    /// The model as the platform names it, e.g. `opt-in`, `opt-out`.
    pub model: Option<String>,
    /// The rule or region that applies, as the platform names it.
    pub region: Option<String>,
    /// Version of the configuration, the banner or the policy, as the platform names it.
    pub version: Option<String>,
    /// Rules for other regions that the configuration names.
    pub rules: Vec<RegionRule>,
    /// Categories, in the platform's order.
    pub categories: Vec<Category>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A rule for regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RegionRule {
    /// Its name.
    pub name: String,
    /// The regions that it is for (`us-ca`, `de`), bounded; `*`: all others.
    pub regions: Vec<String>,
    /// Its model or type, as the platform names it.
    pub model: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A category of purposes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Category {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Before a choice: `always` (cannot be refused), `on`, `off`; empty where the platform does not tell.
    pub default: String,
    /// Cookies that it is said to hold.
    pub cookies: Vec<DeclaredCookie>,
    /// Hosts.
    pub hosts: Vec<String>,
    /// Services or vendors, by name.
    pub services: Vec<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A cookie that is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DeclaredCookie {
    /// Its name; may be a pattern (`*`, `_gat_xxxxxxxxxx`, `/^_ga/`).
    pub name: String,
    /// Its host, where told.
    pub host: Option<String>,
}
