//! One deadline over a visit, and what of its time each wait may take.
//!
//! `--timeout`, and the dwell on top, bound everything until the page is left. Opening the page and its coming to rest get at most
//! two thirds of it, and a wait after something was done ends while there is time to look at the page once more. Leaving,
//! hearing its last words and sealing have a time of their own ([`super::end`]).

use std::time::{Duration, Instant};

use affiant_record::header::Settings;

use crate::session::settle::Patience;

/// Opening the page and its coming to rest take no longer than this, however long the visit may be.
const ARRIVING: Duration = Duration::from_secs(45);
/// How long after what was done on the page its consequences are waited for at most.
const AFTERWARDS: Duration = Duration::from_secs(15);
/// What is kept for looking at the page again, at most.
const LOOKING: Duration = Duration::from_secs(5);
/// A page that came to no rest and does not answer within this hangs.
const HUNG: Duration = Duration::from_secs(4);

/// How long the visit's waits may take.
pub(super) struct Pace {
    /// Until the page is at rest.
    pub(super) patience: Patience,
    /// For a banner.
    pub(super) banner_wait: Duration,
    /// Until then something may be done on the page, or waited for.
    pub(super) act_until: Instant,
    /// Until then all has to be done but leaving.
    pub(super) end: Instant,
}

impl Pace {
    pub(super) fn of(settings: &Settings, began: Instant) -> Pace {
        let ms = Duration::from_millis;
        let (dwell, whole) = (ms(settings.dwell_ms), ms(settings.visit_timeout_ms));
        let end = began + whole + dwell;
        Pace {
            patience: Patience {
                quiet: ms(settings.quiet_ms),
                dwell,
                until: began + ARRIVING.min(whole * 2 / 3) + dwell,
                hung: HUNG.min(whole / 6),
            },
            banner_wait: ms(settings.banner_wait_ms),
            act_until: end - LOOKING.min(whole / 6),
            end,
        }
    }

    /// From now on, after something was done on the page.
    pub(super) fn afterwards(&self) -> Patience {
        self.for_at_most(AFTERWARDS + self.patience.dwell)
    }

    /// From now on, so long at most.
    pub(super) fn for_at_most(&self, at_most: Duration) -> Patience {
        Patience { until: self.act_until.min(Instant::now() + at_most), ..self.patience }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_ends_before_the_visit_does() {
        let began = Instant::now();
        for (timeout_s, arrives_s) in [(5, 3), (12, 8), (180, 45), (600, 45)] {
            let settings =
                Settings { visit_timeout_ms: timeout_s * 1000, dwell_ms: 1000, ..Default::default() };
            let pace = Pace::of(&settings, began);
            assert_eq!(pace.end - began, Duration::from_secs(timeout_s + 1));
            let arrives = (pace.patience.until - began).as_secs();
            assert_eq!(arrives, arrives_s + 1);
            assert!(pace.patience.until + pace.patience.hung <= pace.act_until, "{timeout_s}");
            assert!(pace.act_until < pace.end && pace.afterwards().until <= pace.act_until);
        }
    }
}
