//! Going on without an answer, and watching what follows that.

use affiant_record::page::phase;

use super::Stopped;
use super::pace::Pace;
use crate::collectors::screenshot;
use crate::consent::ignore;
use crate::session::Session;
use crate::session::settle::settle;

impl Session {
    /// Goes on as if there were no banner; tells whether the page came to rest again.
    pub(super) async fn ignore(&self, pace: &Pace) -> Result<bool, Stopped> {
        self.step("going on without an answer");
        let v = &self.options.vantage;
        ignore::ignore(&self.shared, v.width, v.height).await;
        let rest = settle(&self.shared, &self.stop, phase::IGNORED, pace.afterwards()).await?;
        screenshot::take(&self.shared, phase::IGNORED).await;
        Ok(rest)
    }
}
