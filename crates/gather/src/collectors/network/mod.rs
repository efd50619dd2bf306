//! Requests and responses, with headers, initiators, redirects and ends.
//!
//! Joined by request id over all targets of the context: a worker's request shows partly on its owner. Header
//! lines from the wire come in any order and are matched to redirect hops by their ordinal.

pub(crate) mod guarded;
pub(crate) mod headers;
pub(crate) mod hops;
pub(crate) mod requests;

use std::sync::Arc;
use std::time::Instant;

use affiant_record::footer::collectors::NETWORK;
use affiant_record::network::{
    BlockedCookie, Body, BodyOf, Initiator, Request, RequestDone, RequestHeaders, Response, ResponseHeaders,
    SentCookie,
};
use affiant_record::{CollectorStatus, Observation};
use serde_json::{Value, json};

use self::requests::Pending;
use super::{bodies, cookies, stack};
use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::guard::Trouble;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;
use crate::session::visit::state::Visit;

/// Bodies of requests that come along with the event, in bytes; larger ones are asked for.
const INLINE_POST: u64 = 1 << 20;

pub(crate) const OBSERVER: Observer = Observer { attach, event, status, ..Observer::IDLE };

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    shared.enable(
        NETWORK,
        target,
        "Network.enable",
        json!({
            "maxPostDataSize": INLINE_POST,
            "maxTotalBufferSize": 256 << 20,
            "maxResourceBufferSize": 64 << 20,
        }),
    );
}

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((NETWORK, seen(visit, reach)))
}

/// How far the browser's own word of the network was heard; what others tell hangs on that too.
pub(crate) fn seen(visit: &Visit, reach: &Reach) -> CollectorStatus {
    if let Some(failed) = visit.failed(NETWORK) {
        return failed;
    }
    if reach.lost > 0 {
        let reason = format!("{} observations between two visits could not be kept", reach.lost);
        return CollectorStatus::Truncated { reason };
    }
    match &reach.hidden {
        Some(reason) => CollectorStatus::Truncated { reason: reason.clone() },
        None => CollectorStatus::Gathered,
    }
}

/// Takes `Network.*`, but what is of WebSockets.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
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
                    state.visit.requests.main_status =
                        p["response"]["status"].as_u64().and_then(|s| s.try_into().ok());
                }
                let cached = state.visit.requests.pending.get(&id).is_some_and(|r| r.cached);
                (state.tab.hops.at(&id), cached)
            };
            let kind = p.text("type");
            let when = When::Monotonic(p.num("timestamp"));
            let mut line = response(shared, &id, hop, &p["response"]);
            line.from_cache |= cached;
            shared.recorder.record(when, Observation::Response(line));
            if let Some(r) = shared.lock().visit.requests.pending.get_mut(&id) {
                r.answering = true;
                // Event streams never end, and a fetch whose answer the page does not read is never told to end.
                r.counts &= !matches!(kind.as_str(), "EventSource" | "Fetch" | "Ping");
            }
            shared.touch();
        }
        "Network.dataReceived" => {
            let flows = shared.lock().visit.requests.flows(&p.text("requestId"));
            if flows {
                shared.touch();
            }
        }
        "Network.responseReceivedExtraInfo" => received_headers(shared, p),
        "Network.requestServedFromCache" => {
            if let Some(r) = shared.lock().visit.requests.pending.get_mut(&p.text("requestId")) {
                r.cached = true;
            }
        }
        "Network.loadingFinished" => finished(shared, event),
        "Network.loadingFailed" => failed(shared, p),
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
        if state.tab.hops.knows(&id) && !redirect {
            return;
        }
        let url = request.text("url");
        let hop = state.tab.hops.go(&id, url.clone());
        state.visit.headers_only.told(&id);
        state.visit.requests.seen += 1;
        state.visit.dns.meet(&url);
        let kind = p.text("type");
        let local = ["data:", "blob:"].iter().any(|x| url.starts_with(x));
        state.visit.requests.pending.insert(
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
            headers: headers::masked(shared, headers::read(&request["headers"])).0,
            navigation: kind == "Document" && p.text("loaderId") == id,
            resource_type: kind,
            initiator,
            has_body,
            wall_ms: p["wallTime"].as_f64().map(|s| s * 1000.0),
            ..Default::default()
        }),
    );
    if has_body {
        bodies::sent(shared, event, id, hop, request, when);
    }
    shared.touch();
}

fn sent_headers(shared: &Arc<Shared>, p: &Value) {
    let id = p.text("requestId");
    let hop = shared.lock().tab.hops.sent(&id);
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
    let (headers, masked) = headers::masked(shared, headers::read(&p["headers"]));
    {
        let mut state = shared.lock();
        if !state.tab.hops.knows(&id) {
            state.visit.headers_only.keep(&id, when, &headers);
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
    let hop = shared.lock().tab.hops.received(&id);
    let lines = headers::read(&p["headers"]);
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

fn response(shared: &Shared, id: &str, hop: u32, r: &Value) -> Response {
    let mut line = Response {
        request_id: id.to_owned(),
        hop,
        status: r["status"].as_u64().and_then(|s| s.try_into().ok()).unwrap_or(0),
        headers: headers::read(&r["headers"]),
        mime: r.text("mimeType"),
        remote_ip: r.opt_text("remoteIPAddress").filter(|s| !s.is_empty()),
        remote_port: r["remotePort"].as_u64().and_then(|p| p.try_into().ok()),
        protocol: r.opt_text("protocol"),
        from_cache: r.flag("fromDiskCache") || r.flag("fromPrefetchCache") || r.flag("fromEarlyHints"),
        from_service_worker: r.flag("fromServiceWorker"),
        tls_issuer: r["securityDetails"].opt_text("issuer"),
        ..Default::default()
    };
    guarded::reached(shared, &r.text("url"), &mut line);
    line
}

fn finished(shared: &Arc<Shared>, event: &Event) {
    let p = &event.params;
    let id = p.text("requestId");
    let encoded = p.num("encodedDataLength") as u64;
    let pending = shared.lock().visit.requests.pending.remove(&id);
    let hop = pending.as_ref().map_or_else(|| shared.lock().tab.hops.at(&id), |r| r.hop);
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
        bodies::answered(shared, event, id, hop, encoded, &r);
    }
    shared.touch();
}

fn failed(shared: &Arc<Shared>, p: &Value) {
    let id = p.text("requestId");
    let error = p.opt_text("errorText").filter(|e| !e.is_empty());
    let (hop, broke_off, kept_back, guarded) = {
        let mut state = shared.lock();
        let guarded =
            state.tab.hops.last(&id).and_then(|url| guarded::trouble(shared, url, error.as_deref()));
        let kept_back = state.visit.guard.kept_back(&id).then(|| "kept from being submitted".to_owned());
        let answering = state.visit.requests.pending.remove(&id).filter(|r| r.answering);
        (state.tab.hops.at(&id), answering.map(|r| r.hop), kept_back, guarded)
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

/// A list of strings.
pub(crate) fn strings(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}
