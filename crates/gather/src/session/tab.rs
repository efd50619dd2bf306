//! What is known of the session's tab, and stays known from visit to visit: its targets, frames and documents.

use std::collections::HashMap;

use super::lost::Lost;
use crate::collectors::bodies;
use crate::collectors::contexts::Contexts;
use crate::collectors::network::hops::Hops;
use crate::collectors::scripts::Scripts;
use crate::consent::autoconsent::PutIn;

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
    pub(crate) contexts: Contexts,
    pub(crate) hops: Hops,
    pub(crate) bodies: bodies::Known,
    pub(crate) scripts: Scripts,
    pub(crate) autoconsent: PutIn,
    /// What could not be read since the last record ended.
    pub(crate) lost: Lost,
}

impl Tab {
    /// The browser's name for a target; empty for one that is not attached.
    pub(crate) fn target_id(&self, target: &str) -> String {
        self.targets.iter().find(|t| t.handle == target).map(|t| t.id.clone()).unwrap_or_default()
    }

    /// The targets that hold documents, by their handles.
    pub(crate) fn with_documents(&self) -> Vec<String> {
        self.targets.iter().filter(|t| t.has_documents()).map(|t| t.handle.clone()).collect()
    }

    /// The page's own world in the main frame.
    pub(crate) fn page_world(&self) -> Option<i64> {
        self.contexts.page(&self.main_target, &self.main_frame)
    }
}
