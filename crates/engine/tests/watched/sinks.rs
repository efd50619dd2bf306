//! Servers that take messages, or do not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

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

/// What came: of HTTP a request's headers and body, of SMTP a message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Came {
    pub(crate) head: BTreeMap<String, String>,
    pub(crate) body: String,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Sink {
    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
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
        Sink::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), does, true)
    }

    pub(crate) async fn mail(does: &[Does]) -> Sink {
        Sink::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), does, false)
    }

    pub(crate) fn on(listener: TcpListener, does: &[Does], http: bool) -> Sink {
        let (port, came) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<Came>>>::default());
        let (all, does) = (Arc::clone(&came), does.to_vec());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (all, does) = (Arc::clone(&all), does.clone());
                tokio::spawn(async move {
                    // A client that breaks off is no fault of the server's.
                    let _ =
                        if http { hook(stream, &all, &does).await } else { mail(stream, &all, &does).await };
                });
            }
        });
        Sink { port, came }
    }
}

fn keep(all: &Mutex<Vec<Came>>, came: Came, does: &[Does]) -> Does {
    let mut all = all.lock().unwrap();
    all.push(came);
    does[(all.len() - 1).min(does.len() - 1)].clone()
}

async fn hook(stream: TcpStream, all: &Mutex<Vec<Came>>, does: &[Does]) -> std::io::Result<()> {
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
    match keep(all, came, does) {
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

/// Answers the way a small mail server does; what it does with a message is its answer to the end of the data.
async fn mail(stream: TcpStream, all: &Mutex<Vec<Came>>, does: &[Does]) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink.test ESMTP\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split_whitespace().next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
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
                match keep(all, came, does) {
                    Does::Answers(answer) => stream.write_all(format!("{answer}\r\n").as_bytes()).await?,
                    Does::Hangs | Does::GoesOn => std::future::pending().await,
                }
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            _ => stream.write_all(b"250 yes\r\n").await?,
        }
    }
}
