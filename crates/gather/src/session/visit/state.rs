//! What is known of the visit that goes on. The next visit begins with a new one, so nothing is left over from the last.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::time::Instant;

use affiant_record::CollectorStatus;
use affiant_record::network::Headers;
use serde_json::Value;

use crate::collectors::hooks::Report;
use crate::collectors::timers::Timers;
use crate::recorder::When;

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

/// Something stored in the page's name, for finding out when a choice was stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) t: f64,
    /// `cookie:NAME` or `local:KEY`.
    pub(crate) source: String,
    pub(crate) value: String,
}

/// A message of autoconsent, with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct ConsentMessage {
    pub(crate) target: String,
    pub(crate) context: i64,
    pub(crate) message: Value,
}

/// What autoconsent has said and done in this visit.
#[derive(Debug, Default)]
pub(crate) struct Autoconsent {
    /// Its messages.
    pub(crate) messages: Vec<ConsentMessage>,
    /// Clicks that were made with real input.
    pub(crate) clicks: u32,
    /// Clicks that only its script made.
    pub(crate) by_script: u32,
    /// Clicks that are being made.
    pub(crate) clicking: u32,
    /// Whether it wanted to call a platform's own interface in order to choose.
    pub(crate) by_interface: bool,
    /// Whether it wanted to hide something instead.
    pub(crate) hides: bool,
    /// Whether it wanted to click what something else stands before.
    pub(crate) covered: bool,
}

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

/// The visit.
#[derive(Default)]
pub(crate) struct Visit {
    pub(crate) pending: HashMap<String, Pending>,
    /// Addresses of WebSockets.
    pub(crate) sockets: HashMap<String, String>,
    /// Requests of which only the headers that left were told so far: when, and the headers.
    pub(crate) headers_only: HashMap<String, (When, Headers)>,
    pub(crate) activity: Option<Instant>,
    pub(crate) loaded: bool,
    pub(crate) crashed: Option<String>,
    /// The page's main thread did not answer.
    pub(crate) hung: bool,
    /// HTTP status of the main document.
    pub(crate) main_status: Option<u16>,
    /// Requests seen in this visit.
    pub(crate) requests: u64,
    pub(crate) stored: Vec<Stored>,
    /// Timers that scripts have set.
    pub(crate) timers: Timers,
    /// Writes to web storage that a script told and the browser has not yet, in order.
    pub(crate) storage_reports: VecDeque<(Instant, Report)>,
    /// Which document, script and interface were told.
    pub(crate) api_uses: HashSet<(String, String, String)>,
    pub(crate) api_dropped: u64,
    pub(crate) listeners_dropped: u64,
    /// Attempts that a content security policy stopped.
    pub(crate) stopped: u64,
    pub(crate) banner_at: Option<f64>,
    /// Banners that were seen to come and not to go; of documents that are gone too.
    pub(crate) standing: Standing,
    /// Whether a control of the banner was seen to be operable in this visit.
    pub(crate) banner_operable: bool,
    /// Whether one stands in a closed shadow tree, where the watcher does not see it go.
    pub(crate) banner_closed_tree: bool,
    pub(crate) consent: Autoconsent,
    /// SHA-256 of the words of the banner's layer that was read last in this visit.
    pub(crate) layer_words: Option<affiant_record::Digest>,
    /// Whether a known platform wrote to its storage after the choice of this visit.
    pub(crate) choice_written: bool,
    /// Whether fields are typed into: nothing may be submitted.
    pub(crate) guarding: bool,
    /// Requests that were kept from leaving, by the browser's id.
    pub(crate) kept_back: HashSet<String>,
    /// Frames that a form is about to take elsewhere.
    pub(crate) forms_going: HashSet<String>,
    pub(crate) console_lines: u64,
    pub(crate) console_dropped: u64,
    pub(crate) bodies_missing: u64,
    pub(crate) failures: HashMap<&'static str, String>,
    /// Pop-ups opened in this visit.
    pub(crate) popups: u32,
    /// Hosts that were asked for something in this visit, bounded.
    pub(crate) hosts: BTreeSet<String>,
    /// How far the name servers were asked.
    pub(crate) dns: Option<CollectorStatus>,
}

impl Visit {
    /// Notes for the footer why a collector did not get as far as it should have.
    pub(crate) fn fail(&mut self, collector: &'static str, why: String) {
        self.failures.insert(collector, why);
    }

    /// Keeps the host of an address.
    pub(crate) fn meet(&mut self, url: &str) {
        if self.hosts.len() < 2000
            && let Some(host) = url::Url::parse(url).ok().as_ref().and_then(crate::collectors::dns::host)
        {
            self.hosts.insert(host);
        }
    }
}
