//! HARs as makers write them and as they arrive: cut off, packed, in other encodings, with entries that nothing can be made of.
//! What can be read is imported, what cannot is told by its number, and the survey accepts what the import does.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use affiant_record::har::{self, HarError, Survey};
use affiant_record::header::Tool;
use affiant_record::{AuditFolder, CollectorStatus, Observation, VisitRecord};
use proptest::prelude::*;

/// An entry like any other.
fn entry(n: usize) -> String {
    format!(
        r#"{{"startedDateTime":"2026-01-01T00:00:{:02}.{:03}Z","time":5,"request":{{"method":"GET","url":"https://a.test/{n}","headers":[{{"name":"User-Agent","value":"x"}}]}},"response":{{"status":200,"content":{{"mimeType":"text/plain","text":"body {n}"}}}}}}"#,
        n / 1000 % 60,
        n % 1000
    )
}

fn har(entries: &[String]) -> String {
    let entries = entries.join(",");
    format!(r#"{{"log":{{"version":"1.2","creator":{{"name":"x","version":"1"}},"entries":[{entries}]}}}}"#)
}

/// Surveys and imports it.
fn import(bytes: &[u8], dir: &Path) -> Result<(Survey, Vec<VisitRecord>), HarError> {
    let file = dir.join("x.har");
    fs::write(&file, bytes).unwrap();
    let survey = har::survey(&file)?;
    let tool = Tool { name: "affiant".into(), version: "0".into() };
    let plan = har::plan(&survey);
    let mut folder = AuditFolder::create(&dir.join("a"), "t".into(), tool, String::new(), plan).unwrap();
    har::import(&survey, &mut folder, &mut || [7; 32]).expect("what the survey accepts is imported");
    let visits = &folder.manifest.visits;
    assert!(visits.iter().all(|v| v.digest.is_some()));
    let records = visits.iter().map(|v| VisitRecord::open(&folder.visit_dir(v).unwrap()).unwrap()).collect();
    Ok((survey, records))
}

fn urls(records: &[VisitRecord]) -> Vec<String> {
    records.iter().flat_map(VisitRecord::exchanges).map(|e| e.request.what.url.clone()).collect()
}

fn of(bytes: impl AsRef<[u8]>) -> (Survey, Vec<VisitRecord>) {
    import(bytes.as_ref(), tempfile::tempdir().unwrap().path()).unwrap()
}

fn network(record: &VisitRecord) -> String {
    match &record.footer.as_ref().unwrap().collectors["network"] {
        CollectorStatus::Truncated { reason } => reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bad_entry_is_left_out_and_told_by_its_number() {
    let timed = |rest: &str| {
        format!(r#"{{"startedDateTime":"2026-01-01T00:00:00Z","request":{rest},"response":{{}}}}"#)
    };
    let untimed =
        |time: &str| format!(r#"{{"startedDateTime":{time},"request":{{"url":"https://a.test/"}}}}"#);
    let bad = [
        ("null".to_owned(), "is no object"),
        (r#"["GET","https://a.test/"]"#.to_owned(), "is no object"),
        ("{}".to_owned(), "has no time"),
        (untimed(r#""yesterday""#), "('yesterday')"),
        (untimed("1e308"), "has no time"),
        (timed(r#"{"url":""}"#), "no request with an address"),
        (timed(r#""https://a.test/""#), "no request with an address"),
    ];
    for (text, why) in bad {
        let (survey, records) = of(har(&[entry(0), text.clone(), entry(2)]));
        assert_eq!(urls(&records), ["https://a.test/0", "https://a.test/2"], "{text}");
        assert_eq!((survey.entries, survey.lost.entries, survey.lost.told[0].entry), (3, 1, 1), "{text}");
        assert!(survey.lost.told[0].why.contains(why), "{text}: {}", survey.lost.told[0].why);
        assert_eq!(records[0].header.extra[har::SOURCE]["lost"]["told"][0]["entry"], 1);
        let said = network(&records[0]);
        assert!(said.contains("1 of its 3 entries could not be read"), "{said}");
    }
    let (survey, records) = of(har(&[entry(0)]));
    assert!(survey.lost.is_empty() && records[0].header.extra[har::SOURCE]["lost"].is_null());
}

#[test]
fn what_is_odd_in_an_entry_does_not_cost_the_entry() {
    let with = |what: &str| entry(1).replacen('{', &format!("{{{what},"), 1);
    let instead = |old: &str, new: &str| {
        let made = entry(1).replace(old, new);
        assert_ne!(made, entry(1), "{old}");
        made
    };
    let odd = [
        instead("body 1", r"\ud800 half \udc00"),
        instead(r#""time":5"#, r#""time":1e308"#),
        instead(r#""time":5"#, r#""time":1e999"#),
        instead(r#""time":5"#, r#""time":"soon""#),
        instead(r#""time":5"#, r#""time":-1"#),
        with(r#""time":7"#),
        with(r#""request":{"url":"https://other.test/"}"#),
        with(r#""response":{}"#),
        with(r#""_webSocketMessages":"none""#),
        with(r#""timings":{"receive":1e308,"wait":1e999}"#),
        with(r#""_initiator":[[[]]]"#),
        instead(
            r#""status":200"#,
            r#""status":200,"_transferSize":1e308,"headersSize":1e300,"bodySize":1e300"#,
        ),
        instead(r#"[{"name""#, r#"[1,null,"x",{"name""#),
        instead(r#""response":{"#, r#""response":[],"x":{"#),
        instead(r#""content":{"#, r#""content":7,"x":{"#),
        instead(r#""content":{"#, r#""content":{"size":1e308,"#),
        instead(r#""method":"GET""#, r#""method":null,"postData":"raw""#),
        instead(
            r#""method":"GET""#,
            r#""method":"POST","postData":{"text":"eA==","encoding":"base64","_encoding":"base64"}"#,
        ),
    ];
    for text in odd {
        let (survey, records) = of(har(&[entry(0), text.clone(), entry(2)]));
        assert!(survey.lost.is_empty(), "{text}: {:?}", survey.lost);
        assert_eq!(urls(&records), [0, 1, 2].map(|n| format!("https://a.test/{n}")), "{text}");
        let last = records[0].lines.iter().map(|l| l.t).fold(0.0, f64::max);
        assert!(last < 1e5, "{text}: {last}");
        for line in &records[0].lines {
            if let Observation::RequestDone(done) = &line.what {
                assert!(done.encoded_bytes.is_none_or(|n| n < 1 << 53), "{text}");
            }
        }
    }
}

#[test]
fn a_file_that_is_cut_off_gives_what_came_before() {
    let whole = har(&[entry(0), entry(1), entry(2)]);
    let at = whole.find("https://a.test/2").unwrap();
    let (survey, records) = of(&whole[..at]);
    assert_eq!(urls(&records), ["https://a.test/0", "https://a.test/1"]);
    let cut = survey.lost.cut.unwrap();
    assert!(cut.contains(&format!("(byte {at})")) && cut.contains("ends too early"), "{cut}");
    assert!(network(&records[0]).contains("what follows entry 1 could not be read"));
    let third = r#"{"startedDateTime":"2026-01-01T00:00:00.002Z""#;
    for broken in [whole.replace(third, "{?"), format!("{whole} x"), format!("{whole}\0\0")] {
        let (survey, records) = of(&broken);
        assert!(urls(&records).len() >= 2 && survey.lost.cut.is_some(), "{:?}", survey.lost);
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn a_file_in_any_wrapping_says_the_same() {
    let plain = har(&[entry(0), entry(1).replace("body 1", "gr\u{fc}n \u{1f600}")]);
    let (_, told) = of(&plain);
    let lines = |all: &[VisitRecord]| {
        all.iter().flat_map(|r| r.lines.iter().skip(1).map(|l| format!("{:?}", l.what))).collect::<Vec<_>>()
    };
    let utf16 = |turned: bool, marked: bool| -> Vec<u8> {
        let text = format!("{}{plain}", if marked { "\u{feff}" } else { "" });
        text.encode_utf16().flat_map(|u| if turned { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let (front, back) = plain.as_bytes().split_at(100);
    for (name, bytes) in [
        ("a mark", format!("\u{feff}{plain}").into_bytes()),
        ("UTF-16LE", utf16(false, true)),
        ("UTF-16BE", utf16(true, true)),
        ("UTF-16LE without a mark", utf16(false, false)),
        ("UTF-16BE without a mark", utf16(true, false)),
        ("gzip", packed(plain.as_bytes())),
        ("gzip of UTF-16", packed(&utf16(false, true))),
        ("two members of gzip", [packed(front), packed(back)].concat()),
    ] {
        let (survey, records) = of(&bytes);
        assert_eq!(lines(&records), lines(&told), "{name}");
        assert_eq!(survey.sha256, affiant_record::Digest::of(&bytes), "{name}");
        assert!(survey.lost.is_empty(), "{name}: {:?}", survey.lost);
    }
    let latin = [&b"{\"log\":{\"comment\":\"\xfc\",\"entries\":["[..], entry(0).as_bytes(), b"]}}"].concat();
    assert_eq!(of(latin).0.comment, "\u{fffd}");
    let many = packed(har(&(0..2000).map(entry).collect::<Vec<_>>()).as_bytes());
    let (survey, records) = of(&many[..many.len() / 2]);
    assert!(!urls(&records).is_empty() && survey.lost.cut.is_some(), "{:?}", survey.lost);
}

#[test]
fn an_odd_head_costs_no_entry() {
    for head in [
        r#""creator":"Fiddler""#,
        r#""creator":[],"browser":7,"version":{},"comment":["x"]"#,
        r#""creator":{"name":"\ud800","name":"Fiddler"}"#,
        r#""pages":{"id":"p"}"#,
        r#""pages":[1,null,{"id":"p","title":"\udfff"}]"#,
        r#""_x":{"y":[1e999,"\ud800"]}"#,
    ] {
        let entries = (entry(0), entry(1));
        let text =
            format!(r#"{{"log":{{{head},"entries":[{}]}},"log":{{"entries":[{}]}}}}"#, entries.0, entries.1);
        let (survey, records) = of(&text);
        assert_eq!(urls(&records), ["https://a.test/0"], "{head}");
        assert!(survey.lost.is_empty(), "{head}");
    }
}

fn on_page(n: usize, page: usize) -> String {
    entry(n).replacen('{', &format!(r#"{{"pageref":"p{page}","#), 1)
}

#[test]
fn visits_whose_entries_come_in_turns_are_whole() {
    let (_, records) = of(har(&(0..120).map(|n| on_page(n, n % 40)).collect::<Vec<_>>()));
    assert_eq!(records.len(), 40);
    assert!(records.iter().all(|r| r.exchanges().len() == 3));
}

/// For docs/BENCHMARKS.md: `cargo test --release -p affiant-record --test sloppy_har -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn a_hundred_thousand_entries() {
    for (pages, bodies) in [(1, 1000), (1000, 1000), (1, 100_000)] {
        let dir = tempfile::tempdir().unwrap();
        let body = "x".repeat(1500);
        let made = |n: usize| {
            let own = format!("\"body {n}\"");
            on_page(n, n * pages / 100_000).replace(&own, &format!("\"{body} {}\"", n % bodies))
        };
        let text = har(&(0..100_000).map(made).collect::<Vec<_>>());
        let file = dir.path().join("x.har");
        fs::write(&file, &text).unwrap();
        let began = Instant::now();
        let survey = har::survey(&file).unwrap();
        let surveyed = began.elapsed();
        let tool = Tool { name: "affiant".into(), version: "0".into() };
        let plan = har::plan(&survey);
        let mut folder =
            AuditFolder::create(&dir.path().join("a"), "t".into(), tool, String::new(), plan).unwrap();
        har::import(&survey, &mut folder, &mut || [7; 32]).unwrap();
        assert_eq!((survey.entries, folder.manifest.visits.len()), (100_000, pages));
        let (mb, all) = (text.len() / 1_000_000, began.elapsed());
        writeln!(
            std::io::stderr(),
            "{pages} pages, {bodies} bodies, {mb} MB: survey {surveyed:.2?}, in all {all:.2?}"
        )
        .unwrap();
    }
}

/// A value of JSON, of any kind.
fn value() -> impl Strategy<Value = String> {
    let fixed = [
        "null",
        "true",
        "1e308",
        "-1e999",
        "[]",
        "{}",
        r#"[{"name":1,"value":[]}]"#,
        r#"{"url":"https://x.test/","headers":{}}"#,
        r#""\ud83d""#,
        r#""2026-01-01T00:00:09Z""#,
    ];
    prop_oneof![
        proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned),
        "\"[a-z ]{0,9}\"",
        any::<i64>().prop_map(|n| n.to_string()),
    ]
}

/// A member of an entry, known or not.
fn member() -> impl Strategy<Value = String> {
    let names = [
        "pageref",
        "startedDateTime",
        "time",
        "request",
        "response",
        "timings",
        "_initiator",
        "_resourceType",
        "_webSocketMessages",
        "serverIPAddress",
        "_serverPort",
        "comment",
        "nobody",
    ];
    (proptest::sample::select(names.to_vec()), value())
        .prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever stands in an entry, its neighbours are imported; it is imported too, or told.
    #[test]
    fn an_odd_entry_never_costs_another(
        members in proptest::collection::vec(member(), 1..6),
        first in any::<bool>(),
    ) {
        let (own, more) = (entry(1), members.join(","));
        let odd = if first {
            own.replacen('{', &format!("{{{more},"), 1)
        } else {
            format!("{},{more}}}", own.strip_suffix('}').unwrap())
        };
        let (survey, records) = of(har(&[entry(0), odd.clone(), entry(2)]));
        prop_assert_eq!(survey.entries, 3);
        let urls = urls(&records);
        for n in ["https://a.test/0", "https://a.test/2"] {
            prop_assert!(urls.iter().any(|u| u == n), "{}", odd);
        }
        let is_socket = |o: &Observation| matches!(o, Observation::WebSocket(w) if w.event == "created");
        let sockets = records.iter().flat_map(|r| &r.lines).filter(|l| is_socket(&l.what)).count();
        let lost = usize::try_from(survey.lost.entries).unwrap();
        prop_assert_eq!(urls.len() + sockets + lost, 3, "{}", odd);
    }

    /// Cut anywhere, it is refused, or gives what came before and says that it is cut.
    #[test]
    fn a_cut_file_is_never_taken_for_a_whole_one(at in any::<proptest::sample::Index>()) {
        let whole = har(&[entry(0), entry(1), entry(2)]);
        let at = at.index(whole.len());
        let dir = tempfile::tempdir().unwrap();
        if let Ok((survey, records)) = import(&whole.as_bytes()[..at], dir.path()) {
            prop_assert!(survey.lost.cut.is_some());
            prop_assert_eq!(urls(&records).len() as u64, survey.entries);
        }
    }
}
