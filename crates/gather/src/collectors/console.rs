//! Console messages and uncaught errors; and the page's execution contexts, which other parts need.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::page::Console;
use serde_json::{Value, json};

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::shared::Shared;

/// Lines kept of one visit; a page may flood.
const MAX_LINES: u64 = 2000;
const MAX_TEXT: usize = 4096;

/// Switches the collector on for a target.
pub(crate) fn enable(shared: &Arc<Shared>, target: &str) {
    shared.enable(affiant_record::footer::collectors::CONSOLE, target, "Runtime.enable", json!({}));
    shared.client.post(target, "Log.enable", json!({}));
}

/// Handles console, log and execution-context events. Tells whether the event was one of its own.
pub(crate) fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    if ours(shared, event) {
        return true;
    }
    match event.method.as_str() {
        "Runtime.consoleAPICalled" => {
            let text: Vec<String> = p.list("args").iter().map(argument).collect();
            let top = &p["stackTrace"]["callFrames"][0];
            write(
                shared,
                p.num("timestamp"),
                Console {
                    level: p.text("type"),
                    text: bounded(&text.join(" "), MAX_TEXT),
                    url: top.opt_text("url"),
                    line: top["lineNumber"].as_u64(),
                    ..Default::default()
                },
            );
        }
        "Runtime.exceptionThrown" => {
            let d = &p["exceptionDetails"];
            let text = d["exception"].opt_text("description").unwrap_or_else(|| d.text("text"));
            write(
                shared,
                p.num("timestamp"),
                Console {
                    level: "exception".to_owned(),
                    text: bounded(&text, MAX_TEXT),
                    url: d.opt_text("url"),
                    line: d["lineNumber"].as_u64(),
                    ..Default::default()
                },
            );
        }
        "Log.entryAdded" => {
            let e = &p["entry"];
            write(
                shared,
                e.num("timestamp"),
                Console {
                    level: format!("{} ({})", e.text("level"), e.text("source")),
                    text: bounded(&e.text("text"), MAX_TEXT),
                    url: e.opt_text("url"),
                    line: e["lineNumber"].as_u64(),
                    ..Default::default()
                },
            );
        }
        "Runtime.executionContextCreated" => {
            let c = &p["context"];
            let (id, frame) = (c["id"].as_i64().unwrap_or(0), c["auxData"].text("frameId"));
            let mut state = shared.lock();
            state.tab.contexts.insert((event.target.clone(), id), frame.clone());
            if c["auxData"].flag("isDefault") {
                state.tab.main_worlds.insert((event.target.clone(), frame), id);
            }
        }
        "Runtime.executionContextDestroyed" => {
            let id = p["executionContextId"].as_i64().unwrap_or(0);
            let mut state = shared.lock();
            state.tab.contexts.remove(&(event.target.clone(), id));
            state.visit.timers.forget(&event.target, Some(id));
            state.tab.main_worlds.retain(|(s, _), c| !(*s == event.target && *c == id));
        }
        "Runtime.executionContextsCleared" => {
            let mut state = shared.lock();
            state.tab.contexts.retain(|(s, _), _| *s != event.target);
            state.visit.timers.forget(&event.target, None);
            state.tab.main_worlds.retain(|(s, _), _| *s != event.target);
        }
        _ => return false,
    }
    true
}

/// Whether it was said in an isolated world: by a script of ours, not by the page.
fn ours(shared: &Arc<Shared>, event: &Event) -> bool {
    let context = match event.method.as_str() {
        "Runtime.consoleAPICalled" => &event.params["executionContextId"],
        "Runtime.exceptionThrown" => &event.params["exceptionDetails"]["executionContextId"],
        _ => return false,
    };
    let Some(context) = context.as_i64() else { return false };
    let state = shared.lock();
    let frame = state.tab.contexts.get(&(event.target.clone(), context));
    frame.is_some_and(|f| {
        state.tab.main_worlds.get(&(event.target.clone(), f.clone())).is_some_and(|m| *m != context)
    })
}

fn argument(a: &Value) -> String {
    match &a["value"] {
        Value::String(s) => bounded(s, MAX_TEXT),
        Value::Null => a.opt_text("description").unwrap_or_else(|| a.text("type")),
        other => bounded(&other.to_string(), MAX_TEXT),
    }
}

fn write(shared: &Arc<Shared>, wall_ms: f64, line: Console) {
    let mut state = shared.lock();
    state.visit.console_lines += 1;
    if state.visit.console_lines > MAX_LINES {
        state.visit.console_dropped += 1;
        return;
    }
    drop(state);
    let when = if wall_ms > 0.0 { When::Wall(wall_ms) } else { When::Now };
    shared.recorder.record(when, Observation::Console(line));
}
