//! Bad input and faults: a clear message, the exit code of the documentation, nothing lost, nothing left behind.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use affiant_record::{AuditFolder, Completeness, Observation, Outcome, VisitRecord};
use affiant_testbed::{LogKind, Sites, Testbed};
use common::{Audited, TURN, affiant, processes, read, show, to};
use tokio::process::Child;

async fn fails(args: &[&str]) -> String {
    let out = affiant().args(args).output().await.unwrap();
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{args:?}: {err}");
    assert!(!err.contains("panicked"), "{err}");
    err
}

/// How many pages have a record; the first one may have several, one a session.
fn visited(a: &Audited) -> usize {
    a.records.iter().map(|r| r.header.url.as_str()).collect::<std::collections::BTreeSet<_>>().len()
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
    let _turn = TURN.lock().await;
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
    let _turn = TURN.lock().await;
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

/// Starts an audit of the demo and waits until its first visit is sealed.
async fn started(out: &Path) -> Child {
    let child = affiant()
        .args(["audit", "--demo", "--no-return", "--no-probe", "--quiet", "--out"])
        .arg(out)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !out.join("visits/no-choice/000/seal.json").is_file() {
        assert!(Instant::now() < end, "no first visit within 60 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    child
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
}

/// Waits until no browser of this affiant is left.
async fn browsers_end(pid: u32) {
    let end = Instant::now() + Duration::from_secs(15);
    while !processes(&format!("affiant-profile-{pid}-")).is_empty() {
        assert!(Instant::now() < end, "a browser was left behind");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn profiles(pid: u32) -> usize {
    let name = format!("affiant-profile-{pid}-");
    std::fs::read_dir(std::env::temp_dir())
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with(&name))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_seals_what_was_seen_and_leaves_nothing_behind() {
    let _turn = TURN.lock().await;
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = started(&out).await;
    let pid = child.id().unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    signal(&child, "-INT");
    let done =
        tokio::time::timeout(Duration::from_secs(40), child.wait_with_output()).await.unwrap().unwrap();
    let a = read(&out, done);
    assert_eq!(a.code(), 1, "findings were made until then: {}", a.stderr());
    assert!(a.folder.manifest.interrupted);
    assert!(a.stderr().contains("stopped on request"), "{}", a.stderr());
    assert!(a.records.iter().all(|r| r.completeness == Completeness::Sealed));
    assert!(a.records.iter().any(|r| r.footer.as_ref().unwrap().outcome == Outcome::Interrupted));
    assert!(!a.judgement.coverage.gaps.is_empty(), "what was not visited is a gap");
    browsers_end(pid).await;
    assert_eq!(profiles(pid), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_that_was_sealed_and_the_rest_says_that_it_was_cut_off() {
    let _turn = TURN.lock().await;
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let mut child = started(&out).await;
    let pid = child.id().unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    signal(&child, "-KILL");
    child.wait().await.unwrap();
    browsers_end(pid).await;
    let first = VisitRecord::open(&out.join("visits/no-choice/000")).unwrap();
    assert_eq!(first.completeness, Completeness::Sealed);
    let folder = AuditFolder::open(&out).unwrap();
    assert_eq!(folder.manifest.finished, None);
    let cut = folder
        .manifest
        .visits
        .iter()
        .filter_map(|v| VisitRecord::open(&folder.visit_dir(v).unwrap()).ok())
        .filter(|r| matches!(r.completeness, Completeness::CutOff { .. }))
        .count();
    assert!(cut >= 1, "the visit that was under way is readable");
    let judged = affiant().arg("judge").arg(&out).output().await.unwrap();
    let a = read(&out, judged);
    assert_eq!(a.code(), 1, "{}", a.stderr());
    assert!(
        a.judgement.coverage.gaps.iter().any(|g| g.reason.contains("cut off") || g.reason.contains("sealed")),
        "{:?}",
        a.judgement.coverage.gaps
    );
    let verified = affiant().args(["record", "verify"]).arg(&out).output().await.unwrap();
    assert_eq!(verified.status.code(), Some(0));
    // The profile that the dead left is swept by the next run.
    assert_eq!(profiles(pid), 1);
    let next = affiant()
        .args(["audit", "https://dead.invalid", "--quiet", "--out"])
        .arg(tmp.path().join("b"))
        .output()
        .await
        .unwrap();
    assert_eq!(next.status.code(), Some(2));
    assert_eq!(profiles(pid), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_is_noted_and_the_other_sessions_go_on() {
    let _turn = TURN.lock().await;
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = affiant()
        .args([
            "audit",
            "--demo",
            "--no-return",
            "--no-probe",
            "--quiet",
            "--pages",
            "2",
            "--parallel",
            "1",
            "--out",
        ])
        .arg(&out)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !out.join("visits/no-choice/000/seal.json").is_file() {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_millis(1000)).await;
    for p in processes(&format!("affiant-profile-{pid}-")) {
        let _ = std::process::Command::new("kill").args(["-9", &p.to_string()]).status();
    }
    let done =
        tokio::time::timeout(Duration::from_secs(90), child.wait_with_output()).await.unwrap().unwrap();
    let a = read(&out, done);
    assert_eq!(a.code(), 1, "{}", a.stderr());
    let of = |session: &str, ordinal: u32| {
        a.folder
            .manifest
            .visits
            .iter()
            .find(|v| v.session == session && v.ordinal == ordinal)
            .unwrap()
            .clone()
    };
    assert_eq!(of("no-choice", 0).outcome, Some(Outcome::Complete));
    assert_ne!(of("no-choice", 1).outcome, Some(Outcome::Complete));
    assert_eq!(
        of("accept-all", 1).outcome,
        Some(Outcome::Complete),
        "a new browser was started: {}",
        a.stderr()
    );
    browsers_end(pid).await;
}

/// Everything that descends from these processes.
fn descendants(of: &[u32]) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|e| {
            let pid: u32 = e.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // After the name in brackets: state, parent.
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut all = of.to_vec();
    let mut at = 0;
    while at < all.len() {
        let next = parents.iter().filter(|(_, p)| *p == all[at]).map(|(pid, _)| *pid);
        let next: Vec<u32> = next.filter(|pid| !all.contains(pid)).collect();
        all.extend(next);
        at += 1;
    }
    all
}

fn is_renderer(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|c| String::from_utf8_lossy(&c).contains("--type=renderer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_of_everything_ends_and_what_was_seen_is_kept() {
    let _turn = TURN.lock().await;
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
    assert_eq!(profiles(pid), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renderer_that_dies_is_noted_and_the_next_visit_has_a_new_tab() {
    let _turn = TURN.lock().await;
    let bed = Testbed::start(Sites::only(&["floods"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = affiant()
        .args(["audit", "https://www.floods.test/", "https://www.floods.test/patient"])
        .args(["https://www.floods.test/bytes", "--scenario", "no-choice", "--quiet", "--out"])
        .arg(&out)
        .args(to(&bed))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !bed.log().iter().any(|e| e.path_and_query == "/one/patient") {
        assert!(Instant::now() < end, "the page was not opened within 60 s");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let renderers = descendants(&[pid]).into_iter().filter(|pid| is_renderer(*pid));
    let renderers: Vec<String> = renderers.map(|pid| pid.to_string()).collect();
    assert!(!renderers.is_empty());
    assert!(std::process::Command::new("kill").arg("-9").args(&renderers).status().unwrap().success());
    let done =
        tokio::time::timeout(Duration::from_secs(90), child.wait_with_output()).await.unwrap().unwrap();
    let a = read(&out, done);
    let outcomes: Vec<_> = a.folder.manifest.visits.iter().map(|v| v.outcome.clone().unwrap()).collect();
    assert!(matches!(outcomes[1], Outcome::Crashed { .. }), "{outcomes:?}\n{}", a.stderr());
    assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Complete, &Outcome::Complete), "{}", a.stderr());
    let hit = &a.records[1];
    assert_eq!(hit.completeness, Completeness::Sealed);
    assert!(hit.lines.iter().any(|l| matches!(&l.what, Observation::Crash(c) if c.what == "renderer")));
    let sent = hit.exchanges().iter().any(|x| x.request.what.url.ends_with("/one/patient"));
    assert!(sent, "what was seen before is kept");
    assert!(
        a.judgement.coverage.gaps.iter().any(|g| g.page.ends_with("/patient")),
        "{:?}",
        a.judgement.coverage.gaps
    );
    browsers_end(pid).await;
    assert_eq!(profiles(pid), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_noticed_by_name_and_never_judged() {
    let _turn = TURN.lock().await;
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
