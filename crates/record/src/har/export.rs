//! Records as one HAR: each visit a page, each exchange an entry that points back to its lines.
//!
//! One visit is in memory at a time. A HAR holds no banner, choice or storage: those stay in the record, and every
//! page and entry says in `_affiant` where.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::error::HarError;
use super::time;
use crate::exchange::{Exchange, Part};
use crate::files::WholeFile;
use crate::header::Tool;
use crate::network::{Body, Headers, Initiator, StackSegment};
use crate::storage::CookieWrite;
use crate::{BlobRef, BlobStore, Line, Observation, VisitRecord};

/// A HAR that is being written. Dropped without [`Exporter::finish`], nothing stays.
pub struct Exporter {
    path: PathBuf,
    out: BufWriter<WholeFile>,
    pages: Vec<Value>,
    browser: Option<Value>,
    entries: u64,
}

impl Exporter {
    /// Begins a file. It must not be there yet.
    pub fn create(path: &Path, creator: &Tool) -> Result<Exporter, HarError> {
        if path.symlink_metadata().is_ok() {
            return Err(taken(path));
        }
        let file =
            WholeFile::begin(path).map_err(|source| HarError::WriteIo { path: path.to_owned(), source })?;
        let mut e = Exporter {
            path: path.to_owned(),
            out: BufWriter::new(file),
            pages: Vec::new(),
            browser: None,
            entries: 0,
        };
        let creator = json!({ "name": creator.name, "version": creator.version });
        e.text(&format!("{{\"log\":{{\"version\":\"1.2\",\"creator\":{creator},\"entries\":["))?;
        Ok(e)
    }

    /// Adds a visit: a page and its entries. `path` names it.
    pub fn add(&mut self, record: &VisitRecord, path: &str, blobs: &BlobStore) -> Result<(), HarError> {
        if self.browser.is_none() && !record.header.browser.product.is_empty() {
            let product = &record.header.browser.product;
            let (name, version) = product.split_once('/').unwrap_or((product, ""));
            self.browser = Some(json!({ "name": name, "version": version }));
        }
        let id = path.strip_prefix("visits/").unwrap_or(path);
        self.pages.push(page(record, id));
        let exchanges = record.exchanges();
        let known: HashSet<&str> = exchanges.iter().map(|e| e.request.what.request_id.as_str()).collect();
        let sockets = sockets(record, &known);
        let set = cookies_told(record);
        // In order of time, as readers expect it; an entry is made when it is written, so that one body is held.
        let mut order: Vec<(f64, u64, Item<'_>)> = Vec::new();
        order.extend(exchanges.iter().map(|e| (e.request.t, e.request.line, Item::Exchange(e))));
        order
            .extend(sockets.iter().filter_map(|s| s.first().map(|l| (l.t, l.n, Item::Socket(s.as_slice())))));
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, _, item) in order {
            match item {
                Item::Exchange(e) => self.entry(&exchange(record, id, e, &set, blobs))?,
                Item::Socket(s) => self.entry(&socket(record, id, s, blobs))?,
            }
        }
        Ok(())
    }

    /// Ends the file and gives it its name. Returns the number of pages and entries.
    pub fn finish(mut self) -> Result<(usize, u64), HarError> {
        let pages = Value::Array(std::mem::take(&mut self.pages));
        let count = pages.as_array().map_or(0, Vec::len);
        self.text(&format!("],\"pages\":{pages}"))?;
        if let Some(browser) = self.browser.take() {
            self.text(&format!(",\"browser\":{browser}"))?;
        }
        let comment = Value::from(
            "Made from sealed records. A HAR holds no banner, choice or storage: '_affiant' names the record and the line of each entry.",
        );
        self.text(&format!(",\"comment\":{comment}}}}}\n"))?;
        let failed = |source| HarError::WriteIo { path: self.path.clone(), source };
        let file = self.out.into_inner().map_err(|e| failed(e.into_error()))?;
        if !file.put_new().map_err(failed)? {
            return Err(taken(&self.path));
        }
        Ok((count, self.entries))
    }

    fn entry(&mut self, entry: &Value) -> Result<(), HarError> {
        let lead = if self.entries == 0 { "\n" } else { ",\n" };
        self.text(lead)?;
        self.text(&serde_json::to_string(entry)?)?;
        self.entries += 1;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), HarError> {
        let written = self.out.write_all(text.as_bytes());
        written.map_err(|source| HarError::WriteIo { path: self.path.clone(), source })
    }
}

fn taken(path: &Path) -> HarError {
    let source = io::Error::new(io::ErrorKind::AlreadyExists, "it is there already: name another file");
    HarError::WriteIo { path: path.to_owned(), source }
}

enum Item<'a> {
    Exchange(&'a Exchange<'a>),
    Socket(&'a [&'a Line]),
}

fn wall(record: &VisitRecord, t: f64) -> String {
    time::write(record.header.clock.wall_at_zero_ms + t)
}

/// Numbers that JSON can hold; a HAR has no negative times but -1.
fn duration(ms: f64) -> Value {
    let ms = if ms.is_finite() { ms.max(0.0) } else { 0.0 };
    json!((ms * 1000.0).round() / 1000.0)
}

fn page(record: &VisitRecord, id: &str) -> Value {
    let title = record.lines.iter().rev().find_map(|l| match &l.what {
        Observation::Page(p) if p.main && !p.title.is_empty() => Some(p.title.as_str()),
        _ => None,
    });
    let phases: Vec<Value> = record
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::Phase(p) => Some(json!({ "phase": p.phase, "t": l.t, "line": l.n })),
            _ => None,
        })
        .collect();
    let h = &record.header;
    json!({
        "startedDateTime": wall(record, 0.0),
        "id": id,
        "title": title.unwrap_or(&h.url),
        "pageTimings": { "onContentLoad": -1, "onLoad": -1 },
        "_affiant": {
            "record": record.digest, "line": 0, "url": h.url, "session": h.session, "ordinal": h.ordinal,
            "scenario": h.scenario, "phases": phases,
        },
    })
}

fn exchange(
    record: &VisitRecord,
    page: &str,
    e: &Exchange<'_>,
    set: &CookiesTold<'_>,
    blobs: &BlobStore,
) -> Value {
    let r = e.request.what;
    let sent = e.sent.map_or(&r.headers, |s| &s.what.headers);
    let received = e.received.map(|x| &x.what.headers).or(e.response.map(|x| &x.what.headers));
    let empty = Headers::new();
    let received = received.unwrap_or(&empty);
    let status = e.response.map(|x| x.what.status).or(e.received.map(|x| x.what.status)).unwrap_or(0);
    let (timings, took) = timings(e);
    let protocol = e.response.and_then(|x| x.what.protocol.as_deref()).map_or("unknown", |p| p);
    let location = find(received, "location").filter(|_| (300..400).contains(&status)).unwrap_or_default();
    let mut request = json!({
        "method": r.method, "url": r.url, "httpVersion": protocol, "cookies": cookies_sent(sent),
        "headers": headers(sent), "queryString": query(&r.url), "headersSize": -1,
        "bodySize": e.request_body.and_then(|b| b.what.bytes.as_ref()).map_or_else(|| json!(if r.has_body { -1 } else { 0 }), |b| size(b.len)),
    });
    if let Some(b) = e.request_body {
        request["postData"] = posted(b.what, find(sent, "content-type").unwrap_or_default(), blobs);
    } else if r.has_body {
        request["postData"] = json!({
            "mimeType": find(sent, "content-type").unwrap_or_default(), "text": "",
            "comment": "a body was sent; it is not in the record",
        });
    }
    // The record's own lines: some are of a list that stood beside the headers.
    let cookies = set.get(&(r.request_id.as_str(), r.hop));
    let cookies: Vec<Value> =
        cookies.map_or_else(|| cookies_set(received), |list| list.iter().map(|c| cookie_listed(c)).collect());
    let mut response = json!({
        "status": status, "statusText": "", "httpVersion": protocol, "cookies": cookies,
        "headers": headers(received), "content": content(e.response_body.map(|b| b.what), e.response.map_or("", |x| &x.what.mime), blobs),
        "redirectURL": location, "headersSize": -1, "bodySize": -1,
    });
    if let Some(d) = e.done {
        if let Some(n) = d.what.encoded_bytes {
            response["_transferSize"] = size(n);
        }
        let why = d.what.error.as_ref().or(d.what.blocked.as_ref());
        if let Some(why) = why {
            response["_error"] = Value::from(why.as_str());
        }
        if let Some(b) = &d.what.blocked {
            response["_blocked"] = Value::from(b.as_str());
        }
    }
    if e.response.is_some_and(|x| x.what.from_service_worker) {
        response["_fetchedViaServiceWorker"] = Value::from(true);
    }
    let mut out = json!({
        "pageref": page, "startedDateTime": wall(record, e.request.t), "time": took, "request": request,
        "response": response, "cache": {}, "timings": timings,
        "_initiator": initiator(&r.initiator), "_resourceType": resource_type(&r.resource_type),
        "_affiant": pointers(record, e),
    });
    if let Some(ip) = e.response.and_then(|x| x.what.remote_ip.as_deref()).and_then(ip) {
        out["serverIPAddress"] = Value::from(ip);
    }
    if let Some(port) = e.response.and_then(|x| x.what.remote_port) {
        out["_serverPort"] = Value::from(port);
    }
    if let Some(issuer) = e.response.and_then(|x| x.what.tls_issuer.as_deref()) {
        out["_securityDetails"] = json!({ "issuer": issuer });
    }
    if e.response.is_some_and(|x| x.what.from_cache) {
        out["_fromCache"] = Value::from("disk");
    }
    if let Some(p) = r.extra.get("priority") {
        out["_priority"] = p.clone();
    }
    out
}

/// Which lines of which record tell of it.
fn pointers(record: &VisitRecord, e: &Exchange<'_>) -> Value {
    fn line<T>(p: Option<Part<'_, T>>) -> Option<u64> {
        p.map(|p| p.line)
    }
    let lines = [
        ("request-headers", line(e.sent)),
        ("request-body", line(e.request_body)),
        ("response", line(e.response)),
        ("response-headers", line(e.received)),
        ("response-body", line(e.response_body)),
        ("request-done", line(e.done)),
    ];
    let lines: Map<String, Value> =
        lines.into_iter().filter_map(|(n, l)| Some((n.to_owned(), Value::from(l?)))).collect();
    json!({
        "record": record.digest, "line": e.request.line, "lines": lines,
        "request_id": e.request.what.request_id, "hop": e.request.what.hop,
    })
}

/// A record tells when the answer came and when it ended; what lies before the answer is not told apart.
fn timings(e: &Exchange<'_>) -> (Value, Value) {
    let told = e.done.and_then(|d| d.what.extra.get("har_timings"));
    let begin = e.request.t;
    let end = [e.done.map(|d| d.t), e.response.map(|r| r.t), Some(begin)].into_iter().flatten();
    let end = end.fold(begin, f64::max);
    if let Some(t) = told.filter(|t| ["send", "wait", "receive"].iter().all(|n| t[n].is_number())) {
        return (t.clone(), duration(end - begin));
    }
    let answer = e.response.map_or(end, |r| r.t.clamp(begin, end));
    let out = json!({
        "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0,
        "wait": duration(answer - begin), "receive": duration(end - answer),
        "comment": "what came before the answer is not told apart: all of it is in 'wait'",
    });
    (out, duration(end - begin))
}

fn headers(list: &Headers) -> Vec<Value> {
    list.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn find<'a>(list: &'a Headers, name: &str) -> Option<&'a str> {
    list.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

fn query(url: &str) -> Vec<Value> {
    let Ok(url) = url::Url::parse(url) else { return Vec::new() };
    url.query_pairs().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn cookies_sent(list: &Headers) -> Vec<Value> {
    let lines = list.iter().filter(|(n, _)| n.eq_ignore_ascii_case("cookie"));
    lines
        .flat_map(|(_, v)| v.split(';'))
        .map(str::trim)
        .filter(|c| !c.is_empty())
        .map(|c| {
            let (name, value) = c.split_once('=').unwrap_or(("", c));
            json!({ "name": name, "value": value })
        })
        .collect()
}

fn cookies_set(list: &Headers) -> Vec<Value> {
    let pairs: Vec<super::parts::Pair> = list
        .iter()
        .map(|(name, value)| super::parts::Pair { name: name.clone(), value: value.clone() })
        .collect();
    super::cookie::set(&pairs, &[], "").iter().map(cookie_listed).collect()
}

type CookiesTold<'r> = HashMap<(&'r str, u32), Vec<&'r CookieWrite>>;

/// Cookies by the response that set them.
fn cookies_told(record: &VisitRecord) -> CookiesTold<'_> {
    let mut out: CookiesTold<'_> = HashMap::new();
    for l in &record.lines {
        if let Observation::CookieWrite(c) = &l.what
            && let Some(id) = c.request_id.as_deref().filter(|_| c.via == "header")
        {
            out.entry((id, c.hop.unwrap_or_default())).or_default().push(c);
        }
    }
    out
}

fn cookie_listed(c: &CookieWrite) -> Value {
    let has = |flag: &str| c.flags.iter().any(|f| f == flag);
    let mut out = json!({
        "name": c.name, "value": c.value, "httpOnly": has("HttpOnly"), "secure": has("Secure"),
    });
    if let Some(path) = &c.path {
        out["path"] = Value::from(path.as_str());
    }
    if c.domain_given {
        out["domain"] = Value::from(format!(".{}", c.domain));
    }
    if let Some(ms) = c.expires_ms {
        out["expires"] = Value::from(time::write(ms));
    }
    if let Some(s) = c.flags.iter().find_map(|f| f.strip_prefix("SameSite=")) {
        out["sameSite"] = Value::from(s);
    }
    if !c.blocked.is_empty() {
        out["_blocked"] = json!(c.blocked);
    }
    out
}

/// The bytes that were kept, as text or as base64, and what is missing of them.
fn bytes(
    b: Option<&BlobRef>,
    missing: Option<&str>,
    blobs: &BlobStore,
) -> (Option<(String, bool)>, Option<String>) {
    let Some(b) = b else { return (None, missing.map(str::to_owned)) };
    let kept = b.in_line().or_else(|| blobs.get(b.blob.as_ref()?).ok());
    let mut why = match (&kept, b.kept, b.sha256) {
        (None, _, sha) => {
            let sha = sha.map(|s| format!(", SHA-256 {s}")).unwrap_or_default();
            Some(format!("the bytes are not kept: {} bytes{sha}", b.len))
        }
        (Some(_), Some(n), _) => Some(format!("the first {n} of {} bytes", b.len)),
        _ => None,
    };
    if let Some(m) = missing {
        why = Some(why.map_or_else(|| m.to_owned(), |w| format!("{w}; {m}")));
    }
    let text = kept.map(|k| match String::from_utf8(k) {
        Ok(text) => (text, false),
        Err(e) => (STANDARD.encode(e.as_bytes()), true),
    });
    (text, why)
}

fn posted(b: &Body, mime: &str, blobs: &BlobStore) -> Value {
    let (text, why) = bytes(b.bytes.as_ref(), b.missing.as_deref(), blobs);
    let mut out = json!({ "mimeType": mime });
    let (text, base64) = text.unwrap_or_default();
    out["text"] = Value::from(text);
    if base64 {
        out["_encoding"] = Value::from("base64");
    }
    if let Some(why) = why {
        out["comment"] = Value::from(why);
    }
    out
}

fn content(b: Option<&Body>, mime: &str, blobs: &BlobStore) -> Value {
    let len = b.and_then(|b| b.bytes.as_ref()).map_or(json!(0), |b| size(b.len));
    let mut out = json!({ "size": len, "mimeType": if mime.is_empty() { "x-unknown" } else { mime } });
    let Some(b) = b else { return out };
    let (text, why) = bytes(b.bytes.as_ref(), b.missing.as_deref(), blobs);
    if let Some((text, base64)) = text {
        out["text"] = Value::from(text);
        if base64 {
            out["encoding"] = Value::from("base64");
        }
    }
    if let Some(why) = why {
        out["comment"] = Value::from(why);
    }
    out
}

fn size(n: u64) -> Value {
    Value::from(n.min(1 << 53))
}

fn ip(text: &str) -> Option<String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<std::net::IpAddr>().ok().map(|ip| ip.to_string())
}

/// As Chrome writes them.
fn resource_type(word: &str) -> String {
    match word {
        "SignedExchange" => "signed-exchange".to_owned(),
        "CSPViolationReport" => "csp-violation-report".to_owned(),
        other => other.to_ascii_lowercase(),
    }
}

fn initiator(i: &Initiator) -> Value {
    let mut out = json!({ "type": if i.kind.is_empty() { "other" } else { &i.kind } });
    if let Some(url) = &i.url {
        out["url"] = Value::from(url.as_str());
    }
    if let Some(line) = i.line {
        out["lineNumber"] = Value::from(line);
    }
    if let Some(column) = i.column {
        out["columnNumber"] = Value::from(column);
    }
    if let Some(id) = &i.request_id {
        out["requestId"] = Value::from(id.as_str());
    }
    if let Some(stack) = stack(&i.stack) {
        out["stack"] = stack;
    }
    out
}

/// Async parents nest in a HAR; so deep as readers bear it.
fn stack(segments: &[StackSegment]) -> Option<Value> {
    let mut out: Option<Value> = None;
    for s in segments.iter().take(32).rev() {
        let frames: Vec<Value> = s
            .frames
            .iter()
            .map(|f| {
                json!({
                    "functionName": f.function, "scriptId": f.script_id, "url": f.url,
                    "lineNumber": f.line, "columnNumber": f.column,
                })
            })
            .collect();
        let mut at = json!({ "callFrames": frames });
        if let Some(d) = &s.description {
            at["description"] = Value::from(d.as_str());
        }
        if let Some(parent) = out.take() {
            at["parent"] = parent;
        }
        out = Some(at);
    }
    out
}

/// The lines of each WebSocket, by its id, in the order in which they were opened.
fn sockets<'r>(record: &'r VisitRecord, known: &HashSet<&str>) -> Vec<Vec<&'r Line>> {
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut out: Vec<Vec<&Line>> = Vec::new();
    for l in &record.lines {
        let Observation::WebSocket(w) = &l.what else { continue };
        if known.contains(w.request_id.as_str()) {
            continue;
        }
        let i = *at.entry(&w.request_id).or_insert_with(|| {
            out.push(Vec::new());
            out.len() - 1
        });
        if let Some(lines) = out.get_mut(i) {
            lines.push(l);
        }
    }
    out
}

fn socket(record: &VisitRecord, page: &str, lines: &[&Line], blobs: &BlobStore) -> Value {
    let events = || {
        lines.iter().filter_map(|l| if let Observation::WebSocket(w) = &l.what { Some((l, w)) } else { None })
    };
    let url = events().find_map(|(_, w)| w.url.as_deref()).unwrap_or_default();
    let of = |name: &str| events().find(|(_, w)| w.event == name);
    let empty = Headers::new();
    let sent = of("handshake").map_or(&empty, |(_, w)| &w.headers);
    let answer = of("handshake-answer");
    let received = answer.map_or(&empty, |(_, w)| &w.headers);
    let (first, last) =
        (lines.first().map_or(0.0, |l| l.t), lines.iter().map(|l| l.t).fold(f64::MIN, f64::max));
    let messages: Vec<Value> = events()
        .filter(|(_, w)| matches!(w.event.as_str(), "sent" | "received"))
        .map(|(l, w)| {
            let (text, why) = bytes(w.payload.as_ref(), None, blobs);
            let (mut data, base64) = text.unwrap_or_default();
            if w.opcode == Some(2) && !base64 {
                data = STANDARD.encode(data);
            }
            let mut m = json!({
                "type": if w.event == "sent" { "send" } else { "receive" },
                "time": (record.header.clock.wall_at_zero_ms + l.t) / 1000.0,
                "opcode": w.opcode.unwrap_or(1), "data": data, "_affiant": { "line": l.n },
            });
            if let Some(why) = why {
                m["comment"] = Value::from(why);
            }
            m
        })
        .collect();
    let error = events().find_map(|(_, w)| w.error.as_deref());
    let mut response = json!({
        "status": if answer.is_some() { 101 } else { 0 }, "statusText": "", "httpVersion": "unknown",
        "cookies": cookies_set(received), "headers": headers(received),
        "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "", "headersSize": -1, "bodySize": -1,
    });
    if let Some(e) = error {
        response["_error"] = Value::from(e);
    }
    json!({
        "pageref": page, "startedDateTime": wall(record, first), "time": duration(last - first),
        "request": {
            "method": "GET", "url": url, "httpVersion": "unknown", "cookies": cookies_sent(sent),
            "headers": headers(sent), "queryString": query(url), "headersSize": -1, "bodySize": 0,
        },
        "response": response, "cache": {},
        "timings": { "blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": duration(last - first) },
        "_initiator": events().find_map(|(_, w)| w.initiator.as_ref()).map_or_else(|| json!({ "type": "other" }), initiator),
        "_resourceType": "websocket", "_webSocketMessages": messages,
        "_affiant": { "record": record.digest, "line": lines.first().map(|l| l.n) },
    })
}
