//! One entry as the lines of a record.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::parts::{Content, Entry, Message, Pair, PostData, header};
use super::survey::is_socket;
use super::{BODY_LIMIT, cookie};
use crate::network::{
    Body, BodyOf, Headers, Initiator, Request, RequestDone, RequestHeaders, Response, ResponseHeaders,
    StackFrame, StackSegment, WebSocketEvent,
};
use crate::{BlobRef, BlobStore, Observation, RecordError};

/// Addresses that are waited for as the next hop of a redirect. Bounded: a hostile file must not fill the memory.
const MOST_AWAITED: usize = 10_000;

/// What the entries before told of a visit.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Address that a redirect led to → the exchange that it was answered to.
    awaited: HashMap<String, (String, u32)>,
    /// The exchange of the page's own document.
    page: Option<String>,
    /// Where the page's own document came from in the end.
    pub(super) final_url: Option<String>,
    /// How the page's own document ended, if badly.
    pub(super) failed: Option<String>,
}

/// An entry in its place.
pub(super) struct At<'a> {
    /// Its number in the file.
    pub(super) n: u64,
    /// Its beginning on the visit's clock, in ms.
    pub(super) t: f64,
    /// Wall time of the clock's zero, in ms since the Unix epoch.
    pub(super) zero_ms: f64,
    /// Whether it brought the page's first document.
    pub(super) is_page: bool,
    /// Address of the page.
    pub(super) page_url: &'a str,
}

/// Lines with their times, in the order in which they are written.
pub(super) type Lines = Vec<(f64, Observation)>;

/// The lines of one entry. Bodies go to the blobs.
pub(super) fn lines(e: Entry, at: &At<'_>, told: &mut Told, blobs: &BlobStore) -> Result<Lines, RecordError> {
    let kind = kind(&e, at.is_page);
    if is_socket(&e.request.url) || !e.messages.is_empty() || kind.0 == "WebSocket" {
        return socket(&e, at, blobs);
    }
    let mut out = Lines::new();
    let (id, hop) = told
        .awaited
        .remove(&key(&e.request.url))
        .map_or_else(|| (format!("har-{}", at.n), 0), |(id, hop)| (id, hop.saturating_add(1)));
    if at.is_page {
        told.page = Some(id.clone());
    }
    let is_main = told.page.as_deref() == Some(id.as_str());
    let (t, took) = (at.t, took(e.time));
    let done_at = t + took;
    let answered = t + (took - timing(&e.timings, "receive").unwrap_or(0.0)).max(0.0);
    let cached = !e.from_cache.is_empty()
        || matches!(e.fetch_type.to_ascii_lowercase().as_str(), "memory cache" | "disk cache");
    let worker =
        e.response.via_worker.as_bool() == Some(true) || e.fetch_type.eq_ignore_ascii_case("service worker");
    let status = e.response.status.filter(|s| (100.0..1000.0).contains(s));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 100 and 999")]
    let status = status.map(|s| s as u16);

    let mut sent = pairs(&e.request.headers);
    let mut extra = crate::Extra::new();
    extra.insert("har_entry".to_owned(), Value::from(at.n));
    if let Some(how) = kind.1 {
        extra.insert("resource_type_from".to_owned(), Value::from(how));
    }
    for (name, value) in [("priority", &e.priority), ("comment", &e.comment)] {
        if !value.is_empty() {
            extra.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    let post = e.request.post_data.filter(|p| p.text.is_some() || !p.params.is_empty() || !p.file.is_empty());
    let navigation = kind.0 == "Document";
    out.push((
        t,
        Observation::Request(Request {
            request_id: id.clone(),
            hop,
            target: "har".to_owned(),
            // Which frame it was is not told. A document that is not the page's own was not the page's own frame.
            frame: (navigation && !is_main).then(|| format!("frame-of-{id}")),
            document_url: at.page_url.to_owned(),
            url: e.request.url.clone(),
            method: if e.request.method.is_empty() { "GET".to_owned() } else { e.request.method.clone() },
            headers: without(&sent, "cookie"),
            resource_type: kind.0,
            navigation,
            initiator: if hop > 0 {
                Initiator { kind: "redirect".to_owned(), ..initiator(&e.initiator) }
            } else {
                initiator(&e.initiator)
            },
            has_body: post.is_some() || e.request.body_size.is_some_and(|n| n > 0.0),
            wall_ms: Some(at.zero_ms + t),
            extra,
        }),
    ));
    if !cached {
        let mut extra = crate::Extra::new();
        if header(&e.request.headers, "cookie").is_none()
            && let Some(line) = cookie::sent(&e.request.cookies)
        {
            sent.push(("Cookie".to_owned(), line));
            extra.insert("cookie_header_from".to_owned(), Value::from("the HAR's list of cookies"));
        }
        out.push((
            t,
            Observation::RequestHeaders(RequestHeaders {
                request_id: id.clone(),
                hop,
                headers: sent,
                extra,
                ..RequestHeaders::default()
            }),
        ));
    }
    let body = |of, bytes, missing| {
        Observation::Body(Body { request_id: id.clone(), hop, of, bytes, missing, ..Body::default() })
    };
    match post {
        Some(p) => {
            let (bytes, missing) = posted(p, blobs)?;
            out.push((t, body(BodyOf::Request, bytes, missing)));
        }
        None if e.request.body_size.is_some_and(|n| n > 0.0) => {
            out.push((t, body(BodyOf::Request, None, Some("the HAR does not hold it".to_owned()))));
        }
        None => {}
    }

    let host = host(&e.request.url);
    if let Some(status) = status {
        let received = pairs(&e.response.headers);
        out.push((
            answered,
            Observation::Response(Response {
                request_id: id.clone(),
                hop,
                status,
                headers: without(&received, "set-cookie"),
                mime: mime(&e.response.content.mime_type),
                remote_ip: ip(&e.server_ip),
                remote_port: port(e.server_port),
                protocol: protocol(&e.response.http_version, &e.request.http_version),
                from_cache: cached,
                from_service_worker: worker,
                tls_issuer: e.security["issuer"].as_str().map(str::to_owned),
                ..Response::default()
            }),
        ));
        out.push((
            answered,
            Observation::ResponseHeaders(ResponseHeaders {
                request_id: id.clone(),
                hop,
                status,
                headers: received,
                ..ResponseHeaders::default()
            }),
        ));
        for mut c in cookie::set(&e.response.headers, &e.response.cookies, &host) {
            (c.request_id, c.hop) = (Some(id.clone()), Some(hop));
            out.push((answered, Observation::CookieWrite(c)));
        }
        if let Some((bytes, missing)) = content(e.response.content, blobs)? {
            out.push((done_at, body(BodyOf::Response, bytes, missing)));
        }
    }

    let target = redirect(&e.request.url, &e.response.redirect_url, status, &e.response.headers);
    let error = [e.response.error, e.response.failure_text].into_iter().find(|x| !x.is_empty());
    let blocked = error.as_deref().and_then(blocked);
    let (end, error) = match (status, error) {
        (Some(_), None) if target.is_some() => ("redirected", None),
        (Some(_), None) => ("finished", None),
        (_, Some(e)) => ("failed", Some(e)),
        (None, None) => ("failed", Some("the HAR tells no response".to_owned())),
    };
    if is_main {
        (told.final_url, told.failed) = (Some(e.request.url), error.clone());
    }
    if let Some(target) = target
        && told.awaited.len() < MOST_AWAITED
    {
        told.awaited.insert(key(&target), (id.clone(), hop));
    }
    let bytes = size(e.response.transfer_size)
        .or_else(|| Some(size(e.response.headers_size)? + size(e.response.body_size)?));
    let mut extra = crate::Extra::new();
    if e.timings.is_object() {
        extra.insert("har_timings".to_owned(), e.timings);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is right here")]
    out.push((
        done_at,
        Observation::RequestDone(RequestDone {
            request_id: id.clone(),
            hop,
            end: end.to_owned(),
            error,
            blocked,
            encoded_bytes: bytes.map(|n| n as u64),
            extra,
        }),
    ));
    Ok(out)
}

/// How long an exchange can have taken, in ms: a month.
const LONGEST: f64 = 31.0 * 86_400_000.0;
/// How long a body can be: what a double still counts.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// How long it took; nothing where that is not told, or cannot be.
fn took(told: Option<f64>) -> f64 {
    told.filter(|ms| (0.0..=LONGEST).contains(ms)).unwrap_or(0.0)
}

fn size(told: Option<f64>) -> Option<f64> {
    told.filter(|n| (0.0..=LARGEST).contains(n))
}

/// The browser's word for what it is, and where it is from if the HAR does not say it.
fn kind(e: &Entry, is_page: bool) -> (String, Option<&'static str>) {
    if !e.resource_type.is_empty() {
        return (resource_type(&e.resource_type), None);
    }
    if let Some(dest) = header(&e.request.headers, "sec-fetch-dest") {
        let word = match dest.trim().to_ascii_lowercase().as_str() {
            "document" | "iframe" | "frame" | "embed" | "object" => "Document",
            "script" | "worker" | "sharedworker" | "serviceworker" => "Script",
            "style" => "Stylesheet",
            "image" => "Image",
            "font" => "Font",
            "audio" | "video" | "track" => "Media",
            "manifest" => "Manifest",
            "empty" => "Fetch",
            "websocket" => "WebSocket",
            _ => "Other",
        };
        return (word.to_owned(), Some("sec-fetch-dest"));
    }
    let mime = mime(&e.response.content.mime_type);
    let word = match mime.as_str() {
        _ if is_page => "Document",
        m if m.contains("javascript") || m.contains("ecmascript") => "Script",
        "text/css" => "Stylesheet",
        m if m.starts_with("image/") => "Image",
        m if m.starts_with("font/") || m.contains("font-") => "Font",
        m if m.starts_with("audio/") || m.starts_with("video/") => "Media",
        _ => "Other",
    };
    (word.to_owned(), Some("mime"))
}

/// Chrome writes its types in lower case.
fn resource_type(har: &str) -> String {
    const KNOWN: [&str; 18] = [
        "Document",
        "Stylesheet",
        "Image",
        "Media",
        "Font",
        "Script",
        "TextTrack",
        "XHR",
        "Fetch",
        "Prefetch",
        "EventSource",
        "WebSocket",
        "Manifest",
        "SignedExchange",
        "Ping",
        "CSPViolationReport",
        "Preflight",
        "Other",
    ];
    let plain = |s: &str| s.replace('-', "").to_ascii_lowercase();
    let known = KNOWN.iter().find(|k| plain(k) == plain(har));
    known.map_or_else(|| har.to_owned(), |k| (*k).to_owned())
}

/// What Chrome and its kin tell of the cause; others tell nothing.
fn initiator(v: &Value) -> Initiator {
    let text = |v: &Value| v.as_str().filter(|s| !s.is_empty()).map(str::to_owned);
    let kind = match v {
        Value::Object(_) => text(&v["type"]),
        _ => None,
    };
    let mut stack = Vec::new();
    let (mut at, mut parent) = (&v["stack"], false);
    while at.is_object() && stack.len() < 64 {
        let frames = at["callFrames"].as_array().map(Vec::as_slice).unwrap_or_default();
        stack.push(StackSegment {
            description: if parent { text(&at["description"]) } else { None },
            frames: frames
                .iter()
                .map(|f| StackFrame {
                    function: text(&f["functionName"]).unwrap_or_default(),
                    url: text(&f["url"]).unwrap_or_default(),
                    line: f["lineNumber"].as_u64().unwrap_or(0),
                    column: f["columnNumber"].as_u64().unwrap_or(0),
                    script_id: text(&f["scriptId"]).unwrap_or_default(),
                })
                .collect(),
        });
        (at, parent) = (&at["parent"], true);
    }
    Initiator {
        kind: kind.unwrap_or_else(|| "other".to_owned()),
        url: text(&v["url"]),
        line: v["lineNumber"].as_u64(),
        column: v["columnNumber"].as_u64(),
        stack,
        ..Initiator::default()
    }
}

/// A WebSocket is told by its events.
fn socket(e: &Entry, at: &At<'_>, blobs: &BlobStore) -> Result<Lines, RecordError> {
    let id = format!("har-{}", at.n);
    let event = |name: &str| WebSocketEvent {
        request_id: id.clone(),
        event: name.to_owned(),
        target: "har".to_owned(),
        ..WebSocketEvent::default()
    };
    let mut out = Lines::new();
    let mut created = WebSocketEvent {
        url: Some(e.request.url.clone()),
        initiator: Some(initiator(&e.initiator)),
        ..event("created")
    };
    created.extra.insert("har_entry".to_owned(), Value::from(at.n));
    out.push((at.t, Observation::WebSocket(created)));
    out.push((
        at.t,
        Observation::WebSocket(WebSocketEvent { headers: pairs(&e.request.headers), ..event("handshake") }),
    ));
    let took = took(e.time);
    if let Some(status) = e.response.status.filter(|s| *s >= 100.0) {
        let mut answer = WebSocketEvent { headers: pairs(&e.response.headers), ..event("handshake-answer") };
        answer.extra.insert("status".to_owned(), json!(status));
        out.push((at.t, Observation::WebSocket(answer)));
    }
    let mut end = at.t + took;
    for m in &e.messages {
        let (t, time_told) = message_time(m, at);
        end = end.max(t);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 15")]
        let opcode = m.opcode.filter(|o| (0.0..=15.0).contains(o)).map(|o| o as u8);
        let bytes = match opcode {
            Some(2) => STANDARD.decode(m.data.trim()).unwrap_or_else(|_| m.data.as_bytes().to_vec()),
            _ => m.data.as_bytes().to_vec(),
        };
        let name = match m.kind.as_str() {
            "send" => "sent",
            "error" => "error",
            _ => "received",
        };
        let mut w = WebSocketEvent {
            opcode,
            payload: Some(blobs.keep(&bytes, BODY_LIMIT)?),
            error: (name == "error").then(|| m.data.clone()),
            ..event(name)
        };
        if !time_told {
            w.extra.insert("time_from".to_owned(), Value::from("the socket's beginning"));
        }
        out.push((t, Observation::WebSocket(w)));
    }
    if took > 0.0 {
        out.push((end, Observation::WebSocket(event("closed"))));
    }
    Ok(out)
}

/// Chrome tells seconds since the epoch. What lies further than a day from the socket is another clock.
fn message_time(m: &Message, at: &At<'_>) -> (f64, bool) {
    const DAY_MS: f64 = 86_400_000.0;
    let near = |t: &f64| (t - at.t).abs() < DAY_MS;
    let told = m.time.and_then(|x| [x * 1000.0 - at.zero_ms, x - at.zero_ms].into_iter().find(near));
    told.map_or((at.t, false), |t| (t, true))
}

/// What was kept of a body, and what is missing of it.
type Kept = (Option<BlobRef>, Option<String>);

fn posted(p: PostData, blobs: &BlobStore) -> Result<Kept, RecordError> {
    if let Some(text) = p.text {
        let decoded =
            p.encoding.eq_ignore_ascii_case("base64").then(|| STANDARD.decode(text.trim()).ok()).flatten();
        let bytes = decoded.unwrap_or_else(|| text.into_bytes());
        return Ok((Some(blobs.keep(&bytes, BODY_LIMIT)?), None));
    }
    if !p.file.is_empty() {
        return Ok((None, Some("the HAR keeps it in a file beside it, which was not imported".to_owned())));
    }
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for x in &p.params {
        form.append_pair(&x.name, &x.value);
    }
    let missing = "the HAR tells only its fields: these are they, encoded as a form";
    Ok((Some(blobs.keep(form.finish().as_bytes(), BODY_LIMIT)?), Some(missing.to_owned())))
}

/// The body that came back: nothing where there was none.
fn content(c: Content, blobs: &BlobStore) -> Result<Option<Kept>, RecordError> {
    let size = size(c.size).filter(|n| *n > 0.0);
    let Some(text) = c.text.filter(|t| !t.is_empty() || size.is_none()) else {
        let why = if !c.file.is_empty() {
            "the HAR keeps it in a file beside it, which was not imported".to_owned()
        } else if c.comment.is_empty() {
            "the HAR does not hold it".to_owned()
        } else {
            format!("the HAR does not hold it, and says: {}", c.comment.chars().take(200).collect::<String>())
        };
        return Ok(size.map(|_| (None, Some(why))));
    };
    if text.is_empty() {
        return Ok(None);
    }
    let bytes = if c.encoding.eq_ignore_ascii_case("base64") {
        match STANDARD.decode(text.trim()) {
            Ok(b) => b,
            Err(_) => {
                return Ok(Some((
                    None,
                    Some("the HAR says that it is base64, and it cannot be read as that".to_owned()),
                )));
            }
        }
    } else {
        text.into_bytes()
    };
    let mime = mime(&c.mime_type);
    let picture = ["image/", "font/", "audio/", "video/"].iter().any(|p| mime.starts_with(p));
    let kept = if picture { BlobRef::not_kept(&bytes) } else { blobs.keep(&bytes, BODY_LIMIT)? };
    #[expect(clippy::cast_precision_loss, reason = "bodies are far below 2^53 bytes")]
    let short = size.is_some_and(|n| n > 4.0 * bytes.len() as f64 + 1024.0);
    let missing = short.then(|| {
        format!("the HAR says {} bytes and holds {}: it seems to be cut", size.unwrap_or(0.0), bytes.len())
    });
    Ok(Some((Some(kept), missing)))
}

/// Why the browser stopped it before it left, as its error tells.
fn blocked(error: &str) -> Option<String> {
    let upper = error.to_ascii_uppercase();
    // These two look at the answer, so something was sent.
    let answered = ["BLOCKED_BY_RESPONSE", "BLOCKED_BY_ORB"].iter().any(|w| upper.contains(w));
    (upper.contains("ERR_BLOCKED_BY_") && !answered).then(|| error.to_owned())
}

fn redirect(url: &str, told: &str, status: Option<u16>, headers: &[Pair]) -> Option<String> {
    if !matches!(status, Some(301 | 302 | 303 | 307 | 308)) {
        return None;
    }
    let to = if told.is_empty() { header(headers, "location")? } else { told };
    url::Url::parse(url).ok()?.join(to).ok().map(|u| u.to_string())
}

/// Addresses are compared without their fragments, as they are written by the parser where it can read them.
fn key(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut u| {
            u.set_fragment(None);
            u.to_string()
        },
    )
}

fn host(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Header names that begin with a colon are HTTP/2's own: they repeat method and address.
fn pairs(headers: &[Pair]) -> Headers {
    headers.iter().filter(|h| !h.name.starts_with(':')).map(|h| (h.name.clone(), h.value.clone())).collect()
}

fn without(headers: &Headers, name: &str) -> Headers {
    headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case(name)).cloned().collect()
}

fn mime(text: &str) -> String {
    let plain = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if plain == "x-unknown" { String::new() } else { plain }
}

fn ip(text: &str) -> Option<String> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>().ok().map(|ip| ip.to_string())
}

fn port(n: Option<f64>) -> Option<u16> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range of a port")]
    n.filter(|p| (1.0..=65_535.0).contains(p)).map(|p| p as u16)
}

fn protocol(response: &str, request: &str) -> Option<String> {
    let told = if response.is_empty() || response == "unknown" { request } else { response };
    let lower = told.to_ascii_lowercase();
    match lower.as_str() {
        "" | "unknown" => None,
        "http/2" | "http/2.0" | "h2" => Some("h2".to_owned()),
        "http/3" | "http/3.0" | "h3" => Some("h3".to_owned()),
        _ => Some(lower),
    }
}

fn timing(v: &Value, name: &str) -> Option<f64> {
    v[name].as_f64().filter(|n| *n >= 0.0)
}
