//! What was seen of consent: the banner, the platform's own state, the steps of making a choice.
//!
//! Requested and achieved consent are apart: a banner that went away is no proof that a choice was stored.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Extra;

/// A consent banner was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Banner {
    /// Who saw it: `watcher` (visible, in the viewport, not covered), `autoconsent`.
    pub seen_by: String,
    /// Frame it is in.
    pub frame: Option<String>,
    /// A CSS path to it, where known.
    pub selector: Option<String>,
    /// Its place in CSS pixels of the viewport: x, y, width, height.
    pub rect: Option<[f64; 4]>,
    /// Its words, bounded.
    pub text: Option<String>,
    /// The labels of its buttons, in order, bounded.
    pub buttons: Vec<String>,
    /// Which rule of the driver recognised it.
    pub rule: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a consent platform says of itself, or what is stored in its name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsentState {
    /// When: `arrive` (settled, before any choice) or `leave`.
    pub at: String,
    /// Where it was read: `cookie:NAME`, `local:KEY`, `api:NAME`.
    pub source: String,
    /// As read.
    pub value: Value,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A step of making the choice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsentAction {
    /// Who acted, e.g. `autoconsent 16.23.0`.
    pub driver: String,
    /// `detected`, `popup-found`, `driver-result`, `self-test`, then `result` or `not-offered`.
    pub step: String,
    /// Which rule of the driver.
    pub rule: Option<String>,
    /// For results: whether the driver's steps ran. Not a proof that the choice was stored.
    pub ok: Option<bool>,
    /// Clicks made, where told. 0 with a result means that the page's own interface was called instead.
    pub clicks: Option<u32>,
    /// Anything else that was said.
    pub note: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which consent was achieved, as the site's own state shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Achieved {
    /// What the stored state means.
    pub choice: AchievedChoice,
    /// Which states, as `source=meaning`, were the reason; in words.
    pub basis: Vec<String>,
    /// Why requested and achieved differ, where they do.
    pub why_not: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The meaning of a stored choice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AchievedChoice {
    /// No choice is stored.
    None,
    /// Everything is granted.
    AcceptAll,
    /// Everything that can be is denied.
    RejectAll,
    /// Some granted, some denied.
    Partial,
    /// A choice seems to be stored, but it could not be read; or nothing could be read at all.
    #[default]
    Unknown,
}
