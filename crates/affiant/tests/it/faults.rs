//! Bad input and faults: a clear message, the exit code of the documentation, nothing lost, nothing left behind.

use std::time::{Duration, Instant};

use affiant_record::{Completeness, Outcome};
use affiant_testbed::{Sites, Testbed};

use crate::common::{affiant, read, to, visited};

async fn fails(args: &[&str]) -> String {
    let out = affiant().args(args).output().await.unwrap();
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{args:?}: {err}");
    assert!(!err.contains("panicked"), "{err}");
    err
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_arguments_are_told_in_one_line_and_exit_with_2() {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("a");
    let out = out.to_str().unwrap();
    for (args, said) in [
        (vec!["audit", "not a url"], "is no address"),
        (vec!["audit", "ftp://a.test"], "not a web address"),
        (vec!["audit", "https://user:pw@a.test"], "--header"),
        (vec!["audit"], "URL"),
        (vec!["audit", "a.test", "--scenario", "maybe"], "no-choice, ignore, dismiss"),
        (vec!["audit", "a.test", "--header", "nope"], "Name: value"),
        (vec!["audit", "a.test", "--browser", "/nowhere/chromium"], "/nowhere/chromium"),
        (vec!["audit", "a.test", "--resolve", "nonsense", "--out", out], "HOST:PORT:ADDR"),
        (vec!["audit", "a.test", "--proxy", "gopher://x"], "is no proxy address"),
        (vec!["judge", "/nowhere"], "/nowhere"),
        (vec!["report", "/nowhere"], "/nowhere"),
        (vec!["record", "verify", "/nowhere"], "/nowhere"),
        (vec!["rule", "explain", "nothing"], "no-banner"),
    ] {
        let err = fails(&args).await;
        assert!(err.contains(said), "{args:?}: {err}");
    }
    let ok = affiant().args(["rule", "list"]).output().await.unwrap();
    assert_eq!(ok.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_that_cannot_serve_are_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let tmp = tempfile::tempdir().unwrap();
    for (i, (script, said)) in [
        ("echo 'Chromium 90.0.4430.212'", "needs Chromium"),
        ("exit 3", "ended right after its start"),
        ("test \"$1\" = --version && echo 'Chromium 156.0.1.1' && exit 0; echo 'cannot open display' >&2; exit 1", "cannot open display"),
    ]
    .iter()
    .enumerate()
    {
        let path = tmp.path().join(format!("browser{i}"));
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let out = tmp.path().join(format!("audit{i}"));
        let err = fails(&["audit", "https://a.test", "--browser", path.to_str().unwrap(), "--out", out.to_str().unwrap()]).await;
        assert!(err.contains(said), "{script}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_cannot_be_opened_says_why() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let tls = bed.resolve_rules();
    for (i, (url, flags, said)) in [
        ("https://no-such-host.invalid/", vec![], "ERR_"),
        ("https://dead.broken.test/", to(&bed), "nothing answers"),
        (
            "https://www.gated-shop.test/",
            tls.iter().flat_map(|r| ["--resolve".to_owned(), r.clone()]).collect(),
            "--insecure",
        ),
        ("https://www.broken.test/redirect-loop", to(&bed), "circle"),
        ("https://www.broken.test/answers/500", to(&bed), "HTTP 500"),
        ("https://www.broken.test/file.bin", to(&bed), "download"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = tmp.path().join(i.to_string());
        let done = affiant()
            .args(["audit", url, "--scenario", "no-choice", "--out"])
            .arg(&out)
            .args(&flags)
            .output()
            .await
            .unwrap();
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{url}: {err}");
        assert!(err.contains(said), "{url}: {err}");
        // What was seen is sealed and readable all the same.
        let a = read(&out, done);
        assert!(a.records.iter().all(|r| r.completeness == Completeness::Sealed), "{url}");
        assert!(out.join("report.html").is_file());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_broken_in_every_way_end_within_their_bounds() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let site = bed.site("broken").unwrap().clone();
    let base = url::Url::parse(&site.start).unwrap();
    // /memory takes gigabytes before its renderer dies: the crash is tested apart.
    let pages: Vec<String> =
        site.pages.iter().filter(|p| *p != "/memory").map(|p| base.join(p).unwrap().to_string()).collect();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let began = Instant::now();
    let done = affiant()
        .arg("audit")
        .args(&pages)
        .args(["--scenario", "no-choice", "--timeout", "8", "--out"])
        .arg(&out)
        .args(to(&bed))
        .output()
        .await
        .unwrap();
    let a = read(&out, done);
    assert!(!a.stderr().contains("panicked"), "{}", a.stderr());
    assert_eq!(visited(&a), pages.len(), "every visit is recorded:\n{}", a.stderr());
    assert!(a.records.iter().all(|r| r.completeness == Completeness::Sealed));
    // Each page has its own bound; 40 s a page would mean that one does not hold.
    assert!(began.elapsed() < Duration::from_secs(40 * pages.len() as u64));
    let outcome = |path: &str| {
        let v = a.folder.manifest.visits.iter().find(|v| v.url.ends_with(path)).unwrap();
        v.outcome.clone().unwrap()
    };
    assert_eq!(outcome("broken.test/"), Outcome::Complete);
    assert_eq!(outcome("/dialogs"), Outcome::Complete, "after broken pages the tab still works");
    assert!(matches!(outcome("/hang"), Outcome::TimedOut { .. }));
    assert!(matches!(outcome("/busy"), Outcome::TimedOut { .. }));
    assert!(matches!(outcome("/redirect-loop"), Outcome::Failed { .. }));
    assert!(matches!(outcome("dead.broken.test/"), Outcome::Failed { .. }));
    let has = |path: &str, kind: &str| {
        let r = a.records.iter().find(|r| r.header.url.ends_with(path)).unwrap();
        r.lines.iter().any(|l| serde_json::to_value(l).unwrap()["type"] == kind)
    };
    assert!(has("/dialogs", "dialog") && has("/download", "download"));
    assert!(
        a.judgement.coverage.gaps.len() >= 8,
        "broken pages are gaps in the coverage: {:?}",
        a.judgement.coverage.gaps
    );
    // An audit full of holes never reads as clean. (`no-banner` asks only about the first page, which is whole.)
    let asked_of_all = || a.judgement.verdicts.iter().filter(|v| v.rule != "no-banner");
    assert!(
        asked_of_all().all(|v| v.verdict != affiant_rules::judgement::Verdict::Pass),
        "{:#?}",
        a.judgement.verdicts
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_noticed_by_name_and_never_judged() {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let done = affiant()
        .args([
            "audit",
            "--demo",
            "--no-return",
            "--no-probe",
            "--quiet",
            "--pages",
            "1",
            "--scenario",
            "no-choice",
            "--out",
        ])
        .arg(&out)
        .output()
        .await
        .unwrap();
    let a = read(&out, done);
    assert_eq!(a.code(), 1, "{}", a.stderr());
    let path = out.join("visits/no-choice/000/record.jsonl.zst");
    let whole = std::fs::read(&path).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&path, changed).unwrap();
    for verb in [vec!["record", "verify"], vec!["judge"]] {
        let done = affiant().args(&verb).arg(&out).output().await.unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains("not those that were sealed"), "{said}");
    }
    std::fs::write(&path, whole).unwrap();
    // And a changed blob.
    let blob = a.records[0]
        .lines
        .iter()
        .find_map(|l| match &l.what {
            affiant_record::Observation::Screenshot(s) => s.image.blob,
            _ => None,
        })
        .unwrap();
    std::fs::write(a.folder.blobs().path(&blob), b"other").unwrap();
    let done = affiant().args(["record", "verify"]).arg(&out).output().await.unwrap();
    assert_eq!(done.status.code(), Some(2));
}
