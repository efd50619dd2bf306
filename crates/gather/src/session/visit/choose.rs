//! Making the choice, and watching what follows it.

use std::time::Duration;

use affiant_record::Choice;
use affiant_record::page::phase;

use super::pace::Pace;
use super::{Seen, Stopped};
use crate::collectors::screenshot;
use crate::consent::choice;
use crate::session::Session;
use crate::session::settle::settle;

impl Session {
    /// Makes the choice; tells whether the page came to rest after it. `waited`: for a banner.
    pub(super) async fn choose(
        &self,
        decision: Choice,
        waited: Duration,
        pace: &Pace,
        seen: &mut Seen,
    ) -> Result<bool, Stopped> {
        self.step("making the choice");
        let chosen = choice::make(&self.shared, decision, waited).await;
        seen.why_no_choice = chosen.why_not;
        if !chosen.acted {
            return Ok(true);
        }
        self.mark(phase::AFTER_CHOICE);
        self.step("watching what follows the choice");
        let rest = settle(&self.shared, &self.stop, phase::AFTER_CHOICE, pace.afterwards()).await?;
        screenshot::take(&self.shared, phase::AFTER_CHOICE).await;
        Ok(rest)
    }
}
