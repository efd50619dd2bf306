//! Leaving a page so that its last words are heard: beacons on pagehide, unload and visibility change.
//!
//! Frame processes are navigated away first, leaves first, then the page; then the network is drained. The page is
//! sent to an empty document by a script of ours in a world of its own: so the renderer lives on and the next page
//! need not begin a new one. Where that does not lead there (the page held it up, or hangs), the browser navigates.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::session::Session;
use crate::session::isolated_world::isolated_world;

/// How long last words are waited for at most, and how long silence must last.
const DRAIN: Duration = Duration::from_millis(2000);
const SILENCE: Duration = Duration::from_millis(250);
/// How long the page may take to go by itself.
const GOING: Duration = Duration::from_millis(700);
/// Where it goes.
const BLANK: &str = "about:blank";
/// Where a page goes that does not answer: into another process, so that the one that hangs is left behind.
const ELSEWHERE: &str = "data:,";

impl Session {
    /// Leaves the page; tells whether the tab can be used again.
    pub(super) async fn leave(&self) -> bool {
        let client = &self.shared.client;
        let (main, targets) = {
            let state = self.shared.lock();
            (state.tab.main_target.clone(), state.tab.targets.clone())
        };
        let blank = json!({ "url": BLANK });
        let short = Duration::from_secs(2);
        let frames = targets.iter().rev().filter(|t| t.kind == "iframe").take(50);
        futures_util::future::join_all(frames.map(|frame| self.go(&frame.handle, &frame.id))).await;
        for popup in targets.iter().filter(|t| t.kind == "page" && t.handle != main) {
            client.post(&popup.handle, "Page.navigate", blank.clone());
        }
        if targets.iter().any(|t| t.kind == "iframe") {
            self.drain(SILENCE).await;
        }
        let hung = self.shared.lock().visit.hung;
        let gone = !hung && self.go_by_itself(&main).await;
        let to = if self.shared.lock().visit.hung { json!({ "url": ELSEWHERE }) } else { blank };
        let left =
            gone || client.call_within(&main, "Page.navigate", to, Duration::from_secs(5)).await.is_ok();
        self.drain(DRAIN).await;
        for popup in targets.iter().filter(|t| t.kind == "page" && t.handle != main) {
            let close = json!({ "targetId": popup.id });
            let _ = client.call_within("", "Target.closeTarget", close, short).await;
        }
        let state = self.shared.lock();
        left && !state.visit.hung && state.visit.crashed.is_none()
    }

    /// Sends the page to the empty document from within; tells whether it got there.
    async fn go_by_itself(&self, main: &str) -> bool {
        let (client, end) = (&self.shared.client, Instant::now() + GOING);
        let frame = {
            let mut state = self.shared.lock();
            state.tab.main_url.clear();
            state.tab.main_frame.clone()
        };
        if !self.go(main, &frame).await {
            self.shared.lock().visit.hung = true;
            return false;
        }
        while Instant::now() < end {
            {
                let state = self.shared.lock();
                if state.tab.main_url == BLANK {
                    return true;
                }
                if state.visit.crashed.is_some() {
                    return false;
                }
            }
            if client.is_gone() {
                return false;
            }
            self.shared.change(Duration::from_millis(20)).await;
        }
        false
    }

    /// Tells a frame's document to go, in a world of our own; tells whether it could be told.
    async fn go(&self, target: &str, frame: &str) -> bool {
        let Ok(world) = isolated_world(&self.shared, target, frame, GOING).await else { return false };
        let go = json!({
            "expression": format!("location.href = {}", Value::from(BLANK)),
            "contextId": world, "silent": true,
        });
        self.shared.client.post(target, "Runtime.evaluate", go);
        true
    }

    /// Waits until nothing was sent for a moment and nothing young is in flight. Silence counts once the page's process
    /// has answered and all that the browser told by then was taken in: on a busy machine both lag behind.
    async fn drain(&self, at_most: Duration) {
        let began = Instant::now();
        let mut heard: Option<Instant> = None;
        while began.elapsed() < at_most && !self.shared.client.is_gone() {
            let (since, busy) = {
                let requests = &self.shared.lock().visit.requests;
                let since = requests.activity.map_or(began, |a| a.max(began));
                (since, requests.in_flight(|since| since >= began))
            };
            if !busy && since.elapsed() >= SILENCE {
                if heard.is_some_and(|at| at >= since) {
                    return;
                }
                heard = Some(Instant::now());
                self.hear_out().await;
                continue;
            }
            self.shared.change(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page's process has told what it has to tell, and that was taken in.
    async fn hear_out(&self) {
        let main = self.shared.lock().tab.main_target.clone();
        let ask = json!({ "expression": "0", "silent": true });
        let _ = self.shared.client.call_within(&main, "Runtime.evaluate", ask, GOING).await;
        self.shared.caught_up(GOING).await;
    }
}
