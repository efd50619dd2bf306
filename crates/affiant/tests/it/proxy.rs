//! A proxy that wants a login: everything goes through it, and the login is written down nowhere.

use std::path::Path;

use crate::common::proxy::AskingProxy;
use crate::common::{affiant, read};
use affiant_testbed::{Sites, Testbed};

/// `us er` and `s3:cr@t-pw`, as the header says it.
const BASIC: &str = "Basic dXMgZXI6czM6Y3JAdC1wdw==";
const USER: &str = "us%20er:s3%3Acr%40t-pw";
/// Parts of the login in every form in which it could leak.
const SECRETS: [&str; 4] = ["s3:cr@t-pw", "s3%3Acr%40t-pw", "cr@t", "dXMgZXI6czM6Y3JAdC1wdw"];

/// Files under a folder that hold one of the texts, records and facts unpacked.
fn holding(dir: &Path, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, texts));
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|e| e == "zst") {
            bytes = zstd::decode_all(bytes.as_slice()).unwrap();
        }
        let text = String::from_utf8_lossy(&bytes);
        found.extend(texts.iter().filter(|t| text.contains(**t)).map(|t| format!("{}: {t}", path.display())));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_through_the_proxy_and_its_login_stays_unwritten() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let proxy = AskingProxy::start(BASIC, bed.http_addr(), bed.https_addr()).await;
    let tmp = tempfile::tempdir().unwrap();
    let out = tmp.path().join("audit");
    let start = bed.site("early-recorder").unwrap().start.clone();
    // No --resolve: without the proxy the testbed cannot be reached.
    let mut run = affiant()
        .args([
            "audit",
            &start,
            "http://localhost/",
            "--scenario",
            "no-choice",
            "--insecure",
            "--no-return",
            "--no-probe",
            "-vvv",
        ])
        .args(["--proxy", &format!("http://{USER}@{}", proxy.addr)])
        .arg("--out")
        .arg(&out)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The browser's own command line, while it runs, names the proxy and no login.
    let browsers = async {
        loop {
            let switch = format!("--proxy-server=http://{}", proxy.addr);
            let pids = crate::common::processes(&switch);
            if !pids.is_empty() {
                return pids;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let pids = tokio::select! {
        pids = browsers => pids,
        ended = run.wait() => panic!("it ended before its browser was seen: {ended:?}"),
    };
    for pid in pids {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        assert!(!SECRETS.iter().any(|s| line.contains(s)), "{line}");
    }
    let output = run.wait_with_output().await.unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!SECRETS.iter().any(|s| said.contains(s)), "the login is in what was said");
    let a = read(&out, output);
    assert_eq!(a.records.len(), 2, "{said}");

    // Each request that the testbed saw came through the proxy, with the login.
    let passed = proxy.passed();
    let hosts: std::collections::BTreeSet<String> = bed.log().into_iter().map(|e| e.host).collect();
    assert!(hosts.len() > 2, "{hosts:?}");
    for host in &hosts {
        assert!(passed.iter().any(|(line, ok)| *ok && line.contains(host.as_str())), "{host} {passed:?}");
    }
    for wanted in [
        "GET http://localhost/plain ",
        "GET http://localhost/worker.js ",
        "GET http://localhost/from-worker ",
        "GET http://localhost/sw.js ",
        "GET http://localhost/from-sw ",
        "GET http://frame.test/inner ",
        "GET http://frame.test/from-frame ",
        "CONNECT socket.test:80 ",
    ] {
        assert!(passed.iter().any(|(line, ok)| *ok && line.starts_with(wanted)), "{wanted} {passed:?}");
    }
    let turned_away =
        passed.iter().filter(|(line, ok)| !ok && hosts.iter().any(|h| line.contains(h.as_str()))).count();
    assert_eq!(turned_away, 0, "the browser knew the login before the first visit: {passed:?}");

    // The record says which proxy, and that a header was hidden; the introduction is not in it.
    assert_eq!(
        a.folder.manifest.plan.vantage.proxy.as_deref(),
        Some(format!("http://{}", proxy.addr).as_str())
    );
    let lines: String = a.records.iter().map(|r| serde_json::to_string(&r.lines).unwrap()).collect();
    assert!(lines.contains(r#""masked":["Proxy-Authorization"]"#));
    assert!(!lines.contains("affiant.invalid"));
    assert_eq!(holding(&out, &SECRETS), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_is_said_by_the_proxys_name() {
    let nowhere = "127.0.0.1:1".parse().unwrap();
    let proxy = AskingProxy::start(BASIC, nowhere, nowhere).await;
    let tmp = tempfile::tempdir().unwrap();
    let out = affiant()
        .args(["audit", "http://localhost/", "--out"])
        .arg(tmp.path().join("a"))
        .env("AFFIANT_PROXY", format!("http://someone:wr0ng@{}", proxy.addr))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2));
    assert!(said.contains(&proxy.addr.to_string()) && said.contains("refuses the login"), "{said}");
    assert!(!said.contains("wr0ng") && !said.contains("someone"), "{said}");
}
