//! Waiting until a page has come to rest: adaptive, bounded, and noted.
//!
//! Settled: the load has fired and the page was given its dwell time; for the quiet time nothing was sent or in
//! flight over all targets of the session; no timer that is to be waited for is due within the horizon; and every
//! document and worker came to be idle. A request that stalls does not hold the page for ever; event streams and
//! WebSockets do not count, nor do heartbeats. What was still pending is written down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::page::Settle;
use serde_json::json;

use super::shared::Shared;
use super::stop::Stop;
use crate::GatherError;
use crate::collectors::timers::LONGEST;
use crate::recorder::When;

/// A request in flight for longer than this no longer holds the page.
const STALLED: Duration = Duration::from_secs(6);
/// How long a busy main thread is waited for at once; again and again, as long as the visit may last: on a busy machine
/// it may only be slow.
const IDLE: Duration = Duration::from_secs(5);
/// Answers once the page had nothing better to do. It may have replaced these: then the wait is as long as it is at
/// most, and no longer. (Frames out of view get no idle time: they and workers are only asked to answer at all.)
const IDLE_PAGE: &str = "new Promise((r) => globalThis.requestIdleCallback ? requestIdleCallback(() => r(1), { timeout: 500 }) : r(0))";
/// Frame processes and workers that are asked whether they are idle, beside the page itself.
const ASKED: usize = 20;
/// Pending addresses and timers that are named.
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
    if let Some(reason) = shared.lock().visit.crashed.clone() {
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
    /// A page that came to no rest and does not answer within this hangs.
    pub(crate) hung: Duration,
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
    let mut idle_since = None;
    let rest = loop {
        if let Some(halt) = halted(shared, stop) {
            return Err(halt);
        }
        let now = Instant::now();
        let (loaded, quiet_since, busy, timer) = {
            let state = shared.lock();
            let busy = state.visit.requests.in_flight(|since| now.duration_since(since) < STALLED);
            let horizon = loaded_at.unwrap_or(began) + LONGEST;
            let timer = state.visit.timers.awaited(now, horizon).filter(|due| *due > now);
            (state.visit.loaded, state.visit.requests.activity.unwrap_or(began), busy, timer)
        };
        if loaded {
            loaded_at.get_or_insert(now);
        }
        let quiet_since = quiet_since.max(began);
        let dwelt = loaded_at.is_some_and(|at| now.duration_since(at) >= p.dwell);
        let quiet = !busy && now.duration_since(quiet_since) >= p.quiet.min(p.dwell);
        let rests = dwelt && quiet && timer.is_none();
        // A load that never fires (an endless resource) must not hold a page that is otherwise at rest. One that is only
        // slow does not answer, or does something once it has.
        let silent = loaded_at.is_none() && !busy && now.duration_since(quiet_since) >= STALLED + p.quiet;
        if (rests || silent) && idle_since.is_some_and(|at| at >= quiet_since) {
            break rests;
        }
        if now >= p.until {
            break false;
        }
        if rests || silent {
            if idle(shared, IDLE.min(p.until.saturating_duration_since(now))).await {
                // What the page did until then may still stand in the queue.
                shared.caught_up(IDLE.min(p.until.saturating_duration_since(Instant::now()))).await;
                idle_since = Some(Instant::now());
            }
            continue;
        }
        shared.change(Duration::from_millis(50).min(p.until - now)).await;
    };
    note(shared, phase, rest, began);
    if !rest {
        shared.lock().visit.restless.push(phase.to_owned());
        if !idle(shared, p.hung).await {
            shared.lock().visit.hung = true;
        }
    }
    Ok(rest)
}

/// Waits until each document and worker has nothing more to do at once. Tells whether the page itself got there.
async fn idle(shared: &Arc<Shared>, at_most: Duration) -> bool {
    let (main, others) = {
        let state = shared.lock();
        let others: Vec<_> = state
            .tab
            .targets
            .iter()
            .filter(|t| t.handle != state.tab.main_target && t.kind != "service_worker")
            .take(ASKED)
            .map(|t| t.handle.clone())
            .collect();
        (state.tab.main_target.clone(), others)
    };
    let ask = |target: String, expression: &'static str| async move {
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "silent": true,
        });
        shared.client.call_within(&target, "Runtime.evaluate", params, at_most).await
    };
    let others = others.into_iter().map(|target| ask(target, "0"));
    let (page, _) = tokio::join!(ask(main, IDLE_PAGE), futures_util::future::join_all(others));
    // A refusal is an answer too: the thread was free to give it.
    !matches!(page, Err(GatherError::NoAnswer { .. }))
}

fn note(shared: &Arc<Shared>, phase: &str, rest: bool, began: Instant) {
    let ((pending, pending_count), (timers, timers_count)) = {
        let state = shared.lock();
        (state.visit.requests.left(NAMED), state.visit.timers.left(Instant::now(), NAMED))
    };
    shared.recorder.record(
        When::Now,
        Observation::Settle(Settle {
            phase: phase.to_owned(),
            end: if rest { "quiet" } else { "bound" }.to_owned(),
            waited_ms: began.elapsed().as_secs_f64() * 1000.0,
            pending,
            pending_count,
            timers,
            timers_count,
            ..Default::default()
        }),
    );
}
