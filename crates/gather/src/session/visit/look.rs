//! Looking at the page: once it is at rest, and again before it is left.

use affiant_record::page::phase;

use super::Seen;
use crate::collectors::{cookies, listeners, page, screenshot};
use crate::consent::{declaration, layer, state};
use crate::session::Session;

impl Session {
    /// Looks at the page as it came. `first`: of the session; `to_choose`: a choice is made on it.
    pub(super) async fn look(&self, first: bool, to_choose: bool, seen: &mut Seen) {
        self.step("looking at the page");
        seen.before = state::read(&self.shared, &self.context, phase::ARRIVE).await;
        screenshot::take(&self.shared, phase::ARRIVE).await;
        if first && self.shared.lock().visit.banners.first.is_some() {
            layer::observe(&self.shared, 1).await;
        }
        if first {
            declaration::observe(&self.shared).await;
        }
        if let Some(page) = page::collect(&self.shared).await {
            seen.final_url = Some(page.url.clone());
            seen.links = page.links;
            seen.looked = true;
        }
        if to_choose {
            listeners::collect(&self.shared, phase::ARRIVE).await;
        }
    }

    /// Looks at what has become of it. `touched`: something was done on it.
    pub(super) async fn look_again(&self, touched: bool, seen: &mut Seen) {
        if touched {
            seen.after = state::read(&self.shared, &self.context, phase::LEAVE).await;
        } else {
            // Nothing was done since: the platform is not asked twice.
            cookies::jar(&self.shared, &self.context, phase::LEAVE).await;
            seen.after = seen.before.clone();
        }
        listeners::collect(&self.shared, phase::LEAVE).await;
    }
}
