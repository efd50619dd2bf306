//! Console messages and uncaught errors.

use std::sync::Arc;

use affiant_record::footer::collectors::CONSOLE;
use affiant_record::page::Console;
use affiant_record::{CollectorStatus, Observation};
use serde_json::{Value, json};

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;
use crate::session::visit::state::Visit;

/// Lines kept of one visit; a page may flood.
const MAX_LINES: u64 = 2000;
const MAX_TEXT: usize = 4096;

pub(crate) const OBSERVER: Observer = Observer { attach, event, status, ..Observer::IDLE };

/// The lines of a visit.
#[derive(Default)]
pub(crate) struct Lines {
    told: u64,
    dropped: u64,
}

fn status(visit: &Visit, _: &Reach) -> Option<Status> {
    let dropped = visit.console.dropped;
    Some((CONSOLE, visit.status(CONSOLE, dropped, "console lines", CollectorStatus::Gathered)))
}

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    shared.enable(CONSOLE, target, "Runtime.enable", json!({}));
    shared.client.post(&target.handle, "Log.enable", json!({}));
}

/// Takes what is said on the console and in the log.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
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
    shared.lock().tab.contexts.is_isolated(&event.target, context)
}

fn argument(a: &Value) -> String {
    match &a["value"] {
        Value::String(s) => bounded(s, MAX_TEXT),
        Value::Null => a.opt_text("description").unwrap_or_else(|| a.text("type")),
        other => bounded(&other.to_string(), MAX_TEXT),
    }
}

fn write(shared: &Arc<Shared>, wall_ms: f64, line: Console) {
    {
        let lines = &mut shared.lock().visit.console;
        lines.told += 1;
        if lines.told > MAX_LINES {
            lines.dropped += 1;
            return;
        }
    }
    let when = if wall_ms > 0.0 { When::Wall(wall_ms) } else { When::Now };
    shared.recorder.record(when, Observation::Console(line));
}
