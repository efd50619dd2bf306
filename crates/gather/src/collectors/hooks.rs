//! Hooks in the page's own world and in workers: one script, put in before the page's first one, that tells who set
//! a cookie, wrote to storage, set a timer or used a telling interface. What it says is checked like anything that a
//! page says: the page could have got hold of the binding.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use affiant_record::network::{StackFrame, StackSegment};
use serde_json::json;

use super::{api_calls, cookies, storage, timers};
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

/// A page's clock that is further off than this is not its machine's.
const FAR_MS: f64 = 60_000.0;

/// The parts of the script, in order: the ground first.
const PARTS: [&str; 5] = [
    include_str!("js/hooks/base.js"),
    include_str!("js/hooks/cookies.js"),
    include_str!("js/hooks/storage.js"),
    include_str!("js/hooks/timers.js"),
    include_str!("js/hooks/apis.js"),
];

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// The whole script. Its frames in call stacks bear the binding's random name, so that they can be told apart.
pub(crate) fn script(binding: &str) -> String {
    let body = PARTS.concat().replace("__BINDING__", binding);
    format!("(() => {{\n{body}\n}})();\n//# sourceURL={binding}")
}

/// Puts the hooks in.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    let (handle, binding) = (target.handle.as_str(), &shared.options.binding);
    shared.client.post(handle, "Runtime.addBinding", json!({ "name": binding }));
    if target.has_documents() {
        shared.client.post(
            handle,
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": shared.options.hooks, "runImmediately": true }),
        );
    } else {
        // A worker waits before its first statement; its global scope is there already.
        shared.client.post(
            handle,
            "Runtime.evaluate",
            json!({ "expression": shared.options.hooks, "silent": true }),
        );
    }
}

/// One report, taken apart.
pub(crate) struct Report {
    /// Target that told it.
    pub(crate) target: String,
    /// Execution context that it comes from.
    pub(crate) context: i64,
    /// The document or worker script.
    pub(crate) url: String,
    /// Frame, where known.
    pub(crate) frame: Option<String>,
    /// When, by the page's clock.
    pub(crate) when: When,
    /// The same in ms since the Unix epoch.
    pub(crate) wall_ms: f64,
    /// The call stack.
    pub(crate) stack: Vec<StackSegment>,
    /// The call stack as text, for telling places apart.
    pub(crate) place: String,
    /// What is told, by kind.
    pub(crate) fields: Vec<String>,
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
}

/// Takes the hooks' reports.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    if event.method != "Runtime.bindingCalled" || p.text("name") != shared.options.binding {
        return false;
    }
    let Some(payload) = p["payload"].as_str() else { return true };
    if payload.starts_with('{') {
        // A script of ours in an isolated world speaks so.
        return false;
    }
    let Some(mut parts) = taken_apart(payload) else { return true };
    let Some([kind, url, wall, stack]) = parts.first_chunk::<4>().cloned() else { return true };
    let context = p["executionContextId"].as_i64().unwrap_or(0);
    let frames = frames(&stack, &shared.options.binding);
    // A page may have replaced the clock: what is not about now is not believed.
    let wall_ms = wall.parse::<f64>().ok().filter(|ms| (ms - now_ms()).abs() < FAR_MS);
    let report = Report {
        target: event.target.clone(),
        context,
        url: bounded(&url, 8192),
        frame: shared.lock().tab.contexts.frame(&event.target, context).cloned().filter(|f| !f.is_empty()),
        when: wall_ms.map_or(When::Now, When::Wall),
        wall_ms: wall_ms.unwrap_or_else(now_ms),
        stack: if frames.is_empty() { Vec::new() } else { vec![StackSegment { description: None, frames }] },
        place: stack,
        fields: parts.split_off(4),
    };
    match kind.as_str() {
        "cookie" => cookies::reported(shared, &report),
        "storage" => storage::reported(shared, report),
        "timer" => timers::set(shared, &report),
        "timer-gone" => timers::gone(shared, &report),
        "api" => api_calls::reported(shared, report),
        _ => {}
    }
    true
}

fn now_ms() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs_f64() * 1000.0
}

/// Takes `LENGTH:TEXT` after `LENGTH:TEXT` apart; lengths are in UTF-16 units, as JavaScript counts.
fn taken_apart(payload: &str) -> Option<Vec<String>> {
    let (mut rest, mut out) = (payload, Vec::new());
    while !rest.is_empty() {
        let (length, after) = rest.split_once(':')?;
        let mut units = length.parse::<usize>().ok()?;
        let mut end = 0;
        for c in after.chars() {
            if units == 0 {
                break;
            }
            units = units.checked_sub(c.len_utf16())?;
            end += c.len_utf8();
        }
        if units > 0 {
            return None;
        }
        let (text, next) = after.split_at(end);
        out.push(text.to_owned());
        rest = next;
    }
    Some(out)
}

/// Parses V8's text of a stack; the hooks' own frames are left out.
fn frames(stack: &str, ours: &str) -> Vec<StackFrame> {
    stack
        .lines()
        .filter_map(|l| l.trim().strip_prefix("at "))
        .filter_map(|l| {
            let (function, place) = match l.strip_suffix(')').and_then(|x| x.rsplit_once(" (")) {
                Some((f, p)) => (f, p),
                None => ("", l),
            };
            let (rest, column) = place.rsplit_once(':')?;
            let (url, line) = rest.rsplit_once(':')?;
            let number = |s: &str| s.parse::<u64>().ok().map(|n| n.saturating_sub(1));
            Some(StackFrame {
                function: function.to_owned(),
                url: url.to_owned(),
                line: number(line)?,
                column: number(column)?,
                script_id: String::new(),
            })
        })
        .filter(|f| f.url != ours && f.url != "<anonymous>")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_stack_is_taken_apart() {
        let f = frames(
            "Error\n    at stackOf (f00:9:15)\n    at Object.apply (f00:20:40)\n    at setId (https://cdn.test/a.js?v=1:2:30)\n    at https://www.test/:14:3\n    at <anonymous>:1:1",
            "f00",
        );
        assert_eq!(f.len(), 2);
        assert_eq!(
            (f[0].function.as_str(), f[0].url.as_str(), f[0].line, f[0].column),
            ("setId", "https://cdn.test/a.js?v=1", 1, 29)
        );
        assert_eq!(f[1].url, "https://www.test/");
    }

    #[test]
    fn reports_that_lie_about_lengths_are_not_read() {
        assert_eq!(taken_apart("2:ab0:1:c"), Some(vec!["ab".into(), String::new(), "c".into()]));
        assert_eq!(taken_apart("2:😀"), Some(vec!["😀".into()]));
        for bad in ["3:ab", "x:ab", "1:😀", "99999999999999999999:a", "ab"] {
            assert_eq!(taken_apart(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_payload_is_borne(text in ".*") {
            let _ = taken_apart(&text);
            let _ = frames(&text, "f00");
        }

        #[test]
        fn what_is_told_is_read(parts in proptest::collection::vec(".*", 0..8)) {
            let told: String = parts.iter().map(|p| format!("{}:{p}", p.encode_utf16().count())).collect();
            prop_assert_eq!(taken_apart(&told), Some(parts));
        }
    }
}
