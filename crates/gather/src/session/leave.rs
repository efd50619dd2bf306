//! Leaving a page so that its last words are heard: beacons on pagehide, unload and visibility change.
//!
//! Frame processes are navigated away first, leaves first, then the page; then the network is drained.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Session;

/// How long last words are waited for at most, and how long silence must last.
const DRAIN: Duration = Duration::from_millis(2000);
const SILENCE: Duration = Duration::from_millis(400);

impl Session {
    /// Leaves the page; tells whether the tab can be used again.
    pub(crate) async fn leave(&self) -> bool {
        let client = &self.shared.client;
        let (main, targets) = {
            let state = self.shared.lock();
            (state.main_session.clone(), state.targets.clone())
        };
        let blank = json!({ "url": "about:blank" });
        let short = Duration::from_secs(2);
        for frame in targets.iter().rev().filter(|t| t.kind == "iframe").take(50) {
            client.post(&frame.session, "Page.navigate", blank.clone());
        }
        for popup in targets.iter().filter(|t| t.kind == "page" && t.session != main) {
            client.post(&popup.session, "Page.navigate", blank.clone());
        }
        if targets.iter().any(|t| t.kind == "iframe") {
            self.drain(SILENCE).await;
        }
        let left = client.call_within(&main, "Page.navigate", blank, Duration::from_secs(5)).await.is_ok();
        self.drain(DRAIN).await;
        for popup in targets.iter().filter(|t| t.kind == "page" && t.session != main) {
            let close = json!({ "targetId": popup.target });
            let _ = client.call_within("", "Target.closeTarget", close, short).await;
        }
        left && self.shared.lock().crashed.is_none()
    }

    /// Waits until nothing was sent for a moment and nothing young is in flight.
    async fn drain(&self, at_most: Duration) {
        let began = Instant::now();
        while began.elapsed() < at_most && !self.shared.client.is_gone() {
            let (since, busy) = {
                let state = self.shared.lock();
                let young = |r: &super::shared::Pending| r.counts && r.since >= began;
                (state.activity.map_or(began, |a| a.max(began)), state.pending.values().any(young))
            };
            if !busy && since.elapsed() >= SILENCE {
                return;
            }
            self.shared.change(Duration::from_millis(50)).await;
        }
    }
}
