//! Timers that scripts have set: who waits for a page to come to rest must know what is still to come.
//!
//! A timer is waited for when it was set for no longer than [`LONGEST`], and when its script sets it for the first
//! or second time: what comes again and again is a heartbeat, and would hold the page for ever. What was not waited
//! for is written down.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::page::Timer;

use super::calls::Report;
use crate::session::observer::Observer;
use crate::session::shared::Shared;

/// Timers set for longer are not waited for. Tags that send "after ten seconds on the page" are common.
pub(crate) const LONGEST: Duration = Duration::from_millis(10_500);
/// Runs of one timer that are waited for; more often, it is a heartbeat.
const RUNS: u32 = 2;
/// A timer that is due needs a moment to run.
const SLACK: Duration = Duration::from_millis(60);
/// Timers known at once at most; a page may set any number.
const KNOWN: usize = 5000;

pub(crate) const OBSERVER: Observer =
    Observer { detach: |state, target| state.visit.timers.forget(target, None), ..Observer::IDLE };

/// Where a timer lives: target, context, its number there.
type Key = (String, i64, String);

struct Pending {
    set: Instant,
    delay: Duration,
    repeats: bool,
    /// How often its script had set one like it before.
    before: u32,
    document_url: String,
    script: Option<String>,
}

impl Pending {
    /// When it runs next, seen from `now`, and how often it ran before.
    fn next(&self, now: Instant) -> Option<(Instant, u32)> {
        let passed = now.saturating_duration_since(self.set + SLACK);
        let runs = (passed.as_secs_f64() / self.delay.as_secs_f64().max(0.001)) as u32;
        if runs > 0 && !self.repeats {
            return None;
        }
        Some((self.set + self.delay.checked_mul(runs + 1)?, runs))
    }
}

/// The timers of a visit.
#[derive(Default)]
pub(crate) struct Timers {
    live: HashMap<Key, Pending>,
    /// How often each place set a timer of the same delay.
    places: HashMap<(String, u64), u32>,
}

impl Timers {
    /// The moment until which timers are to be waited for that are due before `horizon`.
    pub(crate) fn awaited(&self, now: Instant, horizon: Instant) -> Option<Instant> {
        let due = self.live.values().filter_map(|t| {
            let (due, runs) = t.next(now)?;
            (t.delay <= LONGEST && due <= horizon && t.before + runs < RUNS).then_some(due + SLACK)
        });
        due.max()
    }

    /// What is left, the soonest first, and how many there are in all.
    pub(crate) fn left(&self, now: Instant, named: usize) -> (Vec<Timer>, u64) {
        let mut all: Vec<Timer> = self
            .live
            .values()
            .filter_map(|t| {
                let (due, _) = t.next(now)?;
                Some(Timer {
                    document_url: t.document_url.clone(),
                    due_in_ms: due.saturating_duration_since(now).as_secs_f64() * 1000.0,
                    repeats: t.repeats || t.before >= RUNS,
                    script: t.script.clone(),
                })
            })
            .collect();
        let count = all.len() as u64;
        all.sort_by(|a, b| a.due_in_ms.total_cmp(&b.due_in_ms));
        all.truncate(named);
        (all, count)
    }

    /// Forgets the timers of documents that are gone.
    pub(crate) fn forget(&mut self, target: &str, context: Option<i64>) {
        self.live.retain(|(t, c, _), _| t != target || context.is_some_and(|x| x != *c));
    }
}

/// A script set a timer.
pub(crate) fn set(shared: &Arc<Shared>, r: &Report) {
    let delay_ms = r.number(2).clamp(0.0, 1e9);
    let now = Instant::now();
    let mut state = shared.lock();
    let timers = &mut state.visit.timers;
    // What ran is over.
    timers.live.retain(|_, t| t.next(now).is_some());
    if timers.live.len() >= KNOWN || timers.places.len() >= KNOWN {
        return;
    }
    let runs = timers.places.entry((r.place(), delay_ms as u64)).or_insert(0);
    let before = *runs;
    *runs += 1;
    let repeats = r.field(0) == "1";
    timers.live.insert(
        (r.target.clone(), r.context, r.field(1).to_owned()),
        Pending {
            set: now,
            delay: Duration::from_secs_f64(delay_ms / 1000.0),
            repeats,
            before,
            document_url: r.url.clone(),
            script: r.stack.first().and_then(|s| s.frames.first()).map(|f| f.url.clone()),
        },
    );
    drop(state);
    shared.changed.notify_waiters();
}

/// A script took a timer back.
pub(crate) fn gone(shared: &Arc<Shared>, r: &Report) {
    shared.lock().visit.timers.live.remove(&(r.target.clone(), r.context, r.field(0).to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(delay_ms: u64, repeats: bool, before: u32, set: Instant) -> Timers {
        let mut timers = Timers::default();
        timers.live.insert(
            ("s".into(), 1, "1".into()),
            Pending {
                set,
                delay: Duration::from_millis(delay_ms),
                repeats,
                before,
                document_url: "https://a.test/".into(),
                script: None,
            },
        );
        timers
    }

    #[test]
    fn a_first_timer_is_waited_for_until_it_has_run() {
        let t0 = Instant::now();
        let (timers, horizon) = (one(5000, false, 0, t0), t0 + Duration::from_secs(10));
        assert_eq!(timers.awaited(t0, horizon), Some(t0 + Duration::from_millis(5060)));
        assert_eq!(timers.awaited(t0 + Duration::from_millis(5100), horizon), None);
        assert_eq!(timers.left(t0 + Duration::from_millis(5100), 20).1, 0);
    }

    #[test]
    fn what_lies_beyond_the_horizon_is_written_down() {
        let t0 = Instant::now();
        let timers = one(30_000, false, 0, t0);
        assert_eq!(timers.awaited(t0, t0 + Duration::from_secs(10)), None);
        // Nor when a later wait begins shortly before it is due.
        let later = t0 + Duration::from_secs(25);
        assert_eq!(timers.awaited(later, later + Duration::from_secs(10)), None);
        let (left, count) = timers.left(t0 + Duration::from_secs(1), 20);
        assert_eq!((left[0].due_in_ms, left[0].repeats, count), (29_000.0, false, 1));
    }

    #[test]
    fn a_heartbeat_is_not_waited_for_for_ever() {
        let (t0, ms) = (Instant::now(), Duration::from_millis);
        let timers = one(1000, true, 0, t0);
        let horizon = t0 + Duration::from_secs(10);
        assert!(timers.awaited(t0, horizon).is_some());
        assert!(timers.awaited(t0 + ms(1100), horizon).is_some());
        assert_eq!(timers.awaited(t0 + ms(2100), horizon), None);
        // Set again and again by the same place: the same.
        assert_eq!(one(1000, false, RUNS, t0).awaited(t0, horizon), None);
        assert!(one(1000, false, RUNS, t0).left(t0, 20).0[0].repeats);
    }

    #[test]
    fn what_a_document_set_goes_with_it() {
        let t0 = Instant::now();
        let mut timers = one(1000, true, 0, t0);
        timers.forget("s", Some(2));
        assert_eq!(timers.left(t0, 1).1, 1);
        timers.forget("s", Some(1));
        assert_eq!(timers.left(t0, 1).1, 0);
    }
}
