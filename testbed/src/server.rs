//! The server: two listening sockets, one for HTTP, one for TLS, until it is dropped.

use crate::answer::{World, answer};
use crate::certificate;
use crate::error::TestbedError;
use crate::log::{Log, LogEntry};
use crate::site::Site;
use crate::sites::Sites;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A running testbed; it stops when dropped.
#[derive(Debug)]
pub struct Testbed {
    world: Arc<World>,
    http: SocketAddr,
    https: SocketAddr,
    certificate: Vec<u8>,
    accepting: [JoinHandle<()>; 2],
}

impl Testbed {
    /// Serves the chosen sites on two free ports of 127.0.0.1.
    pub async fn start(sites: Sites) -> Result<Testbed, TestbedError> {
        let (sites, vendors) = sites.read()?;
        let hosts =
            sites.iter().flat_map(|site| &site.hosts).chain(vendors.iter().flat_map(|vendor| &vendor.hosts));
        let (tls, certificate) = certificate::make(hosts.cloned().collect())?;
        let acceptor = TlsAcceptor::from(tls);
        let world = Arc::new(World { sites, vendors, log: Arc::new(Log::new()) });

        let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(TestbedError::Listen)?;
        let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(TestbedError::Listen)?;
        let http = plain.local_addr().map_err(TestbedError::Listen)?;
        let https = secure.local_addr().map_err(TestbedError::Listen)?;
        let accepting = [
            tokio::spawn(accept(plain, Arc::clone(&world), None)),
            tokio::spawn(accept(secure, Arc::clone(&world), Some(acceptor))),
        ];
        Ok(Testbed { world, http, https, certificate: certificate.to_vec(), accepting })
    }

    /// Where HTTP is spoken.
    #[must_use]
    pub fn http_addr(&self) -> SocketAddr {
        self.http
    }

    /// Where HTTPS is spoken.
    #[must_use]
    pub fn https_addr(&self) -> SocketAddr {
        self.https
    }

    /// The self-signed certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// Rules `HOST:PORT:ADDRESS[:PORT]` that send a browser here, the special ones before the wildcards.
    #[must_use]
    pub fn resolve_rules(&self) -> Vec<String> {
        let mut rules = Vec::new();
        for site in &self.world.sites {
            // Port 1 is closed on any machine one would test on.
            rules.extend(
                site.dead
                    .iter()
                    .flat_map(|host| [format!("{host}:443:127.0.0.1:1"), format!("{host}:80:127.0.0.1:1")]),
            );
            // The plain port does not speak TLS.
            rules
                .extend(site.bad_tls.iter().map(|host| format!("{host}:443:127.0.0.1:{}", self.http.port())));
        }
        rules.push(format!("*:80:127.0.0.1:{}", self.http.port()));
        rules.push(format!("*:443:127.0.0.1:{}", self.https.port()));
        rules
    }

    /// A site by its id.
    #[must_use]
    pub fn site(&self, id: &str) -> Option<&Site> {
        self.world.sites.iter().find(|site| site.id == id)
    }

    /// The sites that are served.
    pub fn sites(&self) -> impl Iterator<Item = &Site> {
        self.world.sites.iter()
    }

    /// Everything that was received so far.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.world.log.entries()
    }

    /// Everything that was received and answered since the last time, or since the start; numbers go on. What is not
    /// answered yet comes when it is.
    #[must_use]
    pub fn take_log(&self) -> Vec<LogEntry> {
        self.world.log.take()
    }

    /// Forgets what was received so far; numbers go on.
    pub fn clear_log(&self) {
        self.world.log.clear();
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        // The connections live in the accepting tasks' sets and end with them.
        self.accepting.iter().for_each(JoinHandle::abort);
    }
}

async fn accept(listener: TcpListener, world: Arc<World>, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, Arc::clone(&world), tls.clone())); }
                Err(error) => tracing::warn!(%error, "the testbed could not accept a connection"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, tls: Option<TlsAcceptor>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    match tls {
        None => serve(stream, world, "http").await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => serve(stream, world, "https").await,
            Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
        },
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    world: Arc<World>,
    scheme: &'static str,
) {
    let service = service_fn(move |request| answer(Arc::clone(&world), scheme, request));
    let builder = Builder::new(TokioExecutor::new());
    if let Err(error) = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection ended early");
    }
}
