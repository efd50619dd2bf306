//! What was typed, and where it was seen leaving.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InputKind;

/// What came of typing into the page's fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProbeFacts {
    /// Whether fields were looked for at all.
    pub ran: bool,
    /// Fields that were found and can be typed into.
    pub found: u64,
    /// Why nothing was typed, or not all.
    pub why_not: Option<String>,
    /// Fields that were left out, with the reason.
    pub left_out: Vec<(String, String)>,
    /// How it was assured that nothing was submitted.
    pub guard: Vec<String>,
    /// What was typed, in order.
    pub typed: Vec<TypedFact>,
    /// What the page was kept from submitting.
    pub prevented: Vec<PreventedFact>,
    /// Where it was seen leaving, in order of time.
    pub leaks: Vec<LeakFact>,
    /// How far was looked.
    pub search: LeakSearch,
    /// Where it is told.
    pub evidence: Option<Evidence>,
}

/// A value that was typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TypedFact {
    /// The field, as a CSS path.
    pub selector: String,
    /// Label for people.
    pub label: String,
    /// What the field asks for.
    pub kind: InputKind,
    /// Address of the document that the field is in.
    pub frame_url: String,
    /// The value: unique to the field and the visit.
    pub value: String,
    /// `keys` or `paste`.
    pub how: String,
    /// False where the field was left half typed.
    pub whole: bool,
    /// First key, ms.
    pub began: f64,
    /// Last key, ms.
    pub ended: f64,
    /// When the field was left, ms.
    pub blurred: Option<f64>,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A value that was seen leaving the browser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeakFact {
    /// Index into `typed`.
    pub typed: usize,
    /// Index into the visit's `requests`.
    pub request: usize,
    /// When it was sent, ms.
    pub t: f64,
    /// `address`, `referer`, `cookie`, `header`, `body`, `websocket`.
    pub channel: String,
    /// How it is written there, outermost first: `base64(json($.e[3].v: hex(sha256(lowercase(value)))))`.
    pub formula: String,
    /// Which part of it, from 0 to 1.
    pub fraction: f64,
    /// Whether chance can do that: a checksum of four bytes.
    pub weak: bool,
    /// In how many places of the request it was met, in whole or in part.
    pub places: u32,
    /// After the first key, ms.
    pub after_first_key_ms: f64,
    /// After the last key, ms; negative: while it was being typed.
    pub after_last_key_ms: f64,
    /// After the field was left, ms; negative: before.
    pub after_blur_ms: Option<f64>,
    /// Line of its record, and the blob that holds it.
    pub evidence: Evidence,
}

/// How far values were looked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeakSearch {
    /// Requests that were looked into: those after the first key.
    pub requests: u64,
    /// Bodies and frames that were not there to be looked into, or not whole.
    pub bodies_missing: u64,
    /// Whether a bound of the search was met.
    pub cut: bool,
    /// Indices into `typed` of values that are too short to be told from chance.
    pub too_short: Vec<usize>,
}

/// The page was kept from submitting something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PreventedFact {
    /// When, ms.
    pub t: f64,
    /// `event` or `navigation`.
    pub how: String,
    /// Where it would have gone, where known.
    pub url: String,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A request whose body holds events of a session recorder, whoever sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordingFact {
    /// Index into the visit's `requests`.
    pub request: usize,
    /// Snapshots of the whole page.
    pub snapshots: u32,
    /// Changes of the page.
    pub mutations: u32,
    /// Inputs into fields.
    pub inputs: u32,
    /// Movements, clicks, scrolling, touches.
    pub pointer: u32,
    /// Line of its record, and the blob that holds them.
    pub evidence: Evidence,
}

impl RecordingFact {
    /// Whether that is enough to call it a recording: a snapshot, or several events.
    pub fn is_recording(&self) -> bool {
        self.snapshots > 0 || self.mutations + self.inputs + self.pointer >= 3
    }
}
