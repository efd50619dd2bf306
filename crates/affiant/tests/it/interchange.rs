//! `affiant import` and `affiant export`: the built binary, from a HAR to findings and back to a HAR. No browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use affiant_record::{AuditFolder, Digest};
use affiant_rules::Judgement;
use affiant_rules::judgement::{Confidence, Severity, Verdict};
use jsonschema::{Registry, Resource};
use serde_json::Value;

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(path)
}

fn affiant(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_affiant")).args(args).env("NO_COLOR", "1").output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn code(o: &Output) -> i32 {
    o.status.code().unwrap_or(-1)
}

fn said(o: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr))
}

fn judgement(dir: &Path) -> Judgement {
    serde_json::from_slice(&fs::read(dir.join("judgements/0001.json")).unwrap()).unwrap()
}

fn verdict(j: &Judgement, rule: &str) -> Verdict {
    j.verdicts.iter().find(|v| v.rule == rule).unwrap().verdict
}

#[test]
fn a_har_of_every_flavour_is_judged_by_the_same_rules() {
    for (name, cookies_told) in [
        ("chrome", true),
        ("chrome-sanitised", false),
        ("firefox", true),
        ("safari", true),
        ("charles", true),
        ("playwright", true),
    ] {
        let tmp = tempfile::tempdir().unwrap();
        let dir = tmp.path().join("audit");
        let har = testdata(&format!("har/{name}.har"));
        let imported = affiant(&["import", text(&har), "--out", text(&dir)]);
        assert_eq!(code(&imported), 0, "{name}: {}", said(&imported));
        let sha = Digest::of(&fs::read(&har).unwrap()).to_string();
        assert!(said(&imported).contains(&sha), "{name}: {}", said(&imported));

        let judged = affiant(&["judge", text(&dir)]);
        assert_eq!(code(&judged), 1, "{name}: {}", said(&judged));
        let j = judgement(&dir);
        for v in &j.verdicts {
            assert_ne!(v.verdict, Verdict::Pass, "{name}: {} {}", v.rule, v.statement);
            assert_ne!(v.verdict, Verdict::NotApplicable, "{name}: {} {}", v.rule, v.statement);
        }
        for rule in
            ["sends-before-banner", "sends-after-reject", "no-banner", "third-party-on-sensitive-page"]
        {
            assert_eq!(verdict(&j, rule), Verdict::Inconclusive, "{name}: {rule}");
        }
        let found = |rule: &str, who: &str| {
            j.findings.iter().find(|f| f.rule == rule && f.subject.name.starts_with(who))
        };
        let recorder = found("recorder-without-consent", "Microsoft Clarity").unwrap();
        assert!(recorder.title.contains("sent data in 1 request (74 bytes)"), "{name}: {}", recorder.title);
        assert!(recorder.title.contains("under which consent is not known"), "{name}: {}", recorder.title);
        assert!(!recorder.prove.contains("--scenario"), "{name}: {}", recorder.prove);
        assert!(found("sends-before-choice", "Meta Pixel").is_some(), "{name}");
        assert_eq!(
            found("cookie-without-consent", "Microsoft Clarity").is_some(),
            cookies_told,
            "{name}: a HAR without cookies must not tell any"
        );
        if !cookies_told {
            assert_eq!(verdict(&j, "cookie-without-consent"), Verdict::Inconclusive, "{name}");
        }
        for f in &j.findings {
            assert_eq!(f.confidence, Confidence::Low, "{name}: {}", f.title);
            assert!(f.severity < Severity::Critical, "{name}: {}", f.title);
            assert!(f.title.contains("not known"), "{name}: {}", f.title);
            for word in ["before any choice was made", "before any choice was stored", "without consent"] {
                assert!(!f.title.contains(word), "{name}: {}", f.title);
            }
        }

        let verified = affiant(&["record", "verify", text(&dir)]);
        assert_eq!(code(&verified), 0, "{name}: {}", said(&verified));
        let reported = affiant(&["report", text(&dir), "--format", "json"]);
        assert_eq!(code(&reported), 0, "{name}: {}", said(&reported));
        let report: Value = serde_json::from_slice(&reported.stdout).unwrap();
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/report.v1.schema.json");
        let schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {}", errors.join("\n"));
        let html = fs::read_to_string(dir.join("report.html")).unwrap();
        assert!(html.contains("Made by others; nothing vouches for it"), "{name}");
        // Nothing is said of what is not known: where it was made from, and what came before or after a choice.
        assert!(!html.contains("viewport 0") && !html.contains("third-party cookies allowed"), "{name}");
        let folder = AuditFolder::open(&dir).unwrap();
        assert_eq!(folder.manifest.plan.extra["source"]["sha256"], Value::from(sha), "{name}");
        assert!(folder.manifest.finished.is_some());
    }
}

#[test]
fn what_cannot_be_imported_says_why_and_leaves_nothing() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("audit");
    let whole = fs::read(testdata("har/firefox.har")).unwrap();
    let big = tmp.path().join("big.har");
    fs::File::create(&big).unwrap().set_len(affiant_record::har::MAX_BYTES + 1).unwrap();
    let file = tmp.path().join("x.har");
    fs::write(&file, &whole[..200]).unwrap();
    let zip = tmp.path().join("x.zip");
    fs::write(&zip, b"PK\x03\x04rest").unwrap();
    for (path, words) in [
        (&file, ["line ", "byte 200", "save or fetch it again"]),
        (&big, ["4294967297 bytes", "4294967296", "leave response bodies out"]),
        (&zip, ["is no HAR", "ZIP", "unpack it"]),
        (&tmp.path().join("none.har"), ["cannot read", "none.har", "No such file"]),
    ] {
        let o = affiant(&["import", text(path), "--out", text(&dir)]);
        assert_eq!(code(&o), 2, "{}", said(&o));
        for w in words {
            assert!(said(&o).contains(w), "{} should say {w}", said(&o));
        }
        assert!(!dir.exists(), "{}", path.display());
    }
    let o = affiant(&["import", text(&testdata("har/firefox.har")), "--out", text(&dir)]);
    assert_eq!(code(&o), 0, "{}", said(&o));
    let again = affiant(&["import", text(&testdata("har/firefox.har")), "--out", text(&dir)]);
    assert_eq!(code(&again), 2, "an audit is never written over: {}", said(&again));
}

#[test]
fn what_cannot_be_read_of_a_har_is_told_and_the_rest_is_judged() {
    let tmp = tempfile::tempdir().unwrap();
    let (dir, file) = (tmp.path().join("audit"), tmp.path().join("x.har"));
    let mut har: Value = serde_json::from_slice(&fs::read(testdata("har/firefox.har")).unwrap()).unwrap();
    let entries = har["log"]["entries"].as_array_mut().unwrap();
    entries.insert(1, Value::Null);
    let last = entries.len() - 1;
    let whole = har.to_string();
    let at = whole.rfind("\"time\":").unwrap();
    fs::write(&file, &whole[..at]).unwrap();
    let o = affiant(&["import", text(&file), "--out", text(&dir), "--quiet"]);
    assert_eq!(code(&o), 0, "{}", said(&o));
    for words in [
        format!("1 of {last} entries"),
        "entry 1 is no object".to_owned(),
        format!("what follows entry {}", last - 1),
    ] {
        assert!(said(&o).contains(&words), "{} should say {words}", said(&o));
    }
    let judged = affiant(&["judge", text(&dir), "--format", "json"]);
    assert_eq!(code(&judged), 1, "{}", said(&judged));
    let j = judgement(&dir);
    assert!(j.verdicts.iter().all(|v| v.verdict != Verdict::Pass));
    let report = String::from_utf8(judged.stdout).unwrap();
    assert!(report.contains(&format!("1 of its {last} entries could not be read")), "coverage tells it");
}

/// Whoever stops reading is told by the exit code all the same, and nothing is left undone.
#[test]
fn the_exit_code_stays_where_nobody_reads() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("audit");
    let unread = |args: &[&str]| {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_affiant"))
            .args(args)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        child.wait().unwrap().code()
    };
    assert_eq!(unread(&["import", text(&testdata("har/chrome.har")), "--out", text(&dir)]), Some(0));
    assert_eq!(unread(&["judge", text(&dir)]), Some(1));
    assert_eq!(unread(&["judge", text(&dir), "--format", "json"]), Some(1));
    assert_eq!(fs::read_dir(dir.join("judgements")).unwrap().count(), 2);
    let seal = dir.join("visits/har/000/seal.json");
    fs::write(&seal, fs::read_to_string(&seal).unwrap().replace(['1', '2'], "3")).unwrap();
    assert_eq!(unread(&["record", "verify", text(&dir)]), Some(2));
    assert_eq!(unread(&["rule", "list"]), Some(0));
}

/// Every schema of HAR 1.2, each under its own name.
fn schemas() -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for f in fs::read_dir(testdata("har/schema")).unwrap().flatten().map(|f| f.path()) {
        if f.extension().is_some_and(|x| x == "json") {
            let name = f.file_name().unwrap().to_str().unwrap().to_owned();
            out.push((name, serde_json::from_slice(&fs::read(&f).unwrap()).unwrap()));
        }
    }
    assert_eq!(out.len(), 18);
    out
}

/// Holds a HAR against the schema, and gives what is wrong with it.
fn wrong(har: &Value) -> Vec<String> {
    let base = "https://har.test/";
    let mut registry = Registry::new();
    let mut root = Value::Null;
    for (name, mut schema) in schemas() {
        // The published ids are relative; absolute ones resolve without fetching anything.
        schema["$id"] = Value::from(format!("{base}{name}"));
        if name == "har.json" {
            root = schema.clone();
        }
        registry = registry.add(format!("{base}{name}"), Resource::from_contents(schema)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator =
        jsonschema::options().with_registry(&registry).should_validate_formats(true).build(&root).unwrap();
    validator.iter_errors(har).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// What the importer of Chrome's DevTools refuses a file without: it throws on a date, number or object that is not one.
fn devtools(har: &Value) {
    let log = &har["log"];
    assert!(log["version"].is_string() && log["creator"].is_object());
    for p in log["pages"].as_array().unwrap() {
        assert!(p["startedDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert!(p["id"].is_string() && p["title"].is_string() && p["pageTimings"].is_object());
    }
    let ids: Vec<&Value> = log["pages"].as_array().unwrap().iter().map(|p| &p["id"]).collect();
    for e in log["entries"].as_array().unwrap() {
        assert!(e["startedDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{e}");
        assert!(ids.contains(&&e["pageref"]), "{e}");
        for number in [
            "/time",
            "/request/headersSize",
            "/request/bodySize",
            "/response/status",
            "/response/headersSize",
            "/response/bodySize",
            "/response/content/size",
            "/timings/send",
            "/timings/wait",
            "/timings/receive",
        ] {
            assert!(e.pointer(number).is_some_and(Value::is_number), "{number} in {e}");
        }
        assert!(e["_initiator"].is_object() && e["_resourceType"].is_string(), "{e}");
        assert!(e["_affiant"]["record"].is_string() && e["_affiant"]["line"].is_u64(), "{e}");
        for m in e["_webSocketMessages"].as_array().into_iter().flatten() {
            assert!(m["time"].is_number() && m["opcode"].is_number() && m["data"].is_string(), "{m}");
            assert!(["send", "receive"].contains(&m["type"].as_str().unwrap()), "{m}");
        }
    }
}

fn exported(dir: &Path, to: &Path) -> Value {
    let o = affiant(&["export", text(dir), "--har", text(to)]);
    assert_eq!(code(&o), 0, "{}", said(&o));
    serde_json::from_slice(&fs::read(to).unwrap()).unwrap()
}

#[test]
fn an_export_is_a_har_that_devtools_opens_and_comes_back_with_the_same_findings() {
    for name in ["chrome", "firefox", "safari", "charles", "playwright"] {
        let tmp = tempfile::tempdir().unwrap();
        let (first, second, file) = (tmp.path().join("a"), tmp.path().join("b"), tmp.path().join("x.har"));
        let har = testdata(&format!("har/{name}.har"));
        assert_eq!(code(&affiant(&["import", text(&har), "--out", text(&first)])), 0);
        let out = exported(&first, &file);
        assert_eq!(wrong(&out), Vec::<String>::new(), "{name}");
        devtools(&out);
        assert_eq!(code(&affiant(&["export", text(&first), "--har", text(&file)])), 2, "never written over");

        assert_eq!(code(&affiant(&["import", text(&file), "--out", text(&second)])), 0);
        let found = |dir: &Path| {
            assert_eq!(code(&affiant(&["judge", text(dir)])), 1);
            let mut all: Vec<_> =
                judgement(dir).findings.into_iter().map(|f| (f.fingerprint, f.title)).collect();
            all.sort();
            all
        };
        assert_eq!(found(&first), found(&second), "{name}");
    }
}

#[test]
fn a_record_of_affiant_itself_is_exported_with_all_its_requests() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = testdata("record/v1");
    let record = affiant_record::VisitRecord::open(&dir).unwrap();
    let out = exported(&dir, &tmp.path().join("x.har"));
    assert_eq!(wrong(&out), Vec::<String>::new());
    devtools(&out);
    let entries = out["log"]["entries"].as_array().unwrap();
    assert!(!record.exchanges().is_empty());
    for e in record.exchanges() {
        let entry = entries.iter().find(|x| x["_affiant"]["line"] == e.request.line).unwrap();
        assert_eq!(entry["request"]["url"], Value::from(e.request.what.url.as_str()));
        let status = e.response.map(|r| r.what.status).or(e.received.map(|r| r.what.status));
        assert_eq!(entry["response"]["status"], status.unwrap_or(0));
    }
    let phases = out["log"]["pages"][0]["_affiant"]["phases"].as_array().unwrap();
    assert!(phases.iter().any(|p| p["phase"] == "arrive"), "{phases:?}");
}

#[test]
fn the_schema_check_can_fail() {
    let har: Value = serde_json::from_slice(&fs::read(testdata("har/playwright.har")).unwrap()).unwrap();
    let mut bad = har.clone();
    bad["log"]["entries"][0]["request"].as_object_mut().unwrap().remove("method");
    bad["log"]["entries"][1]["startedDateTime"] = Value::from("today");
    let errors = wrong(&bad);
    assert!(errors.iter().any(|e| e.contains("\"method\" is a required property")), "{errors:?}");
    assert!(errors.iter().any(|e| e.contains("/log/entries/1/startedDateTime")), "{errors:?}");
}
