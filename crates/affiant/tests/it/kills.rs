//! What is interrupted, killed or dies: nothing that was sealed is lost, and nothing is left behind.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use affiant_record::{AuditFolder, Completeness, Observation, Outcome, VisitRecord};
use affiant_testbed::{Sites, Testbed};
use tokio::process::Child;

use crate::common::{affiant, browsers_end, processes, profiles, read, to};

/// Starts an audit of the demo and waits until its first visit is sealed. The next run in the same folder for what is temporary,
/// whoever's it is, sweeps what this one leaves there.
async fn started(out: &Path, temporary: &Path) -> Child {
    let child = affiant()
        .env("TMPDIR", temporary)
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

/// What is in the folder for what is temporary, beside the audit: profiles, and what browsers keep for a while.
fn left(temporary: &Path) -> Vec<String> {
    let all = std::fs::read_dir(temporary).unwrap().flatten();
    all.map(|e| e.file_name().to_string_lossy().into_owned()).filter(|name| name != "audit").collect()
}

/// Sends the signal in the middle of an audit: what was seen is sealed, and nothing is left behind.
async fn stops(with: &str) {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = started(&out, tmp.path()).await;
    let pid = child.id().unwrap();
    let profile = left(tmp.path()).into_iter().find(|name| name.starts_with("affiant-profile-")).unwrap();
    let mode = std::fs::metadata(tmp.path().join(profile)).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o700, "{mode:o}");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    signal(&child, with);
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
    assert_eq!(left(tmp.path()), [""; 0]);
    let verified = affiant().args(["record", "verify"]).arg(&out).output().await.unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_seals_what_was_seen_and_leaves_nothing_behind() {
    stops("-INT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_that_is_closed_is_heard_like_ctrl_c() {
    stops("-HUP").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_ends_at_once_and_leaves_no_browser_and_no_profile() {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let mut child = started(&out, tmp.path()).await;
    let pid = child.id().unwrap();
    signal(&child, "-INT");
    tokio::time::sleep(Duration::from_millis(100)).await;
    signal(&child, "-INT");
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(2));
    assert_eq!(processes(&format!("affiant-profile-{pid}-")), [0; 0], "killed before affiant ended");
    assert_eq!(left(tmp.path()), [""; 0]);
    let first = VisitRecord::open(&out.join("visits/no-choice/000")).unwrap();
    assert_eq!(first.completeness, Completeness::Sealed, "what is sealed stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_that_was_sealed_and_the_rest_says_that_it_was_cut_off() {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let mut child = started(&out, tmp.path()).await;
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
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
    // The profile that the dead left is swept by the next run.
    assert_eq!(profiles(tmp.path(), pid), 1);
    let next = affiant()
        .env("TMPDIR", tmp.path())
        .args(["audit", "https://dead.invalid", "--quiet", "--out"])
        .arg(tmp.path().join("b"))
        .output()
        .await
        .unwrap();
    assert_eq!(next.status.code(), Some(2));
    assert_eq!(profiles(tmp.path(), pid), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_dies_is_noted_and_the_other_sessions_go_on() {
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
async fn a_renderer_that_dies_is_noted_and_the_next_visit_has_a_new_tab() {
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
    assert_eq!(profiles(&std::env::temp_dir(), pid), 0);
}
