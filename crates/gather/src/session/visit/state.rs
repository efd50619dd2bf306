//! What is known of the visit that goes on. The next visit begins with a new one, so nothing is left over from the last.

use std::collections::HashMap;

use crate::collectors::api_calls::Uses;
use crate::collectors::bodies::Bodies;
use crate::collectors::calls::Released;
use crate::collectors::console::Lines;
use crate::collectors::cookies::Asked;
use crate::collectors::dns::Met;
use crate::collectors::headers_only::HeadersOnly;
use crate::collectors::issues::Stopped;
use crate::collectors::listeners::Listeners;
use crate::collectors::network::requests::Requests;
use crate::collectors::storage::Reports;
use crate::collectors::timers::Timers;
use crate::collectors::websockets::Sockets;
use crate::consent::autoconsent::Autoconsent;
use crate::consent::layer::Latest;
use crate::consent::standing::Banners;
use crate::consent::stored::Stored;
use crate::probe::guard::Guarding;

/// The visit.
#[derive(Default)]
pub(crate) struct Visit {
    /// Whether the main document's load has fired.
    pub(crate) loaded: bool,
    /// Why the page's process went away.
    pub(crate) crashed: Option<String>,
    /// The page's main thread did not answer.
    pub(crate) hung: bool,
    /// Phases in which it did not come to rest within its bound.
    pub(crate) restless: Vec<String>,
    /// What the visit is at.
    pub(crate) doing: &'static str,
    /// Pop-ups that were opened.
    pub(crate) popups: u32,
    /// Why collectors did not get as far as they should have, by their names.
    pub(crate) failures: HashMap<&'static str, String>,
    /// What of collectors was left out, likewise.
    pub(crate) cuts: HashMap<&'static str, String>,
    pub(crate) requests: Requests,
    pub(crate) headers_only: HeadersOnly,
    pub(crate) bodies: Bodies,
    pub(crate) sockets: Sockets,
    pub(crate) calls: Released,
    pub(crate) cookies: Asked,
    pub(crate) storage: Reports,
    pub(crate) stored: Stored,
    pub(crate) timers: Timers,
    pub(crate) api_calls: Uses,
    pub(crate) listeners: Listeners,
    pub(crate) issues: Stopped,
    pub(crate) console: Lines,
    pub(crate) dns: Met,
    pub(crate) banners: Banners,
    pub(crate) layer: Latest,
    pub(crate) autoconsent: Autoconsent,
    pub(crate) guard: Guarding,
}

impl Visit {
    /// Notes for the footer why a collector did not get as far as it should have.
    pub(crate) fn fail(&mut self, collector: &'static str, why: String) {
        self.failures.insert(collector, why);
    }

    /// Notes for the footer that a collector left something out.
    pub(crate) fn cut(&mut self, collector: &'static str, what: &str) {
        let all = self.cuts.entry(collector).or_default();
        if !all.contains(what) {
            *all = if all.is_empty() { what.to_owned() } else { format!("{all}; {what}") };
        }
    }
}
