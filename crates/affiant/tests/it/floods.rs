//! Pages that do too much of everything (`testbed/sites/floods`).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use affiant_record::{Completeness, Outcome};
use affiant_testbed::{LogKind, Sites, Testbed};

use crate::common::{affiant, browsers_end, profiles, read, show, to, visited};

#[tokio::test(flavor = "multi_thread")]
async fn too_much_of_everything_ends_and_what_was_seen_is_kept() {
    let bed = Testbed::start(Sites::only(&["floods"])).await.unwrap();
    let base = url::Url::parse("https://www.floods.test/").unwrap();
    let pages = ["/requests", "/bytes", "/frames", "/workers", "/vanishing", "/"];
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = affiant()
        .arg("audit")
        .args(pages.map(|p| base.join(p).unwrap().to_string()))
        .args(["--scenario", "no-choice", "--timeout", "30", "--quiet", "--out"])
        .arg(&out)
        .args(to(&bed))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap();
    let a = read(&out, child.wait_with_output().await.unwrap());
    assert!(!a.stderr().contains("panicked"), "{}", a.stderr());
    assert_eq!(visited(&a), pages.len(), "every visit is recorded:\n{}", a.stderr());
    let mut table = "| page | outcome | lines | end |\n|---|---|---|---|\n".to_owned();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    for (r, v) in a.records.iter().zip(&a.folder.manifest.visits) {
        assert_eq!(r.completeness, Completeness::Sealed, "{}", r.header.url);
        let (lines, end) = (r.lines.len(), r.end() / 1000.0);
        writeln!(table, "| {} | {:?} | {lines} | {end:.1} s |", r.header.url, v.outcome).unwrap();
        if !matches!(v.outcome, Some(Outcome::Complete | Outcome::TimedOut { .. })) {
            wrong.push(format!("{}: {:?}", v.url, v.outcome));
        }
        for x in r.exchanges() {
            *seen.entry(x.request.what.url.clone()).or_default() += 1;
        }
    }
    // Nothing that reached the server is lost, but for the last words of another site's frame that was removed: the
    // browser detaches it before it tells of them (`gone-brief` in the site "completeness").
    let mut lost: BTreeMap<String, usize> = BTreeMap::new();
    let mut served: BTreeMap<String, usize> = BTreeMap::new();
    let mut last_words: usize = 0;
    for e in bed.log().iter().filter(|e| e.kind == LogKind::Request && e.host.ends_with(".test")) {
        let url = format!("{}://{}{}", e.scheme, e.host, e.path_and_query);
        let group =
            e.path_and_query.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().to_owned();
        *served.entry(group.clone()).or_default() += 1;
        let left = seen.entry(url).or_default();
        *left -= 1;
        if *left < 0 {
            let removed = e.host == "other.floods-away.test" && group == "/one/vanishing-sends-";
            *if removed { &mut last_words } else { lost.entry(group).or_default() } += 1;
        }
    }
    writeln!(table, "\nThe server saw: {served:?}; {last_words} beacons of removed frames are in no record.")
        .unwrap();
    show("floods.md", &table);
    assert!(lost.is_empty(), "the server saw what no record has: {lost:?} of {served:?}");
    assert!(served["/one/request-"] > 1_000, "{served:?}");
    for (group, all) in [("/frame/", 1000), ("/worker/", 200), ("/one/worker-worker-", 200)] {
        assert_eq!(served.get(group), Some(&all), "{served:?}");
    }
    // The big answer: its length is told, its bytes are not kept, and the record says why. A machine that cannot
    // read 200 MB within the bound leaves before its end: then the record says that it broke off.
    let big = a.records[1].exchanges();
    let big = big.iter().find(|x| x.request.what.url.ends_with("/bytes.bin")).unwrap();
    let body = &big.response_body.unwrap().what;
    let why = body.missing.as_deref().unwrap_or_default();
    let done = &big.done.unwrap().what;
    match &done.error {
        None => assert!(done.encoded_bytes >= Some(200_000_000) && !why.is_empty(), "{done:?} {body:?}"),
        Some(_) => assert!(why.contains("broke off"), "{done:?} {body:?}"),
    }
    let last = a.folder.manifest.visits.last().unwrap();
    assert_eq!(last.outcome, Some(Outcome::Complete), "after floods the tab still works");
    assert!(wrong.is_empty(), "{wrong:?}");
    browsers_end(pid).await;
    assert_eq!(profiles(&std::env::temp_dir(), pid), 0);
}
