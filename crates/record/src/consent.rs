//! What was seen of consent: the banner, the platform's own state, the steps of making a choice.
//!
//! Requested and achieved consent are apart: a banner that went away is no proof that a choice was stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Digest, Extra};

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

/// One layer of the banner, as it can be seen and operated. Read before anything on it is operated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BannerLayer {
    /// Which one, from 1.
    pub layer: u32,
    /// Its place in CSS pixels of its frame's viewport: x, y, width, height.
    pub rect: Option<[f64; 4]>,
    /// Its share of the frame's viewport, 0 to 1.
    pub share: Option<f64>,
    /// The language that the page says it is in.
    pub lang: Option<String>,
    /// SHA-256 of its words, white space as one blank.
    pub words: Option<Digest>,
    /// Its words, bounded.
    pub text: Option<String>,
    /// Whether it is marked as a dialog for those who hear the page.
    pub dialog: bool,
    /// Whether the keyboard's focus was inside.
    pub focused: bool,
    /// Whether the page beside it could be pointed at; nothing where it was not looked at.
    pub beside: Option<bool>,
    /// Whether the page could be scrolled.
    pub scrolls: Option<bool>,
    /// What can be operated, in the order of the document.
    pub controls: Vec<LayerControl>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Something on a layer that can be operated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerControl {
    /// `button`, `link`, `box` or `radio`.
    pub role: String,
    /// Its name.
    pub label: String,
    /// What its words mean: `accept`, `reject`, `save`, `settings`, `close`; nothing where they do not tell.
    pub means: Option<String>,
    /// What a box is for: a purpose, or `necessary`.
    pub purpose: Option<String>,
    /// Whether a box is on.
    pub on: Option<bool>,
    /// Whether it cannot be operated.
    pub off: bool,
    /// Its place in CSS pixels of its frame's viewport: x, y, width, height.
    pub rect: Option<[f64; 4]>,
    /// Height of its letters in CSS pixels.
    pub font_px: Option<f64>,
    /// Contrast of its letters to what is behind them, 1 to 21, as WCAG 2 defines it; nothing where a picture or a
    /// gradient is behind them.
    pub contrast: Option<f64>,
    /// Contrast of its surface to what is around it, 1 to 21; 1: only its letters stand out.
    pub stands_out: Option<f64>,
    /// Whether the keyboard's Tab reaches it.
    pub tab: bool,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
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
