//! Typing into the page's fields, and watching what follows that.

use std::time::Duration;

use affiant_record::page::phase;

use super::pace::Pace;
use super::{Seen, Stopped, VisitRequest};
use crate::collectors::screenshot;
use crate::probe;
use crate::session::Session;
use crate::session::settle::{Patience, settle};

/// How long what reads fields is given to send, after the last key: recorders send in batches.
const AFTER_TYPING: Duration = Duration::from_secs(5);

impl Session {
    /// Whether fields may be typed into here.
    pub(super) fn may_probe(&self, request: &VisitRequest) -> bool {
        let s = &self.options.settings;
        s.probe && !s.probe_not_on.iter().any(|text| request.url.contains(text.as_str()))
    }

    /// Types into them. Nothing, if nothing was typed; otherwise whether the page came to rest again.
    pub(super) async fn probe(&mut self, pace: &Pace, seen: &mut Seen) -> Result<Option<bool>, Stopped> {
        self.step("typing into the page's fields");
        let leave_out = self.options.settings.probe_leave_out.clone();
        // What reads the fields is given its time after the last key.
        let until = pace.act_until.checked_sub(AFTER_TYPING).unwrap_or(pace.act_until);
        let limits = probe::Limits { leave_out, until };
        seen.probed = true;
        let mut rest = None;
        if probe::probe(&self.shared, &limits, &mut self.probed, &self.stop).await {
            screenshot::take(&self.shared, phase::PROBE).await;
            let patience = Patience { dwell: AFTER_TYPING, ..pace.afterwards() };
            rest = Some(settle(&self.shared, &self.stop, phase::PROBE, patience).await?);
        }
        probe::end(&self.shared).await;
        Ok(rest)
    }
}
