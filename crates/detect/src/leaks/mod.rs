//! Leaks: what was typed, seen leaving, through any transform.
//!
//! The search itself is the crate `affiant-leaks`. Values are unique to a field and a visit, so that a match is no
//! coincidence; what was sent before the first key is not looked at.

mod contents;

use std::collections::HashMap;

use affiant_leaks::{Found, Hit, Searcher};
use affiant_record::{Observation, VisitRecord};
pub(crate) use contents::contents;

use crate::bodies::Bodies;
use crate::facts::{InputKind, LeakFact, LeakSearch, PreventedFact, ProbeFacts, RequestFact, TypedFact};
use crate::glob::bounded;
use crate::inputs::classify;
use crate::requests::Sent;

/// Longest value, label and formula that are passed on, in bytes.
const LONGEST: usize = 2000;
/// The keys are timed by the gatherer and requests by the browser: their clocks are tied to each other only so well.
const CLOCKS_MS: f64 = 50.0;
/// Leaks of one visit that are passed on.
const MOST: usize = 5000;
/// Headers that the browser writes alone.
const BORING: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "dnt",
    "host",
    "origin",
    "pragma",
    "priority",
    "range",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "upgrade",
];

/// What came of typing into the page's fields.
pub(crate) fn probe(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    bodies: &Bodies<'_>,
) -> ProbeFacts {
    let told = record.lines.iter().rev().find_map(|l| match &l.what {
        Observation::Probe(p) => Some((l.n, p)),
        _ => None,
    });
    let typed = typed(record);
    let (leaks, search) = leaks(record, sent, requests, &typed, bodies);
    let left_out = |p: &affiant_record::probe::Probe| {
        let short = |text: &str| bounded(text, LONGEST).to_owned();
        p.left_out.iter().take(300).map(|l| (short(&l.selector), short(&l.why))).collect()
    };
    ProbeFacts {
        ran: told.is_some(),
        found: told.map_or(0, |(_, p)| p.found),
        why_not: told.and_then(|(_, p)| p.why_not.clone()),
        left_out: told.map(|(_, p)| left_out(p)).unwrap_or_default(),
        guard: told.map(|(_, p)| p.guard.clone()).unwrap_or_default(),
        prevented: prevented(record),
        typed,
        leaks,
        search,
        evidence: told.map(|(n, _)| record.evidence(n)),
    }
}

/// Values that were typed, in the order of the record.
fn typed(record: &VisitRecord) -> Vec<TypedFact> {
    let lines = record.lines.iter().filter_map(|l| match &l.what {
        Observation::Typed(t) => Some((l, t)),
        _ => None,
    });
    lines
        .map(|(l, t)| TypedFact {
            selector: bounded(&t.field.selector, LONGEST).to_owned(),
            label: bounded(if t.field.label.is_empty() { &t.field.name } else { &t.field.label }, LONGEST)
                .to_owned(),
            kind: classify(&t.field).0,
            frame_url: bounded(&t.frame_url, LONGEST).to_owned(),
            value: bounded(&t.value, LONGEST).to_owned(),
            how: t.how.clone(),
            whole: t.whole,
            began: t.began,
            ended: t.ended,
            blurred: t.blurred,
            evidence: record.evidence(l.n),
        })
        .collect()
}

/// What the page was kept from submitting.
fn prevented(record: &VisitRecord) -> Vec<PreventedFact> {
    let lines = record.lines.iter().filter_map(|l| match &l.what {
        Observation::SubmitPrevented(s) => Some(PreventedFact {
            t: l.t,
            how: s.how.clone(),
            url: bounded(&s.url, LONGEST).to_owned(),
            evidence: record.evidence(l.n),
        }),
        _ => None,
    });
    lines.take(MOST).collect()
}

/// One thing that was sent.
struct Source {
    request: usize,
    t: f64,
    channel: &'static str,
    evidence: affiant_record::Evidence,
}

/// Looks for the values in everything that left and that `keep` wants, by its index and its moment.
fn everything(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    bodies: &Bodies<'_>,
    searcher: &Searcher,
    keep: &dyn Fn(usize, f64) -> bool,
) -> (Vec<Hit>, Vec<Source>, LeakSearch) {
    let (mut found, mut sources) = (Found::default(), Vec::<Source>::new());
    let mut search = LeakSearch::default();
    for (i, (s, r)) in sent.iter().zip(requests).enumerate().filter(|(_, (_, r))| r.left_browser) {
        let mut source = |t: f64, channel, line| {
            sources.push(Source { request: i, t, channel, evidence: record.evidence(line) });
            sources.len() - 1
        };
        if let Some(e) = s.http() {
            if !keep(i, s.t) {
                continue;
            }
            search.requests += 1;
            let n = source(s.t, "address", s.line);
            searcher.look(&mut found, n, &r.host, |p| p.address(&r.url));
            for (name, value) in e.sent.iter().flat_map(|h| &h.what.headers) {
                let lower = name.to_ascii_lowercase();
                if lower.starts_with("sec-") || BORING.contains(&lower.as_str()) || lower.starts_with(':') {
                    continue;
                }
                let channel = match lower.as_str() {
                    "cookie" => "cookie",
                    "referer" => "referer",
                    _ => "header",
                };
                let n = source(s.t, channel, e.sent.map_or(s.line, |h| h.line));
                searcher.look(&mut found, n, &r.host, |p| p.header(name, value));
            }
            match (e.request_body, s.body(bodies)) {
                (Some(part), Some(bytes)) => {
                    let n = source(s.t, "body", part.line);
                    if let Some(of) = sources.last_mut() {
                        of.evidence.blob = part.what.bytes.as_ref().and_then(|b| b.blob);
                    }
                    let cut = part.what.bytes.as_ref().is_some_and(|b| b.kept.is_some_and(|k| k < b.len));
                    search.bodies_missing += u64::from(cut);
                    searcher.look(&mut found, n, &r.host, |p| p.body(&bytes));
                }
                _ if e.request.what.has_body => search.bodies_missing += 1,
                _ => {}
            }
        } else {
            search.requests += 1;
            let n = source(s.t, "address", s.line);
            searcher.look(&mut found, n, &r.host, |p| p.address(&r.url));
        }
    }
    // Frames of WebSockets: also of those that were opened long before.
    let sockets: HashMap<&str, usize> =
        sent.iter().enumerate().rev().filter_map(|(i, s)| Some((s.socket()?, i))).collect();
    for l in record.lines.iter() {
        let Observation::WebSocket(w) = &l.what else { continue };
        if w.event != "sent" {
            continue;
        }
        let Some(&i) = sockets.get(w.request_id.as_str()).filter(|i| keep(**i, l.t)) else { continue };
        let Some((payload, r)) = w.payload.as_ref().zip(requests.get(i)) else { continue };
        let Some(bytes) = bodies.of_ref(payload) else {
            search.bodies_missing += 1;
            continue;
        };
        let mut evidence = record.evidence(l.n);
        evidence.blob = payload.blob;
        sources.push(Source { request: i, t: l.t, channel: "websocket", evidence });
        searcher.look(&mut found, sources.len() - 1, &r.host, |p| p.body(&bytes));
    }
    let found = searcher.end(found);
    search.cut = found.cut;
    (found.hits, sources, search)
}

/// Where values were seen leaving, in order of time; and how far was looked.
fn leaks(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    typed: &[TypedFact],
    bodies: &Bodies<'_>,
) -> (Vec<LeakFact>, LeakSearch) {
    let Some(began) = typed.iter().map(|t| t.began - CLOCKS_MS).min_by(f64::total_cmp) else {
        return (vec![], LeakSearch::default());
    };
    let values: Vec<(&str, InputKind)> = typed.iter().map(|t| (t.value.as_str(), t.kind)).collect();
    let searcher = Searcher::new(&values);
    let (hits, sources, mut search) =
        everything(record, sent, requests, bodies, &searcher, &|_, t| t >= began);
    search.too_short = (0..typed.len()).filter(|n| !searcher.can_find(*n)).collect();
    let out: Vec<LeakFact> = hits
        .into_iter()
        .filter_map(|hit| {
            let (source, typed) = (sources.get(hit.source)?, typed.get(hit.value)?);
            (source.t >= typed.began - CLOCKS_MS).then(|| LeakFact {
                typed: hit.value,
                request: source.request,
                t: source.t,
                channel: source.channel.to_owned(),
                formula: bounded(&hit.formula, LONGEST).to_owned(),
                fraction: hit.fraction,
                weak: hit.weak,
                places: 1,
                after_first_key_ms: source.t - typed.began,
                after_last_key_ms: source.t - typed.ended,
                after_blur_ms: typed.blurred.map(|b| source.t - b),
                evidence: source.evidence.clone(),
            })
        })
        .collect();
    let mut out = best(out);
    out.sort_by(|a, b| a.t.total_cmp(&b.t).then(a.typed.cmp(&b.typed)));
    search.cut |= out.len() > MOST;
    out.truncate(MOST);
    (out, search)
}

/// One for each value, request and channel: the one that holds most of the value, in the simplest way, and how many
/// there were.
fn best(all: Vec<LeakFact>) -> Vec<LeakFact> {
    let mut out: indexmap::IndexMap<(usize, usize, String, u64), LeakFact> = indexmap::IndexMap::new();
    for leak in all {
        let key = (leak.typed, leak.request, leak.channel.clone(), leak.evidence.line);
        let better = |a: &LeakFact, b: &LeakFact| {
            (b.weak, a.fraction, b.formula.len()) > (a.weak, b.fraction, a.formula.len())
        };
        match out.get_mut(&key) {
            None => {
                out.insert(key, leak);
            }
            Some(known) => {
                let places = known.places + 1;
                if better(&leak, known) {
                    *known = leak;
                }
                known.places = places;
            }
        }
    }
    out.into_values().collect()
}
