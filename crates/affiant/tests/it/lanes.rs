//! Audits of many pages: several sessions a scenario, side by side, that find what a single one finds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::common::{Audited, affiant, audit, processes, read, to};
use affiant_record::consent::AchievedChoice;
use affiant_record::{Digest, Outcome};
use affiant_testbed::{Sites, Testbed};
use tokio::io::AsyncWriteExt as _;

/// Seventeen pages: enough for two sessions of eight beside the first page, which both visit.
const PAGES: usize = 17;

/// The demo shop's pages, over and over, the start page first; no two addresses are alike.
fn addresses(bed: &Testbed, count: usize) -> Vec<String> {
    let site = bed.sites().next().unwrap();
    (0..count)
        .map(|n| {
            let page = &site.pages[n % site.pages.len()];
            if n == 0 { page.clone() } else { format!("{page}?n={n}") }
        })
        .collect()
}

async fn listed(tmp: &Path, bed: &Testbed, addresses: &[String], parallel: &str) -> Audited {
    let list = tmp.join("urls");
    std::fs::write(&list, format!("# pages\n\n{}\n", addresses.join("\n"))).unwrap();
    let out = tmp.join(format!("audit-{parallel}"));
    let list = list.to_str().unwrap();
    audit(&out, bed, &["--urls", list, "--quiet", "--scenario", "reject-all", "--parallel", parallel]).await
}

fn sessions(a: &Audited) -> BTreeMap<String, Vec<u32>> {
    let mut out: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for v in &a.folder.manifest.visits {
        out.entry(v.session.clone()).or_default().push(v.ordinal);
    }
    out
}

/// Without times and counts of evidence.
#[derive(Debug, PartialEq)]
struct Found {
    /// By rule.
    verdicts: BTreeMap<String, String>,
    /// By fingerprint: rule and severity, pages.
    findings: BTreeMap<String, (String, BTreeSet<String>)>,
}

fn found(a: &Audited) -> Found {
    let verdicts = a.judgement.verdicts.iter().map(|v| (v.rule.clone(), format!("{:?}", v.verdict)));
    let findings = a.judgement.findings.iter();
    let findings = findings.map(|f| {
        let what = format!("{} {:?}", f.rule, f.severity);
        (f.fingerprint.clone(), (what, f.pages.iter().cloned().collect()))
    });
    Found { verdicts: verdicts.collect(), findings: findings.collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sessions_find_what_a_single_one_finds() {
    let bed = Testbed::start(Sites::demo()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let addresses = addresses(&bed, PAGES);
    let two = listed(tmp.path(), &bed, &addresses, "2").await;
    let one = listed(tmp.path(), &bed, &addresses, "1").await;

    let further = u32::try_from(PAGES - 1).unwrap();
    let whole: Vec<u32> = (0..=further).collect();
    let half: Vec<u32> = (0..=further / 2).collect();
    assert_eq!(sessions(&one), BTreeMap::from([("reject-all".to_owned(), whole)]));
    assert_eq!(
        sessions(&two),
        BTreeMap::from([("reject-all".to_owned(), half.clone()), ("reject-all-2".to_owned(), half)])
    );
    for a in [&one, &two] {
        assert_eq!(a.code(), 1, "{}", a.stderr());
        assert!(a.folder.manifest.visits.iter().all(|v| v.outcome == Some(Outcome::Complete)));
        assert!(a.judgement.coverage.gaps.is_empty(), "{:?}", a.judgement.coverage.gaps);
        let visited: BTreeSet<&String> = a.folder.manifest.visits.iter().map(|v| &v.url).collect();
        assert_eq!(visited, addresses.iter().collect());
    }

    // Each session is a visitor of its own: it rejects on its first page, and its further pages lean on that visit.
    let firsts: BTreeMap<&str, Digest> = two
        .records
        .iter()
        .filter(|r| r.header.ordinal == 0)
        .map(|r| (r.header.session.as_str(), r.digest))
        .collect();
    assert_eq!(firsts.len(), 2);
    for r in &two.records {
        let choice = (r.header.ordinal > 0).then(|| firsts[r.header.session.as_str()]);
        assert_eq!(r.header.choice_visit, choice, "{} {}", r.header.session, r.header.ordinal);
        assert_eq!(r.footer.as_ref().unwrap().consent.choice, AchievedChoice::RejectAll);
    }

    assert!(!one.judgement.findings.is_empty());
    assert_eq!(found(&one), found(&two));
    a_manifest_that_lags_behind_is_completed_by_what_lies_beside_it(&two).await;
}

/// As if affiant had been killed right after it began the second session, and before it could name its visits.
async fn a_manifest_that_lags_behind_is_completed_by_what_lies_beside_it(a: &Audited) {
    let path = a.dir.join("audit.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    manifest["finished"] = serde_json::Value::Null;
    manifest["visits"].as_array_mut().unwrap().retain(|v| v["session"] == "reject-all");
    std::fs::write(&path, manifest.to_string()).unwrap();
    // One that was killed is not sealed as a whole, nor judged.
    for name in ["seals", "judgements"] {
        std::fs::remove_dir_all(a.dir.join(name)).unwrap();
    }
    for name in ["report.html", "report.json"] {
        std::fs::remove_file(a.dir.join(name)).unwrap();
    }
    let judged = affiant().arg("judge").arg(&a.dir).output().await.unwrap();
    assert_eq!(judged.status.code(), Some(1), "{}", String::from_utf8_lossy(&judged.stderr));
    let again = std::fs::read(a.dir.join("judgements/0001.json")).unwrap();
    let again: affiant_rules::Judgement = serde_json::from_slice(&again).unwrap();
    assert_eq!(again.coverage.visits, a.judgement.coverage.visits);
    assert_eq!(again.findings, a.judgement.findings);
    let verified = affiant().args(["record", "verify"]).arg(&a.dir).output().await.unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert_eq!(verified.status.code(), Some(0), "{said}");
    assert!(said.contains("reject-all-2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_browser_left_undone_is_done_by_another_session() {
    let bed = Testbed::start(Sites::demo()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let child = affiant()
        .args(["audit", "--quiet", "--scenario", "no-choice", "--parallel", "1"])
        .args(addresses(&bed, 5))
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = child.id().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !out.join("visits/no-choice/001/seal.json").is_file() {
        assert!(Instant::now() < end);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for p in processes(&format!("affiant-profile-{pid}-")) {
        let _ = std::process::Command::new("kill").args(["-9", &p.to_string()]).status();
    }
    let done =
        tokio::time::timeout(Duration::from_secs(120), child.wait_with_output()).await.unwrap().unwrap();
    let a = read(&out, done);
    assert_eq!(a.code(), 1, "{}", a.stderr());
    let complete: BTreeSet<(&str, &str)> = a
        .folder
        .manifest
        .visits
        .iter()
        .filter(|v| v.outcome == Some(Outcome::Complete))
        .map(|v| (v.session.as_str(), v.url.as_str()))
        .collect();
    let all = addresses(&bed, 5);
    for url in [&all[0], &all[1]] {
        assert!(complete.contains(&("no-choice", url.as_str())), "{complete:?}");
    }
    for url in [&all[0], &all[3], &all[4]] {
        assert!(complete.contains(&("no-choice-2", url.as_str())), "{complete:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_lines_that_are_no_addresses_is_refused_by_their_numbers() {
    let tmp = tempfile::tempdir().unwrap();
    let list = tmp.path().join("urls.txt");
    std::fs::write(&list, "# ours\nhttps://a.test/\nftp://a.test/\n").unwrap();
    let out = tmp.path().join("audit");
    let said = affiant().args(["audit", "--urls"]).arg(&list).arg("--out").arg(&out).output().await.unwrap();
    assert_eq!(said.status.code(), Some(2));
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(text.contains("urls.txt") && text.contains("line 3") && text.contains("ftp://a.test/"), "{text}");
    assert!(!out.exists(), "nothing is begun");

    let mut child = affiant()
        .args(["audit", "--urls", "-", "--out"])
        .arg(&out)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"# nothing\n").await.unwrap();
    let said = child.wait_with_output().await.unwrap();
    assert_eq!(said.status.code(), Some(2));
    let text = String::from_utf8_lossy(&said.stderr);
    assert!(text.contains("standard input holds no address"), "{text}");

    let both = affiant().args(["audit", "--pages", "3", "--urls"]).arg(&list).output().await.unwrap();
    assert_eq!(both.status.code(), Some(2), "a list says already which pages are visited");
}
