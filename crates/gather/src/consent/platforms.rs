//! The platforms' own public interfaces, for what a visitor cannot click. Called in the page's own world.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::{Purpose, Purposes};
use serde_json::{Value, json};

use crate::cdp::json::{Read as _, bounded};
use crate::session::shared::Shared;

const SCRIPT: &str = include_str!("js/platforms.js");

/// Calls the operation (`reopen`, `reject`, `accept`, `custom`) of the first platform that is there and has it. `Ok`
/// names the platform, `Err` says what it threw.
pub(crate) async fn call(
    shared: &Arc<Shared>,
    op: &str,
    granted: Option<Purposes>,
) -> Option<Result<String, String>> {
    let (target, world) = {
        let state = shared.lock();
        let world = state.tab.page_world();
        (state.tab.main_target.clone(), world)
    };
    let has = |p| granted.is_some_and(|g| g.has(p));
    let granted = json!({
        "functional": has(Purpose::Functional), "analytics": has(Purpose::Analytics),
        "advertising": has(Purpose::Advertising), "social": has(Purpose::Social),
    });
    let mut ask = json!({
        "expression": format!("({SCRIPT})({}, {granted})", Value::from(op)), "returnByValue": true, "silent": true,
        "timeout": 4000, "userGesture": true, "allowUnsafeEvalBlockedByCSP": true,
    });
    if let Some(world) = world {
        ask["contextId"] = world.into();
    }
    let answer =
        shared.client.call_within(&target, "Runtime.evaluate", ask, Duration::from_secs(5)).await.ok()?;
    let said = &answer["result"]["value"];
    let platform = bounded(&said.opt_text("platform")?, 60);
    Some(match said.opt_text("error") {
        Some(e) => Err(format!("{platform}'s own interface failed: {}", bounded(&e, 200))),
        None => Ok(platform),
    })
}
