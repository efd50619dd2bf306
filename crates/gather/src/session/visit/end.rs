//! Ending a visit, however it was lived: the page is left, what is still being fetched is waited for, and it is said how it
//! ended. That has a time of its own, beyond the visit's: 22 s at most.

use std::time::Duration;

use affiant_record::footer::collectors::*;

use affiant_record::Outcome;
use affiant_record::page::phase;
use serde_json::json;

use super::{Seen, Stopped, VisitRequest};
use crate::collectors::{dns, headers_only, storage};
use crate::consent::state;
use crate::probe;
use crate::session::Session;
use crate::session::settle::Halt;

/// How long what was begun on the page may take to be ended.
const ENDING: Duration = Duration::from_secs(3);
/// How long leaving may take, its last words included.
const LEAVING: Duration = Duration::from_secs(8);
/// How long bodies and other follow-ups are waited for at the end.
const FOLLOW_UP: Duration = Duration::from_secs(6);
/// How long what the browser still has to tell may take to be taken in.
const HEARING: Duration = Duration::from_secs(3);
/// How long another tab may take to open where this one is of no use any more. The next visit has more patience.
const NEW_TAB: Duration = Duration::from_secs(2);

impl Session {
    /// Waits until all that the browser has told by now was taken in; a flood may have made it late.
    async fn heard_all(&self) -> bool {
        // What stands in its queue comes before the answer.
        let answer = self.shared.client.call_within("", "Browser.getVersion", json!({}), HEARING).await;
        answer.is_ok() && self.shared.caught_up(HEARING).await
    }

    /// The visit's time is up before it had gone all its way: what was to come yet is said to be missing.
    pub(super) fn cut_short(&self, seen: &Seen) -> Stopped {
        let settings = &self.options.settings;
        let mut state = self.shared.lock();
        let doing = state.visit.doing;
        let why = format!("the visit's time was up while {doing}");
        let looks = [CONSENT, COOKIES, SCREENSHOTS, LISTENERS];
        let page = (!seen.looked).then_some(PAGE);
        let probe = settings.probe.then_some(PROBE);
        for collector in looks.into_iter().chain(page).chain(probe) {
            state.visit.cut(collector, &why);
        }
        let time = (settings.visit_timeout_ms + settings.dwell_ms) as f64 / 1000.0;
        Stopped::TimedOut(format!("its time of {time:.0} s was up while {doing}"))
    }

    /// Leaves the page and waits for what is still being fetched.
    pub(super) async fn end(
        &mut self,
        lived: Result<bool, Stopped>,
        request: &VisitRequest,
        seen: &mut Seen,
    ) -> Outcome {
        let alive = !self.shared.client.is_gone() && !self.shared.recorder.has_failed();
        if alive {
            let ended = tokio::time::timeout(ENDING, probe::end(&self.shared));
            if ended.await.is_err() {
                tracing::debug!(url = request.url, "the page did not let the typing be ended");
            }
            self.step("leaving the page");
            if matches!(lived, Err(Stopped::Halted(Halt::Stopped))) && seen.after.is_empty() {
                let read = state::read(&self.shared, &self.context, phase::LEAVE);
                seen.after = tokio::time::timeout(ENDING, read).await.unwrap_or_default();
            }
            self.mark(phase::LEAVE);
            dns::collect(&self.shared, &self.names, seen.final_url.as_deref().unwrap_or(&request.url));
            let usable = match &lived {
                Err(Stopped::Halted(Halt::Crashed(_))) => false,
                _ => tokio::time::timeout(LEAVING, self.leave()).await.unwrap_or(false),
            };
            if !self.shared.followed_up(FOLLOW_UP).await {
                self.shared.lock().visit.fail(BODIES, "some bodies were not answered in time".to_owned());
            }
            if tokio::time::timeout(HEARING, self.heard_all()).await != Ok(true) {
                let visit = &mut self.shared.lock().visit;
                for collector in [NETWORK, BODIES, COOKIES, STORAGE, WEB_SOCKETS, API_CALLS, CONSOLE] {
                    visit.cut(collector, "the browser told more than could be taken in by the end");
                }
            }
            if !usable {
                let opened = tokio::time::timeout(NEW_TAB, self.new_tab()).await;
                if !matches!(opened, Ok(Ok(()))) {
                    tracing::debug!(?opened, url = request.url, "no new tab after a broken page");
                    self.shared.lock().tab.main_target.clear();
                }
            }
        }
        storage::flush(&self.shared, Duration::ZERO);
        headers_only::flush(&self.shared);
        let (status, restless) = {
            let visit = &self.shared.lock().visit;
            (visit.requests.main_status, visit.restless.join(", "))
        };
        match (lived, status) {
            (Err(Stopped::Failed(reason)), _) => Outcome::Failed { reason },
            (Err(Stopped::TimedOut(reason)), _) => Outcome::TimedOut { reason },
            (Err(Stopped::Halted(Halt::Crashed(reason))), _) => Outcome::Crashed { reason },
            (Err(Stopped::Halted(Halt::Gone)), _) => {
                let reason = match &self.browser.remote {
                    Some(address) => format!("the connection to the browser at {address} was lost"),
                    None => "the browser went away".to_owned(),
                };
                Outcome::Crashed { reason }
            }
            (Err(Stopped::Halted(Halt::Stopped | Halt::CannotWrite)), _) => Outcome::Interrupted,
            (Ok(_), Some(status @ 400..)) => {
                Outcome::Failed { reason: format!("the server answered HTTP {status}") }
            }
            (Ok(false), _) => {
                let reason = format!("the page did not come to rest within its bound (phase {restless})");
                Outcome::TimedOut { reason }
            }
            (Ok(true), _) if !seen.looked => Outcome::TimedOut {
                reason: "the page did not answer when it was asked what it holds".to_owned(),
            },
            (Ok(true), _) => Outcome::Complete,
        }
    }
}
