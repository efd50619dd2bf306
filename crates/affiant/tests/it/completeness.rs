//! Every way in which something leaves a browser, a case each: the record is held against the server's own log.
//!
//! The truth is `testbed/sites/completeness/cases.toml`. The table is printed and written to `target/tables/completeness.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::common::{Audited, audit, show};
use affiant_record::exchange::Exchange;
use affiant_record::network::WebSocketEvent;
use affiant_record::storage::{CookieJar, CookieWrite};
use affiant_record::{BlobRef, Completeness, Digest, Observation};
use affiant_testbed::{Case, CaseRequest, LogEntry, LogKind, Sites, Testbed};
use url::Url;

/// A request as a record has it. A WebSocket is one too.
struct Recorded<'r> {
    method: String,
    host: String,
    path: String,
    exchange: Option<Exchange<'r>>,
    target: String,
    blocked: bool,
}

/// All that the records hold.
#[derive(Default)]
struct Seen<'r> {
    requests: Vec<Recorded<'r>>,
    frames: BTreeMap<String, Vec<Option<BlobRef>>>,
    cookies: Vec<&'r CookieWrite>,
    jars: Vec<&'r CookieJar>,
}

fn host_and_path(url: &str) -> Option<(String, String)> {
    let url = Url::parse(url).ok()?;
    Some((url.host_str()?.to_owned(), url.path().to_owned()))
}

fn collect<'r>(audits: &'r [Audited]) -> Seen<'r> {
    let mut seen = Seen::default();
    for a in audits {
        let mut kinds: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for record in &a.records {
            assert_eq!(record.completeness, Completeness::Sealed, "{}", record.dir.display());
            let session = record.header.session.as_str();
            let mut sockets: BTreeMap<&str, String> = BTreeMap::new();
            for line in &record.lines {
                match &line.what {
                    Observation::Target(t) => {
                        kinds.insert((session, &t.target), &t.kind);
                    }
                    Observation::CookieWrite(c) => seen.cookies.push(c),
                    Observation::CookieJar(j) => seen.jars.push(j),
                    Observation::WebSocket(w) => socket(&mut seen, &mut sockets, w),
                    _ => {}
                }
            }
            for x in record.exchanges() {
                let q = x.request.what;
                let Some((host, path)) = host_and_path(&q.url) else { continue };
                let target =
                    kinds.get(&(session, q.target.as_str())).copied().unwrap_or("unknown").to_owned();
                let blocked = !x.left_browser();
                seen.requests.push(Recorded {
                    method: q.method.clone(),
                    host,
                    path,
                    exchange: Some(x),
                    target,
                    blocked,
                });
            }
        }
    }
    seen
}

fn socket<'r>(seen: &mut Seen<'r>, sockets: &mut BTreeMap<&'r str, String>, w: &'r WebSocketEvent) {
    match w.event.as_str() {
        "created" => {
            let Some((host, path)) = w.url.as_deref().and_then(host_and_path) else { return };
            sockets.insert(&w.request_id, format!("{host}{path}"));
            seen.requests.push(Recorded {
                method: "GET".to_owned(),
                host,
                path,
                exchange: None,
                target: String::new(),
                blocked: false,
            });
        }
        "sent" | "received" => {
            let at = sockets.get(w.request_id.as_str()).cloned().unwrap_or_default();
            seen.frames.entry(at).or_default().push(w.payload.clone());
        }
        _ => {}
    }
}

/// How a count differs from what it should be.
fn count(what: &str, is: usize, wanted: usize, at_least: bool) -> Option<String> {
    let ok = if at_least { is >= wanted } else { is == wanted };
    (!ok).then(|| format!("{what} {is} instead of {wanted}{}", if at_least { " or more" } else { "" }))
}

/// How many the server and the records have, and what differs from the truth.
fn hold(
    wanted: &CaseRequest,
    cannot: bool,
    log: &[LogEntry],
    seen: &Seen<'_>,
) -> (usize, usize, Vec<String>) {
    let mut wrong = Vec::new();
    let server: Vec<&LogEntry> = log
        .iter()
        .filter(|e| {
            e.kind == LogKind::Request
                && wanted.is(&e.method, &e.host, e.path_and_query.split('?').next().unwrap_or_default())
        })
        .collect();
    let records: Vec<&Recorded<'_>> =
        seen.requests.iter().filter(|r| wanted.is(&r.method, &r.host, &r.path)).collect();
    wrong.extend(count("server", server.len(), wanted.server, wanted.at_least));
    // Where a truth says "so often or more", the record must keep up with what the server really saw.
    let least =
        if wanted.at_least && !cannot { wanted.recorded().max(server.len()) } else { wanted.recorded() };
    wrong.extend(count("record", records.len(), least, wanted.at_least));

    for r in &records {
        let mut say =
            |what: &str, is: &str, wanted: &str| wrong.push(format!("{what} {is:?}, not {wanted:?}"));
        if let Some(target) = &wanted.target
            && r.target != *target
        {
            say("target", &r.target, target);
        }
        if wanted.sent == Some(r.blocked) {
            say("sent", &(!r.blocked).to_string(), &r.blocked.to_string());
        }
        let Some(x) = &r.exchange else { continue };
        if let Some(t) = &wanted.resource_type
            && x.request.what.resource_type != *t
        {
            say("type", &x.request.what.resource_type, t);
        }
        let done = x.done.map(|d| d.what);
        for (what, is, begin) in [
            ("end", done.map(|d| d.end.as_str()), &wanted.end),
            ("blocked", done.and_then(|d| d.blocked.as_deref()), &wanted.blocked),
            ("error", done.and_then(|d| d.error.as_deref()), &wanted.error),
        ] {
            if let Some(begin) = begin
                && !is.unwrap_or_default().starts_with(begin.as_str())
            {
                say(what, is.unwrap_or("not told"), begin);
            }
        }
    }
    let responses = || records.iter().filter_map(|r| r.exchange.as_ref()?.response.map(|p| p.what));
    if let Some(n) = wanted.from_cache {
        wrong.extend(count("from cache", responses().filter(|r| r.from_cache).count(), n, false));
    }
    if let Some(n) = wanted.from_service_worker {
        let is = responses().filter(|r| r.from_service_worker).count();
        wrong.extend(count("from a service worker", is, n, false));
    }
    wrong.extend(bodies(wanted, &server, &records));
    (server.len(), records.len(), wrong)
}

/// Every body that the server got is in the record, to the byte; and it is what the page made.
fn bodies(wanted: &CaseRequest, server: &[&LogEntry], records: &[&Recorded<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let refs: Vec<Option<&BlobRef>> = records
        .iter()
        .filter_map(|r| r.exchange.as_ref())
        .map(|x| x.request_body.and_then(|b| b.what.bytes.as_ref()))
        .collect();
    for e in server {
        if let Some(body) = &wanted.body
            && !body.is(&e.body)
        {
            wrong.push(format!("the server got {} bytes that the truth does not know", e.body.len()));
        }
        if e.body.is_empty() || refs.is_empty() {
            continue;
        }
        let whole = Digest::of(&e.body);
        if !refs.iter().flatten().any(|b| b.sha256 == Some(whole)) {
            let lens: Vec<String> =
                refs.iter().map(|b| b.map_or("none".to_owned(), |b| b.len.to_string())).collect();
            wrong.push(format!("body of {} bytes, in the record: {}", e.body.len(), lens.join(", ")));
        }
    }
    // A service worker that passes a request on makes two of one: both have the body.
    if wanted.body.is_some() && !server.is_empty() && refs.iter().any(Option::is_none) {
        wrong.push("a body is missing".to_owned());
    }
    wrong
}

/// How a case stands.
#[derive(Default)]
struct Verdict {
    /// How often the server has its requests.
    server: usize,
    /// How often the records have them.
    record: usize,
    /// What differs from the truth.
    wrong: Vec<String>,
    /// What differs, as is known.
    gaps: Vec<String>,
}

fn judge(case: &Case, log: &[LogEntry], seen: &Seen<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    for request in &case.requests {
        let (server, record, differs) = hold(request, case.cannot.is_some(), log, seen);
        verdict.server += server;
        verdict.record += record;
        let name = format!("{} {}", request.method, request.path);
        match &request.known_gap {
            None => verdict.wrong.extend(differs.iter().map(|d| format!("{name}: {d}"))),
            Some(_) if differs.is_empty() && request.by_chance => {}
            Some(_) if differs.is_empty() => {
                verdict.wrong.push(format!("{name}: the gap is closed, take `known_gap` away"));
            }
            Some(why) => verdict.gaps.push(format!("{name}: {} ({why})", differs.join(", "))),
        }
    }
    let wrong = &mut verdict.wrong;
    for socket in &case.sockets {
        let mut sent: Vec<Digest> = log
            .iter()
            .filter(|e| {
                e.kind != LogKind::Request && e.host == socket.host && e.path_and_query == socket.path
            })
            .map(|e| Digest::of(&e.body))
            .collect();
        let kept = seen.frames.get(&format!("{}{}", socket.host, socket.path));
        let mut kept: Vec<Digest> = kept.into_iter().flatten().filter_map(|b| b.as_ref()?.sha256).collect();
        wrong.extend(count("frames at the server", sent.len(), socket.frames, false));
        sent.sort();
        kept.sort();
        if sent != kept {
            wrong.push(format!(
                "{} frames at the server, {} in the record, or others",
                sent.len(),
                kept.len()
            ));
        }
    }
    for cookie in &case.cookies {
        if cookie.via == "jar" {
            if !seen.jars.iter().any(|j| j.cookies.iter().any(|c| c.name == cookie.name)) {
                wrong.push(format!("the cookie {} is in no jar", cookie.name));
            }
            continue;
        }
        let writes: Vec<_> =
            seen.cookies.iter().filter(|c| c.name == cookie.name && c.via == cookie.via).collect();
        let ok = |c: &CookieWrite| match cookie.blocked.as_str() {
            "" => c.blocked.is_empty(),
            reason => c.blocked.iter().any(|b| b.ends_with(reason)),
        };
        if writes.is_empty() {
            wrong.push(format!("no write of the cookie {} by {}", cookie.name, cookie.via));
        } else if !writes.iter().all(|c| ok(c)) {
            let is: Vec<_> = writes.iter().map(|c| &c.blocked).collect();
            wrong.push(format!("the cookie {}: refused {is:?}, not {:?}", cookie.name, cookie.blocked));
        }
    }
    verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_browser_is_in_the_record() {
    let bed = Testbed::start(Sites::only(&["completeness"])).await.unwrap();
    let site = bed.site("completeness").unwrap().clone();
    let base = Url::parse(&site.start).unwrap();
    let pages: Vec<String> = site.pages.iter().map(|p| base.join(p).unwrap().to_string()).collect();
    let tmp = tempfile::tempdir().unwrap();
    // Most of the time is spent waiting for quiet: two halves side by side, and the tabs that a choice opens.
    let (first, second) = pages.split_at(pages.len() / 2);
    let banner = vec![base.join("/banner").unwrap().to_string()];
    let visits = [(first, "no-choice"), (second, "no-choice"), (&banner, "accept-all,reject-all")];
    let [a, b, c] = visits.map(|(pages, scenarios)| {
        let (bed, out) = (&bed, tmp.path().join(format!("from-{}", pages[0].replace(['/', ':'], "-"))));
        async move {
            let mut args: Vec<&str> = pages.iter().map(String::as_str).collect();
            args.extend(["--scenario", scenarios]);
            audit(&out, bed, &args).await
        }
    });
    let audits: [Audited; 3] = tokio::join!(a, b, c).into();
    for (audited, wanted) in audits.iter().zip([first.len(), second.len(), 2]) {
        assert_eq!(audited.records.len(), wanted, "{}", audited.stderr());
    }

    let log = bed.log();
    let seen = collect(&audits);
    let cases = site.cases.as_ref().unwrap();
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/GATHERING.md"))
        .unwrap();

    let mut table = "| page | case | what | server | record | |\n|---|---|---|---|---|---|\n".to_owned();
    let mut wrong = Vec::new();
    let (mut found, mut gaps) = (0, 0);
    for case in &cases.cases {
        let Verdict { server, record, wrong: differs, gaps: open } = judge(case, &log, &seen);
        let says = if !differs.is_empty() {
            format!("**differs**: {}", differs.join("; "))
        } else if !open.is_empty() {
            format!("**not found**: {}", open.join("; "))
        } else if let Some(why) = &case.cannot {
            format!("cannot: {why}")
        } else {
            found += 1;
            "found".to_owned()
        };
        gaps += usize::from(!open.is_empty());
        wrong.extend(differs.iter().map(|d| format!("{}: {d}", case.id)));
        if let Some(why) = &case.cannot
            && !docs.contains(why.as_str())
        {
            wrong.push(format!("{}: docs/GATHERING.md does not say {why:?}", case.id));
        }
        let says = says.replace('|', "\\|");
        writeln!(table, "| {} | {} | {} | {server} | {record} | {says} |", case.page, case.id, case.what)
            .unwrap();
    }
    // And nothing that no case knows.
    let known = |method: &str, host: &str, path: &str| {
        cases.cases.iter().flat_map(|c| &c.requests).any(|r| r.is(method, host, path))
    };
    for e in log.iter().filter(|e| e.kind == LogKind::Request && site.hosts.contains(&e.host)) {
        let path = e.path_and_query.split('?').next().unwrap_or_default();
        if !known(&e.method, &e.host, path) {
            wrong.push(format!("the server saw {} {}{path}, which no case knows", e.method, e.host));
        }
    }
    for r in seen.requests.iter().filter(|r| r.host.ends_with(".test")) {
        if !known(&r.method, &r.host, &r.path) {
            wrong.push(format!("a record has {} {}{}, which no case knows", r.method, r.host, r.path));
        }
    }
    writeln!(
        table,
        "\n{found} of {} cases found, {gaps} not or not wholly, the others cannot be.",
        cases.cases.len()
    )
    .unwrap();
    show("completeness.md", &table);
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "the records differ from the truth:\n  {}", wrong.join("\n  "));
}
