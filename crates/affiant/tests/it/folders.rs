//! What affiant writes is for its owner alone, and secrets are not on the command line.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::common::affiant;

/// Everything in a folder, itself too; links are not followed.
fn all(of: &Path, out: &mut Vec<PathBuf>) {
    out.push(of.to_owned());
    if fs::symlink_metadata(of).unwrap().is_dir() {
        for entry in fs::read_dir(of).unwrap().flatten() {
            all(&entry.path(), out);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_for_its_owner_alone_whatever_the_umask() {
    let tmp = tempfile::tempdir().unwrap();
    let (store, taken) = (tmp.path().join("store"), tmp.path().join("taken"));
    let har = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/har/charles.har");
    let program = affiant().as_std().get_program().to_owned();
    let run = |script: &str| {
        let done = std::process::Command::new("sh")
            .args(["-c", &format!("umask 022; set -e; {script}")])
            .env("A", &program)
            .env("STORE", &store)
            .env("TAKEN", &taken)
            .env("HAR", &har)
            .env("TO", tmp.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    run(r#""$A" import "$HAR" --store "$STORE" --quiet > "$TO/name""#);
    run(r#"AUDIT=$(cat "$TO/name"); "$A" judge "$AUDIT" --store "$STORE" --fail-on never --quiet || true"#);
    run(r#"AUDIT=$(cat "$TO/name"); "$A" export "$AUDIT" --har "$TO/out.har""#);
    run(r#"AUDIT=$(cat "$TO/name"); "$A" store import "$AUDIT" --store "$TAKEN""#);
    let mut made = vec![tmp.path().join("out.har")];
    all(&store, &mut made);
    all(&taken, &mut made);
    let names: Vec<String> =
        made.iter().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for name in [
        "audit.json",
        "record.jsonl.zst",
        "seal.json",
        "0001.json",
        "0001.jsonl",
        "report.html",
        "report.json",
        "blobs",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is missing: {names:?}");
    }
    let open: Vec<String> = made
        .iter()
        .filter_map(|path| {
            let what = fs::symlink_metadata(path).unwrap();
            let right = if what.is_dir() { 0o700 } else { 0o600 };
            let is_right = what.is_symlink() || what.mode() & 0o777 == right;
            (!is_right).then(|| format!("{:o} {}", what.mode() & 0o777, path.display()))
        })
        .collect();
    assert!(open.is_empty(), "{open:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_stand_in_a_file_or_in_the_environment() {
    let tmp = tempfile::tempdir().unwrap();
    let file = tmp.path().join("headers");
    let ask = |environment: &str| {
        let mut c = affiant();
        c.env("AFFIANT_HEADERS", environment)
            .args(["audit", "https://a.test/", "--print-request", "--header", "X-Third: 3", "--header-file"])
            .arg(&file);
        c
    };
    fs::write(&file, "# of the staging host\nAuthorization: Basic s3cret\n\nX-Second: 2\n").unwrap();
    let done = ask("authorization: Basic other\nX-First: 1").output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let request: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let headers: Vec<(&str, &str)> = request["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| (h["name"].as_str().unwrap(), h["value"].as_str().unwrap()))
        .collect();
    let expected = [("X-First", "1"), ("Authorization", "Basic s3cret"), ("X-Second", "2"), ("X-Third", "3")];
    assert_eq!(headers, expected);
    fs::write(&file, "A: b\ns3cret\n").unwrap();
    for (environment, line) in [("", "line 2 of "), ("# x\n\n0ther", "line 3 of AFFIANT_HEADERS")] {
        let done = ask(environment).output().await.unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2));
        assert!(said.contains(line) && !said.contains("s3cret") && !said.contains("0ther"), "{said}");
    }
}
