//! Facts that are kept: computed once, named by the judgement that saw them, and never in the place of a record.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use affiant_engine::{folder, judge, shown, tool};
use affiant_record::audit::Plan;
use affiant_record::write::{RECORD_FILE, RecordWriter};
use affiant_record::{AuditFolder, Observation, Scenario, VisitEntry, VisitRecord};

/// An audit folder of `visits` copies of the golden record, each sealed for itself.
fn audit(dir: &Path, visits: u32) -> AuditFolder {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/record/v1");
    let golden = VisitRecord::open(&golden).unwrap();
    let plan = Plan {
        start: golden.header.url.clone(),
        pages: Vec::new(),
        max_pages: visits,
        scenarios: vec![Scenario::NoChoice],
        controls: Vec::new(),
        returns: false,
        repeat: 1,
        vantage: golden.header.vantage.clone(),
        extra: Default::default(),
    };
    let mut folder = AuditFolder::create(dir, "a".to_owned(), tool(), "now".to_owned(), plan).unwrap();
    for ordinal in 0..visits {
        let path = format!("visits/no-choice/{ordinal:03}");
        let header = affiant_record::Header { ordinal, ..golden.header.clone() };
        let mut writer = RecordWriter::create(&dir.join(&path), header, [7; 32]).unwrap();
        for line in &golden.lines {
            if !matches!(line.what, Observation::Header(_) | Observation::Footer(_)) {
                writer.write(line.t, line.what.clone()).unwrap();
            }
        }
        let footer = golden.footer.clone().unwrap();
        let digest = writer.seal(golden.end(), footer.clone()).unwrap();
        folder.manifest.visits.push(VisitEntry {
            path,
            session: "no-choice".to_owned(),
            ordinal,
            scenario: golden.header.scenario,
            leg: None,
            control: false,
            url: golden.header.url.clone(),
            digest: Some(digest),
            outcome: Some(footer.outcome),
            extra: Default::default(),
        });
    }
    folder.manifest.finished = Some("then".to_owned());
    folder.save().unwrap();
    folder
}

fn kept(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for key in fs::read_dir(dir.join("facts")).unwrap().flatten() {
        out.extend(fs::read_dir(key.path()).unwrap().flatten().map(|f| f.path()));
    }
    out.sort();
    out
}

#[test]
fn facts_are_computed_once_and_the_judgement_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let folder = audit(dir.path(), 3);
    let first = judge(&folder).unwrap();
    assert_eq!((first.facts.len(), kept(dir.path()).len()), (3, 3));
    // Marked, so that it shows whether they are read.
    let one = &kept(dir.path())[0];
    let mut facts: serde_json::Value =
        serde_json::from_slice(&zstd::decode_all(fs::File::open(one).unwrap()).unwrap()).unwrap();
    facts["title"] = "from the kept one".into();
    let text = serde_json::to_vec(&facts).unwrap();
    fs::write(one, zstd::encode_all(text.as_slice(), 1).unwrap()).unwrap();
    let second = judge(&folder).unwrap();
    assert_eq!(second.facts.iter().filter(|f| f.title == "from the kept one").count(), 1);
    let seen = |j: &affiant_engine::Judged| j.judgement.judged_with.facts.clone().unwrap();
    assert_ne!(seen(&first).digest, seen(&second).digest, "other facts have another name");
    // Without them everything is as before: records are the evidence.
    fs::remove_dir_all(dir.path().join("facts")).unwrap();
    let third = judge(&folder).unwrap();
    assert_eq!((&third.facts, seen(&third)), (&first.facts, seen(&first)));
    assert_eq!(third.judgement, first.judgement);
}

#[test]
fn a_report_shows_the_facts_that_the_judgement_saw_or_it_is_judged_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = audit(dir.path(), 2);
    assert!(shown(&folder).unwrap().is_none(), "it was never judged");
    let judged = judge(&folder).unwrap();
    folder::append(dir.path(), &judged.judgement).unwrap();
    let report = shown(&folder).unwrap().unwrap();
    assert_eq!((&report.facts, &report.judgement), (&judged.facts, &judged.judgement));
    assert!(report.header.is_some() && report.damaged.is_empty());
    // Facts that are gone, or another's, are not shown beside that judgement.
    let one = &kept(dir.path())[1];
    let whole = fs::read(one).unwrap();
    fs::remove_file(one).unwrap();
    assert!(shown(&folder).unwrap().is_none());
    fs::copy(&kept(dir.path())[0], one).unwrap();
    assert!(shown(&folder).unwrap().is_none());
    fs::write(one, whole).unwrap();
    assert!(shown(&folder).unwrap().is_some());
}

#[test]
fn a_record_that_was_changed_is_not_judged_by_its_kept_facts() {
    let dir = tempfile::tempdir().unwrap();
    let folder = audit(dir.path(), 2);
    let judged = judge(&folder).unwrap();
    folder::append(dir.path(), &judged.judgement).unwrap();
    let record = dir.path().join("visits/no-choice/001").join(RECORD_FILE);
    let mut bytes = fs::read(&record).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&record, bytes).unwrap();
    let again = judge(&folder).unwrap();
    assert_eq!((again.facts.len(), again.damaged.len()), (1, 1));
    assert!(again.damaged[0].contains("not those that were sealed"), "{:?}", again.damaged);
    // What was judged before stays to be shown, and the damage is told.
    let report = shown(&folder).unwrap().unwrap();
    assert_eq!((report.facts.len(), report.damaged.len()), (2, 1));
}

/// Facts that are kept are taken for today's as long as their version is: whoever changes what a record shows counts it up.
/// The catalogue is part of their key; a change of it alone only changes the digest here.
#[test]
fn what_the_golden_record_shows_changes_only_with_the_version() {
    let dir = tempfile::tempdir().unwrap();
    let facts = &judge(&audit(dir.path(), 1)).unwrap().facts[0];
    let digest = affiant_record::Digest::of(&serde_json::to_vec(facts).unwrap());
    assert_eq!(
        (affiant_detect::FACTS_VERSION, digest.short().as_str()),
        (1, "cde8065bfb1d"),
        "the facts of the golden record are others now: count FACTS_VERSION up unless only the catalogue changed, and \
         put both here"
    );
}
