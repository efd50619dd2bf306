//! The redirect hops of requests, by the browser's id of each. What comes from the wire tells no hop: it is counted.

use std::collections::HashMap;

/// The hops of a session's requests: the last words of a page come when the next visit has begun.
#[derive(Default)]
pub(crate) struct Hops {
    /// Addresses, one a hop.
    urls: HashMap<String, Vec<String>>,
    /// Header lines that left, and that came back.
    sent: HashMap<String, u32>,
    received: HashMap<String, u32>,
}

impl Hops {
    /// Whether the request was told.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.urls.contains_key(id)
    }

    /// The request goes to this address; the hop that it is at then.
    pub(crate) fn go(&mut self, id: &str, url: String) -> u32 {
        self.urls.entry(id.to_owned()).or_default().push(url);
        self.at(id)
    }

    /// The hop that a request is at.
    pub(crate) fn at(&self, id: &str) -> u32 {
        self.urls.get(id).map_or(0, |urls| urls.len().saturating_sub(1) as u32)
    }

    /// The address of a hop; empty for one that was not told yet.
    pub(crate) fn url(&self, id: &str, hop: u32) -> String {
        self.urls.get(id).and_then(|urls| urls.get(hop as usize)).cloned().unwrap_or_default()
    }

    /// The address to which a request led last.
    pub(crate) fn last(&self, id: &str) -> Option<&String> {
        self.urls.get(id)?.last()
    }

    /// The hop of which these are the headers that left.
    pub(crate) fn sent(&mut self, id: &str) -> u32 {
        ordinal(&mut self.sent, id)
    }

    /// The hop of which these are the headers that came back.
    pub(crate) fn received(&mut self, id: &str) -> u32 {
        ordinal(&mut self.received, id)
    }
}

/// The how-manieth wire event of this request it is: that is its redirect hop.
fn ordinal(counts: &mut HashMap<String, u32>, id: &str) -> u32 {
    let next = counts.entry(id.to_owned()).or_insert(0);
    *next += 1;
    *next - 1
}
