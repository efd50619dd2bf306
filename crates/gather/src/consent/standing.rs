//! The banners that the watchers have told of: when the first was seen, and which stand there now.

use std::collections::BTreeSet;

use crate::session::shared::State;

/// A banner that the watcher of a document sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StandingBanner {
    pub(crate) target: String,
    /// The watcher's world.
    pub(crate) context: i64,
    /// The watcher's number of it.
    pub(crate) id: u64,
}

/// Banners that stand at one moment.
pub(crate) type Standing = BTreeSet<StandingBanner>;

/// The banners of a visit.
#[derive(Default)]
pub(crate) struct Banners {
    /// When the first was seen, on the visit's clock.
    pub(crate) first: Option<f64>,
    /// Those that were seen to come and not to go; of documents that are gone too.
    pub(super) standing: Standing,
    /// Whether a control was seen to be operable.
    pub(super) operable: bool,
    /// Whether one stands in a closed shadow tree, where the watcher does not see it go.
    pub(super) in_closed_tree: bool,
}

impl State {
    /// Whether a banner was seen and still stands there.
    pub(crate) fn banner_open(&self) -> bool {
        self.visit.banners.in_closed_tree || !self.standing().is_empty()
    }

    /// The banners that stand there. What stood in a document that is gone has gone with it.
    pub(crate) fn standing(&self) -> Standing {
        let lives = |b: &&StandingBanner| self.tab.contexts.has(&b.target, b.context);
        self.visit.banners.standing.iter().filter(lives).cloned().collect()
    }
}
