//! What a page's content security policy stopped before there was a request. The browser tells of stopped scripts
//! and images as of failed requests; of stopped frames, fetches, beacons, sockets, forms and workers only in its list
//! of issues. An attempt is a fact: each becomes a request that failed, marked as told by an issue.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::network::{Initiator, Request, RequestDone, StackFrame, StackSegment};
use serde_json::{Value, json};

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

/// Stopped attempts of one visit that are told at most.
const MAX: u64 = 1000;

/// What stands for a method that was not told.
const UNKNOWN: &str = "UNKNOWN";

/// Directives whose stopped attempts are not told as requests, and what would have been asked for.
const UNTOLD: [(&str, &str); 5] = [
    ("connect-src", "Fetch"),
    ("frame-src", "Document"),
    ("child-src", "Document"),
    ("worker-src", "Script"),
    ("form-action", "Document"),
];

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// Attempts of a visit that a content security policy stopped.
#[derive(Default)]
pub(crate) struct Stopped(u64);

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    shared.client.post(&target.handle, "Audits.enable", json!({}));
}

/// Takes `Audits.*`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    if event.method != "Audits.issueAdded" {
        return event.method.starts_with("Audits.");
    }
    let d = &event.params["issue"]["details"]["contentSecurityPolicyIssueDetails"];
    let (directive, url) = (d.text("violatedDirective"), d.text("blockedURL"));
    let stopped = d.text("contentSecurityPolicyViolationType") == "kURLViolation" && !d.flag("isReportOnly");
    let kind = UNTOLD.iter().find(|(name, _)| *name == directive).map(|(_, kind)| *kind);
    let (Some(kind), true, false) = (kind, stopped, url.is_empty()) else { return true };
    let number = {
        let Stopped(number) = &mut shared.lock().visit.issues;
        *number += 1;
        *number
    };
    if number > MAX {
        return true;
    }
    let (target, document_url) = {
        let state = shared.lock();
        let main = event.target == state.tab.main_target;
        (state.tab.target_id(&event.target), if main { state.tab.main_url.clone() } else { String::new() })
    };
    // A script and a socket's handshake are always asked for so; of the others the method is not told.
    let method = if kind == "Script" || url.starts_with("ws") { "GET" } else { UNKNOWN };
    let id = format!("issue-{}-{number}", event.target);
    let frame = d["frameAncestor"].opt_text("frameId");
    let mut line = Request {
        request_id: id.clone(),
        target,
        frame,
        document_url,
        url: bounded(&url, 65_536),
        method: method.to_owned(),
        resource_type: kind.to_owned(),
        initiator: initiator(&d["sourceCodeLocation"]),
        ..Default::default()
    };
    line.extra.insert("told_by".to_owned(), Value::from("issue"));
    shared.lock().visit.requests.seen += 1;
    shared.recorder.record(When::Now, Observation::Request(line));
    shared.recorder.record(
        When::Now,
        Observation::RequestDone(RequestDone {
            request_id: id,
            end: "failed".to_owned(),
            error: Some(format!("stopped by the page's content security policy ({directive})")),
            blocked: Some("csp".to_owned()),
            ..Default::default()
        }),
    );
    true
}

fn initiator(place: &Value) -> Initiator {
    let url = bounded(&place.text("url"), 8192);
    if url.is_empty() {
        return Initiator { kind: "other".to_owned(), ..Default::default() };
    }
    let number = |key: &str| place[key].as_u64().unwrap_or_default();
    let frame = StackFrame {
        url,
        line: number("lineNumber"),
        column: number("columnNumber"),
        script_id: place.text("scriptId"),
        ..Default::default()
    };
    Initiator {
        kind: "script".to_owned(),
        stack: vec![StackSegment { description: None, frames: vec![frame] }],
        ..Default::default()
    }
}
