//! Who listens to what a visitor does: the listeners on fields, elements, the document and the window that are in
//! place at a moment, with the script of each handler. Read from the browser; nothing in the page is touched.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use affiant_record::behaviour::Listener;
use affiant_record::footer::collectors::LISTENERS;
use affiant_record::network::StackFrame;
use affiant_record::{CollectorStatus, Observation};
use serde_json::{Value, json};

use crate::GatherError;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Events that tell what a visitor does.
const EVENTS: [&str; 34] = [
    "keydown",
    "keyup",
    "keypress",
    "beforeinput",
    "input",
    "change",
    "paste",
    "copy",
    "cut",
    "compositionstart",
    "compositionupdate",
    "compositionend",
    "submit",
    "focusin",
    "focusout",
    "focus",
    "blur",
    "click",
    "mousedown",
    "mouseup",
    "mousemove",
    "mouseover",
    "mouseout",
    "pointerdown",
    "pointerup",
    "pointermove",
    "wheel",
    "scroll",
    "scrollend",
    "touchstart",
    "touchmove",
    "touchend",
    "selectionchange",
    "drop",
];
/// Elements that are fields.
const FIELDS: [&str; 3] = ["input", "textarea", "select"];
/// Lines of one moment at most.
const MAX_LINES: usize = 1000;
/// Elements that are looked up by name at most; the others are named by their kind alone.
const MAX_NODES: usize = 300;
/// Frames that are asked at most.
const MAX_FRAMES: usize = 60;
/// Frame processes and workers that are asked at most, the page among them.
const MAX_TARGETS: usize = 60;
/// A page whose main thread does not answer within this is not asked further.
const PATIENCE: Duration = Duration::from_secs(4);

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

/// The listeners of a visit.
#[derive(Default)]
pub(crate) struct Listeners {
    dropped: u64,
}

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    let whole = if reach.lived { CollectorStatus::Gathered } else { CollectorStatus::NotRun };
    let dropped = if reach.lived { visit.listeners.dropped } else { 0 };
    Some((LISTENERS, visit.status(LISTENERS, dropped, "listeners", whole)))
}

/// What is put together in one line: target, frame, element, selector, event, and the handler's place.
type Key = (String, Option<String>, String, Option<String>, String, (String, String, u64, u64));

/// Reads them from every frame, and writes them down.
pub(crate) async fn collect(shared: &Arc<Shared>, at: &str) {
    let (main, worlds) = {
        let state = shared.lock();
        let worlds: Vec<(String, String, i64)> =
            state.tab.contexts.pages().map(|(t, f, c)| (t.to_owned(), f.to_owned(), c)).collect();
        (state.tab.main_target.clone(), worlds)
    };
    let mut targets: Vec<String> = worlds.iter().map(|w| w.0.clone()).collect();
    targets.sort_by_key(|t| (*t != main, t.clone()));
    targets.dedup();
    if let Some(more @ 1..) = targets.len().checked_sub(MAX_TARGETS) {
        let what = format!("{more} frames and workers beyond the first {MAX_TARGETS} were not asked");
        shared.lock().visit.cut(LISTENERS, &what);
        targets.truncate(MAX_TARGETS);
    }
    let mut found: BTreeMap<Key, u64> = BTreeMap::new();
    for target in targets {
        let frames: Vec<(String, i64)> = worlds
            .iter()
            .filter(|(t, f, _)| *t == target && !f.is_empty())
            .take(MAX_FRAMES)
            .map(|(_, f, c)| (f.clone(), *c))
            .collect();
        let read = of_target(shared, &target, &frames, &mut found).await;
        // A frame may vanish while it is asked: that is no fault. The page itself must answer.
        if let (Err(e), true) = (read, target == main) {
            shared.lock().visit.fail(LISTENERS, format!("the listeners ({at}) could not be read: {e}"));
        }
    }
    shared.lock().visit.listeners.dropped += found.len().saturating_sub(MAX_LINES) as u64;
    for ((target, frame, on, selector, event, (script_id, url, line, column)), count) in
        found.into_iter().take(MAX_LINES)
    {
        shared.recorder.record(
            When::Now,
            Observation::Listener(Listener {
                at: at.to_owned(),
                target,
                frame,
                on,
                selector,
                event,
                handler: StackFrame { url, line, column, script_id, ..Default::default() },
                count,
                ..Default::default()
            }),
        );
    }
}

async fn of_target(
    shared: &Arc<Shared>,
    target: &str,
    frames: &[(String, i64)],
    found: &mut BTreeMap<Key, u64>,
) -> Result<(), GatherError> {
    let client = &shared.client;
    let call = |method: &'static str, params: Value| client.call_within(target, method, params, PATIENCE);
    let id = shared.lock().tab.target_id(target);
    let mut all: Vec<(Option<String>, &'static str, Value)> = Vec::new();
    let mut seen = Ok(());
    for (frame, context) in frames {
        for (what, depth) in [("window", 1), ("document", -1)] {
            let ask =
                json!({ "expression": what, "contextId": context, "objectGroup": "affiant", "silent": true });
            let listeners = match call("Runtime.evaluate", ask).await {
                Ok(v) => {
                    let object = v["result"]["objectId"].clone();
                    call(
                        "DOMDebugger.getEventListeners",
                        json!({ "objectId": object, "depth": depth, "pierce": false }),
                    )
                    .await
                }
                Err(e) => Err(e),
            };
            match listeners {
                Ok(v) => {
                    all.extend(v.list("listeners").iter().map(|l| (Some(frame.clone()), what, l.clone())))
                }
                Err(e @ (GatherError::NoAnswer { .. } | GatherError::BrowserGone { .. })) => {
                    return Err(e);
                }
                Err(e) => seen = Err(e),
            }
        }
    }
    all.retain(|(_, _, l)| EVENTS.contains(&l["type"].as_str().unwrap_or_default()));
    if all.is_empty() {
        return seen;
    }
    let mut nodes: HashMap<u64, (String, Option<String>)> = HashMap::new();
    for (frame, what, l) in all {
        let (on, selector) = match l["backendNodeId"].as_u64() {
            // The document is a node too; the window is none.
            Some(id) if what == "document" => match nodes.get(&id) {
                Some(n) => n.clone(),
                None if nodes.len() < MAX_NODES => {
                    let node = call("DOM.describeNode", json!({ "backendNodeId": id })).await;
                    let named = node.map_or_else(|_| ("element".to_owned(), None), |v| named(&v["node"]));
                    nodes.insert(id, named.clone());
                    named
                }
                None => ("element".to_owned(), None),
            },
            _ => (what.to_owned(), None),
        };
        let script_id = l.text("scriptId");
        let url = shared.lock().tab.scripts.url(target, &script_id).unwrap_or_default().to_owned();
        let place = |key: &str| l[key].as_u64().unwrap_or_default();
        let handler = (script_id, url, place("lineNumber"), place("columnNumber"));
        *found.entry((id.clone(), frame, on, selector, l.text("type"), handler)).or_insert(0) += 1;
    }
    client.post(target, "Runtime.releaseObjectGroup", json!({ "objectGroup": "affiant" }));
    seen
}

/// A node's kind, and for a field what finds it.
fn named(node: &Value) -> (String, Option<String>) {
    let kind = node.text("nodeName").trim_start_matches('#').to_ascii_lowercase();
    let attributes = node.list("attributes");
    let attribute = |name: &str| {
        let at = attributes.chunks(2).find(|a| a.first().and_then(Value::as_str) == Some(name))?;
        at.get(1)?.as_str().filter(|v| !v.is_empty()).map(|v| bounded(v, 200))
    };
    let selector = FIELDS.contains(&kind.as_str()).then(|| match (attribute("id"), attribute("name")) {
        (Some(id), _) => format!("{kind}[id={}]", Value::from(id)),
        (None, Some(name)) => format!("{kind}[name={}]", Value::from(name)),
        (None, None) => kind.clone(),
    });
    (bounded(&kind, 100), selector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_so_that_it_is_found_again() {
        let node =
            |name: &str, attributes: Value| named(&json!({ "nodeName": name, "attributes": attributes }));
        assert_eq!(node("INPUT", json!(["type", "email", "id", "e\"x"])).1.unwrap(), r#"input[id="e\"x"]"#);
        assert_eq!(node("SELECT", json!(["name", "state"])).1.unwrap(), r#"select[name="state"]"#);
        assert_eq!(node("#document", json!(null)), ("document".to_owned(), None));
        assert_eq!(node("DIV", json!(["id", "root"])), ("div".to_owned(), None));
    }
}
