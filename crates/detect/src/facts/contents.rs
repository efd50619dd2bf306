//! What a visitor looked for and watched, as the page's own address and words say it, and who else was sent it.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a visitor looked for and watched on this page, and where it was seen leaving.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContentFacts {
    /// Each value.
    pub values: Vec<ContentFact>,
    /// Requests that were looked into: all but the page's own.
    pub requests: u64,
    /// Bodies and frames that were not there to be looked into, or not whole.
    pub bodies_missing: u64,
    /// Whether a bound of the search was met.
    pub cut: bool,
}

impl ContentFacts {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    /// Search terms in the page's own address.
    Search,
    /// Title of a video on the page.
    VideoTitle,
    /// Title of a page that shows a video.
    PageTitle,
    /// Whole address of a page that shows a video.
    PageAddress,
}

impl ContentKind {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            ContentKind::Search => "search terms",
            ContentKind::VideoTitle => "title of a video on the page",
            ContentKind::PageTitle => "title of a page that shows a video",
            ContentKind::PageAddress => "full address of a page that shows a video",
        }
    }
}

/// A value, and where it was seen leaving.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContentFact {
    /// What it is.
    pub what: ContentKind,
    /// The value.
    pub value: String,
    /// Where it is known from: `its parameter 'q'`.
    pub place: String,
    /// Whether affiant made it up for this audit, so that nobody else sends it.
    pub unique: bool,
    /// False where it is too short to be told from chance: then it was not looked for.
    pub searched: bool,
    /// Registrable domains that serve the video, where the page tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub served_by: Vec<String>,
    /// Where it was seen, in full, in order of time.
    pub leaks: Vec<ContentLeak>,
    /// Line of its record that tells it.
    pub evidence: Evidence,
}

/// A request that holds the value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContentLeak {
    /// Index into the visit's `requests`.
    pub request: usize,
    /// When it was sent, ms.
    pub t: f64,
    /// `address`, `referer`, `cookie`, `header`, `body`, `websocket`.
    pub channel: String,
    /// How it is written there, outermost first.
    pub formula: String,
    /// Line of its record, and the blob that holds it.
    pub evidence: Evidence,
}
