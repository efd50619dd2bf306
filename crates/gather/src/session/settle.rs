//! Waiting until a page has come to rest: adaptive, bounded, and noted.
//!
//! Settled: the load has fired, the page was given its dwell time (many tags send after a delay), and for the
//! quiet time nothing was sent or in flight over all targets of the session. A request that stalls does not
//! hold the page for ever; event streams and WebSockets do not count. What was still pending is written down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::page::Settle;

use super::shared::Shared;
use super::stop::Stop;
use crate::cdp::json::bounded;
use crate::recorder::When;

/// A request in flight for longer than this no longer holds the page.
const STALLED: Duration = Duration::from_secs(6);
/// Pending addresses that are named.
const NAMED: usize = 20;

/// Why a visit cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The user asked.
    Stopped,
    /// The page's renderer went away.
    Crashed(String),
    /// The browser went away.
    Gone,
    /// The record cannot be written.
    CannotWrite,
}

/// Whether the visit must end now.
pub(crate) fn halted(shared: &Shared, stop: &Stop) -> Option<Halt> {
    if shared.recorder.has_failed() {
        return Some(Halt::CannotWrite);
    }
    if shared.client.is_gone() {
        return Some(Halt::Gone);
    }
    if let Some(reason) = shared.lock().crashed.clone() {
        return Some(Halt::Crashed(reason));
    }
    stop.is_stopped().then_some(Halt::Stopped)
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Nothing sent or in flight for this long.
    pub(crate) quiet: Duration,
    /// At least this long after the load (or after the choice).
    pub(crate) dwell: Duration,
    /// At most until then.
    pub(crate) until: Instant,
}

/// Waits; `true` if the page came to rest, `false` if the bound was reached.
pub(crate) async fn settle(
    shared: &Arc<Shared>,
    stop: &Stop,
    phase: &str,
    p: Patience,
) -> Result<bool, Halt> {
    let began = Instant::now();
    let mut loaded_at = None;
    let rest = loop {
        if let Some(halt) = halted(shared, stop) {
            return Err(halt);
        }
        let now = Instant::now();
        let (loaded, quiet_since, busy) = {
            let state = shared.lock();
            let busy = state.pending.values().any(|r| r.counts && now.duration_since(r.since) < STALLED);
            (state.loaded, state.activity.unwrap_or(began), busy)
        };
        if loaded {
            loaded_at.get_or_insert(now);
        }
        let dwelt = loaded_at.is_some_and(|at| now.duration_since(at) >= p.dwell);
        if dwelt && !busy && now.duration_since(quiet_since.max(began)) >= p.quiet.min(p.dwell) {
            break true;
        }
        // A load that never fires (an endless resource) must not hold a page that is otherwise at rest.
        if loaded_at.is_none() && !busy && now.duration_since(quiet_since.max(began)) >= STALLED + p.quiet {
            break false;
        }
        if now >= p.until {
            break false;
        }
        shared.change(Duration::from_millis(50).min(p.until - now)).await;
    };
    note(shared, phase, rest, began);
    Ok(rest)
}

fn note(shared: &Arc<Shared>, phase: &str, rest: bool, began: Instant) {
    let (pending, count) = {
        let state = shared.lock();
        let mut urls: Vec<String> = state.pending.values().map(|r| bounded(&r.url, 2048)).collect();
        urls.sort();
        let count = urls.len() as u64;
        urls.truncate(NAMED);
        (urls, count)
    };
    shared.recorder.record(
        When::Now,
        Observation::Settle(Settle {
            phase: phase.to_owned(),
            end: if rest { "quiet" } else { "bound" }.to_owned(),
            waited_ms: began.elapsed().as_secs_f64() * 1000.0,
            pending,
            pending_count: count,
            ..Default::default()
        }),
    );
}
