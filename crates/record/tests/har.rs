//! HAR in and out: what is exported comes back as it was, and nothing that a file holds can make reading panic.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use affiant_record::audit::Plan;
use affiant_record::har::{self, Exporter, HarError};
use affiant_record::header::{Tool, Vantage};
use affiant_record::network::{
    Body, BodyOf, Initiator, Request, RequestDone, RequestHeaders, Response, ResponseHeaders, StackFrame,
    StackSegment,
};
use affiant_record::{
    AuditFolder, BlobStore, CollectorStatus, Footer, Header, Observation, Outcome, RecordWriter, Scenario,
    VisitRecord,
};
use proptest::prelude::*;

fn tool() -> Tool {
    Tool { name: "affiant".into(), version: "0".into() }
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/har").join(name)
}

/// Imports into a new folder and opens its records.
fn import(file: &Path, dir: &Path) -> Result<Vec<VisitRecord>, HarError> {
    let survey = har::survey(file)?;
    let plan = har::plan(&survey);
    let mut folder = AuditFolder::create(dir, "t".into(), tool(), "2026-01-01T00:00:00Z".into(), plan)?;
    har::import(&survey, &mut folder, &mut || [7; 32])?;
    let visits = &folder.manifest.visits;
    Ok(visits.iter().map(|v| VisitRecord::open(&folder.visit_dir(v).unwrap()).unwrap()).collect())
}

fn export(record: &VisitRecord, blobs: &BlobStore, file: &Path) {
    let mut out = Exporter::create(file, &tool()).unwrap();
    out.add(record, "visits/no-choice/000", blobs).unwrap();
    out.finish().unwrap();
}

/// How it ended: end, error, blocked, bytes on the wire.
type End = (String, Option<String>, Option<String>, Option<u64>);

/// What an exchange is, apart from ids and line numbers.
#[derive(Debug, PartialEq)]
struct Told {
    t_us: i64,
    method: String,
    url: String,
    kind: String,
    initiator: (String, Option<String>, Option<u64>, Vec<StackSegment>),
    sent: Option<Vec<(String, String)>>,
    status: Option<u16>,
    received: Option<Vec<(String, String)>>,
    mime: Option<String>,
    ip: Option<String>,
    cached: bool,
    bodies: [Option<Vec<u8>>; 2],
    end: Option<End>,
    hop: u32,
}

fn told(record: &VisitRecord, blobs: &BlobStore) -> Vec<Told> {
    let bytes = |b: Option<&Body>| b.and_then(|b| b.bytes.as_ref()?.blob).map(|d| blobs.get(&d).unwrap());
    let mut out: Vec<Told> = record
        .exchanges()
        .iter()
        .map(|e| {
            let (r, i) = (e.request.what, &e.request.what.initiator);
            let wall = record.header.clock.wall_at_zero_ms + e.request.t;
            Told {
                t_us: (wall * 1000.0).round() as i64,
                method: r.method.clone(),
                url: r.url.clone(),
                kind: r.resource_type.clone(),
                initiator: (i.kind.clone(), i.url.clone(), i.line, i.stack.clone()),
                sent: e.sent.map(|s| s.what.headers.clone()),
                status: e.response.map(|x| x.what.status),
                received: e.received.map(|x| x.what.headers.clone()),
                mime: e.response.map(|x| x.what.mime.clone()),
                ip: e.response.and_then(|x| x.what.remote_ip.clone()),
                cached: e.response.is_some_and(|x| x.what.from_cache),
                bodies: [bytes(e.request_body.map(|b| b.what)), bytes(e.response_body.map(|b| b.what))],
                end: e.done.map(|d| {
                    let d = d.what;
                    (d.end.clone(), d.error.clone(), d.blocked.clone(), d.encoded_bytes)
                }),
                hop: r.hop,
            }
        })
        .collect();
    out.sort_by(|a, b| a.t_us.cmp(&b.t_us).then_with(|| a.url.cmp(&b.url)));
    out
}

#[test]
fn every_flavour_comes_in_whole() {
    for (name, flavour, visits, requests, cookies) in [
        ("chrome.har", "chrome", 1, 8, 2),
        ("chrome-sanitised.har", "chrome", 1, 8, 0),
        ("firefox.har", "firefox", 1, 5, 2),
        ("safari.har", "safari", 1, 5, 3),
        ("charles.har", "charles", 1, 5, 3),
        ("playwright.har", "playwright", 2, 6, 3),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = golden(name);
        let records = import(&file, &dir.path().join("a")).unwrap();
        assert_eq!(records.len(), visits, "{name}");
        let count = |f: fn(&Observation) -> bool| {
            records.iter().flat_map(|r| &r.lines).filter(|l| f(&l.what)).count()
        };
        assert_eq!(count(|o| matches!(o, Observation::Request(_))), requests, "{name}");
        assert_eq!(count(|o| matches!(o, Observation::CookieWrite(_))), cookies, "{name}");
        for r in &records {
            let source = &r.header.extra[har::SOURCE];
            let sha = affiant_record::Digest::of(&fs::read(&file).unwrap()).to_string();
            assert_eq!((source["sha256"].as_str(), source["flavour"].as_str()), (Some(&*sha), Some(flavour)));
            assert_eq!(source["file_name"], name);
            assert_eq!(r.header.scenario, Scenario::Unknown, "{name}");
            let f = r.footer.as_ref().unwrap();
            assert_eq!(f.consent.choice, affiant_record::consent::AchievedChoice::Unknown);
            for (collector, status) in &f.collectors {
                assert_ne!(*status, CollectorStatus::Gathered, "{name}: {collector}");
                let told = f.extra[har::NOT_RUN].get(collector).is_some();
                assert_eq!(told, *status == CollectorStatus::NotRun, "{name}: {collector}");
            }
            for c in ["consent", "storage", "page", "screenshots", "console"] {
                assert_eq!(f.collectors[c], CollectorStatus::NotRun, "{name}: {c}");
            }
        }
        // 2026-03-02T09:15:00.998Z, or the first entry where there is no page.
        let zero = if name == "charles.har" { 1_772_442_901_000.0 } else { 1_772_442_900_998.0 };
        assert_eq!(records[0].header.clock.wall_at_zero_ms, zero, "{name}");
        assert_eq!(
            records[0].footer.as_ref().unwrap().final_url.as_deref(),
            Some("https://www.shop.example/")
        );
    }
}

#[test]
fn what_each_flavour_tells_in_its_own_way() {
    let dir = tempfile::tempdir().unwrap();
    let of = |name: &str| import(&golden(name), &dir.path().join(name)).unwrap();
    let chrome = of("chrome.har");
    let all = chrome[0].exchanges();
    assert_eq!((all[1].request.what.hop, all[1].request.what.request_id.as_str()), (1, "har-0"));
    assert_eq!(all[0].done.unwrap().what.end, "redirected");
    let stack = &all[3].request.what.initiator.stack;
    assert_eq!((stack.len(), stack[1].description.as_deref()), (2, Some("setTimeout")));
    assert!(all[6].response.unwrap().what.from_cache && !all[6].left_browser());
    assert_eq!(all[7].done.unwrap().what.blocked.as_deref(), Some("net::ERR_BLOCKED_BY_CLIENT"));
    assert!(!all[7].left_browser());
    assert_eq!(all[5].response_body.unwrap().what.bytes.as_ref().unwrap().len, 14);
    let frames: Vec<_> = chrome[0]
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::WebSocket(w) if w.payload.is_some() => {
                Some((w.event.as_str(), w.opcode, w.payload.as_ref().unwrap().len, l.t.round()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(frames, [("sent", Some(1), 11, 902.0), ("received", Some(2), 3, 1102.0)]);

    let sanitised = of("chrome-sanitised.har");
    let f = sanitised[0].footer.as_ref().unwrap();
    assert_eq!(f.collectors["cookies"], CollectorStatus::NotRun);

    let firefox = of("firefox.har");
    let all = firefox[0].exchanges();
    assert_eq!(all[1].request.what.resource_type, "Script");
    assert_eq!(all[1].request.what.extra["resource_type_from"], "sec-fetch-dest");
    let missing = all[3].response_body.unwrap().what.missing.clone().unwrap();
    assert!(missing.contains("Response bodies are not included"), "{missing}");
    assert!(all[4].response.is_none());

    let charles = of("charles.har");
    let all = charles[0].exchanges();
    let form = all[3].request_body.unwrap().what.bytes.clone().unwrap().blob.unwrap();
    let blobs = BlobStore::new(dir.path().join("charles.har/blobs"));
    assert_eq!(blobs.get(&form).unwrap(), b"email=a%40b.example&ok=1");

    let playwright = of("playwright.har");
    let first = playwright[0].exchanges();
    assert_eq!(first[3].done.unwrap().what.error.as_deref(), Some("net::ERR_NAME_NOT_RESOLVED"));
    let response = first[0].response.unwrap().what;
    assert_eq!((response.remote_port, response.tls_issuer.as_deref()), (Some(443), Some("R11")));
    assert_eq!(playwright[1].header.url, "https://www.shop.example/checkout");
    assert!(first[1].response_body.unwrap().what.missing.as_ref().unwrap().contains("file beside it"));
}

#[test]
fn goldens_survive_export_and_import() {
    for name in ["chrome.har", "firefox.har", "safari.har", "charles.har"] {
        let dir = tempfile::tempdir().unwrap();
        let first = import(&golden(name), &dir.path().join("a")).unwrap().remove(0);
        let (a, b) = (BlobStore::new(dir.path().join("a/blobs")), BlobStore::new(dir.path().join("b/blobs")));
        export(&first, &a, &dir.path().join("x.har"));
        let second = import(&dir.path().join("x.har"), &dir.path().join("b")).unwrap().remove(0);
        assert_eq!(told(&first, &a), told(&second, &b), "{name}");
    }
}

#[test]
fn entries_without_a_page_join_the_one_that_ran() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    let entry = |page: &str, second: u32, url: &str| {
        format!(
            r#"{{{page}"startedDateTime":"2026-01-01T00:00:{second:02}Z","time":1,"request":{{"method":"GET","url":"{url}"}},"response":{{"status":200}}}}"#
        )
    };
    let text = format!(
        r#"{{"log":{{"entries":[{},{},{}],"pages":[{{"id":"p1","startedDateTime":"2026-01-01T00:00:00Z"}},{{"id":"p2","startedDateTime":"2026-01-01T00:00:10Z"}},{{"id":"p3","startedDateTime":"2026-01-01T00:00:20Z"}}]}}}}"#,
        entry(r#""pageref":"p2","#, 10, "https://a.test/2"),
        entry(r#""pageref":"p1","#, 1, "https://a.test/1"),
        entry("", 12, "https://a.test/worker"),
    );
    fs::write(&file, text).unwrap();
    let survey = har::survey(&file).unwrap();
    assert_eq!(survey.empty_pages, ["p3"]);
    let records = import(&file, &dir.path().join("a")).unwrap();
    let urls: Vec<Vec<String>> =
        records.iter().map(|r| r.exchanges().iter().map(|e| e.request.what.url.clone()).collect()).collect();
    assert_eq!(urls, [vec!["https://a.test/1"], vec!["https://a.test/2", "https://a.test/worker"]]);
}

#[test]
fn more_pages_than_are_written_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    let entries: Vec<String> = (0..40)
        .map(|i| format!(r#"{{"pageref":"p{i}","startedDateTime":"2026-01-01T00:00:{i:02}Z","time":1,"request":{{"url":"https://a.test/{i}"}},"response":{{}}}}"#))
        .collect();
    fs::write(&file, format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","))).unwrap();
    let records = import(&file, &dir.path().join("a")).unwrap();
    let urls: Vec<_> = records.iter().map(|r| (r.header.url.clone(), r.exchanges().len())).collect();
    assert_eq!(urls.len(), 40);
    assert_eq!(urls[39], ("https://a.test/39".to_owned(), 1));
}

fn broken(bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    fs::write(&file, bytes).unwrap();
    let said = har::survey(&file).unwrap_err().to_string();
    said.replace(&file.display().to_string(), "x.har")
}

#[test]
fn a_broken_file_is_told_with_its_place_and_what_next() {
    let whole = fs::read(golden("chrome.har")).unwrap();
    let cut = broken(&whole[..1200]);
    assert!(cut.contains("is broken at line ") && cut.contains("(byte 1200), before any entry"), "{cut}");
    assert!(cut.contains("ends too early") && cut.contains("again"), "{cut}");
    let at = whole.windows(5).position(|w| w == b"\"1.2\"").unwrap();
    let mut odd = whole.clone();
    odd[at] = b'?';
    let odd_said = broken(&odd);
    assert!(odd_said.contains(&format!("(byte {at})")), "{odd_said}, at {at}");
    let with_mark = [b"\xef\xbb\xbf".as_slice(), b"{\"log\":?}"].concat();
    assert!(broken(&with_mark).contains("line 1, column 8 (byte 7)"), "{}", broken(&with_mark));
    for (bytes, said) in [
        (b"".as_slice(), "is no HAR: the file is empty"),
        (b"\xff\xfe{\0", "ends too early"),
        (b"\x1f\x8b\x08", "ends too early"),
        (b"\x28\xb5\x2f\xfd", "unzstd"),
        (b"PK\x03\x04", "ZIP"),
        (b"<!doctype html>", "HTML"),
        (b"{}", "no object 'log'"),
        (b"[]", "expected an object with 'log'"),
        (b"{\"log\":{}}", "no object 'log' with a list 'entries'"),
        (b"{\"log\":{\"entries\":[]}}", "holds no entries"),
        (b"{\"log\":{\"entries\":{}}}", "expected the list 'entries'"),
        (
            b"{\"log\":{\"entries\":[1]}}",
            "of its 1 entries none can be used; entry 0 (counted from 0) is no object",
        ),
        (b"{\"log\":{\"entries\":[{\"request\":{\"url\":\"a\"}}]}}", "entry 0 (counted from 0) has no time"),
        (
            b"{\"log\":{\"entries\":[{\"startedDateTime\":\"2026-01-01T00:00:00Z\"}]}}",
            "has no request with an address",
        ),
        (b"{\"log\":{\"entries\":[]}} x", "trailing characters"),
    ] {
        let text = broken(bytes);
        assert!(text.contains(said), "{text}\n  should say {said}");
    }
}

#[test]
fn a_file_beyond_the_bound_is_refused_unread() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    fs::File::create(&file).unwrap().set_len(har::MAX_BYTES + 1).unwrap();
    let said = har::survey(&file).unwrap_err();
    assert!(matches!(said, HarError::TooLarge { .. }), "{said}");
    assert!(har::survey(dir.path()).unwrap_err().to_string().contains("no regular file"));
}

#[test]
fn a_file_that_changes_in_between_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    fs::copy(golden("charles.har"), &file).unwrap();
    let survey = har::survey(&file).unwrap();
    let text = fs::read_to_string(&file).unwrap().replace("clarity.ms/collect", "clarity.ms/collekt");
    fs::write(&file, text).unwrap();
    let mut folder =
        AuditFolder::create(&dir.path().join("a"), "t".into(), tool(), String::new(), har::plan(&survey))
            .unwrap();
    let said = har::import(&survey, &mut folder, &mut || [7; 32]).unwrap_err();
    assert!(matches!(said, HarError::Changed { .. }), "{said}");
    assert!(folder.manifest.visits.iter().all(|v| v.digest.is_none()));
}

#[test]
fn an_export_never_writes_over_a_file_and_leaves_no_part() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.har");
    drop(Exporter::create(&file, &tool()).unwrap());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    fs::write(&file, "mine").unwrap();
    assert!(Exporter::create(&file, &tool()).is_err());
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// An exchange to be written.
#[derive(Debug, Clone)]
struct Made {
    t: f64,
    took: f64,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    status: Option<u16>,
    body: Option<Vec<u8>>,
    answer: Option<Vec<u8>>,
    script: Option<String>,
    blocked: bool,
    cached: bool,
}

fn made() -> impl Strategy<Value = Made> {
    let headers = proptest::collection::vec(("[a-z][a-z0-9-]{0,8}x", "\\PC{0,20}"), 0..4);
    let body = || proptest::option::of(proptest::collection::vec(any::<u8>(), 1..40));
    let what = ("GET|POST|PUT", "[a-z0-9/?&=%.-]{0,20}", headers, proptest::option::of(200u16..299));
    let rest = (body(), body(), proptest::option::of("\\PC{1,20}"), any::<bool>(), any::<bool>());
    (0u32..100_000, 0u32..5_000, what, rest).prop_map(|(t, took, what, rest)| Made {
        t: f64::from(t) / 8.0,
        took: f64::from(took) / 8.0,
        method: what.0,
        path: what.1,
        headers: what.2,
        status: what.3,
        body: rest.0,
        answer: rest.1,
        script: rest.2,
        blocked: rest.3 && what.3.is_none(),
        cached: rest.4 && what.3.is_some(),
    })
}

fn write(all: &[Made], dir: &Path) -> (VisitRecord, BlobStore) {
    let blobs = BlobStore::new(dir.join("blobs"));
    let survey = har::survey(&golden("charles.har")).unwrap();
    let plan: Plan = har::plan(&survey);
    let header = Header {
        schema: 1,
        tool: tool(),
        browser: Default::default(),
        plan: plan.digest().unwrap(),
        session: "no-choice".into(),
        ordinal: 0,
        scenario: Scenario::NoChoice,
        leg: None,
        choice: None,
        choice_visit: None,
        url: "https://a.test/".into(),
        vantage: Vantage::default(),
        settings: Default::default(),
        clock: affiant_record::header::Clock { wall_at_zero_ms: 1_772_442_900_000.0, ..Default::default() },
        audit_sealed: false,
        extra: Default::default(),
    };
    let mut w = RecordWriter::create(&dir.join("v"), header, [1; 32]).unwrap();
    for (i, m) in all.iter().enumerate() {
        let (request_id, hop) = (format!("r{i}"), 0);
        let initiator = m.script.as_ref().map_or_else(
            || Initiator { kind: "other".into(), ..Initiator::default() },
            |url| Initiator {
                kind: "script".into(),
                stack: vec![
                    StackSegment {
                        description: None,
                        frames: vec![StackFrame {
                            url: url.clone(),
                            line: 3,
                            column: 9,
                            ..Default::default()
                        }],
                    },
                    StackSegment { description: Some("await".into()), frames: vec![] },
                ],
                ..Initiator::default()
            },
        );
        let request = Request {
            request_id: request_id.clone(),
            hop,
            url: format!("https://h{i}.test/{}", m.path),
            method: m.method.clone(),
            headers: m.headers.clone(),
            resource_type: "Fetch".into(),
            initiator,
            has_body: m.body.is_some(),
            ..Request::default()
        };
        w.write(m.t, Observation::Request(request)).unwrap();
        if !m.cached {
            let sent = RequestHeaders {
                request_id: request_id.clone(),
                headers: m.headers.clone(),
                ..Default::default()
            };
            w.write(m.t, Observation::RequestHeaders(sent)).unwrap();
        }
        let mut body = |t, of, bytes: &[u8]| {
            let bytes = Some(blobs.keep(bytes, 1 << 20).unwrap());
            w.write(
                t,
                Observation::Body(Body { request_id: request_id.clone(), of, bytes, ..Default::default() }),
            )
            .unwrap();
        };
        if let Some(b) = &m.body {
            body(m.t, BodyOf::Request, b);
        }
        if let (Some(_), Some(b)) = (m.status, &m.answer) {
            body(m.t + m.took, BodyOf::Response, b);
        }
        if let Some(status) = m.status {
            let response = Response {
                request_id: request_id.clone(),
                status,
                headers: m.headers.clone(),
                mime: "application/json".into(),
                remote_ip: Some("192.0.2.7".into()),
                from_cache: m.cached,
                ..Default::default()
            };
            w.write(m.t, Observation::Response(response)).unwrap();
            let received = ResponseHeaders {
                request_id: request_id.clone(),
                status,
                headers: m.headers.clone(),
                ..Default::default()
            };
            w.write(m.t, Observation::ResponseHeaders(received)).unwrap();
        }
        let error = m
            .status
            .is_none()
            .then(|| if m.blocked { "net::ERR_BLOCKED_BY_CLIENT" } else { "net::ERR_FAILED" }.to_owned());
        let done = RequestDone {
            request_id: request_id.clone(),
            hop,
            end: if m.status.is_some() { "finished" } else { "failed" }.into(),
            blocked: error.clone().filter(|_| m.blocked),
            error,
            encoded_bytes: Some(17 + i as u64),
            ..Default::default()
        };
        w.write(m.t + m.took, Observation::RequestDone(done)).unwrap();
    }
    let footer = Footer {
        outcome: Outcome::Complete,
        final_url: None,
        consent: Default::default(),
        collectors: Default::default(),
        extra: Default::default(),
    };
    w.seal(1e6, footer).unwrap();
    (VisitRecord::open(&dir.join("v")).unwrap(), blobs)
}

/// A golden file, somewhere spoilt.
fn spoilt() -> impl Strategy<Value = Vec<u8>> {
    let files = ["chrome.har", "firefox.har", "safari.har", "charles.har", "playwright.har"];
    let words: [&[u8]; 10] =
        [b"null", b"[]", b"{}", b"-1", b"1e999", b"\"\"", b"\x00", b"\xff", b"\"ws://x\"", b"}"];
    let edits = proptest::collection::vec(
        (any::<proptest::sample::Index>(), proptest::sample::select(words.to_vec()), 0usize..30),
        1..4,
    );
    (proptest::sample::select(files.to_vec()), edits, any::<bool>()).prop_map(|(name, edits, token)| {
        let mut bytes = fs::read(golden(name)).unwrap();
        for (at, word, gone) in edits {
            let mut i = at.index(bytes.len());
            if token {
                // From the next colon to the end of that value: mostly still JSON.
                i = bytes[i..].iter().position(|b| *b == b':').map_or(i, |p| i + p + 1);
                let end = bytes[i..].iter().position(|b| b",}]\n".contains(b)).map_or(bytes.len(), |p| i + p);
                bytes.splice(i..end, word.iter().copied());
            } else {
                let end = (i + gone).min(bytes.len());
                bytes.splice(i..end, word.iter().copied());
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn an_exchange_survives_export_and_import(all in proptest::collection::vec(made(), 1..6)) {
        let dir = tempfile::tempdir().unwrap();
        let (record, blobs) = write(&all, dir.path());
        export(&record, &blobs, &dir.path().join("x.har"));
        let back = import(&dir.path().join("x.har"), &dir.path().join("b")).unwrap().remove(0);
        let there = BlobStore::new(dir.path().join("b/blobs"));
        prop_assert_eq!(told(&record, &blobs), told(&back, &there));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), json in "[\\[\\]{}\":,a-z0-9 ]{0,60}") {
        let dir = tempfile::tempdir().unwrap();
        for (n, b) in [bytes, json.into_bytes()].iter().enumerate() {
            let file = dir.path().join(format!("{n}.har"));
            fs::write(&file, b).unwrap();
            prop_assert!(har::survey(&file).is_err());
        }
    }

    #[test]
    fn a_spoilt_har_never_panics(bytes in spoilt()) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.har");
        fs::write(&file, bytes).unwrap();
        let _ = import(&file, &dir.path().join("a"));
    }
}
