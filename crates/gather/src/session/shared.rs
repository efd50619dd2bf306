//! What the observer of a session, its follow-ups and its driver have together: the connection, the record, what is
//! known, and how they wait for each other.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use affiant_record::device::Device;
use affiant_record::header::Vantage;
use serde_json::Value;
use tokio::sync::Notify;

use super::tab::{AttachedTarget, Tab};
use super::visit::state::Visit;
use crate::GatherError;
use crate::cdp::client::Client;
use crate::guard::Told;
use crate::recorder::Recorder;

/// What is known of the tab, and of the visit that goes on in it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) tab: Tab,
    pub(crate) visit: Visit,
}

/// Shared between the observer, its follow-up tasks and the driver of a session.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) recorder: Recorder,
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Notify,
    pub(crate) options: Options,
    tasks: AtomicUsize,
    /// Marks that were put among the events, and the last of them that was met.
    marks: AtomicU64,
    met: AtomicU64,
}

/// What the observer must know of the session's options.
#[derive(Clone, Default)]
pub(crate) struct Options {
    /// Name under which scripts of ours report; random, and nowhere that a page can look.
    pub(crate) binding: String,
    /// The browser context.
    pub(crate) context: String,
    /// What has calls told, ready to be put into a page.
    pub(crate) calls: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Origin to which the extra headers go, and to no other.
    pub(crate) header_pattern: String,
    pub(crate) body_limit: usize,
    /// Whether Global Privacy Control is sent.
    pub(crate) gpc: bool,
    /// As whom, and from where.
    pub(crate) vantage: Vantage,
    /// The user agent and the device that pages are told.
    pub(crate) device: Option<(String, Device)>,
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
            met: AtomicU64::new(0),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a collector on: sent at once and in order, not waited for; a refusal is noted for the footer.
    pub(crate) fn enable(
        self: &Arc<Self>,
        collector: &'static str,
        target: &AttachedTarget,
        method: &'static str,
        params: Value,
    ) {
        let answer = self.client.request(&target.handle, method, params);
        let (shared, target) = (Arc::clone(self), target.handle.clone());
        tokio::spawn(async move {
            if let Err(e @ GatherError::Refused { .. }) = answer.await {
                let mut state = shared.lock();
                // A target that is gone by then refuses everything: nothing was missed.
                let gone = e.to_string().contains("Session with given id not found");
                if !gone && state.tab.targets.iter().any(|t| t.handle == target) {
                    state.visit.fail(collector, format!("could not watch a part of the page: {e}"));
                }
            }
        });
    }

    /// Marks network activity.
    pub(crate) fn touch(&self) {
        self.lock().visit.requests.activity = Some(Instant::now());
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

    /// Waits until every event that has arrived by now was taken in: answers may overtake them. Tells whether all were.
    pub(crate) async fn caught_up(&self, at_most: Duration) -> bool {
        let number = self.marks.fetch_add(1, Ordering::SeqCst) + 1;
        self.client.mark(&self.options.context, number);
        let end = Instant::now() + at_most;
        while self.met.load(Ordering::SeqCst) < number && Instant::now() < end && !self.client.is_gone() {
            self.change(Duration::from_millis(20)).await;
        }
        self.met.load(Ordering::SeqCst) >= number
    }

    /// The observer has met this mark.
    pub(crate) fn meet(&self, mark: u64) {
        self.met.store(mark, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Waits for a change or this long.
    pub(crate) async fn change(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.changed.notified()).await;
    }
}
