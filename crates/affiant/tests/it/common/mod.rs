//! Runs the built `affiant` against the testbed, and reads back what it wrote.

pub(crate) mod browser;
pub(crate) mod dns;
pub(crate) mod ferns;
pub(crate) mod proxy;
pub(crate) mod server;
#[path = "../../../../engine/tests/watched/sinks.rs"]
#[expect(dead_code, reason = "its servers can do more than these tests want")]
pub(crate) mod sinks;
pub(crate) mod tab;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use affiant_detect::{Catalog, VisitFacts};
use affiant_record::{AuditFolder, VisitRecord};
use affiant_rules::Judgement;
use affiant_testbed::Testbed;
use tokio::process::Command;

/// The binary under test.
pub(crate) fn affiant() -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_affiant"));
    c.stdin(Stdio::null()).kill_on_drop(true).env("NO_COLOR", "1");
    c
}

/// What a web hook was told, once its signature has been checked by another library.
pub(crate) fn signed(came: &sinks::Came, secret: &str) -> serde_json::Value {
    let mut headers = http::HeaderMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name, came.head[name].parse().unwrap());
    }
    standardwebhooks::Webhook::new(secret).unwrap().verify(came.body.as_bytes(), &headers).unwrap();
    serde_json::from_str(&came.body).unwrap()
}

/// The flags that lead every host to the testbed.
pub(crate) fn to(bed: &Testbed) -> Vec<String> {
    let mut flags: Vec<String> =
        bed.resolve_rules().into_iter().flat_map(|r| ["--resolve".to_owned(), r]).collect();
    flags.extend(["--insecure", "--no-return", "--no-probe"].map(str::to_owned));
    flags
}

/// An audit that was run.
pub(crate) struct Audited {
    pub(crate) dir: PathBuf,
    pub(crate) output: Output,
    pub(crate) folder: AuditFolder,
    pub(crate) records: Vec<VisitRecord>,
    pub(crate) facts: Vec<VisitFacts>,
    pub(crate) judgement: Judgement,
}

impl Audited {
    pub(crate) fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
    pub(crate) fn verdict(&self, rule: &str) -> affiant_rules::judgement::Verdict {
        self.judgement.verdicts.iter().find(|v| v.rule == rule).unwrap().verdict
    }
}

/// Audits and reads back what was written.
pub(crate) async fn audit(out: &Path, bed: &Testbed, args: &[&str]) -> Audited {
    let output =
        affiant().arg("audit").args(args).args(to(bed)).arg("--out").arg(out).output().await.unwrap();
    read(out, output)
}

/// Reads an audit folder back.
pub(crate) fn read(out: &Path, output: Output) -> Audited {
    let said = || {
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let folder = AuditFolder::open(out).unwrap_or_else(|e| panic!("{e}\n{}", said()));
    let blobs = folder.blobs();
    let (mut records, mut facts) = (Vec::new(), Vec::new());
    for v in &folder.manifest.visits {
        let Ok(record) = VisitRecord::open(&folder.visit_dir(v).unwrap()) else { continue };
        facts.push(affiant_detect::facts(&record, &v.path, Catalog::embedded(), Some(&blobs)));
        records.push(record);
    }
    let judgement =
        std::fs::read(out.join("judgements/0001.json")).unwrap_or_else(|e| panic!("{e}\n{}", said()));
    let judgement = serde_json::from_slice(&judgement).unwrap();
    Audited { dir: out.to_owned(), output, folder, records, facts, judgement }
}

/// Prints a table, and leaves it in `target/tables`.
pub(crate) fn show(name: &str, table: &str) {
    std::io::stdout().write_all(format!("{table}\n").as_bytes()).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tables");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), table).unwrap();
}

/// A browser test a case of a table, so that cases run side by side and each failure has its own name: `as_they_are_called`
/// for the case `as-they-are-called`. And a test that every case has one.
macro_rules! shares {
    ($hold:path, $all:expr, $($case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                $hold(&stringify!($case).replace('_', "-")).await;
            }
        )*
        #[test]
        fn every_case_has_its_test() {
            let tests: std::collections::BTreeSet<String> =
                [$(stringify!($case)),*].into_iter().map(|n| n.replace('_', "-")).collect();
            let all: std::collections::BTreeSet<String> = $all.map(str::to_owned).collect();
            assert_eq!(tests, all);
        }
    };
}
pub(crate) use shares;

/// Processes whose command line holds this text.
pub(crate) fn processes(text: &str) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|e| e.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|c| String::from_utf8_lossy(&c).contains(text))
        })
        .collect()
}

/// How many pages have a record; the first one may have several, one a session.
pub(crate) fn visited(a: &Audited) -> usize {
    a.records.iter().map(|r| r.header.url.as_str()).collect::<std::collections::BTreeSet<_>>().len()
}

/// Waits until no browser of this affiant is left.
pub(crate) async fn browsers_end(pid: u32) {
    let end = Instant::now() + Duration::from_secs(15);
    while !processes(&format!("affiant-profile-{pid}-")).is_empty() {
        assert!(Instant::now() < end, "a browser was left behind");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Browser profiles that a process left in the folder for what is temporary.
pub(crate) fn profiles(temporary: &Path, pid: u32) -> usize {
    let name = format!("affiant-profile-{pid}-");
    std::fs::read_dir(temporary)
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with(&name))
        .count()
}
