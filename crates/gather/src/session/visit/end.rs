//! Ending a visit, however it was lived: the page is left, what is still being fetched is waited for, and it is said how it
//! ended.

use std::time::Duration;

use affiant_record::Outcome;
use affiant_record::footer::collectors::BODIES;
use affiant_record::page::phase;

use super::{Seen, Stopped, VisitRequest};
use crate::collectors::{dns, headers_only, storage};
use crate::consent::state;
use crate::probe;
use crate::session::Session;
use crate::session::settle::Halt;

/// How long bodies and other follow-ups are waited for at the end.
const FOLLOW_UP: Duration = Duration::from_secs(6);

impl Session {
    /// Leaves the page and waits for what is still being fetched.
    pub(super) async fn end(
        &mut self,
        lived: Result<bool, Stopped>,
        request: &VisitRequest,
        seen: &mut Seen,
    ) -> Outcome {
        let alive = !self.shared.client.is_gone() && !self.shared.recorder.has_failed();
        if alive {
            probe::end(&self.shared).await;
            self.step("leaving the page");
            if matches!(lived, Err(Stopped::Halted(Halt::Stopped))) && seen.after.is_empty() {
                seen.after = state::read(&self.shared, &self.context, phase::LEAVE).await;
            }
            self.mark(phase::LEAVE);
            dns::collect(&self.shared, &self.names, seen.final_url.as_deref().unwrap_or(&request.url));
            let usable = match &lived {
                Err(Stopped::Halted(Halt::Crashed(_))) => false,
                _ => self.leave().await,
            };
            if !self.shared.followed_up(FOLLOW_UP).await {
                self.shared.lock().visit.fail(BODIES, "some bodies were not answered in time".to_owned());
            }
            if !usable && let Err(e) = self.new_tab().await {
                tracing::debug!(error = %e, url = request.url, "no new tab after a broken page");
                self.shared.lock().tab.main_target.clear();
            }
        }
        storage::flush(&self.shared, Duration::ZERO);
        headers_only::flush(&self.shared);
        let status = self.shared.lock().visit.requests.main_status;
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
                Outcome::TimedOut { reason: "the page did not come to rest within its bound".to_owned() }
            }
            (Ok(true), _) if !seen.looked => Outcome::TimedOut {
                reason: "the page did not answer when it was asked what it holds".to_owned(),
            },
            (Ok(true), _) => Outcome::Complete,
        }
    }
}
