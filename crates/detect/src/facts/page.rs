//! What the page itself is: its fields, its kinds, and pictures of it.

use affiant_record::{Digest, Evidence};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InputKind, PageKind, Text};

/// A form field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputFact {
    /// Selector.
    pub selector: Text,
    /// Label for people.
    pub label: Text,
    /// What it asks for.
    pub kind: InputKind,
    /// Why this kind is believed, in a few words.
    pub because: Text,
    /// Whether it was visible.
    pub visible: bool,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A kind of page that the page is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageKindFact {
    /// The kind.
    pub kind: PageKind,
    /// Why it is believed, in a few words.
    pub because: Text,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A screenshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScreenshotFact {
    /// Phase.
    pub phase: Text,
    /// Time, ms.
    pub t: f64,
    /// MIME type.
    pub mime: Text,
    /// The blob.
    pub blob: Digest,
    /// Line of its record.
    pub evidence: Evidence,
}
