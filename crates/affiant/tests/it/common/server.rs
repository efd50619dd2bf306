//! A server with a store of its own, asked as a browser would ask it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Child;

use super::affiant;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server with a store of its own.
pub(crate) struct Server {
    pub(crate) dir: TempDir,
    pub(crate) process: Option<Child>,
    pub(crate) port: u16,
    pub(crate) starts: u32,
    /// What else its configuration says.
    config: String,
}

/// What it answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) to: String,
    pub(crate) policy: String,
    pub(crate) cookie: Option<String>,
    pub(crate) text: String,
}

impl Server {
    pub(crate) async fn start() -> Server {
        Server::with("").await
    }

    pub(crate) async fn with(config: &str) -> Server {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Server {
            dir: tempfile::tempdir().unwrap(),
            process: None,
            port: free,
            starts: 0,
            config: config.to_owned(),
        };
        server.again().await;
        server
    }

    pub(crate) async fn again(&mut self) {
        self.starts += 1;
        let said = std::fs::File::create(self.said()).unwrap();
        // A server reaches no loopback address but by the names of the testbed's hosts.
        let file = self.dir.path().join("affiant.toml");
        let hosts = "[limits]\nallow_hosts = [\"*.test\", \"*.com\", \"*.net\", \"*.ms\"]\n";
        std::fs::write(&file, format!("{hosts}{}", self.config)).unwrap();
        let process = affiant()
            .arg("--config")
            .arg(file)
            .args(["serve", "--parallel", "2", "--lease", "4", "--listen"])
            .arg(format!("127.0.0.1:{}", self.port))
            .env("AFFIANT_STORE", self.store())
            .env("TMPDIR", self.dir.path())
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let end = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(Instant::now() < end, "{}", self.words());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    pub(crate) fn said(&self) -> PathBuf {
        self.dir.path().join(format!("said-{}.txt", self.starts))
    }

    pub(crate) fn words(&self) -> String {
        std::fs::read_to_string(self.said()).unwrap()
    }

    /// What comes after this in a line that it said.
    pub(crate) async fn link(&self) -> String {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(at) = self.words().find("/first/") {
                return self.words()[at..].trim().to_owned();
            }
            assert!(Instant::now() < end, "{}", self.words());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn ask(
        &self,
        path: &str,
        cookie: Option<&str>,
        form: Option<&[(&str, &str)]>,
    ) -> Answer {
        self.ask_as(path, cookie, form, &format!("127.0.0.1:{}", self.port), None).await
    }

    pub(crate) async fn ask_as(
        &self,
        path: &str,
        cookie: Option<&str>,
        form: Option<&[(&str, &str)]>,
        host: &str,
        origin: Option<&str>,
    ) -> Answer {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().uri(path).header("host", host);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let body = match form {
            Some(fields) => {
                request = request.method("POST").header("content-type", "application/x-www-form-urlencoded");
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
            }
            None => String::new(),
        };
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        let header = |name: &str| {
            answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (status, to, policy) = (answer.status(), header("location"), header("content-security-policy"));
        let cookie = header("set-cookie").split(';').next().filter(|c| !c.is_empty()).map(str::to_owned);
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        Answer { status, to, policy, cookie, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Asks the API. The answer's status, its `location` or `www-authenticate`, and its JSON.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: &str,
    ) -> (StatusCode, String, serde_json::Value) {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request =
            Request::builder().method(method).uri(path).header("host", format!("127.0.0.1:{}", self.port));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = sender
            .send_request(request.body(Full::new(Bytes::from(body.to_owned()))).unwrap())
            .await
            .unwrap();
        let header = ["location", "www-authenticate"].iter().find_map(|n| answer.headers().get(*n));
        let header = header.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| serde_json::Value::from(String::from_utf8_lossy(&bytes).into_owned()));
        (status, header, json)
    }

    /// A token, made on the page for it.
    pub(crate) async fn token(&self, cookie: &str, csrf: &str, may: &str) -> String {
        let form = [("csrf", csrf), ("name", "a program"), ("may", may)];
        let page = self.ask("/tokens", Some(cookie), Some(&form)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        between(&page.text, "<code class=\"copy\">", "<")
    }

    /// Logs in over the first link. Gives the cookie, and what forms must say.
    pub(crate) async fn log_in(&self) -> (String, String) {
        let fields = [("name", "ana"), ("password", PASSWORD), ("again", PASSWORD)];
        let made = self.ask(&self.link().await, None, Some(&fields)).await;
        assert_eq!((made.status, made.to.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", made.text);
        let cookie = made.cookie.unwrap();
        let home = self.ask("/", Some(&cookie), None).await;
        let csrf = between(&home.text, "name=\"csrf\" value=\"", "\"");
        (cookie, csrf)
    }
}

pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let at = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    text[at..].split(after).next().unwrap().to_owned()
}
