//! Servers that take messages, or do not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// The login that a mail server takes: of `affiant`, with `s3cret`.
const LOGIN: &str = "AUTH PLAIN AGFmZmlhbnQAczNjcmV0";

/// What a server does with a message; the last of a list is what it does with all others.
#[derive(Debug, Clone)]
pub(crate) enum Does {
    /// Answers with this.
    Answers(&'static str),
    /// Takes it, and says nothing.
    Hangs,
    /// Answers without end.
    GoesOn,
}

/// How the way to a server is secured.
#[derive(Clone)]
pub(crate) enum Way {
    Clear,
    Tls(Arc<ServerConfig>),
    /// Of SMTP: after a greeting.
    StartTls(Arc<ServerConfig>),
}

/// What came: of HTTP a request's headers and body, of SMTP a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Came {
    pub(crate) head: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    kept: Arc<Kept>,
}

/// What a server knows afterwards, and what it does.
#[derive(Default)]
struct Kept {
    came: Mutex<Vec<Came>>,
    /// Lines of SMTP, and whether they came through TLS.
    heard: Mutex<Vec<(bool, String)>>,
    does: Vec<Does>,
}

impl Sink {
    pub(crate) fn came(&self) -> Vec<Came> {
        self.kept.came.lock().unwrap().clone()
    }

    /// The lines of SMTP that came in clear, or through TLS.
    pub(crate) fn heard(&self, secured: bool) -> Vec<String> {
        self.kept
            .heard
            .lock()
            .unwrap()
            .iter()
            .filter(|(s, _)| *s == secured)
            .map(|(_, l)| l.clone())
            .collect()
    }

    pub(crate) async fn until(&self, least: usize) {
        self.until_within(least, Duration::from_secs(10)).await;
    }

    pub(crate) async fn until_within(&self, least: usize, patience: Duration) {
        let end = std::time::Instant::now() + patience;
        while self.came().len() < least {
            assert!(std::time::Instant::now() < end, "only {} came", self.came().len());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn hook(does: &[Does]) -> Sink {
        Sink::hook_over(Way::Clear, does).await
    }

    pub(crate) async fn hook_over(way: Way, does: &[Does]) -> Sink {
        Sink::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), way, does, true)
    }

    pub(crate) async fn mail(does: &[Does]) -> Sink {
        Sink::mail_over(Way::Clear, does).await
    }

    pub(crate) async fn mail_over(way: Way, does: &[Does]) -> Sink {
        Sink::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), way, does, false)
    }

    pub(crate) fn on(listener: TcpListener, way: Way, does: &[Does], http: bool) -> Sink {
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Kept { does: does.to_vec(), ..Kept::default() });
        let all = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, way) = (Arc::clone(&all), way.clone());
                tokio::spawn(async move {
                    // A client that breaks off is no fault of the server's.
                    let _ = if http { hook(stream, way, &all).await } else { mail(stream, way, &all).await };
                });
            }
        });
        Sink { port, kept }
    }
}

impl Kept {
    fn keep(&self, came: Came) -> Does {
        let mut all = self.came.lock().unwrap();
        all.push(came);
        self.does[(all.len() - 1).min(self.does.len() - 1)].clone()
    }
}

async fn hook(stream: TcpStream, way: Way, all: &Kept) -> std::io::Result<()> {
    match way {
        Way::Clear => answer(stream, all).await,
        Way::Tls(tls) | Way::StartTls(tls) => answer(TlsAcceptor::from(tls).accept(stream).await?, all).await,
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin, all: &Kept) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut came = Came::default();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => came.head.insert(name.to_lowercase(), value.to_owned()),
            None if line.trim_end().is_empty() => break,
            None => came.head.insert("request".to_owned(), line.trim_end().to_owned()),
        };
    }
    let mut body = vec![0; came.head["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).await?;
    came.body = String::from_utf8(body).unwrap();
    match all.keep(came) {
        Does::Answers(status) => {
            let answer = format!("HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 3\r\n\r\nabc");
            stream.write_all(answer.as_bytes()).await
        }
        Does::Hangs => std::future::pending().await,
        Does::GoesOn => {
            stream.write_all(b"HTTP/1.1 500 No\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 4096]).await?;
            }
        }
    }
}

async fn mail(mut stream: TcpStream, way: Way, all: &Kept) -> std::io::Result<()> {
    const HELLO: &[u8] = b"220 sink.test ESMTP\r\n";
    match way {
        Way::Clear => {
            stream.write_all(HELLO).await?;
            take(stream, all, false, false).await.map(drop)
        }
        Way::Tls(tls) => {
            let mut stream = TlsAcceptor::from(tls).accept(stream).await?;
            stream.write_all(HELLO).await?;
            take(stream, all, true, false).await.map(drop)
        }
        Way::StartTls(tls) => {
            stream.write_all(HELLO).await?;
            let Some(stream) = take(stream, all, false, true).await? else { return Ok(()) };
            take(TlsAcceptor::from(tls).accept(stream).await?, all, true, false).await.map(drop)
        }
    }
}

/// Answers the way a small mail server does; what it does with a message is its answer to the end of the data. It takes one login,
/// and says again what others say. Gives the stream back when TLS is to begin.
async fn take<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    all: &Kept,
    secured: bool,
    offers_tls: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        all.heard.lock().unwrap().push((secured, line.trim_end().to_owned()));
        let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let tls = if offers_tls { "250-STARTTLS\r\n" } else { "" };
                stream
                    .write_all(format!("250-sink.test\r\n{tls}250 AUTH PLAIN LOGIN\r\n").as_bytes())
                    .await?;
            }
            "STARTTLS" if offers_tls => {
                stream.write_all(b"220 begin\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" if line.trim_end() == LOGIN => stream.write_all(b"235 welcome\r\n").await?,
            "AUTH" => stream.write_all(format!("535 5.7.8 no: {line}").as_bytes()).await?,
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut came = Came::default();
                let mut is_head = true;
                let mut name = String::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await?;
                    let text = line.trim_end_matches(['\r', '\n']);
                    if text == "." {
                        break;
                    }
                    if !is_head {
                        came.body += &format!("{text}\n");
                    } else if text.is_empty() {
                        is_head = false;
                    } else if text.starts_with(' ') {
                        *came.head.entry(name.clone()).or_default() += text;
                    } else if let Some((n, value)) = text.split_once(": ") {
                        name = n.to_lowercase();
                        came.head.insert(name.clone(), value.to_owned());
                    }
                }
                match all.keep(came) {
                    Does::Answers(answer) => stream.write_all(format!("{answer}\r\n").as_bytes()).await?,
                    Does::Hangs | Does::GoesOn => std::future::pending().await,
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(None);
            }
            _ => stream.write_all(b"250 yes\r\n").await?,
        }
    }
}
