//! The requests of a visit: how many were seen, which are in flight, and when something last moved. Who waits for a page
//! to come to rest asks here.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::cdp::json::bounded;

/// How long after its request an answer's data keeps a page from coming to rest.
const FLOWING: Duration = Duration::from_secs(10);

/// A request as far as it was seen, for joining and for settling.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) hop: u32,
    pub(crate) url: String,
    pub(crate) since: Instant,
    /// Counts for settling: not an event stream or a WebSocket.
    pub(crate) counts: bool,
    /// The browser said that a cache answers it.
    pub(crate) cached: bool,
    /// Its answer has begun.
    pub(crate) answering: bool,
    pub(crate) resource_type: String,
}

/// The requests of a visit.
#[derive(Default)]
pub(crate) struct Requests {
    /// How many were seen.
    pub(crate) seen: u64,
    /// HTTP status of the main document.
    pub(crate) main_status: Option<u16>,
    pub(crate) pending: HashMap<String, Pending>,
    /// When something last moved on the network.
    pub(crate) activity: Option<Instant>,
}

impl Requests {
    /// Whether an answer still arrives that is waited for, however it is read; but not one that never ends.
    pub(crate) fn flows(&self, id: &str) -> bool {
        self.pending.get(id).is_some_and(|r| r.resource_type != "EventSource" && r.since.elapsed() < FLOWING)
    }

    /// Whether one is in flight that counts, and began at such a time.
    pub(crate) fn in_flight(&self, began: impl Fn(Instant) -> bool) -> bool {
        self.pending.values().any(|r| r.counts && began(r.since))
    }

    /// Addresses of those in flight, and how many there are in all.
    pub(crate) fn left(&self, named: usize) -> (Vec<String>, u64) {
        let mut urls: Vec<String> = self.pending.values().map(|r| bounded(&r.url, 2048)).collect();
        urls.sort();
        let count = urls.len() as u64;
        urls.truncate(named);
        (urls, count)
    }
}
