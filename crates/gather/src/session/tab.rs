//! What is known of the session's tab, and stays known from visit to visit: its targets, frames and documents.

use std::collections::HashMap;

use affiant_record::BlobRef;

/// An attached target: a page, a frame process or a worker.
#[derive(Debug, Clone)]
pub(crate) struct AttachedTarget {
    /// The browser's name for it.
    pub(crate) id: String,
    pub(crate) kind: String,
    /// By which it is spoken to, and speaks (the protocol's session). Elsewhere `target` means this.
    pub(crate) handle: String,
    pub(crate) opener: Option<String>,
}

impl AttachedTarget {
    pub(crate) fn has_documents(&self) -> bool {
        matches!(self.kind.as_str(), "page" | "iframe")
    }
}

/// The tab, with what it has opened.
#[derive(Default)]
pub(crate) struct Tab {
    pub(crate) targets: Vec<AttachedTarget>,
    pub(crate) main_target: String,
    pub(crate) main_frame: String,
    /// Address of the main frame's document, as last told.
    pub(crate) main_url: String,
    /// Frame → target it lives in.
    pub(crate) frames: HashMap<String, String>,
    /// (target, frame) → execution context of the page's own world.
    pub(crate) main_worlds: HashMap<(String, String), i64>,
    /// (target, context) → frame.
    pub(crate) contexts: HashMap<(String, i64), String>,
    /// Addresses of each request, one a redirect hop.
    pub(crate) hops: HashMap<String, Vec<String>>,
    pub(crate) sent_extras: HashMap<String, u32>,
    pub(crate) received_extras: HashMap<String, u32>,
    /// Whether autoconsent is to look at pages that load now.
    pub(crate) consent_wanted: bool,
    /// Where autoconsent was put in: target, and the browser's name for the script.
    pub(crate) consent_scripts: Vec<(String, String)>,
    /// Bodies that were fetched in this session, by address, for what a cache answers again.
    pub(crate) bodies: HashMap<String, BlobRef>,
    /// Target → script id → address, while the listeners are read.
    pub(crate) scripts: HashMap<String, HashMap<String, String>>,
}

impl Tab {
    /// The redirect hop that a request is at.
    pub(crate) fn hop(&self, id: &str) -> u32 {
        self.hops.get(id).map_or(0, |urls| urls.len().saturating_sub(1) as u32)
    }

    /// The browser's name for a target; empty for one that is not attached.
    pub(crate) fn target_id(&self, target: &str) -> String {
        self.targets.iter().find(|t| t.handle == target).map(|t| t.id.clone()).unwrap_or_default()
    }
}
