//! Writes down what consent platforms declare: from the objects that they put into the page, without a request.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::declaration::Declaration;
use serde_json::json;

use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::shared::Shared;

const SCRIPT: &str = include_str!("js/declaration.js");
/// Longer declarations, in bytes of JSON, are left out: they are in the files that the page fetched.
const LONGEST: usize = 400_000;

/// Reads what the page's platforms declare now.
pub(crate) async fn observe(shared: &Arc<Shared>) {
    let (target, world) = {
        let state = shared.lock();
        let world = state.tab.page_world();
        (state.tab.main_target.clone(), world)
    };
    let mut ask = json!({
        "expression": SCRIPT, "returnByValue": true, "silent": true, "timeout": 4000, "awaitPromise": true,
        "allowUnsafeEvalBlockedByCSP": true,
    });
    if let Some(world) = world {
        ask["contextId"] = world.into();
    }
    let call = shared.client.call_within(&target, "Runtime.evaluate", ask, Duration::from_secs(6));
    let Ok(answer) = call.await else { return };
    for told in answer["result"].list("value") {
        if told.to_string().len() > LONGEST {
            continue;
        }
        if let Ok(d) = serde_json::from_value::<Declaration>(told.clone()) {
            shared.recorder.record(When::Now, Observation::Declaration(d));
        }
    }
}
