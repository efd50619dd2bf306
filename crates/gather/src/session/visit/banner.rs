//! Waiting for a consent banner, on the first page of a session.

use std::time::{Duration, Instant};

use super::Stopped;
use super::pace::Pace;
use crate::consent::watcher;
use crate::session::Session;
use crate::session::settle::halted;

impl Session {
    /// Waits for it as long as it may take to come.
    pub(super) async fn await_banner(&self, arrived: Instant, pace: &Pace) -> Result<(), Stopped> {
        self.step("waiting for a consent banner");
        // From the arrival: what holds a banner back longer than this has held the page from its rest too.
        let end = (arrived + pace.banner_wait + pace.patience.dwell)
            .min(pace.patience.until)
            .max(Instant::now() + pace.patience.quiet);
        self.wait_for_banner(end).await?;
        watcher::look_into_closed(&self.shared).await;
        Ok(())
    }

    async fn wait_for_banner(&self, end: Instant) -> Result<(), Stopped> {
        loop {
            if let Some(halt) = halted(&self.shared, &self.stop) {
                return Err(halt.into());
            }
            let found = {
                let state = self.shared.lock();
                state.visit.banners.first.is_some() || state.visit.autoconsent.has_found()
            };
            if found || Instant::now() >= end {
                return Ok(());
            }
            self.shared.change(Duration::from_millis(100)).await;
        }
    }
}
