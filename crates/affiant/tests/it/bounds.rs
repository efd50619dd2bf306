//! What one visit may take: time, lines and files. Pages that know no end (`testbed/sites/floods`) and one deadline over all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use affiant_record::footer::collectors::WEB_SOCKETS;
use affiant_record::{CollectorStatus, Completeness, Observation, Outcome};
use affiant_testbed::{Direction, LogEntry, LogKind, Opcode, Sites, Testbed};

use crate::common::{Audited, audit, show};

/// `--timeout`, in seconds.
const TIMEOUT: f64 = 12.0;
/// The dwell, and what leaving and sealing may take on top, as documented.
const GRACE: f64 = 1.0 + 22.0;

/// Files below a folder.
fn files(dir: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries.flatten().map(|e| if e.path().is_dir() { files(&e.path()) } else { 1 }).sum()
}

async fn visit(bed: &Testbed, path: &str, scenario: &str) -> (Audited, String, tempfile::TempDir) {
    let tmp = tempfile::tempdir().unwrap();
    let url = format!("https://www.floods.test{path}");
    let timeout = TIMEOUT.to_string();
    let args = [url.as_str(), "--scenario", scenario, "--pages", "1", "--timeout", &timeout];
    let a = audit(&tmp.path().join("audit"), bed, &args).await;
    let r = &a.records[0];
    let footer = r.footer.as_ref().unwrap();
    let mut table = String::new();
    writeln!(
        table,
        "{path} {scenario}: {:?}, {:.1} s, {} lines, {} files",
        footer.outcome,
        r.end() / 1000.0,
        r.lines.len(),
        files(&a.dir)
    )
    .unwrap();
    for (collector, status) in &footer.collectors {
        writeln!(table, "  {collector}: {status:?}").unwrap();
    }
    show(&format!("bounds{}-{scenario}.md", path.replace('/', "-")), &table);
    (a, table, tmp)
}

/// The one visit ended in time, is sealed, and says what it was at.
async fn ends_in_time(path: &str, scenario: &str) {
    let bed = Testbed::start(Sites::only(&["floods"])).await.unwrap();
    let (a, table, _tmp) = visit(&bed, path, scenario).await;
    let r = &a.records[0];
    assert_eq!(r.completeness, Completeness::Sealed);
    assert!(matches!(r.footer.as_ref().unwrap().outcome, Outcome::TimedOut { .. }), "{table}");
    assert!(r.end() / 1000.0 < TIMEOUT + GRACE, "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_addresses_ends_in_time() {
    ends_in_time("/storm", "reject-all").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_frames_of_another_site_end_in_time() {
    ends_in_time("/sites", "reject-all").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_frames_takes_few_files_and_each_frame_is_there() {
    let bed = Testbed::start(Sites::only(&["floods"])).await.unwrap();
    let (a, table, _tmp) = visit(&bed, "/socket-flood", "no-choice").await;
    assert!(files(&a.dir) < 60, "{table}");
    let told: BTreeSet<Vec<u8>> = a.records[0]
        .lines
        .iter()
        .filter_map(|l| match &l.what {
            Observation::WebSocket(w) if w.event == "sent" => w.payload.as_ref()?.in_line(),
            _ => None,
        })
        .collect();
    let sent = |e: &LogEntry| {
        matches!(e.kind, LogKind::WebSocketFrame { direction: Direction::FromBrowser, opcode: Opcode::Text })
    };
    let heard: BTreeSet<Vec<u8>> = bed.log().into_iter().filter(sent).map(|e| e.body).collect();
    assert!(heard.len() > 1000, "{}", heard.len());
    let lost: Vec<_> =
        heard.difference(&told).take(3).map(|b| String::from_utf8_lossy(b).into_owned()).collect();
    // On a busy machine the browser tells them too late: then the record says so.
    let status = &a.records[0].footer.as_ref().unwrap().collectors[WEB_SOCKETS];
    let said = matches!(status, CollectorStatus::Truncated { .. });
    assert!(
        lost.is_empty() || said,
        "the server heard what no line tells: {lost:?} of {}; {status:?}",
        heard.len()
    );
}
