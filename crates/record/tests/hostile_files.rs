//! Files that somebody else put into an audit folder: links, pipes, bombs. Each is refused at once, and nothing is written elsewhere.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use affiant_record::audit::MANIFEST_FILE;
use affiant_record::seal::SEAL_FILE;
use affiant_record::write::{RECORD_FILE, RecordWriter};
use affiant_record::{AuditFolder, VisitEntry, VisitRecord};

/// A folder with a record, as it is written.
fn record(dir: &Path) -> PathBuf {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/record/v1");
    let golden = VisitRecord::open(&golden).unwrap();
    let dir = dir.join("visits/no-choice/000");
    let mut writer = RecordWriter::create(&dir, golden.header.clone(), [7; 32]).unwrap();
    for line in &golden.lines[1..golden.lines.len() - 1] {
        writer.write(line.t, line.what.clone()).unwrap();
    }
    writer.seal(golden.end(), golden.footer.unwrap()).unwrap();
    dir
}

/// What opening the record says. One that waited for ever would be ended by the test runner.
fn refused(dir: &Path) -> String {
    VisitRecord::open(dir).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_for_its_owner_alone() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = record(tmp.path());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&tmp.path().join("visits")), mode(&dir)), (0o700, 0o700));
    assert_eq!((mode(&dir.join(RECORD_FILE)), mode(&dir.join(SEAL_FILE))), (0o600, 0o600));
}

#[test]
fn a_link_in_the_place_of_a_record_or_seal_is_refused() {
    for name in [RECORD_FILE, SEAL_FILE] {
        let tmp = tempfile::tempdir().unwrap();
        let dir = record(tmp.path());
        fs::rename(dir.join(name), tmp.path().join(name)).unwrap();
        symlink(tmp.path().join(name), dir.join(name)).unwrap();
        let said = refused(&dir);
        assert!(said.contains(name) && said.contains("links are not followed"), "{said}");
    }
}

#[test]
fn a_pipe_in_the_place_of_a_record_is_refused_and_not_waited_for() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = record(tmp.path());
    fs::remove_file(dir.join(RECORD_FILE)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(dir.join(RECORD_FILE)).status().unwrap().success());
    assert!(refused(&dir).contains("it is no regular file"));
}

#[test]
fn a_manifest_or_a_visit_that_is_a_link_is_refused() {
    let tmp = tempfile::tempdir().unwrap();
    let audit = tmp.path().join("audit");
    record(&audit);
    let plan = serde_json::json!({
        "start": "https://a.test/", "pages": [], "max_pages": 1, "scenarios": ["no-choice"], "vantage": AuditVantage::json(),
    });
    let tool = affiant_record::header::Tool { name: "affiant".to_owned(), version: "0".to_owned() };
    let plan = serde_json::from_value(plan).unwrap();
    let folder = AuditFolder::create(&audit, "a".to_owned(), tool, "now".to_owned(), plan).unwrap();
    let entry: VisitEntry = serde_json::from_value(serde_json::json!({
        "path": "visits/no-choice/000", "session": "no-choice", "ordinal": 0, "scenario": "no-choice",
        "url": "https://a.test/", "digest": null, "outcome": null,
    }))
    .unwrap();
    assert!(folder.visit_dir(&entry).is_ok());
    fs::rename(audit.join("visits"), tmp.path().join("visits")).unwrap();
    symlink(tmp.path().join("visits"), audit.join("visits")).unwrap();
    assert!(folder.visit_dir(&entry).unwrap_err().to_string().contains("links are not followed"));
    fs::rename(audit.join(MANIFEST_FILE), tmp.path().join(MANIFEST_FILE)).unwrap();
    symlink(tmp.path().join(MANIFEST_FILE), audit.join(MANIFEST_FILE)).unwrap();
    assert!(AuditFolder::open(&audit).unwrap_err().to_string().contains("links are not followed"));
    // Saved, it takes the place of the link, and what that led to stays as it was.
    let before = fs::read(tmp.path().join(MANIFEST_FILE)).unwrap();
    fs::write(tmp.path().join(MANIFEST_FILE), "mine").unwrap();
    folder.save().unwrap();
    assert_eq!(fs::read(tmp.path().join(MANIFEST_FILE)).unwrap(), b"mine");
    assert_eq!(fs::read(audit.join(MANIFEST_FILE)).unwrap(), before);
}

/// What a vantage must have.
struct AuditVantage;

impl AuditVantage {
    fn json() -> serde_json::Value {
        serde_json::to_value(affiant_record::header::Vantage::default()).unwrap()
    }
}

/// A record of one line after another, as long as they come, compressed.
fn bomb(dir: &Path, lines: impl Iterator<Item = Vec<u8>>) -> u64 {
    fs::create_dir_all(dir).unwrap();
    let file = fs::File::create(dir.join(RECORD_FILE)).unwrap();
    let mut out = zstd::Encoder::new(file, 1).unwrap();
    lines.for_each(|line| out.write_all(&line).unwrap());
    out.finish().unwrap();
    fs::metadata(dir.join(RECORD_FILE)).unwrap().len()
}

/// The most memory that this process has had, in MiB.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn a_small_file_that_inflates_to_gigabytes_is_refused_before_it_fills_the_memory() {
    let tmp = tempfile::tempdir().unwrap();
    // One line that does not end: 2 GiB of nothing.
    let endless = tmp.path().join("endless");
    let size = bomb(&endless, (0..2_048).map(|_| vec![b' '; 1 << 20]));
    assert!(size < 1 << 20, "{size}");
    assert!(refused(&endless).contains("line 0 is longer than"));
    // Lines that can be read, each as good as empty and very long.
    let many = tmp.path().join("many");
    let line = |n: u64| {
        let mut text = format!("{{\"n\":{n},\"t\":0.0,\"type\":\"unheard-of\",\"data\":{{}}").into_bytes();
        text.resize(1 << 20, b' ');
        text.extend_from_slice(b"}\n");
        text
    };
    let size = bomb(&many, (0..512).map(line));
    assert!(size < 1 << 20, "{size}");
    assert!(refused(&many).contains("records do not"));
    assert!(peak_mib() < 400, "{} MiB", peak_mib());
}
