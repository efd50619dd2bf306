//! Reads what consent platforms say of themselves and what is stored in their name, and writes it down as read.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::consent::ConsentState;
use affiant_record::footer::collectors::CONSENT;
use serde_json::{Value, json};

use super::meaning::holds_choice;
use crate::collectors::cookies;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

const SCRIPT: &str = include_str!("js/state.js");

/// One state: where it was read (`api:NAME`, `cookie:NAME`, `local:KEY`) and what it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StateItem {
    pub(crate) source: String,
    pub(crate) value: Value,
}

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((CONSENT, reach.looked(visit, CONSENT)))
}

/// Reads everything now. The jar is written too.
pub(crate) async fn read(shared: &Arc<Shared>, browser_context: &str, at: &str) -> Vec<StateItem> {
    let mut items = Vec::new();
    let (target, world) = {
        let state = shared.lock();
        let world = state.tab.page_world();
        (state.tab.main_target.clone(), world)
    };
    let mut params = json!({
        "expression": SCRIPT, "returnByValue": true, "silent": true, "timeout": 4000, "awaitPromise": true,
        "allowUnsafeEvalBlockedByCSP": true,
    });
    if let Some(world) = world {
        params["contextId"] = world.into();
    }
    match shared.client.call_within(&target, "Runtime.evaluate", params, Duration::from_secs(5)).await {
        Ok(answer) => {
            for (key, value) in answer["result"]["value"].as_object().into_iter().flatten() {
                let source = if key.starts_with("local:") { key.clone() } else { format!("api:{key}") };
                items.push(StateItem { source, value: value.clone() });
            }
        }
        Err(e) => {
            shared.lock().visit.fail(CONSENT, format!("the platform's state ({at}) could not be read: {e}"));
        }
    }
    for c in cookies::jar(shared, browser_context, at).await.unwrap_or_default() {
        if holds_choice(&c.name, &c.value) {
            items.push(StateItem { source: format!("cookie:{}", c.name), value: Value::String(c.value) });
        }
    }
    for item in &items {
        shared.recorder.record(
            When::Now,
            Observation::ConsentState(ConsentState {
                at: at.to_owned(),
                source: item.source.clone(),
                value: item.value.clone(),
                ..Default::default()
            }),
        );
    }
    items
}
