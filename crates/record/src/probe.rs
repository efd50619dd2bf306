//! What was typed into a page to see who reads it, and how it was kept from being submitted.

use serde::{Deserialize, Serialize};

use crate::Extra;
use crate::page::Input;

/// A value was typed into a field. It is unique to the field and the visit, and nobody's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Typed {
    /// Frame of the field.
    pub frame: String,
    /// Address of the frame's document.
    pub frame_url: String,
    /// The field.
    pub field: Input,
    /// What the field was taken to ask for when the value was made: `email`, `phone`, `card`, …
    pub kind: String,
    /// The value as it was typed. Where it was left half typed: the part that was.
    pub value: String,
    /// `keys` (key events one by one) or `paste`.
    pub how: String,
    /// False where it was left half typed on purpose.
    pub whole: bool,
    /// When the first key went down, ms on the visit's clock.
    pub began: f64,
    /// When the last one had gone up.
    pub ended: f64,
    /// When the field was left, where it was.
    pub blurred: Option<f64>,
    /// What the field held afterwards, where that is not the value.
    pub held: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The page was about to submit something while, or after, it was typed into; it was kept from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubmitPrevented {
    /// Frame.
    pub frame: String,
    /// `event` (a form's submit event was stopped) or `navigation` (a navigation was stopped in the network layer).
    pub how: String,
    /// Where it would have gone, where known.
    pub url: String,
    /// Its method, where known.
    pub method: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How the typing went as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Fields that were found and can be typed into.
    pub found: u64,
    /// Fields that were typed into.
    pub typed: u64,
    /// Fields that were left out, with the reason: bounded in number.
    pub left_out: Vec<LeftOut>,
    /// How it was assured that nothing was submitted: what was in force before the first key.
    pub guard: Vec<String>,
    /// Why nothing was typed, or not all.
    pub why_not: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A field that was not typed into.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The field, as a CSS path.
    pub selector: String,
    /// Why.
    pub why: String,
}
