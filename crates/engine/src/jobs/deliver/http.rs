//! One request to a web hook: to an address that was looked at, redirects not followed, the answer bounded.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use super::address::{Refused, resolve};
use super::{Delivery, Failed, tls};

/// So much of an answer is read.
const ANSWER: usize = 16 * 1024;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Posts JSON.
pub(super) async fn post(
    delivery: &Delivery,
    to: &str,
    headers: &[(&str, String)],
    body: String,
) -> Result<(), Failed> {
    let asked = ask(delivery, to, headers, body);
    match tokio::time::timeout(delivery.patience, asked).await {
        Ok(done) => done,
        Err(_) => {
            Err(Failed::Now(format!("the web hook did not answer within {}", seconds(delivery.patience))))
        }
    }
}

async fn ask(delivery: &Delivery, to: &str, headers: &[(&str, String)], body: String) -> Result<(), Failed> {
    let url =
        Url::parse(to).map_err(|e| Failed::ForGood(format!("the web hook's address cannot be read: {e}")))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let is_allowed = delivery.allowed.has_host(&host, port);
    if url.scheme() != "https" && !(url.scheme() == "http" && is_allowed) {
        return Err(Failed::ForGood(format!("the web hook at {host} has no TLS: give an https address")));
    }
    let address = resolve(&host, port, is_allowed).await.map_err(|e| match e {
        Refused::Unknown(why) => Failed::Now(format!("{host} could not be found: {why}")),
        Refused::Private(ip) => Failed::ForGood(format!(
            "{host} is {ip}, an address of a private network: web hooks go there only where server.hook_hosts names the host"
        )),
    })?;
    let tcp = TcpStream::connect(address)
        .await
        .map_err(|e| Failed::Now(format!("{host} ({address}) could not be reached: {e}")))?;
    let io: Box<dyn Stream> = if url.scheme() == "https" {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
            .map_err(|e| Failed::ForGood(format!("{host} is no name for TLS: {e}")))?;
        let connector = TlsConnector::from(Arc::new(delivery.trust.tls().map_err(Failed::Now)?));
        Box::new(connector.connect(name, tcp).await.map_err(|e| {
            Failed::Now(tls::why(&host, &e).unwrap_or_else(|| format!("TLS with {host} failed: {e}")))
        })?)
    } else {
        Box::new(tcp)
    };
    send(&url, &host, io, headers, body).await
}

async fn send(
    url: &Url,
    host: &str,
    io: Box<dyn Stream>,
    headers: &[(&str, String)],
    body: String,
) -> Result<(), Failed> {
    let broke = |e: hyper::Error| Failed::Now(format!("{host} broke off: {e}"));
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(broke)?;
    // It ends with this request, answered, broken off or given up.
    let mut driven = JoinSet::new();
    driven.spawn(connection);
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut request = Request::post(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header("host", authority)
        .header("content-type", "application/json")
        .header("user-agent", concat!("affiant/", env!("CARGO_PKG_VERSION")));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|e| Failed::ForGood(format!("the request cannot be written: {e}")))?;
    let answered = sender.send_request(request).await;
    match answered {
        Ok(mut answer) => {
            let mut said = Vec::new();
            while said.len() < ANSWER {
                let Some(Ok(frame)) = answer.frame().await else { break };
                let Some(data) = frame.data_ref() else { continue };
                said.extend_from_slice(&data[..data.len().min(ANSWER - said.len())]);
            }
            answer_of(host, answer.status(), &String::from_utf8_lossy(&said))
        }
        Err(e) => Err(broke(e)),
    }
}

/// What an answer comes to. Only *Gone* is for good: an address that is not known today may be being set up.
fn answer_of(host: &str, status: StatusCode, said: &str) -> Result<(), Failed> {
    if status.is_success() {
        return Ok(());
    }
    let said = affiant_record::hostile::line(said.trim(), 160);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    let why = format!("{host} answered {}{said}", status.as_u16());
    Err(if status == StatusCode::GONE {
        Failed::ForGood(format!("{why}; it wants no more messages"))
    } else if status.is_redirection() {
        Failed::Now(format!("{why}; redirects are not followed: give the channel the final address"))
    } else {
        Failed::Now(why)
    })
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
