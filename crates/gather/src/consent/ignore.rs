//! Going on without an answer: scrolling, and clicking into the text beside the banner, as a reader does.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::consent::ConsentAction;
use affiant_record::page::{Phase, phase};
use serde_json::{Value, json};

use super::input;
use crate::recorder::When;
use crate::session::isolated_world::isolated_world;
use crate::session::shared::Shared;

const TEXT: &str = include_str!("js/text_beside.js");
/// Turns of the wheel, each half a viewport.
const TURNS: u32 = 6;

/// Goes on. What was done is recorded; the banner is never touched.
pub(crate) async fn ignore(shared: &Arc<Shared>, width: u32, height: u32) {
    shared.recorder.record(
        When::Now,
        Observation::Phase(Phase { phase: phase::IGNORED.to_owned(), ..Default::default() }),
    );
    let (x, h) = (f64::from(width) / 2.0, f64::from(height));
    let mut turned = 0;
    // The wheel is turned in the upper third: most banners stand below, and one in the middle holds the page anyway.
    for by in std::iter::repeat_n(h / 2.0, TURNS as usize).chain([-h * f64::from(TURNS)]) {
        if input::wheel(shared, x, h * 0.3, by).await.is_err() {
            break;
        }
        turned += 1;
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let mut clicked = 0;
    for (x, y) in text_beside(shared).await.into_iter().take(2) {
        if input::click(shared, x, y).await.is_ok() {
            clicked += 1;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    shared.recorder.record(
        When::Now,
        Observation::ConsentAction(ConsentAction {
            driver: "affiant".to_owned(),
            step: "ignored".to_owned(),
            ok: Some(turned > 0),
            clicks: Some(clicked),
            note: Some(format!(
                "{turned} turns of the wheel, {clicked} clicks on plain text beside the banner"
            )),
            ..Default::default()
        }),
    );
}

pub(super) async fn text_beside(shared: &Arc<Shared>) -> Vec<(f64, f64)> {
    let (target, frame) = {
        let state = shared.lock();
        (state.tab.main_target.clone(), state.tab.main_frame.clone())
    };
    let patience = Duration::from_secs(3);
    let Ok(context) = isolated_world(shared, &target, &frame, patience).await else { return Vec::new() };
    let ask = json!({ "expression": TEXT, "contextId": context, "returnByValue": true, "silent": true });
    let Ok(said) = shared.client.call_within(&target, "Runtime.evaluate", ask, patience).await else {
        return Vec::new();
    };
    let pair = |p: &Value| Some((p[0].as_f64()?, p[1].as_f64()?));
    said["result"]["value"].as_array().into_iter().flatten().filter_map(pair).collect()
}
