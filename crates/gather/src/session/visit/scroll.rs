//! Scrolling through a page as a reader does, with real wheel events, to its end and back to its top: many tags send
//! only then. Bounded, since some pages grow as they are scrolled.

use std::time::{Duration, Instant};

use affiant_record::page::{Phase, phase};
use affiant_record::{Observation, Scenario};
use serde_json::{Value, json};

use super::Seen;
use super::pace::Pace;
use crate::recorder::When;
use crate::session::Session;
use crate::session::settle::{Halt, Patience, halted, settle};

/// Turns of the wheel at most, each most of a viewport.
const TURNS: u32 = 15;
/// What a reader leaves between two turns, at least.
const PAUSE: Duration = Duration::from_millis(100);
/// A turn that is not answered within this ends the scrolling.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long what it sets off is waited for at most.
const AFTER: Duration = Duration::from_secs(12);

/// How far the page is scrolled, how far it can be, and the height of the viewport, in CSS pixels.
const PLACE: &str = "(() => { const e = document.scrollingElement ?? document.documentElement; return [scrollY, e.scrollHeight - innerHeight, innerHeight]; })()";

impl Session {
    /// Whether scrolling may be done here. It could count as a choice: only after one was made, or where there is
    /// no banner that asks for one.
    pub(super) fn may_scroll(&self, seen: &Seen) -> bool {
        let open = self.shared.lock().banner_open();
        let scenario = self.options.scenario;
        // To ignore the banner is to go on in spite of it.
        scenario == Scenario::Ignore
            || scenario != Scenario::NoChoice
                && (!open || seen.why_no_choice.is_none() && self.why_no_choice.is_none())
    }

    /// Scrolls and waits for what follows; tells whether the page came to rest again.
    pub(super) async fn scroll(&self, pace: &Pace) -> Result<bool, Halt> {
        let Some([mut y, range, height]) = self.place().await.filter(|[_, range, _]| *range >= 1.0) else {
            // There is nothing below the fold.
            return Ok(true);
        };
        self.shared.recorder.record(
            When::Now,
            Observation::Phase(Phase {
                phase: phase::SCROLL.to_owned(),
                how: Some(format!("wheel events; {range:.0} px lay below the viewport of {height:.0} px")),
                ..Default::default()
            }),
        );
        for _ in 0..TURNS {
            if Instant::now() >= pace.act_until {
                break;
            }
            if let Some(halt) = halted(&self.shared, &self.stop) {
                return Err(halt);
            }
            let before = y;
            if !self.turn(height * 0.8, height).await {
                break;
            }
            let Some([now, range, _]) = self.place().await else { break };
            y = now;
            // At the end, or the page does not let itself be scrolled.
            if y >= range - 1.0 || y == before {
                break;
            }
        }
        let reached = self.place().await;
        if let Some([y, ..]) = reached.filter(|[y, ..]| *y > 0.0) {
            self.turn(-y, height).await;
        }
        let patience = Patience { dwell: pace.patience.quiet, ..pace.for_at_most(AFTER) };
        settle(&self.shared, &self.stop, phase::SCROLL, patience).await
    }

    /// Turns the wheel in the middle of the viewport; tells whether the browser took it.
    async fn turn(&self, by: f64, height: f64) -> bool {
        let target = self.shared.lock().tab.main_target.clone();
        let x = f64::from(self.options.vantage.width) / 2.0;
        let event = json!({ "type": "mouseWheel", "x": x, "y": height / 2.0, "deltaX": 0, "deltaY": by });
        let took = self.shared.client.call_within(&target, "Input.dispatchMouseEvent", event, PATIENCE).await;
        tokio::time::sleep(PAUSE).await;
        took.is_ok()
    }

    async fn place(&self) -> Option<[f64; 3]> {
        let target = self.shared.lock().tab.main_target.clone();
        let ask = json!({ "expression": PLACE, "returnByValue": true, "silent": true });
        let answer = self.shared.client.call_within(&target, "Runtime.evaluate", ask, PATIENCE).await.ok()?;
        let list = answer["result"]["value"].as_array()?;
        let mut n = list.iter().map(Value::as_f64);
        Some([n.next()??, n.next()??, n.next()??])
    }
}
