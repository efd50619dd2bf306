//! A store as its user sees it: audits go in, and their history comes out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use affiant_record::AuditFolder;
use affiant_testbed::{Sites, Testbed};
use serde_json::Value;

use crate::common::{affiant, to};

async fn run(store: &Path, args: &[&str]) -> Output {
    affiant().args(args).env("AFFIANT_STORE", store).output().await.unwrap()
}

async fn json(store: &Path, args: &[&str]) -> Value {
    let done = run(store, &[args, &["--format", "json"]].concat()).await;
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn stderr(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn audits_are_kept_and_what_came_of_them_is_told() {
    let bed = Testbed::start(Sites::only(&["no-banner"])).await.unwrap();
    let start = bed.sites().next().unwrap().start.clone();
    let host = url::Url::parse(&start).unwrap().host_str().unwrap().to_owned();
    let tmp = tempfile::tempdir().unwrap();
    let store = tmp.path().join("store");
    let none = run(&store, &["history", &host]).await;
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("has no audit of"), "{}", stderr(&none));

    for _ in 0..2 {
        let done = affiant()
            .args(["audit", &start, "--pages", "1", "--scenario", "no-choice", "--quiet"])
            .args(to(&bed))
            .env("AFFIANT_STORE", &store)
            .output()
            .await
            .unwrap();
        assert!(matches!(done.status.code(), Some(0 | 1)), "{}", stderr(&done));
    }
    let history = json(&store, &["history", &host]).await;
    let audits = history.as_array().unwrap();
    assert_eq!(audits.len(), 2, "{history}");
    assert!(audits.iter().all(|a| a["state"] == "finished" && a["visits"] == 1 && a["complete"] == 1));
    let findings = json(&store, &["findings", &start]).await;
    assert!(!findings.as_array().unwrap().is_empty());
    for f in findings.as_array().unwrap() {
        assert_eq!((&f["standing"], &f["audits"]), (&"open".into(), &2.into()), "{f}");
    }
    for what in ["tags", "vendors", "cookies", "hosts"] {
        let all = json(&store, &["inventory", &host, what]).await;
        assert!(all.as_array().unwrap().iter().all(|t| t["out_of"] == 2), "{all}");
        assert!(what != "hosts" || !all.as_array().unwrap().is_empty());
    }
    let csv = run(&store, &["inventory", &host, "hosts", "--format", "csv"]).await;
    assert!(String::from_utf8_lossy(&csv.stdout).starts_with("host,what,first seen (UTC)"));

    // By its name, from anywhere, and filed again.
    let id = audits[0]["id"].as_str().unwrap();
    let judged = run(&store, &["judge", id, "--quiet"]).await;
    assert_eq!(judged.status.code(), Some(1), "{}", stderr(&judged));
    let har = tmp.path().join("a.har");
    let exported = run(&store, &["export", id, "--har", har.to_str().unwrap()]).await;
    assert_eq!(exported.status.code(), Some(0), "{}", stderr(&exported));
    let compared = run(&store, &["compare", id, audits[1]["id"].as_str().unwrap()]).await;
    assert!(matches!(compared.status.code(), Some(0 | 1)), "{}", stderr(&compared));
    let verified = run(&store, &["record", "verify", store.join("audits").join(id).to_str().unwrap()]).await;
    assert_eq!(verified.status.code(), Some(0), "{}", stderr(&verified));
    let missing = run(&store, &["report", "www.nobody.test-1"]).await;
    assert!(stderr(&missing).contains("affiant history"), "{}", stderr(&missing));

    // The database is lost, and made again.
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(store.join(name));
    }
    let rebuilt = run(&store, &["store", "rebuild"]).await;
    assert_eq!(rebuilt.status.code(), Some(0), "{}", stderr(&rebuilt));
    assert_eq!(json(&store, &["history", &host]).await, history);
    assert_eq!(json(&store, &["findings", &start]).await, findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_used_is_told_before_anything_is_visited() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (place, says) in [
        (file.join("store").to_str().unwrap(), "cannot make the folder"),
        ("postgres://me:secret@127.0.0.1:9/none", "needs a folder"),
        ("mysql://me:secret@127.0.0.1/none", "is no store"),
    ] {
        let done =
            affiant().args(["audit", "https://www.nobody.test", "--store", place]).output().await.unwrap();
        assert_eq!(done.status.code(), Some(2));
        assert!(stderr(&done).contains(says) && !stderr(&done).contains("secret"), "{}", stderr(&done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_goes_before_the_environment_and_the_environment_before_the_file() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("affiant.toml");
    let dir = |name: &str| tmp.path().join(name);
    std::fs::write(&file, format!("[store]\nplace = {:?}\n", dir("of the file"))).unwrap();
    let run = async |args: &[&str], variable: Option<&Path>| {
        let mut command = affiant();
        command.current_dir(tmp.path()).args(args).env_remove("AFFIANT_STORE");
        if let Some(place) = variable {
            command.env("AFFIANT_STORE", place);
        }
        command.output().await.unwrap()
    };
    assert_eq!(run(&["history"], None).await.status.code(), Some(0));
    assert!(dir("of the file").is_dir());
    run(&["history"], Some(&dir("of the environment"))).await;
    assert!(dir("of the environment").is_dir());
    let flag = dir("of the flag");
    run(&["history", "--store", flag.to_str().unwrap()], Some(&dir("unused"))).await;
    assert!(flag.is_dir() && !dir("unused").exists());
    let checked = run(&["config", "check"], None).await;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(said.contains("of the file  (file)"), "{said}");

    std::fs::write(&file, "[store]\nplcae = 1\n").unwrap();
    for args in [&["history"][..], &["config", "check"]] {
        let wrong = run(args, None).await;
        assert_eq!(wrong.status.code(), Some(2));
        assert!(
            stderr(&wrong).contains("affiant.toml") && stderr(&wrong).contains("line 2, column 1"),
            "{}",
            stderr(&wrong)
        );
    }
    // What needs no configuration does not stumble over it.
    assert_eq!(run(&["rule", "list"], None).await.status.code(), Some(0));
}

/// The seals of an audit's visits.
fn seals(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for session in std::fs::read_dir(dir.join("visits")).into_iter().flatten().flatten() {
        for visit in std::fs::read_dir(session.path()).into_iter().flatten().flatten() {
            out.extend(Some(visit.path().join("seal.json")).filter(|p| p.is_file()));
        }
    }
    out.sort();
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_audit_goes_on_where_it_stopped() {
    let bed = Testbed::start(Sites::only(&["no-banner"])).await.unwrap();
    let start = bed.sites().next().unwrap().start.clone();
    let tmp = tempfile::tempdir().unwrap();
    let store = tmp.path().join("store");
    let audits = store.join("audits");
    let the = || std::fs::read_dir(&audits).into_iter().flatten().flatten().map(|e| e.path()).next();
    // Killed once, and a second time while it goes on.
    for more in [2, 1] {
        let before = the().map_or(0, |dir| seals(&dir).len());
        let mut command = affiant();
        command.args(["audit", "--quiet", "--header", "X-Secret: s3cret"]);
        match the() {
            None => command.args([&start, "--pages", "3", "--parallel", "1"]).args(to(&bed)),
            Some(dir) => command.arg("--resume").arg(dir),
        };
        let nobody = std::process::Stdio::null();
        let mut child =
            command.env("AFFIANT_STORE", &store).env("TMPDIR", tmp.path()).stdout(nobody).spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(90);
        while the().is_none_or(|dir| seals(&dir).len() < before + more) {
            assert!(Instant::now() < end, "no further visit within 90 s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let dir = the().unwrap();
        let busy = ["audit", "--resume", dir.to_str().unwrap(), "--header", "X-Secret: s3cret"];
        let busy = run(&store, &busy).await;
        assert!(stderr(&busy).contains("being made by another process"), "{}", stderr(&busy));
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }
    let dir = the().unwrap();
    let before: Vec<(PathBuf, Vec<u8>)> =
        seals(&dir).into_iter().map(|p| (p.clone(), std::fs::read(p).unwrap())).collect();
    let id = dir.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(json(&store, &["history"]).await[0]["state"], "unfinished");
    let asked = std::fs::read_to_string(dir.join("request.json")).unwrap();
    assert!(asked.contains("X-Secret") && !asked.contains("s3cret"), "{asked}");

    let without = run(&store, &["audit", "--resume", &id, "--quiet"]).await;
    assert!(stderr(&without).contains("--header 'X-Secret"), "{}", stderr(&without));
    let done = run(&store, &["audit", "--resume", &id, "--quiet", "--header", "X-Secret: s3cret"]).await;
    assert_eq!(done.status.code(), Some(1), "{}", stderr(&done));
    let folder = AuditFolder::open(&dir).unwrap();
    let visits = &folder.manifest.visits;
    assert!(folder.manifest.finished.is_some());
    assert!(visits.iter().all(|v| v.digest.is_some()), "{visits:#?}");
    for (path, bytes) in &before {
        assert_eq!(&std::fs::read(path).unwrap(), bytes, "what was sealed stays");
        let rest = path.parent().unwrap().strip_prefix(&dir).unwrap().to_str().unwrap();
        assert!(visits.iter().any(|v| v.path == rest), "{rest} is of the audit still");
    }
    // Each page in each scenario, and none of those that were sealed a second time, but for the pages that sessions begin on.
    let mut times: BTreeMap<(String, String), u32> = BTreeMap::new();
    for v in visits.iter().filter(|v| v.url != start) {
        *times.entry((v.scenario.to_string(), v.url.clone())).or_default() += 1;
    }
    assert_eq!(times.len(), 3 * 2, "{times:?}");
    assert!(times.values().all(|n| *n == 1), "{times:?}");
    let history = json(&store, &["history"]).await;
    assert_eq!(
        (&history[0]["state"], history[0]["visits"].as_u64()),
        (&"finished".into(), Some(visits.len() as u64))
    );
    let again = run(&store, &["audit", "--resume", &id]).await;
    assert!(stderr(&again).contains("it came to its end"), "{}", stderr(&again));
}
