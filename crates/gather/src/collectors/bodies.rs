//! The bytes that were sent, and those that came back: told along, or asked of the browser before they are gone.

use std::collections::HashMap;
use std::sync::Arc;

use affiant_record::footer::collectors::BODIES;
use affiant_record::network::{Body, BodyOf};
use affiant_record::{BlobRef, CollectorStatus, Observation};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::network::requests::Pending;
use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Pictures, fonts and media of more bytes on the wire than this are not fetched again from the browser: handing them
/// over costs more than all else, and no rule reads them. A pixel, whose bytes may tell something, is smaller.
const PICTURE: u64 = 2048;
/// Bodies remembered in a session at most, for what the memory cache answers again.
const KNOWN: usize = 5000;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

/// Bodies that were fetched in this session, by address, for what a cache answers again.
#[derive(Default)]
pub(crate) struct Known(HashMap<String, BlobRef>);

/// The bodies of a visit.
#[derive(Default)]
pub(crate) struct Bodies {
    missing: u64,
}

fn status(visit: &Visit, _: &Reach) -> Option<Status> {
    let status = match (visit.failed(BODIES), visit.bodies.missing) {
        (Some(CollectorStatus::Failed { reason }), _) => CollectorStatus::Truncated { reason },
        (_, 0) => CollectorStatus::Gathered,
        (_, n) => CollectorStatus::Truncated { reason: format!("{n} bodies could not be fetched any more") },
    };
    Some((BODIES, status))
}

/// The body that is sent: told along, or asked for at once (after a navigation it would be gone).
pub(super) fn sent(shared: &Arc<Shared>, event: &Event, id: String, hop: u32, request: &Value, when: When) {
    let entries: Option<Vec<u8>> = request["postDataEntries"].as_array().and_then(|list| {
        let mut all = Vec::new();
        for e in list {
            all.extend(BASE64_STANDARD.decode(e["bytes"].as_str()?).ok()?);
        }
        (!all.is_empty()).then_some(all)
    });
    let told = entries.or_else(|| request["postData"].as_str().map(|s| s.as_bytes().to_vec()));
    let body = move |bytes, missing| {
        Observation::Body(Body {
            request_id: id.clone(),
            hop,
            of: BodyOf::Request,
            bytes,
            missing,
            ..Default::default()
        })
    };
    if let Some(bytes) = told {
        let kept = shared.recorder.keep(BODIES, &bytes);
        shared.recorder.record(when, body(kept, None));
        return;
    }
    let (me, target, id) = (Arc::clone(shared), event.target.clone(), event.params.text("requestId"));
    shared.follow_up(async move {
        let answer = me.client.call(&target, "Network.getRequestPostData", json!({ "requestId": id })).await;
        let line = match answer {
            Ok(v) => {
                let text = v.text("postData");
                let bytes = if v.flag("base64Encoded") {
                    BASE64_STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes())
                } else {
                    text.into_bytes()
                };
                body(me.recorder.keep(BODIES, &bytes), None)
            }
            Err(e) => {
                me.lock().visit.bodies.missing += 1;
                body(None, Some(e.to_string()))
            }
        };
        me.recorder.record(When::Now, line);
    });
}

/// The body of an answer: fetched, unless that tells nothing new.
pub(super) fn answered(shared: &Arc<Shared>, event: &Event, id: String, hop: u32, encoded: u64, r: &Pending) {
    let bulky = encoded > PICTURE && matches!(r.resource_type.as_str(), "Image" | "Font" | "Media");
    if bulky || r.url.starts_with("data:") {
        return;
    }
    let known = if r.cached { shared.lock().tab.bodies.0.get(&r.url).cloned() } else { None };
    let Some(bytes) = known else {
        response_body(shared, event, id, hop, encoded, r);
        return;
    };
    let mut line =
        Body { request_id: id, hop, of: BodyOf::Response, bytes: Some(bytes), ..Default::default() };
    line.extra.insert("not_fetched_again".to_owned(), Value::Bool(true));
    shared.recorder.record(When::Now, Observation::Body(line));
}

/// Hash of every body that is fetched, bytes of those that can act or tell: scripts, documents, answers to scripts.
fn response_body(shared: &Arc<Shared>, event: &Event, id: String, hop: u32, encoded: u64, r: &Pending) {
    let url = r.url.clone();
    let keep = matches!(
        r.resource_type.as_str(),
        "Script" | "Document" | "XHR" | "Fetch" | "Stylesheet" | "Other" | "Preflight"
    );
    let body = move |request_id: String, bytes, missing| {
        Observation::Body(Body {
            request_id,
            hop,
            of: BodyOf::Response,
            bytes,
            missing,
            ..Default::default()
        })
    };
    if encoded > 4 * shared.options.body_limit as u64 {
        let why = format!("{encoded} bytes on the wire are more than is fetched");
        shared.lock().visit.bodies.missing += 1;
        shared.recorder.record(When::Now, body(id, None, Some(why)));
        return;
    }
    let (me, target) = (Arc::clone(shared), event.target.clone());
    shared.follow_up(async move {
        let answer = me.client.call(&target, "Network.getResponseBody", json!({ "requestId": id })).await;
        let line = match answer {
            Ok(v) => {
                let text = v["body"].as_str().unwrap_or_default();
                let bytes = if v.flag("base64Encoded") {
                    BASE64_STANDARD.decode(text).map_err(|e| e.to_string())
                } else {
                    Ok(text.as_bytes().to_vec())
                };
                let bytes = match bytes {
                    Ok(bytes) => bytes,
                    Err(e) => {
                        me.lock().visit.bodies.missing += 1;
                        me.recorder.record(When::Now, body(id, None, Some(e)));
                        return;
                    }
                };
                let described =
                    if keep { me.recorder.keep(BODIES, &bytes) } else { Some(BlobRef::not_kept(&bytes)) };
                if let Some(described) = &described {
                    let known = &mut me.lock().tab.bodies.0;
                    if known.len() < KNOWN || known.contains_key(&url) {
                        known.insert(url, described.clone());
                    }
                }
                body(id, described, None)
            }
            Err(e) => {
                me.lock().visit.bodies.missing += 1;
                body(id, None, Some(e.to_string()))
            }
        };
        me.recorder.record(When::Now, line);
    });
}
