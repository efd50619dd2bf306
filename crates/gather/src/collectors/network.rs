//! Requests and responses, with headers, bodies, initiators, redirects and ends.
//!
//! Joined by request id over all targets of the context: a worker's request shows partly on its owner. Header
//! lines from the wire come in any order and are matched to redirect hops by their ordinal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::footer::collectors as names;
use affiant_record::network::{
    BlockedCookie, Body, BodyOf, Headers, Initiator, Request, RequestDone, RequestHeaders, Response,
    ResponseHeaders, SentCookie,
};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::{cookies, stack};
use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::guard::{Told, Trouble};
use crate::probe;
use crate::recorder::When;
use crate::session::shared::Shared;
use crate::session::visit::state::Pending;

/// Bodies of requests that come along with the event, in bytes; larger ones are asked for.
const INLINE_POST: u64 = 1 << 20;
/// Pictures, fonts and media of more bytes on the wire than this are not fetched again from the browser: handing them
/// over costs more than all else, and no rule reads them. A pixel, whose bytes may tell something, is smaller.
const PICTURE: u64 = 2048;
/// Bodies remembered in a session at most, for what the memory cache answers again.
const KNOWN_BODIES: usize = 5000;
/// What stands in the record in the place of a secret.
const MASK: &str = "[masked]";

/// Switches the collector on for a target.
pub(crate) fn enable(shared: &Arc<Shared>, target: &str) {
    shared.enable(
        names::NETWORK,
        target,
        "Network.enable",
        json!({
            "maxPostDataSize": INLINE_POST,
            "maxTotalBufferSize": 256 << 20,
            "maxResourceBufferSize": 64 << 20,
        }),
    );
    if !shared.options.headers.is_empty() {
        // Only the property's own origin gets the extra headers: they may be secrets.
        shared.client.post(
            target,
            "Fetch.enable",
            json!({ "patterns": [{ "urlPattern": shared.options.header_pattern, "requestStage": "Request" }] }),
        );
    }
}

/// How long after its request an answer's data keeps a page from coming to rest.
const FLOWING: Duration = Duration::from_secs(10);

/// Handles `Network.*` (but WebSockets) and `Fetch.*`. Tells whether the event was one of its own.
pub(crate) fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    match event.method.as_str() {
        "Network.requestWillBeSent" => will_be_sent(shared, event),
        "Network.requestWillBeSentExtraInfo" => sent_headers(shared, p),
        "Network.responseReceived" => {
            let id = p.text("requestId");
            let (hop, cached) = {
                let mut state = shared.lock();
                if p.text("type") == "Document"
                    && p.text("frameId") == state.tab.main_frame
                    && p.text("loaderId") == id
                {
                    state.visit.main_status =
                        p["response"]["status"].as_u64().and_then(|s| s.try_into().ok());
                }
                let cached = state.visit.pending.get(&id).is_some_and(|r| r.cached);
                (state.tab.hop(&id), cached)
            };
            let kind = p.text("type");
            let when = When::Monotonic(p.num("timestamp"));
            let mut line = response(shared, &id, hop, &p["response"]);
            line.from_cache |= cached;
            shared.recorder.record(when, Observation::Response(line));
            if let Some(r) = shared.lock().visit.pending.get_mut(&id) {
                r.answering = true;
                // Event streams never end, and a fetch whose answer the page does not read is never told to end.
                r.counts &= !matches!(kind.as_str(), "EventSource" | "Fetch" | "Ping");
            }
            shared.touch();
        }
        "Network.dataReceived" => {
            // An answer that still arrives is waited for, however it is read; but not one that never ends.
            let flows = shared
                .lock()
                .visit
                .pending
                .get(&p.text("requestId"))
                .is_some_and(|r| r.resource_type != "EventSource" && r.since.elapsed() < FLOWING);
            if flows {
                shared.touch();
            }
        }
        "Network.responseReceivedExtraInfo" => received_headers(shared, p),
        "Network.requestServedFromCache" => {
            if let Some(r) = shared.lock().visit.pending.get_mut(&p.text("requestId")) {
                r.cached = true;
            }
        }
        "Network.loadingFinished" => finished(shared, event),
        "Network.loadingFailed" => failed(shared, p),
        "Fetch.requestPaused" => paused(shared, event),
        _ => return false,
    }
    true
}

fn will_be_sent(shared: &Arc<Shared>, event: &Event) {
    let p = &event.params;
    let id = p.text("requestId");
    let when = When::Monotonic(p.num("timestamp"));
    if let Some(wall_s) = p["wallTime"].as_f64() {
        shared.recorder.calibrate(p.num("timestamp"), wall_s * 1000.0);
    }
    let request = &p["request"];
    let redirect = p["redirectResponse"].is_object();
    let (hop, target) = {
        let mut state = shared.lock();
        // The same request may be told by two targets: once is enough.
        if state.tab.hops.contains_key(&id) && !redirect {
            return;
        }
        state.tab.hops.entry(id.clone()).or_default().push(request.text("url"));
        state.visit.headers_only.remove(&id);
        let hop = state.tab.hop(&id);
        state.visit.requests += 1;
        let url = request.text("url");
        state.visit.meet(&url);
        let kind = p.text("type");
        let local = ["data:", "blob:"].iter().any(|x| url.starts_with(x));
        state.visit.pending.insert(
            id.clone(),
            Pending {
                hop,
                url,
                since: Instant::now(),
                counts: kind != "EventSource" && !local,
                cached: false,
                answering: false,
                resource_type: kind,
            },
        );
        (hop, state.tab.target_id(&event.target))
    };
    if redirect && hop > 0 {
        let before = response(shared, &id, hop - 1, &p["redirectResponse"]);
        shared.recorder.record(when, Observation::Response(before));
        shared.recorder.record(
            when,
            Observation::RequestDone(RequestDone {
                request_id: id.clone(),
                hop: hop - 1,
                end: "redirected".to_owned(),
                encoded_bytes: p["redirectResponse"]["encodedDataLength"].as_f64().map(|n| n as u64),
                ..Default::default()
            }),
        );
    }
    let has_body = request.flag("hasPostData");
    let mut initiator = stack::initiator(&p["initiator"], &shared.options.binding);
    if redirect {
        initiator = Initiator { kind: "redirect".to_owned(), ..initiator };
    }
    let kind = p.text("type");
    shared.recorder.record(
        when,
        Observation::Request(Request {
            request_id: id.clone(),
            hop,
            target,
            frame: p.opt_text("frameId"),
            document_url: p.text("documentURL"),
            url: request.text("url") + request["urlFragment"].as_str().unwrap_or_default(),
            method: request.text("method"),
            headers: masked(shared, headers(&request["headers"])).0,
            navigation: kind == "Document" && p.text("loaderId") == id,
            resource_type: kind,
            initiator,
            has_body,
            wall_ms: p["wallTime"].as_f64().map(|s| s * 1000.0),
            ..Default::default()
        }),
    );
    if has_body {
        request_body(shared, event, id, hop, request, when);
    }
    shared.touch();
}

/// The body that is sent: told along, or asked for at once (after a navigation it would be gone).
fn request_body(shared: &Arc<Shared>, event: &Event, id: String, hop: u32, request: &Value, when: When) {
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
        let kept = shared.recorder.keep(&bytes);
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
                body(me.recorder.keep(&bytes), None)
            }
            Err(e) => {
                me.lock().visit.bodies_missing += 1;
                body(None, Some(e.to_string()))
            }
        };
        me.recorder.record(When::Now, line);
    });
}

fn sent_headers(shared: &Arc<Shared>, p: &Value) {
    let id = p.text("requestId");
    let hop = ordinal(&mut shared.lock().tab.sent_extras, &id);
    let blocked = p
        .list("associatedCookies")
        .iter()
        .filter(|c| !c.list("blockedReasons").is_empty())
        .map(|c| BlockedCookie {
            name: c["cookie"].text("name"),
            domain: c["cookie"].text("domain"),
            reasons: strings(c.list("blockedReasons")),
        })
        .collect();
    let sent = p
        .list("associatedCookies")
        .iter()
        .filter(|c| c.list("blockedReasons").is_empty())
        .map(|c| SentCookie {
            name: c["cookie"].text("name"),
            domain: c["cookie"].text("domain"),
            path: c["cookie"].text("path"),
            partition: c["cookie"]["partitionKey"].opt_text("topLevelSite"),
        })
        .collect();
    let when = p["connectTiming"]["requestTime"].as_f64().map_or(When::Now, When::Monotonic);
    let (headers, masked) = masked(shared, headers(&p["headers"]));
    {
        let mut state = shared.lock();
        if !state.tab.hops.contains_key(&id) && state.visit.headers_only.len() < super::headers_only::MOST {
            state.visit.headers_only.insert(id.clone(), (when, headers.clone()));
        }
    }
    shared.recorder.record(
        when,
        Observation::RequestHeaders(RequestHeaders {
            request_id: id,
            hop,
            headers,
            masked,
            blocked_cookies: blocked,
            sent_cookies: sent,
            ..Default::default()
        }),
    );
}

fn received_headers(shared: &Arc<Shared>, p: &Value) {
    let id = p.text("requestId");
    let hop = ordinal(&mut shared.lock().tab.received_extras, &id);
    let lines = headers(&p["headers"]);
    shared.recorder.record(
        When::Now,
        Observation::ResponseHeaders(ResponseHeaders {
            request_id: id.clone(),
            hop,
            status: p["statusCode"].as_u64().and_then(|s| s.try_into().ok()).unwrap_or(0),
            headers: lines.clone(),
            ..Default::default()
        }),
    );
    cookies::from_headers(shared, &id, hop, &lines, p);
}

/// The how-manieth wire event of this request it is: that is its redirect hop.
fn ordinal(counts: &mut std::collections::HashMap<String, u32>, id: &str) -> u32 {
    let next = counts.entry(id.to_owned()).or_insert(0);
    *next += 1;
    *next - 1
}

fn response(shared: &Shared, id: &str, hop: u32, r: &Value) -> Response {
    let mut line = answer(id, hop, r);
    if let Some(told) = &shared.options.guard {
        guarded(told, &r.text("url"), &mut line);
    }
    line
}

/// Behind the guard the browser knows the guard's address only: whom it connected to is the guard's to tell.
fn guarded(told: &Told, url: &str, line: &mut Response) {
    let by_guard = line.remote_port == Some(told.at.port())
        && line.remote_ip.as_deref().is_some_and(|ip| ip == told.at.ip().to_string());
    if !by_guard {
        return;
    }
    let reached = told.reached(url);
    line.remote_ip = reached.as_ref().map(|r| r.at.ip().to_string());
    line.remote_port = reached.as_ref().map(|r| r.at.port());
    let one_of: Vec<Value> =
        reached.map(|r| r.one_of.iter().map(|a| a.to_string().into()).collect()).unwrap_or_default();
    if !one_of.is_empty() {
        line.extra.insert("remote_one_of".to_owned(), one_of.into());
    }
}

fn answer(id: &str, hop: u32, r: &Value) -> Response {
    Response {
        request_id: id.to_owned(),
        hop,
        status: r["status"].as_u64().and_then(|s| s.try_into().ok()).unwrap_or(0),
        headers: headers(&r["headers"]),
        mime: r.text("mimeType"),
        remote_ip: r.opt_text("remoteIPAddress").filter(|s| !s.is_empty()),
        remote_port: r["remotePort"].as_u64().and_then(|p| p.try_into().ok()),
        protocol: r.opt_text("protocol"),
        from_cache: r.flag("fromDiskCache") || r.flag("fromPrefetchCache") || r.flag("fromEarlyHints"),
        from_service_worker: r.flag("fromServiceWorker"),
        tls_issuer: r["securityDetails"].opt_text("issuer"),
        ..Default::default()
    }
}

fn finished(shared: &Arc<Shared>, event: &Event) {
    let p = &event.params;
    let id = p.text("requestId");
    let encoded = p.num("encodedDataLength") as u64;
    let pending = shared.lock().visit.pending.remove(&id);
    let hop = pending.as_ref().map_or_else(|| shared.lock().tab.hop(&id), |r| r.hop);
    shared.recorder.record(
        When::Monotonic(p.num("timestamp")),
        Observation::RequestDone(RequestDone {
            request_id: id.clone(),
            hop,
            end: "finished".to_owned(),
            encoded_bytes: Some(encoded),
            ..Default::default()
        }),
    );
    if let Some(r) = pending {
        answered(shared, event, id, hop, encoded, &r);
    }
    shared.touch();
}

/// The body of an answer: fetched, unless that tells nothing new.
fn answered(shared: &Arc<Shared>, event: &Event, id: String, hop: u32, encoded: u64, r: &Pending) {
    let bulky = encoded > PICTURE && matches!(r.resource_type.as_str(), "Image" | "Font" | "Media");
    if bulky || r.url.starts_with("data:") {
        return;
    }
    let known = if r.cached { shared.lock().tab.bodies.get(&r.url).cloned() } else { None };
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
        shared.lock().visit.bodies_missing += 1;
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
                        me.lock().visit.bodies_missing += 1;
                        me.recorder.record(When::Now, body(id, None, Some(e)));
                        return;
                    }
                };
                let described = if keep {
                    me.recorder.keep(&bytes)
                } else {
                    Some(affiant_record::BlobRef {
                        sha256: Some(affiant_record::Digest::of(&bytes)),
                        len: bytes.len() as u64,
                        ..Default::default()
                    })
                };
                if let Some(described) = &described {
                    let known = &mut me.lock().tab.bodies;
                    if known.len() < KNOWN_BODIES || known.contains_key(&url) {
                        known.insert(url, described.clone());
                    }
                }
                body(id, described, None)
            }
            Err(e) => {
                me.lock().visit.bodies_missing += 1;
                body(id, None, Some(e.to_string()))
            }
        };
        me.recorder.record(When::Now, line);
    });
}

fn failed(shared: &Arc<Shared>, p: &Value) {
    let id = p.text("requestId");
    let error = p.opt_text("errorText").filter(|e| !e.is_empty());
    let (hop, broke_off, kept_back, guarded) = {
        let mut state = shared.lock();
        let guarded = state
            .tab
            .hops
            .get(&id)
            .and_then(|urls| urls.last())
            .and_then(|url| trouble(shared, url, error.as_deref()));
        let kept_back = state.visit.kept_back.remove(&id).then(|| "kept from being submitted".to_owned());
        let answering = state.visit.pending.remove(&id).filter(|r| r.answering);
        (state.tab.hop(&id), answering.map(|r| r.hop), kept_back, guarded)
    };
    let blocked = p
        .opt_text("blockedReason")
        .or_else(|| p["corsErrorStatus"].opt_text("corsError").map(|c| format!("cors: {c}")))
        .or(kept_back)
        .or_else(|| match &guarded {
            Some(Trouble::Refused(why)) => Some(format!("guard: {why}")),
            _ => None,
        });
    let when = When::Monotonic(p.num("timestamp"));
    if let Some(r) = broke_off {
        let error = error.clone().unwrap_or_else(|| "no reason given".to_owned());
        shared.recorder.record(
            when,
            Observation::Body(Body {
                request_id: id.clone(),
                hop: r,
                of: BodyOf::Response,
                missing: Some(format!("the answer broke off: {error}")),
                ..Default::default()
            }),
        );
    }
    let mut line = RequestDone {
        request_id: id,
        hop,
        end: if p.flag("canceled") { "canceled" } else { "failed" }.to_owned(),
        error,
        blocked,
        ..Default::default()
    };
    if let Some(trouble) = guarded {
        line.extra.insert("guard".to_owned(), trouble.to_string().into());
    }
    shared.recorder.record(when, Observation::RequestDone(line));
    shared.touch();
}

/// Why the guard did not connect, where the browser says only that its proxy did not.
pub(crate) fn trouble(shared: &Shared, url: &str, error: Option<&str>) -> Option<Trouble> {
    let by_guard =
        error.is_some_and(|e| e.contains("ERR_SOCKS_CONNECTION") || e.contains("ERR_ADDRESS_UNREACHABLE"));
    shared.options.guard.as_ref().filter(|_| by_guard)?.trouble(url)
}

/// Lets a request go on: those of the property's own origin with the extra headers. While fields are typed into, what
/// would submit them is stopped.
fn paused(shared: &Arc<Shared>, event: &Event) {
    let p = &event.params;
    if probe::paused(shared, event) {
        return;
    }
    let id = p.text("requestId");
    let origin = shared.options.header_pattern.trim_end_matches('*');
    if shared.options.headers.is_empty() || !p["request"].text("url").starts_with(origin) {
        shared.client.post(&event.target, "Fetch.continueRequest", json!({ "requestId": id }));
        return;
    }
    let mut all: Vec<Value> = headers(&p["request"]["headers"])
        .into_iter()
        .filter(|(n, _)| !shared.options.headers.iter().any(|(x, _)| x.eq_ignore_ascii_case(n)))
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    all.extend(shared.options.headers.iter().map(|(name, value)| json!({ "name": name, "value": value })));
    shared.client.post(&event.target, "Fetch.continueRequest", json!({ "requestId": id, "headers": all }));
}

/// Hides the values of the extra headers and the proxy's login, which may be secrets, and names those that were hidden.
fn masked(shared: &Shared, mut headers: Headers) -> (Headers, Vec<String>) {
    let mut names = Vec::new();
    for (name, value) in &mut headers {
        let ours = |(n, v): &&(String, String)| n.eq_ignore_ascii_case(name) && v == value;
        // What logs the browser in to the vantage's proxy is no part of the site.
        let proxy_login = name.eq_ignore_ascii_case("proxy-authorization");
        if proxy_login || shared.options.headers.iter().find(ours).is_some() {
            *value = MASK.to_owned();
            names.push(name.clone());
        }
    }
    (headers, names)
}

/// Headers as pairs; what the browser joined by a line break is taken apart again.
pub(crate) fn headers(h: &Value) -> Headers {
    let Some(map) = h.as_object() else { return Vec::new() };
    map.iter()
        .flat_map(|(name, value)| {
            value.as_str().unwrap_or_default().split('\n').map(move |v| (name.clone(), v.to_owned()))
        })
        .collect()
}

/// A list of strings.
pub(crate) fn strings(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}
