//! What the observer of a session knows and its driver asks: targets, frames, requests in flight, marks.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use affiant_record::BlobRef;
use affiant_record::CollectorStatus;
use affiant_record::header::Vantage;
use affiant_record::network::Headers;
use serde_json::Value;
use tokio::sync::Notify;

use crate::GatherError;
use crate::cdp::client::Client;
use crate::collectors::hooks::Report;
use crate::collectors::timers::Timers;
use crate::guard::Told;
use crate::recorder::{Recorder, When};

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

#[derive(Default)]
pub(crate) struct State {
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
    pub(crate) pending: HashMap<String, Pending>,
    /// Addresses of each request, one a redirect hop.
    pub(crate) hops: HashMap<String, Vec<String>>,
    /// Addresses of WebSockets.
    pub(crate) sockets: HashMap<String, String>,
    pub(crate) sent_extras: HashMap<String, u32>,
    /// Requests of which only the headers that left were told so far: when, and the headers.
    pub(crate) headers_only: HashMap<String, (When, Headers)>,
    pub(crate) received_extras: HashMap<String, u32>,
    pub(crate) activity: Option<Instant>,
    /// The last mark among the events that was met.
    pub(crate) mark: u64,
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
    /// Whether autoconsent is to look at pages that load now.
    pub(crate) consent_wanted: bool,
    /// Where autoconsent was put in: target, and the browser's name for the script.
    pub(crate) consent_scripts: Vec<(String, String)>,
    /// Bodies that were fetched in this session, by address, for what a cache answers again.
    pub(crate) bodies: HashMap<String, BlobRef>,
    /// Target → script id → address, while the listeners are read.
    pub(crate) scripts: HashMap<String, HashMap<String, String>>,
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

impl State {
    /// Forgets what belongs to one visit only.
    pub(crate) fn next_visit(&mut self) {
        self.loaded = false;
        self.activity = None;
        self.crashed = None;
        self.hung = false;
        self.main_status = None;
        self.requests = 0;
        self.stored.clear();
        self.timers.clear();
        self.storage_reports.clear();
        self.api_uses.clear();
        self.api_dropped = 0;
        self.listeners_dropped = 0;
        self.stopped = 0;
        self.banner_at = None;
        self.standing.clear();
        self.banner_operable = false;
        self.banner_closed_tree = false;
        self.consent = Autoconsent::default();
        self.layer_words = None;
        self.choice_written = false;
        self.console_lines = 0;
        self.console_dropped = 0;
        self.bodies_missing = 0;
        self.failures.clear();
        self.popups = 0;
        self.guarding = false;
        self.forms_going.clear();
        self.kept_back.clear();
        self.hosts.clear();
        self.dns = None;
        self.pending.clear();
        self.sockets.clear();
        self.headers_only.clear();
    }

    /// Keeps the host of an address.
    pub(crate) fn meet(&mut self, url: &str) {
        if self.hosts.len() < 2000
            && let Some(host) = url::Url::parse(url).ok().as_ref().and_then(crate::collectors::dns::host)
        {
            self.hosts.insert(host);
        }
    }

    /// Whether a banner was seen and still stands there.
    pub(crate) fn banner_open(&self) -> bool {
        self.banner_closed_tree || !self.standing().is_empty()
    }

    /// The banners that stand there. What stood in a document that is gone has gone with it.
    pub(crate) fn standing(&self) -> Standing {
        let lives = |b: &&StandingBanner| self.contexts.contains_key(&(b.target.clone(), b.context));
        self.standing.iter().filter(lives).cloned().collect()
    }

    /// The redirect hop that a request is at.
    pub(crate) fn hop(&self, id: &str) -> u32 {
        self.hops.get(id).map_or(0, |urls| urls.len().saturating_sub(1) as u32)
    }

    pub(crate) fn target_id(&self, target: &str) -> String {
        self.targets.iter().find(|t| t.handle == target).map(|t| t.id.clone()).unwrap_or_default()
    }
}

/// Shared between the observer, its follow-up tasks and the driver of a session.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Notify,
    pub(crate) options: Options,
    tasks: AtomicUsize,
    marks: AtomicU64,
}

/// What the observer must know of the session's options.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// Name under which scripts of ours report; random, and taken from the page before its first script.
    pub(crate) binding: String,
    /// The browser context.
    pub(crate) context: String,
    /// The hooks, ready to be put into a page.
    pub(crate) hooks: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Origin to which the extra headers go, and to no other.
    pub(crate) header_pattern: String,
    pub(crate) body_limit: usize,
    /// Whether Global Privacy Control is sent.
    pub(crate) gpc: bool,
    /// As whom, and from where.
    pub(crate) vantage: Vantage,
    /// What the browser's guard knows.
    pub(crate) guard: Option<Arc<Told>>,
}

impl Shared {
    pub(crate) fn new(client: Client, recorder: Recorder, options: Options) -> Arc<Shared> {
        Arc::new(Shared {
            client,
            recorder,
            state: Mutex::default(),
            changed: Notify::new(),
            options,
            tasks: AtomicUsize::new(0),
            marks: AtomicU64::new(0),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a collector on: sent at once and in order, not waited for; a refusal is noted for the footer.
    pub(crate) fn enable(
        self: &Arc<Self>,
        collector: &'static str,
        target: &str,
        method: &'static str,
        params: Value,
    ) {
        let answer = self.client.request(target, method, params);
        let (shared, target) = (Arc::clone(self), target.to_owned());
        tokio::spawn(async move {
            if let Err(e @ GatherError::Refused { .. }) = answer.await {
                let mut state = shared.lock();
                // A target that is gone by then refuses everything: nothing was missed.
                if state.targets.iter().any(|t| t.handle == target) {
                    state.failures.insert(collector, format!("could not watch a part of the page: {e}"));
                }
            }
        });
    }

    /// Marks network activity.
    pub(crate) fn touch(&self) {
        self.lock().activity = Some(Instant::now());
        self.changed.notify_waiters();
    }

    /// Runs a follow-up that may still write to the record; sealing waits for it.
    pub(crate) fn follow_up<F>(self: &Arc<Self>, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            work.await;
            shared.tasks.fetch_sub(1, Ordering::SeqCst);
            shared.changed.notify_waiters();
        });
    }

    /// Waits until no follow-up is left, at most this long. Tells whether all were done.
    pub(crate) async fn followed_up(&self, at_most: Duration) -> bool {
        let end = Instant::now() + at_most;
        while self.tasks.load(Ordering::SeqCst) > 0 {
            if Instant::now() >= end {
                return false;
            }
            self.change(Duration::from_millis(50)).await;
        }
        true
    }

    /// Waits until every event that has arrived by now was taken in: answers may overtake them.
    pub(crate) async fn caught_up(&self, at_most: Duration) {
        let number = self.marks.fetch_add(1, Ordering::SeqCst) + 1;
        self.client.mark(&self.options.context, number);
        let end = Instant::now() + at_most;
        while self.lock().mark < number && Instant::now() < end && !self.client.is_gone() {
            self.change(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a change or this long.
    pub(crate) async fn change(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.changed.notified()).await;
    }
}
