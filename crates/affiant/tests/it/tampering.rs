//! Each way to tamper with an audit folder, on a copy of one that affiant made: `record verify` names it and exits with 2.

use std::fs;
use std::path::{Path, PathBuf};

use affiant_record::audit::Plan;
use affiant_record::header::Tool;
use affiant_record::write::RecordWriter;
use affiant_record::{AuditFolder, Header, Observation, Scenario, VisitEntry, VisitRecord, blobs_of};
use serde_json::Value;

use crate::common::affiant;

const SCENARIOS: [Scenario; 3] = [Scenario::NoChoice, Scenario::RejectAll, Scenario::AcceptAll];

/// An audit of three scenarios with two visits each, as `affiant audit` leaves it; or as it did before audits were sealed.
fn audit(dir: &Path, is_sealed: bool) -> AuditFolder {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/record/v1");
    let golden = VisitRecord::open(&golden).unwrap();
    let plan = Plan {
        start: golden.header.url.clone(),
        pages: vec![golden.header.url.clone(), format!("{}two", golden.header.url)],
        max_pages: 2,
        scenarios: SCENARIOS.to_vec(),
        controls: Vec::new(),
        returns: false,
        repeat: 1,
        vantage: golden.header.vantage.clone(),
        extra: Default::default(),
    };
    let at = |ms: f64| jiff::Timestamp::from_millisecond(ms as i64).unwrap().to_string();
    let began = golden.header.clock.wall_at_zero_ms;
    let (pages, digest) = (plan.pages.clone(), plan.digest().unwrap());
    let tool = golden.header.tool.clone();
    let mut folder = AuditFolder::create(dir, "a".to_owned(), tool, at(began - 1_000.0), plan).unwrap();
    fs::write(dir.join("request.json"), "{}\n").unwrap();
    for scenario in SCENARIOS {
        for (ordinal, url) in (0..).zip(&pages) {
            let header = Header {
                ordinal,
                scenario,
                url: url.clone(),
                plan: digest,
                session: scenario.to_string(),
                audit_sealed: is_sealed,
                ..golden.header.clone()
            };
            let path = format!("visits/{scenario}/{ordinal:03}");
            let mut writer = RecordWriter::create(&dir.join(&path), header, [ordinal as u8; 32]).unwrap();
            for line in &golden.lines {
                let is_end = matches!(line.what, Observation::Header(_) | Observation::Footer(_));
                if !is_end && blobs_of(&serde_json::to_value(line).unwrap()).is_empty() {
                    writer.write(line.t, line.what.clone()).unwrap();
                }
            }
            let footer = golden.footer.clone().unwrap();
            let record = writer.seal(golden.end(), footer.clone()).unwrap();
            folder.manifest.visits.push(VisitEntry {
                path,
                session: scenario.to_string(),
                ordinal,
                scenario,
                leg: None,
                control: false,
                url: url.clone(),
                digest: Some(record),
                outcome: Some(footer.outcome),
                extra: Default::default(),
            });
        }
    }
    let finished = at(began + 60_000.0);
    // As a kill leaves them: an audit that ended has none.
    fs::create_dir_all(dir.join("visits/ignore/000")).unwrap();
    if is_sealed {
        folder.end(finished, false).unwrap();
    } else {
        fs::remove_dir_all(dir.join("visits/ignore")).unwrap();
        folder.manifest.finished = Some(finished);
        folder.save().unwrap();
    }
    folder
}

async fn run(verb: &[&str], dir: &Path) -> (i32, String) {
    let done = affiant().args(verb).arg(dir).output().await.unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code().unwrap(), text)
}

async fn verify(dir: &Path) -> (i32, String) {
    run(&["record", "verify"], dir).await
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Changes the manifest as text is changed: nothing else knows of it.
fn manifest(dir: &Path, change: impl FnOnce(&mut Value)) {
    let path = dir.join("audit.json");
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, serde_json::to_vec_pretty(&value).unwrap()).unwrap();
}

fn visits(manifest: &mut Value) -> &mut Vec<Value> {
    manifest["visits"].as_array_mut().unwrap()
}

/// Changes a text in a file, once.
fn replace(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn drop_a_visit(dir: &Path) {
    manifest(dir, |m| drop(visits(m).remove(3)));
}

fn drop_a_visit_and_its_folder(dir: &Path) {
    drop_a_visit(dir);
    fs::remove_dir_all(dir.join("visits/reject-all/001")).unwrap();
}

fn drop_a_scenario(dir: &Path) {
    manifest(dir, |m| visits(m).retain(|v| v["scenario"] != "reject-all"));
    fs::remove_dir_all(dir.join("visits/reject-all")).unwrap();
}

fn drop_a_scenario_from_the_plan_too(dir: &Path) {
    drop_a_scenario(dir);
    manifest(dir, |m| drop(m["plan"]["scenarios"].as_array_mut().unwrap().remove(1)));
}

fn null_a_digest(dir: &Path) {
    manifest(dir, |m| visits(m)[2]["digest"] = Value::Null);
}

fn change_a_digest(dir: &Path) {
    manifest(dir, |m| visits(m)[2]["digest"] = "0".repeat(64).into());
}

fn change_when_it_began(dir: &Path) {
    manifest(dir, |m| m["started"] = "2020-01-01T00:00:00Z".into());
}

fn change_when_it_ended(dir: &Path) {
    manifest(dir, |m| m["finished"] = "2030-01-01T00:00:00Z".into());
}

fn say_that_it_goes_on(dir: &Path) {
    manifest(dir, |m| m["finished"] = Value::Null);
}

fn change_an_outcome(dir: &Path) {
    manifest(dir, |m| visits(m)[2]["outcome"] = serde_json::json!({"is": "failed", "reason": "no answer"}));
}

fn change_the_tool(dir: &Path) {
    manifest(dir, |m| m["tool"]["version"] = "9.9.9".into());
}

fn take_a_page_from_the_plan(dir: &Path) {
    manifest(dir, |m| drop(m["plan"]["pages"].as_array_mut().unwrap().pop()));
}

fn change_an_address(dir: &Path) {
    manifest(dir, |m| visits(m)[2]["url"] = "https://other.test/".into());
}

fn add_a_visit_folder(dir: &Path) {
    copy(&dir.join("visits/reject-all/001"), &dir.join("visits/reject-all/002"));
}

fn add_a_session(dir: &Path) {
    copy(&dir.join("visits/reject-all"), &dir.join("visits/reject-all-2"));
}

fn add_an_empty_session(dir: &Path) {
    fs::create_dir(dir.join("visits/dismiss")).unwrap();
}

fn add_a_folder(dir: &Path) {
    fs::create_dir(dir.join("more")).unwrap();
}

fn name_a_folder_as_cut_off(dir: &Path) {
    add_a_session(dir);
    manifest(dir, |m| {
        m["cut_off"] = serde_json::json!(["visits/reject-all-2/000", "visits/reject-all-2/001"])
    });
}

fn delete_a_visit(dir: &Path) {
    fs::remove_dir_all(dir.join("visits/reject-all/001")).unwrap();
}

fn delete_a_visit_and_say_that_it_was_never_made(dir: &Path) {
    delete_a_visit(dir);
    manifest(dir, |m| (visits(m)[3]["digest"], visits(m)[3]["outcome"]) = (Value::Null, Value::Null));
}

fn replace_a_record_by_another_audits(dir: &Path) {
    let (mine, theirs) = (dir.join("visits/reject-all/001"), tempfile::tempdir().unwrap());
    let mut other = VisitRecord::open(&mine).unwrap();
    other.header.url = "https://other.test/".to_owned();
    let mut writer = RecordWriter::create(theirs.path(), other.header, [9; 32]).unwrap();
    for line in &other.lines[1..other.lines.len() - 1] {
        writer.write(line.t, line.what.clone()).unwrap();
    }
    writer.seal(9_000.0, other.footer.unwrap()).unwrap();
    copy(theirs.path(), &mine);
}

fn swap_two_records(dir: &Path) {
    let visit = |n: u32| dir.join(format!("visits/reject-all/00{n}"));
    fs::rename(visit(0), dir.join("aside")).unwrap();
    fs::rename(visit(1), visit(0)).unwrap();
    fs::rename(dir.join("aside"), visit(1)).unwrap();
}

fn change_a_judgement(dir: &Path) {
    replace(dir.join("judgements/0001.json"), "inconclusive", "pass");
}

fn empty_a_judgement(dir: &Path) {
    fs::write(dir.join("judgements/0001.json"), "").unwrap();
}

fn delete_a_judgement(dir: &Path) {
    fs::remove_file(dir.join("judgements/0001.json")).unwrap();
}

fn plant_a_judgement(dir: &Path) {
    fs::copy(dir.join("judgements/0001.json"), dir.join("judgements/0003.json")).unwrap();
}

fn replace_the_report(dir: &Path) {
    fs::write(dir.join("report.html"), "<p>Nothing was found.</p>").unwrap();
}

fn change_the_report_for_machines(dir: &Path) {
    replace(dir.join("report.json"), "inconclusive", "pass");
}

fn delete_the_report(dir: &Path) {
    fs::remove_file(dir.join("report.html")).unwrap();
}

fn change_the_request(dir: &Path) {
    fs::write(dir.join("request.json"), "{\"pages\":[]}\n").unwrap();
}

fn delete_the_seals(dir: &Path) {
    fs::remove_dir_all(dir.join("seals")).unwrap();
}

fn delete_the_first_seal(dir: &Path) {
    fs::remove_file(dir.join("seals/0001.jsonl")).unwrap();
}

fn delete_the_last_seal(dir: &Path) {
    fs::remove_file(dir.join("seals/0003.jsonl")).unwrap();
}

fn edit_a_seal(dir: &Path) {
    replace(dir.join("seals/0001.jsonl"), "reject-all", "accept-all");
}

fn edit_manifest_and_seal_alike(dir: &Path) {
    change_the_tool(dir);
    let tool: Tool = AuditFolder::open(dir).unwrap().manifest.tool;
    let was = format!(
        "\"version\":\"{}\"",
        VisitRecord::open(&dir.join("visits/no-choice/000")).unwrap().header.tool.version
    );
    replace(dir.join("seals/0001.jsonl"), &was, &format!("\"version\":\"{}\"", tool.version));
}

fn put_a_link_in_a_visits_place(dir: &Path) {
    fs::rename(dir.join("visits/reject-all/001"), dir.with_extension("aside")).unwrap();
    std::os::unix::fs::symlink(dir.with_extension("aside"), dir.join("visits/reject-all/001")).unwrap();
}

fn put_a_link_in_the_reports_place(dir: &Path) {
    fs::rename(dir.join("report.html"), dir.with_extension("html")).unwrap();
    std::os::unix::fs::symlink(dir.with_extension("html"), dir.join("report.html")).unwrap();
}

fn put_a_pipe_in_a_records_place(dir: &Path) {
    let record = dir.join("visits/reject-all/001/record.jsonl.zst");
    fs::remove_file(&record).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(record).status().unwrap().success());
}

fn delete_the_manifest(dir: &Path) {
    fs::remove_file(dir.join("audit.json")).unwrap();
}

/// Each kind, and what `record verify` says of it.
type Kind = (fn(&Path), &'static [&'static str]);

const KINDS: &[Kind] = &[
    (drop_a_visit, &["leaves out the visit visits/reject-all/001"]),
    (drop_a_visit_and_its_folder, &["leaves out the visit visits/reject-all/001"]),
    (
        drop_a_scenario,
        &["leaves out the whole scenario reject-all: 2 of the visits", "visits/reject-all/000"],
    ),
    (drop_a_scenario_from_the_plan_too, &["plan.scenarios[1]", "leaves out the whole scenario reject-all"]),
    (
        null_a_digest,
        &["its digest is null; its record says", "visit visits/reject-all/000: digest is null, sealed was"],
    ),
    (change_a_digest, &["DAMAGED   visits/reject-all/000", "digest is \"0000", "sealed was"]),
    (change_when_it_began, &["started is \"2020-01-01T00:00:00Z\", sealed was \"20"]),
    (change_when_it_ended, &["finished is \"2030-01-01T00:00:00Z\", sealed was \"20"]),
    (say_that_it_goes_on, &["finished is null, sealed was \"20"]),
    (
        change_an_outcome,
        &["its outcome is {\"is\":\"failed\"", "outcome.is is \"failed\", sealed was \"complete\""],
    ),
    (change_the_tool, &["tool.version is \"9.9.9\", sealed was"]),
    (take_a_page_from_the_plan, &["plan.pages[1] is gone, sealed was \"http", "belongs to another plan"]),
    (
        change_an_address,
        &[
            "its address is https://other.test/; its record says",
            "url is \"https://other.test/\", sealed was",
        ],
    ),
    (add_a_visit_folder, &["visits/reject-all/002 is not of this audit"]),
    (add_a_session, &["visits/reject-all-2/000 is not of this audit"]),
    (add_an_empty_session, &["visits/dismiss is not of this audit"]),
    (add_a_folder, &["more is not of this audit"]),
    (name_a_folder_as_cut_off, &["cut_off is [\"visits/reject-all-2/000\"", "was not sealed"]),
    (delete_a_visit, &["MISSING   visits/reject-all/001"]),
    (
        delete_a_visit_and_say_that_it_was_never_made,
        &["MISSING   visits/reject-all/001", "outcome is null, sealed was"],
    ),
    (replace_a_record_by_another_audits, &["DAMAGED   visits/reject-all/001", "the manifest says"]),
    (swap_two_records, &["DAMAGED   visits/reject-all/000", "DAMAGED   visits/reject-all/001"]),
    (change_a_judgement, &["judgements/0001.json was changed after it was sealed"]),
    (empty_a_judgement, &["judgements/0001.json is empty"]),
    (delete_a_judgement, &["judgements/0001.json is missing"]),
    (plant_a_judgement, &["judgements/0003.json is not sealed"]),
    (replace_the_report, &["report.html was changed after it was sealed"]),
    (change_the_report_for_machines, &["report.json was changed after it was sealed"]),
    (delete_the_report, &["report.html is missing"]),
    (change_the_request, &["request.json was changed after it was sealed"]),
    (delete_the_seals, &["the seal of the audit as a whole is gone", "judgements/0001.json is not sealed"]),
    (delete_the_first_seal, &["seals/0001.jsonl is missing", "the seal of the audit as a whole is gone"]),
    (delete_the_last_seal, &["report.html is not sealed", "report.json is not sealed"]),
    (edit_a_seal, &["seals/0001.jsonl was changed after it was written"]),
    (edit_manifest_and_seal_alike, &["seals/0001.jsonl was changed after it was written"]),
    (put_a_link_in_a_visits_place, &["DAMAGED   visits/reject-all/001", "is a link"]),
    (put_a_link_in_the_reports_place, &["report.html", "is a link"]),
    (put_a_pipe_in_a_records_place, &["DAMAGED   visits/reject-all/001", "no regular file"]),
    (delete_the_manifest, &["audit.json, is missing"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_tamper_with_an_audit_is_named() {
    let tmp = tempfile::tempdir().unwrap();
    let whole = tmp.path().join("audit");
    audit(&whole, true);
    let (_, judged) = run(&["judge"], &whole).await;
    let (code, text) = verify(&whole).await;
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("CHANGED") && text.contains("Records that hold: 6"), "{text}");
    let digest = judged.lines().find_map(|l| l.trim().strip_prefix("digest  ")).unwrap_or_default();
    assert!(
        digest.len() == 64 && text.contains(digest),
        "the digest to note is told twice: {judged}\n{text}"
    );
    let mut unnoticed = Vec::new();
    for (n, (tamper, names)) in KINDS.iter().enumerate() {
        let dir = tmp.path().join(format!("{n}/audit"));
        copy(&whole, &dir);
        tamper(&dir);
        let (code, text) = verify(&dir).await;
        let unsaid: Vec<_> = names.iter().filter(|what| !text.contains(**what)).collect();
        if code != 2 || !unsaid.is_empty() {
            unnoticed.push(format!("{n}: exit {code}, not said {unsaid:?}:\n{text}"));
        }
        fs::remove_dir_all(tmp.path().join(n.to_string())).unwrap();
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_the_whole_anew_is_noticed_by_a_digest_that_was_noted() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("audit");
    let folder = audit(&dir, true);
    let noted = affiant_record::Seals::read(&dir).unwrap().digest().unwrap().to_string();
    run(&["judge"], &dir).await;
    let first = fs::read(dir.join("judgements/0001.json")).unwrap();
    run(&["judge"], &dir).await;
    assert_eq!(fs::read(dir.join("judgements/0001.json")).unwrap(), first, "judging again appends");
    assert!(dir.join("judgements/0002.json").is_file());
    let asked = ["record", "verify", "--noted", noted.as_str()];
    let (code, text) = run(&asked, &dir).await;
    assert_eq!(code, 0, "judging again adds seals and takes none away: {text}");
    assert!(text.contains("The digest that was noted is one of its seals'"), "{text}");
    // All of it: manifest, record, and seals.
    let mut anew = AuditFolder { dir: dir.clone(), manifest: folder.manifest };
    anew.manifest.visits.retain(|v| v.scenario != Scenario::RejectAll);
    for gone in ["seals", "judgements", "visits/reject-all", "report.html", "report.json"] {
        let _ = fs::remove_dir_all(dir.join(gone));
        let _ = fs::remove_file(dir.join(gone));
    }
    anew.end(anew.manifest.finished.clone().unwrap(), false).unwrap();
    assert_eq!(verify(&dir).await.0, 0, "nothing in the folder tells");
    let (code, text) = run(&asked, &dir).await;
    assert_eq!(code, 2);
    assert!(text.contains(&format!("no seal of this audit has the digest {noted}")), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_from_before_seals_says_so_and_is_held_against_its_records() {
    let tmp = tempfile::tempdir().unwrap();
    let whole = tmp.path().join("audit");
    audit(&whole, false);
    let (code, text) = verify(&whole).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("it was made by an older version") && !text.contains("CHANGED"), "{text}");
    let noticed: [Kind; 7] = [
        (drop_a_visit, &["visits/reject-all/001 is in the folder, and audit.json names it neither"]),
        (drop_a_scenario, &["no visit of the scenario reject-all, which was planned"]),
        (null_a_digest, &["its digest is null; its record says"]),
        (change_an_outcome, &["its outcome is {\"is\":\"failed\""]),
        (change_when_it_began, &["began at 2020-01-01T00:00:00Z; its records were not made then"]),
        (change_the_tool, &["none of its records was made by that"]),
        (delete_a_visit, &["MISSING   visits/reject-all/001"]),
    ];
    for (n, (tamper, names)) in noticed.iter().enumerate() {
        let dir = tmp.path().join(n.to_string());
        copy(&whole, &dir);
        tamper(&dir);
        let (code, text) = verify(&dir).await;
        assert_eq!(code, 2, "{names:?}\n{text}");
        assert!(names.iter().all(|what| text.contains(what)), "{names:?}\n{text}");
    }
    // Judged again, the new judgement is sealed, and what was there before stays what it was.
    run(&["judge"], &whole).await;
    let (code, text) = verify(&whole).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("it was made by an older version"), "{text}");
    change_a_judgement(&whole);
    assert_eq!(verify(&whole).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_visit_is_missing_and_no_rule_passes_without_it() {
    let tmp = tempfile::tempdir().unwrap();
    let whole = tmp.path().join("audit");
    audit(&whole, true);
    for (n, tamper) in [
        delete_a_visit as fn(&Path),
        delete_a_visit_and_say_that_it_was_never_made,
        drop_a_visit_and_its_folder,
        drop_a_scenario,
    ]
    .into_iter()
    .enumerate()
    {
        let dir = tmp.path().join(n.to_string());
        copy(&whole, &dir);
        tamper(&dir);
        let (_, text) = run(&["judge"], &dir).await;
        assert!(text.contains("missing: ") && !text.contains("never visited"), "{n}: {text}");
        let judged: Value =
            serde_json::from_slice(&fs::read(dir.join("judgements/0001.json")).unwrap()).unwrap();
        let gaps = judged["coverage"]["gaps"].as_array().unwrap();
        assert!(gaps.iter().any(|g| g["reason"].as_str().unwrap().starts_with("missing: ")), "{n}: {gaps:?}");
        let after_reject = judged["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .find(|v| v["rule"] == "sends-after-reject")
            .unwrap();
        assert_ne!(after_reject["verdict"], "pass", "{n}");
        assert!(after_reject["statement"].as_str().unwrap().contains("missing: "), "{n}: {after_reject}");
    }
}
