//! A browser that somebody else started: finding its WebSocket, and connecting to it.
//!
//! It is never closed. What affiant made in it, browser contexts with their tabs and storage, goes away with the
//! connection, also when affiant is killed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::*;
use http_body_util::{BodyExt as _, Limited};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_tungstenite::tungstenite::Error as SocketError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, HOST};
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::{Host, Url};

use crate::GatherError;
use crate::cdp::json::{Read as _, bounded};
use crate::trust::Trust;

/// Where Chromium says what it is and where its WebSocket is.
const VERSION: &str = "/json/version";
/// How long connecting, and each answer on the way to the WebSocket, may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest answer to the question where the WebSocket is, in bytes.
const LONGEST: usize = 64 << 10;
/// Longest message of the browser, in bytes: a picture or a body of the largest size that is fetched fits easily.
const MESSAGE: usize = 256 << 20;

/// A connection, plain or through TLS.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}
pub(crate) type Io = Box<dyn Stream>;

/// Where a running browser can be reached. What may be a secret in it, login and query, is shown by nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteAddress {
    url: Url,
}

impl fmt::Debug for RemoteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteAddress").field(&self.shown()).finish()
    }
}

impl RemoteAddress {
    /// Reads `ws://…`, `wss://…`, `http://host:port` or `https://host:port`; `None` for what names no remote
    /// browser, such as a path.
    ///
    /// # Errors
    /// [`GatherError::Remote`] for an address that cannot be used.
    pub fn read(text: &str) -> Result<Option<RemoteAddress>, GatherError> {
        let scheme = text.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
        if !scheme.is_some_and(|s| matches!(s.as_str(), "ws" | "wss" | "http" | "https")) {
            return Ok(None);
        }
        match Url::parse(text) {
            Ok(url) if url.host_str().is_some_and(|h| !h.is_empty()) => Ok(Some(RemoteAddress { url })),
            _ => Err(GatherError::Remote {
                address: text.rsplit('@').next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned(),
                said: "it is no address: write it like http://127.0.0.1:9222 or ws://127.0.0.1:9222/devtools/browser/ID"
                    .to_owned(),
            }),
        }
    }

    /// The address as it may be written down: scheme, host and port.
    pub fn shown(&self) -> String {
        let port = self.url.port().map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}://{}{port}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }

    fn error(&self, said: impl fmt::Display) -> GatherError {
        GatherError::Remote { address: self.shown(), said: bounded(&said.to_string(), 500) }
    }

    fn is_plain(&self) -> bool {
        matches!(self.url.scheme(), "ws" | "http")
    }

    /// `Host` headers to try. Chromium itself only answers to addresses and to `localhost`, so that a page cannot
    /// reach it by a name of its own; what stands in front of one may want the name.
    fn hosts(&self, reached: &str) -> Vec<String> {
        let port = self.url.port().map(|p| format!(":{p}")).unwrap_or_default();
        let named = format!("{}{port}", self.url.host_str().unwrap_or_default());
        let mut hosts = vec![named];
        if self.is_plain() && matches!(self.url.host(), Some(Host::Domain(d)) if d != "localhost") {
            hosts.push(reached.to_owned());
        }
        hosts
    }

    fn authorization(&self) -> Option<HeaderValue> {
        if self.url.username().is_empty() && self.url.password().is_none() {
            return None;
        }
        let user = percent_decode_str(self.url.username()).decode_utf8_lossy();
        let password = percent_decode_str(self.url.password().unwrap_or_default()).decode_utf8_lossy();
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
                .ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Connects to the browser's WebSocket, which an `http` address is asked for first.
pub(crate) async fn connect(address: &RemoteAddress) -> Result<WebSocketStream<Io>, GatherError> {
    let mut at = address.clone();
    if matches!(address.url.scheme(), "http" | "https") {
        at.url = find(address).await?;
    }
    let mut last = None;
    let (_, reached) = dial(&at).await?;
    for host in at.hosts(&reached) {
        let (io, _) = dial(&at).await?;
        let mut bare = at.url.clone();
        // The login goes into a header, and nowhere else.
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        let mut request = bare.as_str().into_client_request().map_err(|e| address.error(e))?;
        request.headers_mut().insert(HOST, HeaderValue::from_str(&host).map_err(|e| address.error(e))?);
        if let Some(login) = at.authorization() {
            request.headers_mut().insert(AUTHORIZATION, login);
        }
        let config = WebSocketConfig::default().max_message_size(Some(MESSAGE)).max_frame_size(Some(MESSAGE));
        let shaken =
            tokio::time::timeout(PATIENCE, client_async_with_config(request, io, Some(config))).await;
        match shaken {
            Ok(Ok((socket, _))) => return Ok(socket),
            Ok(Err(e)) => last = Some(address.error(meaning(&e))),
            Err(_) => last = Some(address.error("it did not answer in time")),
        }
    }
    Err(last.unwrap_or_else(|| address.error("it names no host")))
}

fn meaning(e: &SocketError) -> String {
    match e {
        SocketError::Http(answer) if answer.status().as_u16() == 404 => {
            "it has no such browser any more (HTTP 404): name it by http://HOST:PORT, and affiant asks for its id"
                .to_owned()
        }
        SocketError::Http(answer) => {
            let said = answer.body().as_ref().map(|b| bounded(&String::from_utf8_lossy(b), 200));
            format!("it refuses the WebSocket: HTTP {} {}", answer.status().as_u16(), said.unwrap_or_default())
        }
        other => other.to_string(),
    }
}

/// Asks an `http` address where its WebSocket is. The answer's path counts; host and port are those that were
/// reached: behind a front end, the browser knows itself by another name.
async fn find(address: &RemoteAddress) -> Result<Url, GatherError> {
    let (_, reached) = dial(address).await?;
    let mut last = None;
    for host in address.hosts(&reached) {
        match ask(address, &host).await {
            Ok(answer) => {
                let socket = answer.text("webSocketDebuggerUrl");
                let path = Url::parse(&socket).map_err(|_| {
                    address.error("what answers there is no Chromium with --remote-debugging-port: it names no WebSocket")
                })?;
                let mut url = address.url.clone();
                let scheme = if address.is_plain() { "ws" } else { "wss" };
                // Between special schemes this cannot fail.
                let _ = url.set_scheme(scheme);
                url.set_path(path.path());
                if path.query().is_some() {
                    url.set_query(path.query());
                }
                return Ok(url);
            }
            Err(e) => last = Some(e),
        }
    }
    Err(last.unwrap_or_else(|| address.error("it names no host")))
}

async fn ask(address: &RemoteAddress, host: &str) -> Result<Value, GatherError> {
    let done = async {
        let (io, _) = dial(address).await?;
        let err = |e: &dyn fmt::Display| address.error(format!("{VERSION} cannot be read: {e}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(io)).await.map_err(|e| err(&e))?;
        let served = tokio::spawn(connection);
        let query = address.url.query().map(|q| format!("?{q}")).unwrap_or_default();
        let mut request = Request::get(format!("{VERSION}{query}")).header(HOST, host);
        if let Some(login) = address.authorization() {
            request = request.header(AUTHORIZATION, login);
        }
        let request = request.body(String::new()).map_err(|e| err(&e))?;
        let answer = sender.send_request(request).await.map_err(|e| err(&e))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|e| err(&e))?.to_bytes();
        served.abort();
        if !status.is_success() {
            return Err(err(&format!(
                "HTTP {} {}",
                status.as_u16(),
                bounded(&String::from_utf8_lossy(&body), 200)
            )));
        }
        serde_json::from_slice(&body).map_err(|e| err(&e))
    };
    tokio::time::timeout(PATIENCE, done)
        .await
        .unwrap_or_else(|_| Err(address.error("it did not answer in time")))
}

/// Connects; with the address and port that were reached, as a `Host` header says them.
async fn dial(address: &RemoteAddress) -> Result<(Io, String), GatherError> {
    let port = address.url.port_or_known_default().unwrap_or(80);
    let host = match address.url.host() {
        Some(Host::Ipv6(ip)) => ip.to_string(),
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Domain(d)) => d.to_owned(),
        None => String::new(),
    };
    let connected = tokio::time::timeout(PATIENCE, TcpStream::connect((host.as_str(), port))).await;
    let tcp = match connected {
        Ok(Ok(tcp)) => tcp,
        Ok(Err(e)) => {
            return Err(address.error(format!(
                "{e}: start one with `affiant browser args | xargs chromium`, or check host and port"
            )));
        }
        Err(_) => return Err(address.error("it did not answer in time: check host and port")),
    };
    let _ = tcp.set_nodelay(true);
    let reached = tcp.peer_addr().map(|a| a.to_string()).unwrap_or_default();
    if address.is_plain() {
        return Ok((Box::new(tcp), reached));
    }
    let name = ServerName::try_from(host).map_err(|e| address.error(e))?;
    let connector =
        tokio_rustls::TlsConnector::from(Arc::new(Trust::default().tls().map_err(|e| address.error(e))?));
    let secured = tokio::time::timeout(PATIENCE, connector.connect(name, tcp)).await;
    match secured {
        Ok(Ok(io)) => Ok((Box::new(io), reached)),
        Ok(Err(e)) => Err(address
            .error(format!("{e} (certificates of this machine are trusted; SSL_CERT_FILE names others)"))),
        Err(_) => Err(address.error("the TLS handshake took too long")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_address_and_what_is_a_program() {
        for path in ["/usr/bin/chromium", "chromium", "", "C:\\chrome.exe", "file:///x"] {
            assert_eq!(RemoteAddress::read(path).unwrap(), None, "{path}");
        }
        let a = RemoteAddress::read("wss://us:s3cret@farm.example:444/x?token=s3cret").unwrap().unwrap();
        assert_eq!(a.shown(), "wss://farm.example:444");
        assert!(!format!("{a:?}").contains("s3cret"));
        let bad = RemoteAddress::read("http://us:s3cret@farm.example:99999/?token=s3cret").unwrap_err();
        assert!(!bad.to_string().contains("s3cret"), "{bad}");
    }

    #[test]
    fn a_plain_name_is_tried_as_an_address_too() {
        let hosts = |u: &str| RemoteAddress::read(u).unwrap().unwrap().hosts("10.0.0.5:9222");
        assert_eq!(hosts("http://chrome:9222"), ["chrome:9222", "10.0.0.5:9222"]);
        assert_eq!(hosts("http://127.0.0.1:9222"), ["127.0.0.1:9222"]);
        assert_eq!(hosts("ws://localhost:9222/x"), ["localhost:9222"]);
        assert_eq!(hosts("https://farm.example"), ["farm.example"]);
    }
}
