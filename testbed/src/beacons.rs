//! The truth of a site beacon by beacon: `sites/<id>/beacons.toml`, what fires when.
//!
//! Written by hand from what the pages do, never derived from affiant.

use serde::Deserialize;

/// All beacons of a site, in the order of the file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Beacons {
    #[serde(rename = "beacon")]
    pub(crate) beacons: Vec<Beacon>,
}

/// A request that fires once, or without end, some time after something.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// Its name: the path is `/b/<id>`, and no two have the same.
    pub id: String,
    /// The page that it is on: a path on the start's host.
    pub page: String,
    /// What makes it fire, in a few words.
    pub what: String,
    /// What `after_s` counts from.
    #[serde(default)]
    pub from: From,
    /// Seconds until it fires, where a clock makes it fire.
    pub after_s: Option<f64>,
    /// Whether it fires again and again.
    #[serde(default)]
    pub endless: bool,
    /// Whether today's visit sees it.
    #[serde(default)]
    pub today: Today,
}

/// Where a beacon's time counts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// The page's load event.
    #[default]
    Load,
    /// The click on a banner's button.
    Choice,
}

/// Whether a visit of today's affiant sees a beacon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Today {
    /// It does.
    #[default]
    #[serde(rename = "seen")]
    Seen,
    /// It does not.
    #[serde(rename = "not seen")]
    NotSeen,
    /// It may or may not.
    #[serde(rename = "by chance")]
    ByChance,
}
