//! What scripts do beside sending and storing: whom they listen to, and which of the browser's telling interfaces
//! they use.

use serde::{Deserialize, Serialize};

use crate::Extra;
use crate::network::{StackFrame, StackSegment};

/// A script listens to something that a visitor does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    /// When it was found: `arrive` (settled, before any choice) or `leave`.
    pub at: String,
    /// Target that it lives in.
    pub target: String,
    /// Frame, where known.
    pub frame: Option<String>,
    /// What is listened on: `window`, `document`, or the element as `input`, `textarea`, `form`, …
    pub on: String,
    /// The field, as a CSS path, where it is one.
    pub selector: Option<String>,
    /// The event: `keydown`, `input`, `paste`, `mousemove`, …
    pub event: String,
    /// The function that is called: its place in its script.
    pub handler: StackFrame,
    /// How many elements have this handler for this event, where several were put together.
    pub count: u64,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A script used an interface that tells one browser from another, or that reaches hardware.
///
/// The first use by each script and interface is told, with its stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ApiCall {
    /// The interface, as in the web platform's own words: `HTMLCanvasElement.toDataURL`, `navigator.getBattery`, …
    pub api: String,
    /// What was asked for, where that matters: a WebGL parameter, a font, a hint. Bounded.
    pub detail: Option<String>,
    /// The document or worker script.
    pub document_url: String,
    /// Frame, where known.
    pub frame: Option<String>,
    /// The call stack.
    pub stack: Vec<StackSegment>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
