//! The banner, what was done with it, what the platform declares and what it answers.

use affiant_record::Evidence;
use affiant_record::consent::BannerLayer;
use affiant_record::declaration::Declaration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Said, Text};

/// The banner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BannerFact {
    /// Time of its first visible paint, ms, where the watcher saw it.
    pub visible: Option<f64>,
    /// Its words, bounded.
    pub text: Option<Text>,
    /// Labels of its buttons.
    pub buttons: Vec<Text>,
    /// Where it is told.
    pub evidence: Vec<Evidence>,
}

/// A layer of the banner, as it was before anything on it was operated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerFact {
    /// What was read of it.
    #[serde(flatten)]
    pub layer: BannerLayer,
    /// Where it is told.
    pub evidence: Evidence,
}

/// Making the choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChoiceFact {
    /// Who drove it.
    pub driver: Text,
    /// The driver's rule.
    pub rule: Option<Text>,
    /// Whether the driver's steps ran. No proof that the choice was stored.
    pub ok: bool,
    /// Whether the site does not offer this choice, as far as the driver could read it.
    #[serde(default)]
    pub not_offered: bool,
    /// Clicks, where told. 0 with `ok` means that the page's own interface was called.
    pub clicks: Option<u32>,
    /// Why not, where it did not run.
    pub note: Option<Text>,
    /// Where it is told.
    pub evidence: Evidence,
}

/// What a consent platform declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeclarationFact {
    /// Its word.
    #[serde(flatten)]
    pub declared: Declaration,
    /// Where it is told.
    pub evidence: Evidence,
}

/// What a platform answered, or stored, by a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StateFact {
    /// When it was read first: `arrive` or `leave`.
    pub at: Text,
    /// Where: `api:NAME`, `cookie:NAME`, `local:KEY`.
    pub source: Text,
    /// What it says.
    pub said: Said,
    /// Line of its record.
    pub evidence: Evidence,
}
