//! Calls of the browser's own functions by scripts, as its debugger tells them: who set a cookie, wrote to storage, set
//! a timer or used a telling interface, with what, and with the engine's own call stack.
//!
//! At the entry of each watched function stands a breakpoint whose condition tells of the call and never holds, so
//! nothing ever stops, and nothing in the page is replaced: to the page every function is the browser's own. What is
//! told was called; whether it had an effect, the browser's own events and stores say.

use std::collections::BTreeMap;
use std::sync::Arc;

use affiant_record::CollectorStatus;
use affiant_record::network::StackSegment;
use serde_json::{Value, json};

use super::{api_calls, cookies, stack, storage, timers};
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

/// The parts of the script, in order: the ground first, and what puts the breakpoints in place last.
const PARTS: [&str; 6] = [
    include_str!("js/calls/ground.js"),
    include_str!("js/calls/cookies.js"),
    include_str!("js/calls/storage.js"),
    include_str!("js/calls/timers.js"),
    include_str!("js/calls/apis.js"),
    include_str!("js/calls/arm.js"),
];
/// Fields of a report beside its kind and the document's address.
const FIELDS: usize = 4;

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// The whole script. What it holds bears a random name in the scope of scripts, where nothing can be listed; its frames in
/// call stacks bear the same, so that they can be told apart.
pub(crate) fn script(name: &str) -> String {
    let body = PARTS.concat().replace("NAME", name).replace("TOKEN", &format!("{name:?}"));
    format!("const {name} = (() => {{\n\"use strict\";\n{body}}})();\n{name}.arm();\n//# sourceURL={name}")
}

/// Has the functions watched in a target.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    let (handle, source) = (target.handle.as_str(), &shared.options.calls);
    // A `debugger` statement of the page's must not stop it.
    shared.client.post(handle, "Debugger.enable", json!({ "maxScriptsCacheSize": 0 }));
    shared.client.post(handle, "Debugger.setSkipAllPauses", json!({ "skip": true }));
    let (method, put) = if target.has_documents() {
        let put = json!({ "source": source, "includeCommandLineAPI": true, "runImmediately": true });
        ("Page.addScriptToEvaluateOnNewDocument", put)
    } else {
        // A worker waits before its first statement; its global scope is there already.
        ("Runtime.evaluate", json!({ "expression": source, "includeCommandLineAPI": true, "silent": true }))
    };
    shared.client.post(handle, method, put);
}

/// One call that was told.
#[derive(Clone)]
pub(crate) struct Report {
    /// Target that told it.
    pub(crate) target: String,
    /// Execution context that it comes from.
    pub(crate) context: i64,
    /// The document or worker script.
    pub(crate) url: String,
    /// Frame, where known.
    pub(crate) frame: Option<String>,
    /// When, by the browser's wall clock.
    pub(crate) when: When,
    /// The same in ms since the Unix epoch.
    pub(crate) wall_ms: f64,
    /// The call stack.
    pub(crate) stack: Vec<StackSegment>,
    /// What is told, by kind.
    pub(crate) fields: Vec<String>,
    /// An object of the page's that was handed over, as the browser shows it.
    pub(crate) object: Value,
}

impl Report {
    /// A field, or empty.
    pub(crate) fn field(&self, i: usize) -> &str {
        self.fields.get(i).map_or("", String::as_str)
    }

    /// A field as a number, or 0.
    pub(crate) fn number(&self, i: usize) -> f64 {
        self.field(i).parse().ok().filter(|n: &f64| n.is_finite()).unwrap_or_default()
    }

    /// The call stack as text, for telling places apart.
    pub(crate) fn place(&self) -> String {
        let frames = self.stack.iter().flat_map(|s| &s.frames);
        frames.map(|f| format!("{} {}:{}\n", f.url, f.line, f.column)).collect()
    }
}

/// The stack without our own frames on top: those that bear our name, and the condition that called them.
fn callers(stack: &Value, ours: &str) -> Value {
    let mut stack = stack.clone();
    if let Some(frames) = stack.get_mut("callFrames").and_then(Value::as_array_mut) {
        let last = frames.iter().rposition(|f| f["url"].as_str() == Some(ours));
        let top = last.map_or(0, |i| i + 2).min(frames.len());
        frames.drain(..top);
    }
    stack
}

/// The functions that were called so often that their further calls are not told.
#[derive(Default)]
pub(crate) struct Released(BTreeMap<String, u64>);

impl Released {
    /// How far a collector got that lives by the calls of the functions whose names begin so.
    pub(crate) fn status(&self, of: &[&str], whole: CollectorStatus) -> CollectorStatus {
        self.status_where(|name| of.iter().any(|o| name.starts_with(o)), whole)
    }

    /// How far the one got that lives by all other functions.
    pub(crate) fn status_of_others(&self, than: &[&str], whole: CollectorStatus) -> CollectorStatus {
        self.status_where(|name| !than.iter().any(|o| name.starts_with(o)), whole)
    }

    fn status_where(&self, one: impl Fn(&str) -> bool, whole: CollectorStatus) -> CollectorStatus {
        if whole != CollectorStatus::Gathered {
            return whole;
        }
        let all = self.0.iter().filter(|(name, _)| one(name));
        let all: Vec<String> = all.map(|(name, most)| format!("{name} after {most} calls")).collect();
        if all.is_empty() {
            return whole;
        }
        CollectorStatus::Truncated { reason: format!("no longer watched: {}", all.join(", ")) }
    }
}

fn released(shared: &Arc<Shared>, r: &Report) {
    let most = r.number(1) as u64;
    shared.lock().visit.calls.0.insert(bounded(r.field(0), 100), most);
}

/// Takes what is told.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    let said = p.list("args");
    if event.method != "Runtime.consoleAPICalled"
        || said.first().map(|a| a.text("value")).as_deref() != Some(&shared.options.binding)
    {
        return false;
    }
    let field = |i: usize| said.get(i).map(|a| a.text("value")).unwrap_or_default();
    let context = p["executionContextId"].as_i64().unwrap_or(0);
    let report = Report {
        target: event.target.clone(),
        context,
        url: bounded(&field(2), 8192),
        frame: shared.lock().tab.contexts.frame(&event.target, context).cloned().filter(|f| !f.is_empty()),
        when: When::Wall(p.num("timestamp")),
        wall_ms: p.num("timestamp"),
        stack: stack::segments(&callers(&p["stackTrace"], &shared.options.binding), ""),
        fields: (3..3 + FIELDS).map(field).collect(),
        object: said.get(3 + FIELDS).cloned().unwrap_or_default(),
    };
    match field(1).as_str() {
        "cookie" => cookies::reported(shared, report),
        "storage" => storage::reported(shared, report),
        "indexed-db" => storage::reported_alone(shared, "indexed-db", report),
        "cache" => storage::reported_alone(shared, "cache", report),
        "timer" => timers::set(shared, &report),
        "timer-gone" => timers::gone(shared, &report),
        "api" => api_calls::reported(shared, report),
        "released" => released(shared, &report),
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_watched_is_told_to_whom_it_concerns() {
        let released = Released([("Storage.setItem".to_owned(), 1000)].into());
        let of = |names: &[&str]| released.status(names, CollectorStatus::Gathered);
        assert_eq!(of(&["document.cookie"]), CollectorStatus::Gathered);
        let CollectorStatus::Truncated { reason } = of(&["Storage.", "IDB"]) else { panic!("truncated") };
        assert_eq!(reason, "no longer watched: Storage.setItem after 1000 calls");
        assert_eq!(released.status(&["Storage."], CollectorStatus::NotRun), CollectorStatus::NotRun);
    }

    #[test]
    fn a_stack_begins_with_who_called() {
        let frame = |url: &str| json!({ "functionName": "f", "url": url, "lineNumber": 1 });
        let stack =
            json!({ "callFrames": [frame("f00"), frame("f00"), frame(""), frame("https://cdn.test/a.js")] });
        assert_eq!(callers(&stack, "f00")["callFrames"], json!([frame("https://cdn.test/a.js")]));
        assert_eq!(callers(&json!({ "callFrames": [frame("")] }), "f00")["callFrames"], json!([frame("")]));
        assert_eq!(callers(&Value::Null, "f00"), Value::Null);
    }

    #[test]
    fn the_script_bears_its_random_name_only() {
        let script = script("f00");
        assert!(script.starts_with("const f00 = ") && script.ends_with("//# sourceURL=f00"));
        assert!(!script.contains("NAME") && !script.contains("TOKEN") && !script.contains("affiant"));
    }
}
