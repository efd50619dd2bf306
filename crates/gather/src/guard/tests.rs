//! The guard by itself: a client that speaks SOCKS, a name server, and servers that count who connects.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A server on loopback that counts its connections and answers each line with the same line.
struct Counting {
    at: SocketAddr,
    count: Arc<AtomicUsize>,
}

impl Counting {
    async fn start(at: &str) -> Counting {
        let listener = TcpListener::bind(at).await.unwrap();
        let at = listener.local_addr().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        Counting { at, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// A name server that answers each question for a name with the next of its addresses, and the last one from then on.
struct Server {
    at: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(names: &[(&str, &[&str])]) -> Server {
        let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at = socket.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let names: Vec<(String, Vec<IpAddr>)> = names
            .iter()
            .map(|(n, ips)| (format!("{n}."), ips.iter().map(|ip| ip.parse().unwrap()).collect()))
            .collect();
        tokio::spawn(async move {
            let mut packet = [0; 2048];
            while let Ok((n, from)) = socket.recv_from(&mut packet).await {
                let question = Message::from_vec(&packet[..n]).unwrap();
                let query = &question.queries[0];
                let name = query.name().to_ascii().to_ascii_lowercase();
                let mut m = Message::response(question.metadata.id, question.metadata.op_code);
                m.queries = question.queries.clone();
                match names.iter().find(|(known, _)| *known == name) {
                    None => m.metadata.response_code = ResponseCode::NXDomain,
                    Some((_, ips)) => {
                        let key = format!("{name} {}", query.query_type());
                        let before = log.lock().unwrap().iter().filter(|k| **k == key).count();
                        log.lock().unwrap().push(key);
                        // `mixed` has all at once, the others one after the other.
                        let all = if name.starts_with("mixed") {
                            &ips[..]
                        } else {
                            &ips[before.min(ips.len() - 1)..][..1]
                        };
                        for ip in all {
                            let data = match (ip, query.query_type()) {
                                (IpAddr::V4(ip), RecordType::A) => RData::A(A(*ip)),
                                (IpAddr::V6(ip), RecordType::AAAA) => RData::AAAA(AAAA(*ip)),
                                _ => continue,
                            };
                            // Not to be remembered: each connection asks anew.
                            m.add_answer(Record::from_rdata(query.name().clone(), 0, data));
                        }
                    }
                }
                socket.send_to(&m.to_vec().unwrap(), from).await.unwrap();
            }
        });
        Server { at, asked }
    }
}

async fn guard(allow: &[&str], resolve: &[String], server: Option<SocketAddr>) -> Running {
    through(allow, resolve, server, None).await.unwrap()
}

async fn through(
    allow: &[&str],
    resolve: &[String],
    server: Option<SocketAddr>,
    proxy: Option<&str>,
) -> Result<Running, GatherError> {
    let allow: Vec<String> = allow.iter().map(|a| (*a).to_owned()).collect();
    let proxy = proxy.map(|p| Proxy::read(p).unwrap());
    Running::begin(Allowed::read(&allow)?, proxy.as_ref(), Names::new(resolve, server)?).await
}

/// Asks the guard for a connection, as Chromium does; gives the stream and the code of the answer.
async fn ask(guard: &Running, host: &str, port: u16) -> (TcpStream, u8) {
    let mut s = TcpStream::connect(guard.told.at).await.unwrap();
    s.write_all(&[5, 1, 0]).await.unwrap();
    let mut hello = [0; 2];
    s.read_exact(&mut hello).await.unwrap();
    assert_eq!(hello, [5, 0]);
    let mut question = vec![5, 1, 0, 3, host.len() as u8];
    question.extend(host.as_bytes());
    question.extend(port.to_be_bytes());
    s.write_all(&question).await.unwrap();
    let mut answer = [0; 10];
    s.read_exact(&mut answer).await.unwrap();
    (s, answer[1])
}

async fn echoes(s: &mut TcpStream) {
    s.write_all(b"hello").await.unwrap();
    let mut back = [0; 5];
    s.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"hello");
}

fn why(guard: &Running, host: &str, port: u16) -> String {
    guard.told.trouble(&format!("http://{host}:{port}/")).map(|t| t.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn no_way_of_writing_it_leads_to_this_machine() {
    let here = Counting::start("127.0.0.1:0").await;
    let port = here.at.port();
    let guard = guard(&[], &[], None).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "[::ffff:7f00:1]",
        "::",
        "::127.0.0.1",
        "64:ff9b::127.0.0.1",
        "2002:7f00:1::",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "127.8.9.10",
    ] {
        assert_eq!(ask(&guard, host, port).await.1, 2, "{host}");
    }
    for host in
        ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "10.0.0.1", "fe80::1", "224.0.0.1", "ff02::1"]
    {
        assert_eq!(ask(&guard, host, 80).await.1, 2, "{host}");
    }
    assert_eq!(here.count(), 0);
    assert_eq!(
        why(&guard, "127.0.0.1", port),
        "127.0.0.1 is a loopback address: a server does not visit those; allow the host in affiant.toml ([limits] \
         allow_hosts)"
    );
    assert!(
        why(&guard, "localhost", port)
            .starts_with("localhost leads to 127.0.0.1, which is a loopback address")
    );
    assert!(why(&guard, "169.254.169.254", 80).contains("metadata"));
}

#[tokio::test]
async fn addresses_as_bytes_are_judged_too_and_nothing_but_connections_is_made() {
    let here = Counting::start("127.0.0.1:0").await;
    let guard = guard(&[], &[], None).await;
    let port = here.at.port().to_be_bytes();
    let mut mapped = vec![5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1];
    mapped.extend(port);
    for (question, code) in [
        (vec![5, 1, 0, 1, 127, 0, 0, 1, port[0], port[1]], 2),
        (mapped, 2),
        // BIND, and datagrams.
        (vec![5, 2, 0, 1, 127, 0, 0, 1, port[0], port[1]], 7),
        (vec![5, 3, 0, 1, 8, 8, 8, 8, port[0], port[1]], 7),
        (vec![5, 1, 0, 3, 3, b'a', b' ', b'b', port[0], port[1]], 8),
    ] {
        let mut s = TcpStream::connect(guard.told.at).await.unwrap();
        s.write_all(&[5, 1, 0]).await.unwrap();
        s.write_all(&question).await.unwrap();
        let mut answer = [0; 12];
        s.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer[3], code, "{question:?}");
    }
    // What does not speak SOCKS, or wants to log in, is hung up on.
    for hello in [
        &b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n"[..],
        b"CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n",
        &[4, 1, 0, 80, 127, 0, 0, 1, 0],
        &[5, 1, 2],
    ] {
        let mut s = TcpStream::connect(guard.told.at).await.unwrap();
        s.write_all(hello).await.unwrap();
        let mut all = Vec::new();
        let _ = s.read_to_end(&mut all).await;
        assert!(all.is_empty() || all == [5, 0xff], "{all:?}");
    }
    assert_eq!(here.count(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_refused_when_it_does() {
    let here = Counting::start("127.0.0.1:0").await;
    // Public at first: nothing answers there, which is as good as an answer here.
    let server = Server::start(&[
        ("rebind.test", &["8.8.8.8", "127.0.0.1"]),
        ("private.test", &["10.0.0.1"]),
        ("v6.test", &["::1"]),
        ("nat64.test", &["64:ff9b::7f00:1"]),
        ("mixed.test", &["127.0.0.1", "169.254.169.254"]),
        ("mixed-public.test", &["127.0.0.1", "203.0.114.1"]),
    ])
    .await;
    let guard = guard(&[], &[], Some(server.at)).await;
    let port = here.at.port();
    // The first answer passes the check (and goes nowhere: this machine may have no way there).
    let way = Dial { names: Names::new(&[], Some(server.at)).unwrap(), allowed: Allowed::default() };
    let asked = Asked::read("rebind.test", port).unwrap();
    let first = way.check(&asked).await.unwrap();
    assert_eq!((first.usable, first.refused), (vec![SocketAddr::new([8, 8, 8, 8].into(), port)], None));
    // From the second on it is this machine.
    for _ in 0..3 {
        assert_eq!(ask(&guard, "rebind.test", port).await.1, 2);
    }
    assert!(
        why(&guard, "rebind.test", port)
            .starts_with("rebind.test leads to 127.0.0.1, which is a loopback address")
    );
    for host in ["private.test", "v6.test", "nat64.test", "mixed.test"] {
        assert_eq!(ask(&guard, host, port).await.1, 2, "{host}");
    }
    // Of a mixture only what is public is left.
    let mixed = way.check(&Asked::read("mixed-public.test", port).unwrap()).await.unwrap();
    assert_eq!(mixed.usable, [SocketAddr::new([203, 0, 114, 1].into(), port)]);
    assert_eq!(ask(&guard, "nobody.test", port).await.1, 4);
    assert!(why(&guard, "nobody.test", port).contains("nobody.test"));
    assert_eq!(here.count(), 0);
    assert!(server.asked.lock().unwrap().len() >= 8);
}

#[tokio::test]
async fn hosts_are_allowed_by_name_wherever_they_lead() {
    let here = Counting::start("127.0.0.1:0").await;
    let port = here.at.port();
    let server = Server::start(&[("a.staging.test", &["127.0.0.1"]), ("other.test", &["127.0.0.1"])]).await;
    let guard = guard(&["*.staging.test", "localhost", "127.0.0.1:1"], &[], Some(server.at)).await;
    for host in ["a.staging.test", "A.Staging.test.", "localhost"] {
        let (mut s, code) = ask(&guard, host, port).await;
        assert_eq!(code, 0, "{host}");
        echoes(&mut s).await;
    }
    assert_eq!(guard.told.reached(&format!("http://a.staging.test:{port}/")).unwrap().at, here.at);
    assert_eq!(here.count(), 3);
    for host in ["other.test", "127.0.0.1"] {
        assert_eq!(ask(&guard, host, port).await.1, 2, "{host}");
    }
    assert_eq!(here.count(), 3);
}

#[tokio::test]
async fn overrides_of_the_request_allow_nothing() {
    let here = Counting::start("127.0.0.1:0").await;
    let rules = [format!("*:443:127.0.0.1:{}", here.at.port()), "led.test:80:staging.test".to_owned()];
    let guard = guard(&["staging.test", "ok.test"], &rules, None).await;
    assert_eq!(ask(&guard, "any.test", 443).await.1, 2);
    assert_eq!(here.count(), 0);
    let (mut s, code) = ask(&guard, "ok.test", 443).await;
    assert_eq!(code, 0);
    echoes(&mut s).await;
    assert_eq!(guard.told.reached("https://ok.test/").unwrap().at, here.at);
}

#[tokio::test]
async fn what_is_sent_after_the_other_side_has_ended_still_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let guard = guard(&["127.0.0.1"], &[], None).await;
    let server = tokio::spawn(async move {
        let (mut s, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        s.read_to_end(&mut all).await.unwrap();
        s.write_all(&all).await.unwrap();
    });
    let (mut s, code) = ask(&guard, "127.0.0.1", port).await;
    assert_eq!(code, 0);
    let sent = vec![7; 3 << 20];
    s.write_all(&sent).await.unwrap();
    s.shutdown().await.unwrap();
    let mut back = Vec::new();
    s.read_to_end(&mut back).await.unwrap();
    assert!(back == sent, "{} bytes", back.len());
    server.await.unwrap();
}

#[tokio::test]
async fn clients_that_say_nothing_hold_nobody_up_and_are_let_go() {
    let here = Counting::start("127.0.0.1:0").await;
    let guard = guard(&["127.0.0.1"], &[], None).await;
    let mut silent = Vec::new();
    for n in 0..200 {
        let mut s = TcpStream::connect(guard.told.at).await.unwrap();
        // Some say half of it.
        s.write_all(&[5, 1, 0, 5, 1, 0, 3, 9][..n % 9]).await.unwrap();
        silent.push(s);
    }
    let began = Instant::now();
    let (mut s, code) = ask(&guard, "127.0.0.1", here.at.port()).await;
    assert_eq!(code, 0);
    echoes(&mut s).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    for s in &mut silent {
        let mut rest = Vec::new();
        let _ =
            tokio::time::timeout(QUESTION + Duration::from_secs(5), s.read_to_end(&mut rest)).await.unwrap();
    }
    // Who asked in time stays.
    echoes(&mut s).await;
    assert_eq!(here.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connections_is_served_and_ends_with_the_guard() {
    let here = Counting::start("127.0.0.1:0").await;
    let guard = Arc::new(guard(&["127.0.0.1"], &[], None).await);
    let mut all = JoinSet::new();
    for n in 0..300 {
        let (guard, port) = (Arc::clone(&guard), here.at.port());
        all.spawn(async move {
            let host = if n % 3 == 0 { "127.0.0.2" } else { "127.0.0.1" };
            let (mut s, code) = ask(&guard, host, port).await;
            if code == 0 {
                echoes(&mut s).await;
            }
            (s, code)
        });
    }
    let done = all.join_all().await;
    assert_eq!(done.iter().filter(|(_, code)| *code == 0).count(), 200);
    assert_eq!(here.count(), 200);
    let at = guard.told.at;
    drop(Arc::into_inner(guard).unwrap());
    for (mut s, _) in done {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), s.read_to_end(&mut rest)).await.unwrap();
    }
    assert!(TcpStream::connect(at).await.is_err(), "it still listens");
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_not_waited_for() {
    let here = Counting::start("127.0.0.1:0").await;
    let port = here.at.port();
    // Nothing listens at the first.
    let server = Server::start(&[("mixed.test", &["127.0.0.2", "127.0.0.1"])]).await;
    let guard = guard(&["mixed.test"], &[], Some(server.at)).await;
    let (mut s, code) = ask(&guard, "mixed.test", port).await;
    assert_eq!(code, 0);
    echoes(&mut s).await;
    assert_eq!(guard.told.reached(&format!("http://mixed.test:{port}")).unwrap().at, here.at);
}

/// A proxy of the user's: HTTP with a login, or SOCKS 5. It leads everything to one server and logs what it was asked for.
async fn users_proxy(login: Option<&'static str>, to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = Arc::clone(&log);
    tokio::spawn(async move {
        while let Ok((mut s, _)) = listener.accept().await {
            let asked = Arc::clone(&asked);
            tokio::spawn(async move {
                let mut first = [0; 1];
                s.peek(&mut first).await.unwrap();
                if first[0] == 5 {
                    let question = socks::question(&mut s).await.unwrap();
                    asked.lock().unwrap().push(question.to_string());
                    socks::answer(&mut s, Ok(())).await.unwrap();
                } else {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(s.read_u8().await.unwrap());
                    }
                    let head = String::from_utf8(head).unwrap();
                    asked.lock().unwrap().push(head.lines().next().unwrap().to_owned());
                    if login.is_some_and(|l| !head.contains(l)) {
                        s.write_all(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n").await.unwrap();
                        return;
                    }
                    s.write_all(b"HTTP/1.1 200 Connected\r\nX: y\r\n\r\n").await.unwrap();
                }
                let mut server = TcpStream::connect(to).await.unwrap();
                let _ = copy_bidirectional(&mut s, &mut server).await;
            });
        }
    });
    (at, log)
}

#[tokio::test]
async fn the_users_own_proxy_is_gone_through_and_what_can_be_told_is_refused() {
    let here = Counting::start("127.0.0.1:0").await;
    let server =
        Server::start(&[("mixed-public.test", &["8.8.8.8", "10.0.0.1"]), ("fine.test", &["8.8.8.8"])]).await;
    for (scheme, login, says) in
        [("http", true, "CONNECT "), ("http", false, "CONNECT "), ("socks5", false, "")]
    {
        // `us:pw`.
        let (at, log) =
            users_proxy(login.then_some("Proxy-Authorization: Basic dXM6cHc=\r\n"), here.at).await;
        let user = if login { "us:pw@" } else { "" };
        let proxy = format!("{scheme}://{user}{at}");
        let allow = [format!("127.0.0.1:{}", at.port())];
        let allow: Vec<&str> = allow.iter().map(String::as_str).collect();
        let before = here.count();
        let guard = through(&allow, &[], Some(server.at), Some(&proxy)).await.unwrap();
        let tried = log.lock().unwrap().len();
        // What this machine does not know the proxy may know.
        for host in ["fine.test", "only-the-proxy-knows.test", "8.8.4.4"] {
            let (mut s, code) = ask(&guard, host, 443).await;
            assert_eq!(code, 0, "{host} {}", why(&guard, host, 443));
            echoes(&mut s).await;
            assert_eq!(guard.told.reached(&format!("https://{host}/")).unwrap().at, at);
        }
        assert!(here.count() > before);
        for host in ["127.0.0.1", "localhost", "2130706433", "169.254.169.254", "mixed-public.test", "::1"] {
            assert_eq!(ask(&guard, host, 443).await.1, 2, "{host}");
        }
        let asked: Vec<String> = log.lock().unwrap()[tried..].to_vec();
        assert_eq!(asked.len(), 3, "{asked:?}");
        assert!(asked.iter().all(|a| a.starts_with(says)), "{asked:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_grants_tunnels_to_tls_alone_is_asked_as_it_wants() {
    // It answers with what it was asked.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut s, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(s.read_u8().await.unwrap());
                }
                if head.starts_with(b"CONNECT") {
                    let to_tls = head.starts_with(b"CONNECT affiant.invalid:443 ");
                    let said: &[u8] =
                        if to_tls { b"HTTP/1.1 502 No\r\n\r\n" } else { b"HTTP/1.1 403 No\r\n\r\n" };
                    return s.write_all(said).await.unwrap();
                }
                let mut body = [0; 4];
                s.read_exact(&mut body).await.unwrap();
                head.extend(body);
                s.write_all(&head).await.unwrap();
            });
        }
    });
    let proxy = format!("http://us:pw@{at}");
    let guard = through(&["127.0.0.1"], &[], None, Some(&proxy)).await.unwrap();
    for (host, port, says) in [("8.8.8.8", 80, "8.8.8.8"), ("8.8.8.8", 8080, "8.8.8.8:8080")] {
        let (mut s, code) = ask(&guard, host, port).await;
        assert_eq!(code, 0);
        // In pieces, as it may come.
        for piece in [
            "POST /a?b=http://c/ HTTP/1.1\r\nHost: x\r\nConn",
            "ection: keep-alive\r\nX-Y: z\r\n\r",
            "\nbody",
        ] {
            s.write_all(piece.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut back = String::new();
        s.read_to_string(&mut back).await.unwrap();
        assert_eq!(
            back,
            format!(
                "POST http://{says}/a?b=http://c/ HTTP/1.1\r\nHost: x\r\nX-Y: z\r\nProxy-Authorization: Basic dXM6cHc=\r\n\
                 Connection: close\r\n\r\nbody"
            )
        );
    }
    // What is no request goes nowhere, and a private address neither.
    let (mut s, _) = ask(&guard, "8.8.8.8", 8443).await;
    s.write_all(b"\x16\x03\x01 no\r\n\r\n").await.unwrap();
    let mut back = Vec::new();
    let _ = s.read_to_end(&mut back).await;
    assert!(back.is_empty());
    assert_eq!(ask(&guard, "10.0.0.1", 80).await.1, 2);
    // A refusal at the port of TLS stays one.
    assert_eq!(ask(&guard, "8.8.8.8", 443).await.1, 5);
    assert!(why(&guard, "8.8.8.8", 443).contains("403"));
}

#[tokio::test]
async fn a_proxy_is_refused_where_nobody_may_go_and_says_what_is_wrong_with_the_login() {
    let here = Counting::start("127.0.0.1:0").await;
    let said = |e: Result<Running, GatherError>| e.err().unwrap().to_string();
    let proxy = format!("http://us:pw@{}", here.at);
    let refused = said(through(&[], &[], None, Some(&proxy)).await);
    assert!(refused.contains("127.0.0.1 is a loopback address") && !refused.contains("pw"), "{refused}");
    assert_eq!(here.count(), 0);
    let (at, _) = users_proxy(Some("nobody has it"), here.at).await;
    let wrong = said(through(&["127.0.0.1"], &[], None, Some(&format!("http://us:pw@{at}"))).await);
    assert!(wrong.contains("refuses the login") && !wrong.contains("pw@"), "{wrong}");
    let away = said(through(&["127.0.0.1"], &[], None, Some("http://us:pw@127.0.0.1:1")).await);
    assert!(away.contains("127.0.0.1:1"), "{away}");
}

#[tokio::test]
async fn a_name_server_of_the_request_is_asked_only_where_one_may_go() {
    let none = Allowed::default();
    let e = may_be_asked(&none, "127.0.0.1:53".parse().unwrap()).unwrap_err().to_string();
    assert!(e.contains("127.0.0.1:53") && e.contains("loopback"), "{e}");
    assert!(may_be_asked(&none, "8.8.8.8:53".parse().unwrap()).is_ok());
    let allowed = Allowed::read(&["127.0.0.1:53".to_owned()]).unwrap();
    assert!(may_be_asked(&allowed, "127.0.0.1:53".parse().unwrap()).is_ok());
    assert!(may_be_asked(&allowed, "127.0.0.1:54".parse().unwrap()).is_err());
}

#[tokio::test]
async fn a_public_address_of_this_machine_is_refused() {
    // Every address that this machine has: whatever is public among them is found out by the same question.
    let to: SocketAddr = "8.8.8.8:9".parse().unwrap();
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let Ok(()) = socket.connect(to) else { return };
    let own = socket.local_addr().unwrap().ip();
    assert!(dial::is_ours(own), "{own}");
    assert!(!dial::is_ours(to.ip()));
}
