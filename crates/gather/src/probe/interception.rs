//! Requests that the network layer holds until it is told what is to become of them: those of the property's own origin
//! go on with the extra headers, and while fields are typed into, what would submit them is stopped.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::guard;
use crate::GatherError;
use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::collectors::network::headers;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// What is held of a target; nothing, if nothing is. `documents`: each document, since a form may be on its way.
fn patterns(shared: &Shared, documents: bool) -> Vec<Value> {
    let mut patterns = Vec::new();
    if documents {
        patterns.push(json!({ "resourceType": "Document", "requestStage": "Request" }));
    }
    if !shared.options.headers.is_empty() {
        // Only the property's own origin gets the extra headers: they may be secrets.
        patterns.push(json!({ "urlPattern": shared.options.header_pattern, "requestStage": "Request" }));
    }
    patterns
}

/// One that comes while fields are typed into is held itself until this is answered.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    let patterns = patterns(shared, target.has_documents() && guard::is_up(shared));
    if !patterns.is_empty() {
        shared.client.post(&target.handle, "Fetch.enable", json!({ "patterns": patterns }));
    }
}

/// Changes what is held of a target with documents.
pub(super) async fn hold(
    shared: &Shared,
    target: &str,
    documents: bool,
    at_most: Duration,
) -> Result<(), GatherError> {
    let patterns = patterns(shared, documents);
    let (method, params) = match patterns.is_empty() {
        true => ("Fetch.disable", json!({})),
        false => ("Fetch.enable", json!({ "patterns": patterns })),
    };
    shared.client.call_within(target, method, params, at_most).await.map(drop)
}

/// Takes `Fetch.requestPaused`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    if event.method != "Fetch.requestPaused" {
        return false;
    }
    if !guard::stops(shared, event) {
        go_on(shared, event);
    }
    true
}

/// Lets a request go on: one of the property's own origin with the extra headers.
fn go_on(shared: &Shared, event: &Event) {
    let p = &event.params;
    let id = p.text("requestId");
    let origin = shared.options.header_pattern.trim_end_matches('*');
    if shared.options.headers.is_empty() || !p["request"].text("url").starts_with(origin) {
        shared.client.post(&event.target, "Fetch.continueRequest", json!({ "requestId": id }));
        return;
    }
    let mut all: Vec<Value> = headers::read(&p["request"]["headers"])
        .into_iter()
        .filter(|(n, _)| !shared.options.headers.iter().any(|(x, _)| x.eq_ignore_ascii_case(n)))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    all.extend(shared.options.headers.iter().map(|(name, value)| json!({ "name": name, "value": value })));
    shared.client.post(&event.target, "Fetch.continueRequest", json!({ "requestId": id, "headers": all }));
}
