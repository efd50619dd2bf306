//! A browser that somebody else started: the same findings as with one of our own, and it lives on.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use crate::common::{Audited, affiant, audit, browser, read, to};
use affiant_record::{CollectorStatus, Outcome};
use affiant_testbed::{Sites, Testbed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Child;

/// A browser that the test started, with its own switches.
struct Elsewhere {
    child: Child,
    addr: SocketAddr,
    /// Its WebSocket.
    socket: String,
}

async fn start(switches: &[String]) -> Elsewhere {
    let (child, socket) = browser::start(switches).await;
    let addr = socket.trim_start_matches("ws://").split('/').next().unwrap().parse().unwrap();
    Elsewhere { child, addr, socket }
}

/// What `affiant browser args` prints, unquoted as a shell would.
async fn args(bed: &Testbed, profile: &Path) -> Vec<String> {
    let out = affiant()
        .args(["browser", "args", "--port", "0", "--profile"])
        .arg(profile)
        .args(to(bed).iter().filter(|f| !f.starts_with("--no-")))
        .output()
        .await
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(|l| l.trim_matches('\'').to_owned()).collect()
}

/// Tabs of the browser, by its own list.
async fn tabs(at: &Elsewhere) -> usize {
    let mut tcp = TcpStream::connect(at.addr).await.unwrap();
    let ask = format!("GET /json/list HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", at.addr);
    tcp.write_all(ask.as_bytes()).await.unwrap();
    // The browser keeps the connection open: the answer ends where its length says.
    let mut bytes = Vec::new();
    loop {
        let answer = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = answer.split_once("\r\n\r\n") {
            assert!(head.contains("200 OK"), "{answer}");
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned));
            if body.len() >= length.unwrap().trim().parse::<usize>().unwrap() {
                return body.matches("\"type\": \"page\"").count();
            }
        }
        assert!(tcp.read_buf(&mut bytes).await.unwrap() > 0, "{answer}");
    }
}

fn found(a: &Audited) -> BTreeSet<String> {
    a.judgement.findings.iter().map(|f| f.fingerprint.to_string()).collect()
}

fn vendors(a: &Audited) -> BTreeSet<String> {
    a.facts.iter().flat_map(|f| &f.tags).map(|t| t.vendor.name.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_browser_finds_the_same_and_lives_on() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start_url = bed.site("early-recorder").unwrap().start.clone();
    let base = [start_url.as_str(), "--pages", "1", "--scenario", "no-choice,reject-all"];
    let local = audit(&tmp.path().join("local"), &bed, &base).await;

    let switches = args(&bed, &tmp.path().join("profile")).await;
    let mut there = start(&switches).await;
    let before = tabs(&there).await;
    for (i, address) in [format!("http://{}", there.addr), there.socket.clone()].into_iter().enumerate() {
        let mut with = base.to_vec();
        with.extend(["--browser", &address]);
        let remote = audit(&tmp.path().join(i.to_string()), &bed, &with).await;
        assert_eq!(remote.code(), local.code(), "{}", remote.stderr());
        assert_eq!(found(&remote), found(&local));
        assert_eq!(vendors(&remote), vendors(&local));
        let verdicts = |a: &Audited| {
            a.judgement.verdicts.iter().map(|v| (v.rule.clone(), v.verdict)).collect::<Vec<_>>()
        };
        assert_eq!(verdicts(&remote), verdicts(&local));
        let browser = &remote.records[0].header.browser;
        assert!(browser.remote.as_deref().unwrap().ends_with(&there.addr.to_string()));
        assert_eq!(browser.user_agent, local.records[0].header.browser.user_agent);
        let lacks: Vec<&str> = browser.lacks.iter().map(|l| l.switch.as_str()).collect();
        assert_eq!(lacks, ["--user-data-dir"], "only what no switch can tell");
        // Nothing of the audit is left in it, and it still runs.
        assert_eq!(tabs(&there).await, before);
        assert!(there.child.try_wait().unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bare_browser_lacks_is_said_and_hides_nothing_silently() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start_url = bed.site("gated-shop").unwrap().start.clone();
    let bare = |profile: &str| {
        let dir = tmp.path().join(profile);
        vec![
            "--headless=new".to_owned(),
            "--remote-debugging-port=0".to_owned(),
            format!("--user-data-dir={}", dir.display()),
        ]
    };
    let base = [start_url.as_str(), "--pages", "1", "--scenario", "no-choice"];
    let mut there = start(&bare("p1")).await;
    let out = affiant()
        .arg("audit")
        .args(base)
        .args(to(&bed))
        .args(["--browser", &format!("http://{}", there.addr), "--out"])
        .arg(tmp.path().join("refused"))
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("--host-resolver-rules") && said.contains("affiant browser args"), "{said}");
    assert!(there.child.try_wait().unwrap().is_none());
    there.child.kill().await.unwrap();

    // With only what is indispensable.
    let needed = args(&bed, &tmp.path().join("unused")).await;
    let needed = needed.into_iter().filter(|s| s.contains("host-resolver") || s.contains("ignore-cert"));
    let there = start(&bare("p2").into_iter().chain(needed).collect::<Vec<_>>()).await;
    let mut with = base.to_vec();
    let address = format!("http://{}", there.addr);
    with.extend(["--browser", &address]);
    let a = audit(&tmp.path().join("a"), &bed, &with).await;
    let hidden: Vec<&str> =
        a.records[0].header.browser.lacks.iter().filter(|l| l.hides).map(|l| l.switch.as_str()).collect();
    assert_eq!(hidden, ["--disable-features=RenderDocument", "--disable-features=IsolateSandboxedIframes"]);
    let network = &a.records[0].footer.as_ref().unwrap().collectors["network"];
    assert!(
        matches!(network, CollectorStatus::Truncated { reason } if reason.contains("RenderDocument")),
        "{network:?}"
    );
    assert_eq!(a.verdict("sends-before-choice"), affiant_rules::judgement::Verdict::Inconclusive);
    assert!(a.stderr().contains("RenderDocument"), "{}", a.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_marks_the_visit_and_names_the_browser() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let start_url = bed.site("early-recorder").unwrap().start.clone();
    let switches = args(&bed, &tmp.path().join("profile")).await;
    let mut there = start(&switches).await;
    let out = tmp.path().join("a");
    let mut run = affiant()
        .args(["audit", &start_url, "--pages", "1", "--scenario", "no-choice", "--browser"])
        .arg(format!("http://{}", there.addr))
        .args(to(&bed))
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // With every host led to the testbed, what the browser sends for itself is in the log too.
    while !bed.log().iter().any(|e| e.host == "www.early-recorder.test") {
        assert!(run.try_wait().unwrap().is_none(), "it ended before it visited anything");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    there.child.kill().await.unwrap();
    let output = run.wait_with_output().await.unwrap();
    let a = read(&out, output);
    assert_eq!(a.code(), 2, "{}", a.stderr());
    assert!(a.stderr().contains(&there.addr.to_string()), "{}", a.stderr());
    let outcome = a.folder.manifest.visits[0].outcome.as_ref().unwrap();
    assert!(matches!(outcome, Outcome::Crashed { reason } if reason.contains("was lost")), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_browser_is_it_is_said_with_what_to_do() {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let web = bed.http_addr().to_string();
    let tls = bed.https_addr().to_string();
    for (i, (address, says)) in [
        ("http://us:s3cret@127.0.0.1:1/?token=s3cret".to_owned(), "affiant browser args"),
        ("ws://127.0.0.1:1/x".to_owned(), "affiant browser args"),
        (format!("http://{web}"), "/json/version"),
        (format!("wss://{tls}/devtools"), "SSL_CERT_FILE"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = affiant()
            .args(["audit", "https://a.test/", "--browser", &address, "--out"])
            .arg(tmp.path().join(i.to_string()))
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains(says) && !said.contains("s3cret"), "{address}: {said}");
    }
}
