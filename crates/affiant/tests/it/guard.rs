//! A worker that reaches public addresses only: what it refuses, and that what it allows is seen as without a guard.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use affiant_record::{Observation, Outcome};
use affiant_testbed::{Sites, Testbed};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::process::Command;

use crate::common::{Audited, affiant, audit, read, to};

/// Whoever comes here has got past the guard: connections on both loopback addresses, and datagrams.
struct Trap {
    port: u16,
    udp: u16,
    connections: Arc<AtomicUsize>,
    datagrams: Arc<AtomicUsize>,
}

impl Trap {
    async fn set() -> Trap {
        let v4 = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = v4.local_addr().unwrap().port();
        let v6 = TcpListener::bind(("::1", port)).await.ok();
        let connections = Arc::new(AtomicUsize::new(0));
        for listener in [Some(v4), v6].into_iter().flatten() {
            let count = Arc::clone(&connections);
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    count.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(async move {
                        let no = b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n";
                        let _ = stream.write_all(no).await;
                    });
                }
            });
        }
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let udp = socket.local_addr().unwrap().port();
        let datagrams = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&datagrams);
        tokio::spawn(async move {
            let mut bytes = [0; 2048];
            while socket.recv_from(&mut bytes).await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Trap { port, udp, connections, datagrams }
    }

    fn caught(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.datagrams.load(Ordering::SeqCst))
    }
}

/// A server that redirects `/to?URL` to the URL.
async fn hop() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(redirect(stream));
        }
    });
    at
}

async fn redirect(stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut first, mut line) = (String::new(), String::new());
    stream.read_line(&mut first).await?;
    while line != "\r\n" && line.is_empty() | line.ends_with('\n') {
        line.clear();
        stream.read_line(&mut line).await?;
    }
    let to = first.split(' ').nth(1).and_then(|path| path.split_once('?')).map_or("/", |(_, to)| to);
    let answer =
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await
}

/// A store, and a worker's settings.
struct Installation {
    dir: TempDir,
}

impl Installation {
    fn new(allow: &[String]) -> Installation {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("affiant.toml"), format!("[limits]\nallow_hosts = {allow:?}\n"))
            .unwrap();
        Installation { dir }
    }

    fn affiant(&self) -> Command {
        let mut c = affiant();
        c.env("AFFIANT_STORE", self.dir.path().join("store"))
            .env("AFFIANT_CONFIG", self.dir.path().join("affiant.toml"));
        c
    }

    /// Asks for an audit, and has a worker make it that reaches public addresses only.
    async fn audit(&self, args: &[String]) -> Audited {
        let asked = self.affiant().args(["audit", "--queue"]).args(args).output().await.unwrap();
        let said = String::from_utf8_lossy(&asked.stderr).into_owned();
        assert_eq!(asked.status.code(), Some(0), "{said}");
        let id = String::from_utf8(asked.stdout).unwrap().trim().to_owned();
        let work = self.affiant().args(["worker", "--only-public", "--until-idle"]).output();
        let output = tokio::time::timeout(Duration::from_secs(240), work).await.unwrap().unwrap();
        let dir: PathBuf = self.dir.path().join("store/audits").join(id);
        read(&dir, output)
    }
}

fn args(urls: &[&str], bed: &Testbed, more: &[&str]) -> Vec<String> {
    urls.iter().chain(more).map(|s| (*s).to_owned()).chain(to(bed)).collect()
}

fn reason(a: &Audited, n: usize) -> String {
    match &a.folder.manifest.visits[n].outcome {
        Some(Outcome::Failed { reason }) => reason.clone(),
        other => panic!("{other:?}"),
    }
}

/// Rule, verdict; rule, subject and scenarios of each finding. Which of the late requests came before the banner was painted,
/// and in which scenarios, is a race that each audit runs anew: of that rule there is the verdict alone.
fn judged(a: &Audited) -> (Vec<String>, Vec<String>) {
    let verdicts = a.judgement.verdicts.iter().map(|v| format!("{} {:?}", v.rule, v.verdict)).collect();
    let mut findings: Vec<String> = a
        .judgement
        .findings
        .iter()
        .filter(|f| f.rule != "sends-before-banner")
        .map(|f| format!("{} {:?} {:?} {:?} {:?}", f.rule, f.severity, f.confidence, f.subject, f.scenarios))
        .collect();
    findings.sort();
    (verdicts, findings)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_seen_as_without_a_guard() {
    let bed = Testbed::start(Sites::only(&["tag-chain"])).await.unwrap();
    let start = bed.site("tag-chain").unwrap().start.clone();
    let tmp = tempfile::tempdir().unwrap();
    let plain = audit(&tmp.path().join("plain"), &bed, &[&start, "--pages", "2"]).await;
    let hosts: BTreeSet<String> = bed.take_log().into_iter().map(|e| e.host).collect();
    assert!(hosts.len() > 4, "{hosts:?}");
    let hosts: Vec<String> = hosts.into_iter().collect();
    let guarded = Installation::new(&hosts).audit(&args(&[&start], &bed, &["--pages", "2"])).await;
    assert!(!bed.log().is_empty());
    assert_eq!(judged(&guarded).0, judged(&plain).0);
    // Which of two the other names is not told by a long list.
    let (with, without) = (judged(&guarded).1, judged(&plain).1);
    let more: Vec<&String> = with.iter().filter(|f| !without.contains(f)).collect();
    let less: Vec<&String> = without.iter().filter(|f| !with.contains(f)).collect();
    assert!(more.is_empty() && less.is_empty(), "only behind the guard: {more:#?}; only without: {less:#?}");
    assert!(!plain.judgement.findings.is_empty());

    // Whom each answer came from, and that it was not the guard.
    let remotes = |a: &Audited| -> BTreeSet<(String, Option<String>, Option<u16>)> {
        a.records
            .iter()
            .flat_map(|r| &r.lines)
            .filter_map(|l| match &l.what {
                Observation::Response(r) => {
                    Some((r.protocol.clone().unwrap_or_default(), r.remote_ip.clone(), r.remote_port))
                }
                _ => None,
            })
            .collect()
    };
    assert_eq!(remotes(&guarded), remotes(&plain));
    assert!(remotes(&plain).iter().any(|(_, _, port)| *port == Some(bed.https_addr().port())));
    for r in &guarded.records {
        let said = r.header.settings.extra["guard"].as_str().unwrap();
        assert!(
            said.contains("guard")
                && r.header
                    .browser
                    .switches
                    .iter()
                    .any(|s| s.starts_with("--proxy-server=socks5://127.0.0.1:"))
        );
    }
    assert!(plain.records.iter().all(|r| !r.header.settings.extra.contains_key("guard")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_refused_and_says_why() {
    let bed = Testbed::start(Sites::only(&["no-banner"])).await.unwrap();
    let trap = Trap::set().await;
    let hop = hop().await;
    let here = Installation::new(&[format!("hop.test:{}", hop.port())]);
    let start = bed.site("no-banner").unwrap().start.clone();
    let to_hop = format!("hop.test:{}:127.0.0.1", hop.port());
    let redirected = format!("http://hop.test:{}/to?http://127.0.0.1:{}/", hop.port(), trap.port);
    let direct = [
        format!("http://127.0.0.1:{}/", trap.port),
        format!("http://[::1]:{}/", trap.port),
        format!("http://2130706433:{}/", trap.port),
        format!("http://0177.0.0.1:{}/", trap.port),
        format!("http://localhost.:{}/", trap.port),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ];
    let mut reasons = Vec::new();
    for url in direct.iter().chain([&start, &redirected]) {
        let mut args = vec![url.clone(), "--scenario".to_owned(), "no-choice".to_owned()];
        if *url == start {
            args.extend(to(&bed));
        }
        args.extend(["--resolve".to_owned(), to_hop.clone()]);
        let a = here.audit(&args).await;
        let why = reason(&a, 0);
        assert!(why.contains("allow the host in affiant.toml ([limits] allow_hosts)"), "{url}: {why}");
        // The request itself says so too.
        let blocked = a.records.iter().flat_map(|r| &r.lines).any(|l| match &l.what {
            Observation::RequestDone(d) => d.blocked.as_deref().is_some_and(|b| b.starts_with("guard: ")),
            _ => false,
        });
        assert!(blocked, "{url}");
        reasons.push(why);
    }
    let starts = [
        "127.0.0.1 is a loopback address",
        "::1 is a loopback address",
        "127.0.0.1 is a loopback address",
        "127.0.0.1 is a loopback address",
        "localhost leads to 127.0.0.1, which is a loopback address",
        "169.254.169.254 is the address of a cloud's metadata service",
        "www.no-banner.test leads to 127.0.0.1, which is a loopback address",
        "127.0.0.1 is a loopback address",
    ];
    for (why, start) in reasons.iter().zip(starts) {
        assert!(why.starts_with(start), "{why}");
    }
    assert_eq!(trap.caught(), (0, 0));
    assert!(bed.log().is_empty(), "{:?}", bed.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_that_a_page_has_leads_inward() {
    let bed = Testbed::start(Sites::only(&["inward"])).await.unwrap();
    let hop = hop().await;
    let to_hop = format!("hop.test:{}:127.0.0.1", hop.port());
    let mut more = vec!["--scenario", "no-choice", "--resolve", &to_hop];
    // It asks for so much that a busy machine takes long over it.
    more.extend(["--timeout", "60"]);
    // Over TLS a page may do more; without, it may mix in more.
    let urls = |trap: &Trap| {
        ["https", "http"].map(|scheme| {
            format!(
                "{scheme}://www.inward.test/?port={}&udp={}&hop=hop.test:{}",
                trap.port,
                trap.udp,
                hop.port()
            )
        })
    };

    // Without a guard it gets there: else nothing would be shown.
    let open = Trap::set().await;
    let there = urls(&open);
    let tmp = tempfile::tempdir().unwrap();
    let all: Vec<&str> = there.iter().map(String::as_str).chain(more.iter().copied()).collect();
    audit(&tmp.path().join("open"), &bed, &all).await;
    let (connections, datagrams) = open.caught();
    assert!(connections > 50 && datagrams > 0, "{connections} {datagrams}");

    let trap = Trap::set().await;
    let there = urls(&trap);
    let allow = ["www.inward.test".to_owned(), format!("hop.test:{}", hop.port())];
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let a = Installation::new(&allow).audit(&args(&there, &bed, &more)).await;
    assert_eq!(trap.caught(), (0, 0), "unguarded: {connections} connections, {datagrams} datagrams");
    let outcomes: Vec<_> = a.folder.manifest.visits.iter().map(|v| v.outcome.clone()).collect();
    assert!(outcomes.iter().all(|o| !matches!(o, Some(Outcome::Failed { .. }))), "{outcomes:?}");

    // Each address was asked for, and the record says who refused it.
    let mut refused = BTreeSet::new();
    let mut sockets = 0;
    let mut echoed = 0;
    for r in &a.records {
        for x in r.exchanges() {
            if x.done.is_some_and(|d| d.what.blocked.as_deref().is_some_and(|b| b.starts_with("guard: "))) {
                let url = url::Url::parse(&x.request.what.url).unwrap();
                refused.insert(format!("{}{}", url.host_str().unwrap(), url.path()));
            }
        }
        for l in &r.lines {
            if let Observation::WebSocket(w) = &l.what {
                sockets += usize::from(w.event == "error" && w.extra.contains_key("guard"));
                echoed += usize::from(w.event == "received");
            }
        }
    }
    for wanted in [
        "127.0.0.1/fetch",
        "127.0.0.1/beacon",
        "127.0.0.1/worker",
        "127.0.0.1/shared-worker",
        "127.0.0.1/service-worker",
        "127.0.0.1/hopped",
        "127.0.0.1/hopped-frame",
        "127.0.0.1/image",
        "127.0.0.1/frame",
        "[::1]/fetch",
        "localhost/fetch",
        "localhost./fetch",
        "a.localhost/fetch",
        "[::ffff:7f00:1]/fetch",
        "[64:ff9b::7f00:1]/fetch",
        "[2002:7f00:1::]/fetch",
        "169.254.169.254/fetch",
    ] {
        assert!(refused.contains(wanted), "{wanted} {refused:#?}");
    }
    assert!(sockets > 5, "{sockets}");
    assert!(echoed >= 2, "what is allowed works, sockets too: {echoed}");
}

#[tokio::test]
async fn a_browser_elsewhere_cannot_be_guarded() {
    let out = Installation::new(&[])
        .affiant()
        .args(["worker", "--only-public", "--until-idle", "--browser", "http://127.0.0.1:9222"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("http://127.0.0.1:9222") && said.contains("public addresses only"), "{said}");
}
