//! Beginning a visit: a living tab, the visit's clock fitted on it, and what stands at the head of its record.

use std::time::{Duration, Instant, SystemTime};

use affiant_record::header::{Header, SCHEMA, Settings};
use serde_json::json;

use super::VisitRequest;
use super::state::Visit;
use crate::cdp::json::Read as _;
use crate::clock::VisitClock;
use crate::consent::autoconsent;
use crate::session::Session;
use crate::{GatherError, guard};

impl Session {
    /// Fits the clock on a living tab.
    pub(super) async fn begin(&mut self) -> Result<VisitClock, GatherError> {
        for attempt in 0..2 {
            if self.shared.lock().tab.main_target.is_empty() {
                self.new_tab().await?;
            }
            self.shared.lock().visit = Visit::default();
            if !self.shared.lock().tab.autoconsent.wanted {
                autoconsent::disable(&self.shared);
            }
            let target = self.shared.lock().tab.main_target.clone();
            let short = Duration::from_secs(5);
            // Answers may overtake each other: the domain must be on before it is asked.
            let _ = self.shared.client.call_within(&target, "Performance.enable", json!({}), short).await;
            let before = Instant::now();
            let answer =
                self.shared.client.call_within(&target, "Performance.getMetrics", json!({}), short).await;
            let (after, wall) = (Instant::now(), SystemTime::now());
            match answer {
                Ok(metrics) => {
                    let at = metrics
                        .list("metrics")
                        .iter()
                        .find(|m| m.text("name") == "Timestamp")
                        .map(|m| m.num("value"));
                    if let Some(at) = at.filter(|t| *t > 0.0) {
                        return Ok(VisitClock::fit(at, before, after, wall));
                    }
                }
                Err(e @ GatherError::BrowserGone { .. }) => return Err(e),
                Err(e) => tracing::debug!(error = %e, attempt, "the tab does not answer; opening another"),
            }
            self.new_tab().await?;
        }
        Err(GatherError::NoAnswer { doing: "beginning a visit".to_owned(), after: Duration::from_secs(10) })
    }

    /// The head of the record.
    pub(super) fn header(&self, request: &VisitRequest, clock: &VisitClock) -> Header {
        let o = &self.options;
        Header {
            schema: SCHEMA,
            tool: o.tool.clone(),
            browser: self.browser.clone(),
            plan: o.plan,
            session: o.session.clone(),
            ordinal: request.ordinal,
            scenario: o.scenario,
            leg: Some(request.leg),
            choice: request.choice,
            choice_visit: request.choice_visit,
            url: request.url.clone(),
            vantage: o.vantage.clone(),
            settings: self.settings(),
            clock: clock.describe(),
            audit_sealed: true,
            extra: Default::default(),
        }
    }

    fn settings(&self) -> Settings {
        let mut settings = self.options.settings.clone();
        settings.extra.insert("dns".to_owned(), self.names.describe().into());
        if self.shared.options.guard.is_some() {
            settings.extra.insert("guard".to_owned(), guard::DESCRIPTION.into());
        }
        settings
    }
}
