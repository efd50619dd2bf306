//! Any cut-off or flipped byte is noticed, whatever is unknown survives, and what was written early stays readable.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use affiant_record::consent::Achieved;
use affiant_record::header::{Browser, Clock, SCHEMA, Settings, Tool, Vantage};
use affiant_record::network::{Initiator, Request};
use affiant_record::page::Phase;
use affiant_record::write::RECORD_FILE;
use affiant_record::*;
use proptest::prelude::*;

fn header() -> Header {
    Header {
        schema: SCHEMA,
        tool: Tool { name: "affiant".into(), version: "0.1.0".into() },
        browser: Browser { product: "Chrome/156".into(), ..Default::default() },
        plan: Digest::of(b"plan"),
        session: "reject-all".into(),
        ordinal: 0,
        scenario: Scenario::RejectAll,
        leg: None,
        choice: None,
        choice_visit: None,
        url: "https://www.shop.test/".into(),
        vantage: Vantage { name: "default".into(), width: 1280, height: 800, ..Default::default() },
        settings: Settings { visit_timeout_ms: 45_000, ..Default::default() },
        clock: Clock { wall_at_zero_ms: 1.0, ..Default::default() },
        audit_sealed: false,
        extra: Extra::new(),
    }
}

fn footer() -> Footer {
    Footer {
        outcome: Outcome::Complete,
        final_url: Some("https://www.shop.test/".into()),
        consent: Achieved::default(),
        collectors: [("network".to_owned(), CollectorStatus::Gathered)].into(),
        extra: Extra::new(),
    }
}

fn request(i: u32) -> Observation {
    Observation::Request(Request {
        request_id: format!("r{i}"),
        url: format!("https://t{i}.test/collect?id={i}"),
        method: "POST".into(),
        initiator: Initiator { kind: "script".into(), ..Default::default() },
        ..Default::default()
    })
}

/// Writes a record of `n` requests and returns its folder.
fn write(dir: &Path, n: u32) -> (PathBuf, Digest) {
    let dir = dir.join("visit");
    let mut w = RecordWriter::create(&dir, header(), [7; 32]).unwrap();
    w.write(1.0, Observation::Phase(Phase { phase: "arrive".into(), ..Default::default() })).unwrap();
    for i in 0..n {
        w.write(f64::from(i) * 1.25, request(i)).unwrap();
    }
    let digest = w.seal(99.0, footer()).unwrap();
    (dir, digest)
}

#[test]
fn a_sealed_record_reads_back_as_written() {
    let tmp = tempfile::tempdir().unwrap();
    let (dir, digest) = write(tmp.path(), 20);
    let r = VisitRecord::open(&dir).unwrap();
    assert_eq!((r.digest, r.completeness.clone(), r.lines.len()), (digest, Completeness::Sealed, 23));
    assert_eq!(r.header, header());
    assert_eq!(r.footer, Some(footer()));
    assert_eq!(r.exchanges().len(), 20);
}

#[test]
fn a_killed_visit_leaves_what_was_flushed_and_says_that_it_was_cut_off() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("visit");
    let mut w = RecordWriter::create(&dir, header(), [1; 32]).unwrap();
    w.write(1.0, request(1)).unwrap();
    w.flush().unwrap();
    w.write(2.0, request(2)).unwrap();
    std::mem::forget(w); // kill -9: nothing is finished, nothing is sealed
    let r = VisitRecord::open(&dir).unwrap();
    assert!(matches!(r.completeness, Completeness::CutOff { .. }));
    assert_eq!((r.lines.len(), r.footer), (2, None));
}

#[test]
fn a_record_of_a_newer_version_is_refused_by_name() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("visit");
    let newer = Header { schema: SCHEMA + 1, ..header() };
    RecordWriter::create(&dir, newer, [1; 32]).unwrap().seal(1.0, footer()).unwrap();
    assert!(matches!(VisitRecord::open(&dir), Err(RecordError::TooNew { found, .. }) if found == SCHEMA + 1));
}

#[test]
fn a_version_that_never_was_is_damage() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("header");
    let never = Header { schema: 0, ..header() };
    RecordWriter::create(&dir, never, [1; 32]).unwrap().seal(1.0, footer()).unwrap();
    assert!(VisitRecord::open(&dir).unwrap_err().to_string().contains("version 0"));
    let dir = tmp.path().join("seal");
    RecordWriter::create(&dir, header(), [1; 32]).unwrap().seal(1.0, footer()).unwrap();
    let seal = fs::read_to_string(dir.join("seal.json")).unwrap().replace(r#""format":1"#, r#""format":0"#);
    fs::write(dir.join("seal.json"), seal).unwrap();
    assert!(VisitRecord::open(&dir).unwrap_err().to_string().contains("format 0"));
}

#[test]
fn unknown_fields_and_unknown_lines_survive_a_read_and_write() {
    for text in [
        r#"{"n":3,"t":1.5,"type":"dialog","data":{"kind":"alert","text":"x","answer":"dismissed","later":{"a":[1]}}}"#,
        r#"{"n":3,"t":1.5,"type":"hologram","data":{"depth":3}}"#,
    ] {
        let line: Line = serde_json::from_str(text).unwrap();
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_value(&line).unwrap(), value);
    }
    // A line of a known type that cannot be read as one is no unknown line: its observation would be lost.
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path().join("visit");
    let mut w = RecordWriter::create(&dir, header(), [1; 32]).unwrap();
    w.write(1.0, Observation::Unknown(serde_json::json!({"type": "request", "data": {"url": 7}}))).unwrap();
    w.seal(2.0, footer()).unwrap();
    assert!(VisitRecord::open(&dir).unwrap_err().to_string().contains("cannot be read as one"));
    let unknown: Line =
        serde_json::from_str(r#"{"n":3,"t":1.5,"type":"hologram","data":{"depth":3}}"#).unwrap();
    assert!(matches!(unknown.what, Observation::Unknown(_)));
}

/// Records that earlier versions wrote, kept for ever. To add one for a new version: write it once with that version
/// and never touch it again.
#[test]
fn records_of_all_versions_stay_readable() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/record/v1");
    let r = VisitRecord::open(&golden).unwrap();
    assert_eq!(r.completeness, Completeness::Sealed);
    assert_eq!(r.header.schema, 1);
    assert!(r.lines.iter().all(|l| !matches!(l.what, Observation::Unknown(_))));
    assert!(!r.exchanges().is_empty());
    assert!(r.exchanges().iter().any(|x| x.sent.is_some() && x.response.is_some() && x.done.is_some()));
    assert!(r.phase("arrive").is_some());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..Default::default() })]

    #[test]
    fn any_flipped_byte_is_noticed(n in 0u32..40, seal in any::<bool>(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let tmp = tempfile::tempdir().unwrap();
        let (dir, _) = write(tmp.path(), n);
        let path = dir.join(if seal { "seal.json" } else { RECORD_FILE });
        let mut bytes = fs::read(&path).unwrap();
        let i = at.index(bytes.len());
        bytes[i] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        prop_assert!(VisitRecord::open(&dir).is_err());
    }

    #[test]
    fn any_cut_is_noticed(n in 0u32..40, seal in any::<bool>(), at in any::<prop::sample::Index>()) {
        let tmp = tempfile::tempdir().unwrap();
        let (dir, _) = write(tmp.path(), n);
        let path = dir.join(if seal { "seal.json" } else { RECORD_FILE });
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..at.index(bytes.len())]).unwrap();
        prop_assert!(VisitRecord::open(&dir).is_err());
    }

    #[test]
    fn an_unsealed_record_of_any_bytes_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let tmp = tempfile::tempdir().unwrap();
        let (dir, _) = write(tmp.path(), 5);
        fs::remove_file(dir.join("seal.json")).unwrap();
        let real = fs::read(dir.join(RECORD_FILE)).unwrap();
        let bytes = if whole { bytes } else { real[..cut.index(real.len())].to_vec() };
        fs::write(dir.join(RECORD_FILE), bytes).unwrap();
        match VisitRecord::open(&dir) {
            Ok(r) => prop_assert!(r.completeness != Completeness::Sealed),
            Err(e) => prop_assert!(!e.to_string().is_empty()),
        }
    }

    #[test]
    fn any_line_of_json_reads_or_is_refused(text in r#"\{("n":[0-9]{1,3},)?("t":[0-9.]{1,5},)?"type":"(request|phase|x)","data":(\{\}|\[\]|null|1|"a")\}"#) {
        let _ = serde_json::from_str::<Line>(&text);
    }
}
