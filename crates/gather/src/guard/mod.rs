//! The guard: a server's audits reach public addresses only.
//!
//! It is a proxy on loopback that one browser is started with, so that nothing leaves the browser but through it, whoever in
//! the browser asks. It looks names up itself, checks every address right before it connects to exactly that one, and refuses
//! the rest: redirects, names that change their mind, and addresses in odd clothes all end at the same place.

mod address;
mod allow;
mod asked;
mod dial;
mod names;
mod socks;
mod told;
mod upstream;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::GatherError;
use crate::browser::remote::Io;
use crate::browser::{BrowserOptions, Proxy, Which};
use crate::collectors::dns::Dns;
pub use address::special;
pub use allow::Allowed;
use asked::{Asked, Host};
use dial::Dial;
use names::Names;
pub(crate) use told::Told;
use upstream::{Tunnel, Upstream};

/// How long the browser may take to say where to.
const QUESTION: Duration = Duration::from_secs(10);
/// How long a tunnel may take to stand, a proxy's part and looking up included.
const TUNNEL: Duration = Duration::from_secs(60);
/// Connections at once; further ones wait.
const CONNECTIONS: usize = 2048;
/// What a record's settings say.
pub(crate) const DESCRIPTION: &str = "every connection was made by affiant's guard: to public addresses, and to hosts that the installation allows";

/// An installation's rule for its audits: public addresses only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// Hosts that may be visited wherever they lead: `HOST`, `*.HOST` or an address, each with or without `:PORT`.
    pub allow: Vec<String>,
}

impl Guard {
    /// Whether it can stand before this browser: what is allowed can be read, and the browser is one that is started here.
    ///
    /// # Errors
    /// [`GatherError::BadAllow`], [`GatherError::Remote`].
    pub fn may_serve(&self, browser: &Which) -> Result<(), GatherError> {
        Allowed::read(&self.allow)?;
        match browser {
            Which::Program(_) => Ok(()),
            Which::Remote(address) => Err(GatherError::Remote {
                address: address.shown(),
                said: "audits here reach public addresses only, which cannot be seen to in a browser that somebody else \
                       started: name a program, or leave out --only-public"
                    .to_owned(),
            }),
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It may not be: why.
    Refused(String),
    /// There is no such name.
    NoSuchName(String),
    /// It did not come about.
    Failed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Refused(why) => write!(
                f,
                "{why}: a server does not visit those; allow the host in affiant.toml ([limits] allow_hosts)"
            ),
            Trouble::NoSuchName(name) => write!(f, "there is no host of the name {name}: check its spelling"),
            Trouble::Failed(why) => f.write_str(why),
        }
    }
}

/// A guard at work. Dropped, it ends with all its connections.
pub(crate) struct Running {
    pub(crate) told: Arc<Told>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What all connections share.
struct Way {
    dial: Dial,
    upstream: Option<Upstream>,
    told: Arc<Told>,
}

impl Running {
    /// Begins to listen, for a browser of these options. What it would have to refuse in any case is an error.
    pub(crate) async fn start(guard: &Guard, options: &BrowserOptions) -> Result<Running, GatherError> {
        let allowed = Allowed::read(&guard.allow)?;
        if let Dns::Server(at) = options.dns {
            may_be_asked(&allowed, at)?;
        }
        Running::begin(allowed, options.proxy.as_ref(), Names::new(&options.vantage.resolve, None)?).await
    }

    async fn begin(allowed: Allowed, proxy: Option<&Proxy>, names: Names) -> Result<Running, GatherError> {
        let dial = Dial { names, allowed };
        let upstream = proxy.map(Upstream::new).transpose()?;
        if let Some(upstream) = &upstream {
            upstream.try_out(&dial).await?;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(GatherError::Guard)?;
        let told = Arc::new(Told::new(listener.local_addr().map_err(GatherError::Guard)?));
        let way = Arc::new(Way { dial, upstream, told: Arc::clone(&told) });
        Ok(Running { told, task: tokio::spawn(listen(listener, way)) })
    }
}

/// A name server that the request names is asked by affiant itself: the same holds for it.
fn may_be_asked(allowed: &Allowed, at: SocketAddr) -> Result<(), GatherError> {
    let ip: IpAddr = at.ip();
    match dial::refusal(ip) {
        Some(what) if !allowed.has(&Asked { host: Host::Ip(ip), port: at.port() }) => {
            Err(GatherError::GuardedDns {
                server: at,
                why: Trouble::Refused(format!("{ip} is {what}")).to_string(),
            })
        }
        _ => Ok(()),
    }
}

async fn listen(listener: TcpListener, way: Arc<Way>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut serving = JoinSet::new();
    loop {
        while serving.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((client, _)) => {
                let way = Arc::clone(&way);
                serving.spawn(async move {
                    serve(client, &way).await;
                    drop(place);
                });
            }
            Err(e) => {
                tracing::warn!(error = %e, "the guard could not take a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(mut client: TcpStream, way: &Way) {
    let _ = client.set_nodelay(true);
    let asked = match tokio::time::timeout(QUESTION, socks::question(&mut client)).await {
        Ok(Ok(asked)) => asked,
        Ok(Err(e)) => return tracing::debug!(error = %e, "a connection to the guard asked for nothing"),
        Err(_) => return tracing::debug!("a connection to the guard asked for nothing in time"),
    };
    let tunnel = tokio::time::timeout(TUNNEL, way.tunnel(&asked)).await;
    let tunnel = tunnel
        .unwrap_or_else(|_| Err(Trouble::Failed(format!("no connection within {} s", TUNNEL.as_secs()))));
    match tunnel {
        Ok(Tunnel { mut io, at, by_request }) => {
            way.told.note(&asked, Ok(at));
            if let Err(e) = pass(&mut client, &mut io, way, &asked, by_request).await {
                tracing::debug!(%asked, error = %e, "a connection broke off");
            }
        }
        Err(trouble) => {
            tracing::debug!(%asked, %trouble, "no connection");
            way.told.note(&asked, Err(trouble.clone()));
            let _ = socks::answer(&mut client, Err(&trouble)).await;
        }
    }
}

/// Passes bytes on until both sides have ended.
async fn pass(
    client: &mut TcpStream,
    io: &mut Io,
    way: &Way,
    asked: &Asked,
    by_request: bool,
) -> std::io::Result<()> {
    socks::answer(client, Ok(())).await?;
    if let (true, Some(upstream)) = (by_request, &way.upstream) {
        upstream.put(client, io, asked).await?;
    }
    copy_bidirectional(client, io).await.map(|_| ())
}

impl Way {
    async fn tunnel(&self, asked: &Asked) -> Result<Tunnel, Trouble> {
        match &self.upstream {
            Some(upstream) => upstream.tunnel(&self.dial, asked).await,
            None => {
                let (stream, at) = self.dial.connect(asked).await?;
                Ok(Tunnel { io: Box::new(stream), at, by_request: false })
            }
        }
    }
}
