//! What the command line promises, on the demo and the testbed.

use crate::common::{affiant, audit};
use affiant_testbed::{Sites, Testbed};

#[tokio::test(flavor = "multi_thread")]
async fn extra_headers_reach_the_sites_own_origin_and_nobody_else() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start = bed.site("early-recorder").unwrap().start.clone();
    let args =
        [start.as_str(), "--pages", "1", "--scenario", "no-choice", "--header", "X-Staging-Key: s3cret"];
    let a = audit(&tmp.path().join("audit"), &bed, &args).await;
    let log = bed.log();
    let has = |e: &&affiant_testbed::LogEntry| {
        e.headers.iter().any(|(n, v)| n.eq_ignore_ascii_case("x-staging-key") && v == "s3cret")
    };
    let (own, other): (Vec<_>, Vec<_>) = log.iter().partition(|e| e.host == "www.early-recorder.test");
    assert!(own.len() > 2 && own.iter().all(has), "every request to the site carries it");
    assert!(other.len() > 2 && !other.iter().any(has), "no other host gets it");
    // Manifest and records name the header, not its value.
    let manifest = std::fs::read_to_string(a.dir.join("audit.json")).unwrap();
    assert!(manifest.contains("X-Staging-Key") && !manifest.contains("s3cret"));
    let lines: Vec<String> = a.records[0].lines.iter().map(|l| serde_json::to_string(l).unwrap()).collect();
    assert!(lines.iter().any(|l| l.contains("[masked]")) && !lines.iter().any(|l| l.contains("s3cret")));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_alone_on_stdout_and_judging_again_adds() {
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let done = affiant()
        .args([
            "audit",
            "--demo",
            "--no-return",
            "--no-probe",
            "--pages",
            "2",
            "--scenario",
            "no-choice",
            "--format",
            "json",
            "--out",
        ])
        .arg(&out)
        .output()
        .await
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(report["findings"].as_array().unwrap().len() > 1);
    let first = std::fs::read(out.join("judgements/0001.json")).unwrap();

    let again = affiant().args(["judge", "--format", "json"]).arg(&out).output().await.unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(
        std::fs::read(out.join("judgements/0002.json")).unwrap(),
        first,
        "same records, same rules, same judgement"
    );
    assert_eq!(std::fs::read(out.join("judgements/0001.json")).unwrap(), first);
    let never = affiant().args(["judge", "--fail-on", "never"]).arg(&out).output().await.unwrap();
    assert_eq!(never.status.code(), Some(0));
    let report = affiant().arg("report").arg(&out).output().await.unwrap();
    assert_eq!(report.status.code(), Some(0));

    // The summary fits 25 lines and holds no escape when nobody looks.
    let text = String::from_utf8(report.stdout).unwrap();
    assert!(text.lines().count() <= 25, "{text}");
    assert!(!text.contains('\u{1b}'));
    assert!(text.contains("report.html") && text.contains("next "));

    // An audit folder is never written over.
    let twice = affiant()
        .args(["audit", "--demo", "--no-return", "--no-probe", "--out"])
        .arg(&out)
        .output()
        .await
        .unwrap();
    assert_eq!(twice.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&twice.stderr).contains("already holds an audit"));

    // One line of evidence, by the digest that the report shows.
    let shown: serde_json::Value = serde_json::from_slice(&first).unwrap();
    let e = &shown["findings"][0]["evidence"][0];
    let line = affiant()
        .args(["record", "show"])
        .arg(&out)
        .args(["--digest", e["record"].as_str().unwrap(), "--line", &e["line"].to_string()])
        .output()
        .await
        .unwrap();
    let line: serde_json::Value = serde_json::from_slice(&line.stdout).unwrap();
    assert_eq!(line["n"], e["line"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn help_completions_and_manual_pages_are_there() {
    for args in
        [vec!["--help"], vec!["audit", "--help"], vec!["--version"], vec!["completions", "bash"], vec!["man"]]
    {
        let out = affiant().args(&args).output().await.unwrap();
        assert_eq!(out.status.code(), Some(0), "{args:?}");
        assert!(!out.stdout.is_empty(), "{args:?}");
    }
    let tmp = tempfile::tempdir().unwrap();
    let out = affiant().args(["man", "--out"]).arg(tmp.path()).output().await.unwrap();
    assert_eq!(out.status.code(), Some(0));
    assert!(tmp.path().join("affiant-audit.1").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_flags_ask_for_can_be_printed_and_is_what_a_file_asks_for() {
    let bed = Testbed::start(Sites::only(&["banners"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let url = "https://www.banners.test/plain/";
    let mut printed = affiant();
    printed.args(["audit", url, "--pages", "1", "--scenario", "reject-all", "--header", "X-Key: k"]);
    let printed = printed.args(crate::common::to(&bed)).arg("--print-request").output().await.unwrap();
    assert_eq!(printed.status.code(), Some(0));
    let file = tmp.path().join("request.json");
    std::fs::write(&file, &printed.stdout).unwrap();
    let out = tmp.path().join("audit");
    let of = |file: &std::path::Path, out: &std::path::Path| {
        let mut c = affiant();
        c.args(["audit", "--progress", "json", "--request"]).arg(file).arg("--out").arg(out);
        c
    };
    let a = crate::common::read(&out, of(&file, &out).output().await.unwrap());
    let plan = &a.folder.manifest.plan;
    assert_eq!((plan.start.as_str(), plan.max_pages, plan.returns), (url, 1, false));
    assert_eq!(plan.vantage.header_names, ["X-Key"]);
    assert_eq!(a.records.len(), 1);
    assert!(a.records[0].footer.as_ref().unwrap().outcome.is_complete(), "{}", a.stderr());
    // What happened was told event by event.
    let events: Vec<serde_json::Value> = a.stderr().lines().flat_map(serde_json::from_str).collect();
    let of_kind = |kind: &str| events.iter().filter(|e| e["event"] == kind).collect::<Vec<_>>();
    assert_eq!((of_kind("visit-began").len(), of_kind("visit-ended").len()), (1, 1), "{}", a.stderr());
    assert_eq!(of_kind("visit-ended")[0]["role"]["scenario"], "reject-all");
    assert_eq!(of_kind("visit-ended")[0]["counts"]["done"], 1);
    assert!(of_kind("phase").iter().any(|e| e["phase"] == "after-choice"), "{}", a.stderr());

    // A word that nobody knows is refused and named, rather than left out.
    std::fs::write(&file, r#"{"pages": ["https://a.test/"], "scenarois": ["reject-all"]}"#).unwrap();
    let other = tmp.path().join("other");
    let said = of(&file, &other).output().await.unwrap();
    let text = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(2));
    assert!(text.contains("request.json") && text.contains("scenarois") && !other.exists(), "{text}");
}
