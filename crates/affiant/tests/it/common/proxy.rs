//! A proxy that asks for a login, in front of the testbed. It writes down what passed, and answers plain requests to
//! `localhost` itself, with a page that has a frame, workers and a socket.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What asked to pass: its first line, and whether it brought the login.
pub(crate) type Passed = (String, bool);

pub(crate) struct AskingProxy {
    pub(crate) addr: SocketAddr,
    passed: Arc<Mutex<Vec<Passed>>>,
}

const PAGE: &str = "<!doctype html><title>Workers</title><h1>Workers</h1><iframe src='http://frame.test/inner'></iframe>\
    <script>new Worker('/worker.js'); navigator.serviceWorker.register('/sw.js'); new WebSocket('ws://socket.test/s');\
    fetch('/plain');</script>";

impl AskingProxy {
    /// Listens. `authorization` is the header's value that lets pass; the rest goes to these two ports.
    pub(crate) async fn start(authorization: &str, http: SocketAddr, https: SocketAddr) -> AskingProxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let passed: Arc<Mutex<Vec<Passed>>> = Arc::default();
        let (log, wanted) = (Arc::clone(&passed), authorization.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), wanted.clone(), http, https));
            }
        });
        AskingProxy { addr, passed }
    }

    pub(crate) fn passed(&self) -> Vec<Passed> {
        self.passed.lock().unwrap().clone()
    }
}

async fn serve(
    mut client: TcpStream,
    log: Arc<Mutex<Vec<Passed>>>,
    wanted: String,
    http: SocketAddr,
    https: SocketAddr,
) -> Option<()> {
    loop {
        let head = head(&mut client).await?;
        let first = head.lines().next()?.to_owned();
        let header = |name: &str| {
            head.lines().skip(1).find_map(|l| {
                let (n, v) = l.split_once(':')?;
                n.eq_ignore_ascii_case(name).then(|| v.trim().to_owned())
            })
        };
        let let_in = header("proxy-authorization").as_deref() == Some(wanted.as_str());
        log.lock().unwrap().push((first.clone(), let_in));
        if !let_in {
            let no = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\
                      Content-Length: 0\r\n\r\n";
            client.write_all(no.as_bytes()).await.ok()?;
            continue;
        }
        let (method, rest) = first.split_once(' ')?;
        let target = rest.split(' ').next()?;
        if method == "CONNECT" {
            let to = if target.ends_with(":443") { https } else { http };
            let mut server = TcpStream::connect(to).await.ok()?;
            client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.ok()?;
            copy_bidirectional(&mut client, &mut server).await.ok()?;
            return None;
        }
        let path = target.splitn(4, '/').nth(3).unwrap_or_default();
        let (kind, body) = match path {
            "" if target.starts_with("http://localhost/") => ("text/html", PAGE),
            "worker.js" => ("text/javascript", "fetch('/from-worker')"),
            "sw.js" => {
                ("text/javascript", "self.addEventListener('install', e => e.waitUntil(fetch('/from-sw')))")
            }
            "inner" => ("text/html", "<script>fetch('/from-frame')</script>"),
            _ => ("text/plain", "ok"),
        };
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(answer.as_bytes()).await.ok()?;
    }
}

/// Reads up to the end of the headers; requests through this proxy have no bodies.
async fn head(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > 65_536 {
            return None;
        }
        head.push(client.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
