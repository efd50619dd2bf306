//! Ties the visit's one clock to the browser's monotonic clock, to wall time and to this process.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The clock of a visit. All `t` are milliseconds since its zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VisitClock {
    monotonic_zero_s: f64,
    wall_zero_ms: f64,
    zero: Instant,
    uncertainty_ms: f64,
}

impl VisitClock {
    /// Fits the clock: the browser said `monotonic_s` somewhere between `before` and `after`.
    pub(crate) fn fit(
        monotonic_s: f64,
        before: Instant,
        after: Instant,
        wall_after: SystemTime,
    ) -> VisitClock {
        let half = after.duration_since(before) / 2;
        let wall = wall_after.duration_since(UNIX_EPOCH).unwrap_or_default();
        VisitClock {
            monotonic_zero_s: monotonic_s,
            wall_zero_ms: wall.as_secs_f64() * 1000.0 - half.as_secs_f64() * 1000.0,
            zero: before + half,
            uncertainty_ms: half.as_secs_f64() * 1000.0,
        }
    }

    /// Ties wall time to the monotonic clock as the browser itself does: it told both of one moment. What pages and
    /// console messages tell in wall time is then as exact as the browser's own clocks.
    pub(crate) fn calibrate(&mut self, monotonic_s: f64, wall_ms: f64) {
        self.wall_zero_ms = wall_ms - self.monotonic(monotonic_s);
    }

    /// From the browser's monotonic seconds.
    pub(crate) fn monotonic(&self, s: f64) -> f64 {
        (s - self.monotonic_zero_s) * 1000.0
    }

    /// From wall time in ms since the Unix epoch, as a page or a console message tells it.
    pub(crate) fn wall(&self, ms: f64) -> f64 {
        ms - self.wall_zero_ms
    }

    /// Now.
    pub(crate) fn now(&self) -> f64 {
        self.zero.elapsed().as_secs_f64() * 1000.0
    }

    /// For the record's header.
    pub(crate) fn describe(&self) -> affiant_record::header::Clock {
        affiant_record::header::Clock {
            monotonic_at_zero_s: self.monotonic_zero_s,
            wall_at_zero_ms: self.wall_zero_ms,
            uncertainty_ms: self.uncertainty_ms,
            source: "this machine".to_owned(),
            ..Default::default()
        }
    }
}
