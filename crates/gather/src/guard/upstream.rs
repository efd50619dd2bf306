//! The way through the user's own proxy. What it resolves cannot be seen; what this machine resolves itself is checked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use super::asked::{Asked, Host};
use super::dial::Dial;
use super::{Io, Trouble};
use crate::GatherError;
use crate::browser::Proxy;
use crate::trust::Trust;

/// Longest head of a proxy's answer, in bytes.
const LONGEST: usize = 64 << 10;

/// The port to which every proxy grants tunnels.
const TLS: u16 = 443;

/// The user's own proxy.
pub(super) struct Upstream {
    kind: Kind,
    at: Asked,
    shown: String,
    authorization: Option<String>,
}

/// A connection through the proxy.
pub(super) struct Tunnel {
    pub(super) io: Io,
    /// The proxy's address: that is who was connected to.
    pub(super) at: SocketAddr,
    /// Whether the proxy grants no tunnel to this port, and takes requests instead.
    pub(super) by_request: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Http,
    Https,
    Socks4,
    Socks5,
}

impl Upstream {
    pub(super) fn new(proxy: &Proxy) -> Result<Upstream, GatherError> {
        let bad = |why: String| GatherError::BadProxy { address: proxy.address().to_owned(), why };
        let url = Url::parse(proxy.address()).map_err(|e| bad(e.to_string()))?;
        let (kind, port) = match url.scheme() {
            "http" => (Kind::Http, 80),
            "https" => (Kind::Https, 443),
            "socks4" => (Kind::Socks4, 1080),
            _ => (Kind::Socks5, 1080),
        };
        let at = Asked::read(url.host_str().unwrap_or_default(), url.port().unwrap_or(port)).map_err(bad)?;
        Ok(Upstream { kind, at, shown: proxy.address().to_owned(), authorization: proxy.authorization() })
    }

    /// Refuses a proxy where nobody may go, and finds out whether it takes the login.
    pub(super) async fn try_out(&self, dial: &Dial) -> Result<(), GatherError> {
        let said = |said: String| GatherError::Proxy { address: self.shown.clone(), said };
        let checked = dial.check(&self.at).await.map_err(|e| said(e.to_string()))?;
        if let (Some(why), true) = (checked.refused, checked.usable.is_empty()) {
            return Err(said(Trouble::Refused(why).to_string()));
        }
        if self.authorization.is_none() {
            return Ok(());
        }
        // Any answer but one about the login will do: there is no such host.
        let nowhere = Asked { host: Host::Name("affiant.invalid".to_owned()), port: 443 };
        let mut io = self.reach(dial).await.map_err(|e| said(e.to_string()))?.0;
        match self.ask_http(&mut io, &nowhere).await {
            Ok(407) => Err(said("it refuses the login: check user and password of --proxy".to_owned())),
            Ok(_) => Ok(()),
            Err(e) => Err(said(e.to_string())),
        }
    }

    /// A tunnel through the proxy.
    pub(super) async fn tunnel(&self, dial: &Dial, asked: &Asked) -> Result<Tunnel, Trouble> {
        let checked = dial.check(asked).await;
        match &checked {
            // The proxy chooses among the addresses: none of them may be wrong.
            Ok(c) => {
                if let Some(why) = &c.refused {
                    return Err(Trouble::Refused(why.clone()));
                }
            }
            // It may know names that this machine does not.
            Err(_) if self.kind != Kind::Socks4 => {}
            Err(e) => return Err(e.clone()),
        }
        let (mut io, at) = self.reach(dial).await?;
        match self.kind {
            Kind::Http | Kind::Https => match self.ask_http(&mut io, asked).await? {
                200..=299 => {}
                407 => return Err(self.failed("it asks for a login, or refuses the one that it was given")),
                _ if asked.port != TLS => {
                    let (io, at) = self.reach(dial).await?;
                    return Ok(Tunnel { io, at, by_request: true });
                }
                status => return Err(self.failed(&format!("it answered {status} for {asked}"))),
            },
            Kind::Socks5 => self.ask_socks5(&mut io, asked).await?,
            Kind::Socks4 => {
                let usable = checked.map(|c| c.usable).unwrap_or_default();
                let v4 = usable.iter().find_map(|a| match a.ip() {
                    IpAddr::V4(ip) => Some(ip.octets()),
                    IpAddr::V6(_) => None,
                });
                let ip = v4.ok_or_else(|| {
                    self.failed("SOCKS 4 knows IPv4 only, and the host has no such address")
                })?;
                let [high, low] = asked.port.to_be_bytes();
                self.write(&mut io, &[4, 1, high, low, ip[0], ip[1], ip[2], ip[3], 0]).await?;
                if self.read::<8>(&mut io).await?[1] != 0x5a {
                    return Err(self.failed(&format!("it did not connect to {asked}")));
                }
            }
        }
        Ok(Tunnel { io, at, by_request: false })
    }

    /// Takes the client's request and puts it to the proxy in the proxy's own form. One a connection: the next one is to ask anew.
    pub(super) async fn put(&self, client: &mut TcpStream, io: &mut Io, asked: &Asked) -> io::Result<()> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut got = Vec::new();
        let end = loop {
            if let Some(at) = got.windows(4).position(|w| w == b"\r\n\r\n") {
                break at;
            }
            if got.len() > LONGEST || client.read_buf(&mut got).await? == 0 {
                return Err(bad("no request came"));
            }
        };
        let (head, rest) = (&got[..end], &got[end + 4..]);
        let mut lines = head.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l));
        let first = lines.next().and_then(|l| std::str::from_utf8(l).ok()).unwrap_or_default();
        let (method, path) = first
            .strip_suffix(" HTTP/1.1")
            .and_then(|l| l.split_once(' '))
            .filter(|(_, path)| path.starts_with('/'))
            .ok_or_else(|| bad("what came is no request"))?;
        let port = if asked.port == 80 { String::new() } else { format!(":{}", asked.port) };
        let mut put = format!("{method} http://{}{port}{path} HTTP/1.1\r\n", asked.host).into_bytes();
        for line in lines {
            let name = line.split(|b| *b == b':').next().unwrap_or_default().to_ascii_lowercase();
            if !matches!(&name[..], b"connection" | b"proxy-connection" | b"proxy-authorization") {
                put.extend([line, b"\r\n"].concat());
            }
        }
        if let Some(a) = &self.authorization {
            put.extend(format!("Proxy-Authorization: {a}\r\n").bytes());
        }
        put.extend(b"Connection: close\r\n\r\n");
        put.extend(rest);
        io.write_all(&put).await
    }

    async fn reach(&self, dial: &Dial) -> Result<(Io, SocketAddr), Trouble> {
        let (tcp, at): (TcpStream, _) = dial.connect(&self.at).await.map_err(|e| match e {
            Trouble::Failed(why) => self.failed(&why),
            e => e,
        })?;
        if self.kind != Kind::Https {
            return Ok((Box::new(tcp), at));
        }
        let tls = Trust::default().tls().map_err(|e| self.failed(&e))?;
        let host = match &self.at.host {
            Host::Ip(ip) => ServerName::from(*ip),
            Host::Name(name) => {
                ServerName::try_from(name.clone()).map_err(|e| self.failed(&e.to_string()))?
            }
        };
        let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
        let io = connector.connect(host, tcp).await.map_err(|e| self.failed(&e.to_string()))?;
        Ok((Box::new(io), at))
    }

    /// Asks for a tunnel; gives the status of the answer.
    async fn ask_http(&self, io: &mut Io, asked: &Asked) -> Result<u16, Trouble> {
        let login = self.authorization.as_ref().map(|a| format!("Proxy-Authorization: {a}\r\n"));
        let login = login.unwrap_or_default();
        let head = format!("CONNECT {asked} HTTP/1.1\r\nHost: {asked}\r\n{login}\r\n");
        self.write(io, head.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > LONGEST {
                return Err(self.failed("its answer is too long"));
            }
            answer.push(io.read_u8().await.map_err(|e| self.failed(&e.to_string()))?);
        }
        let status = answer
            .split(|b| *b == b' ')
            .nth(1)
            .and_then(|s| std::str::from_utf8(s).ok()?.get(..3)?.parse().ok());
        status.filter(|_| answer.starts_with(b"HTTP/1.")).ok_or_else(|| self.failed("its answer is no HTTP"))
    }

    async fn ask_socks5(&self, io: &mut Io, asked: &Asked) -> Result<(), Trouble> {
        self.write(io, &[5, 1, 0]).await?;
        if self.read::<2>(io).await? != [5, 0] {
            return Err(self.failed("it asks for a login, or does not speak SOCKS 5"));
        }
        let mut ask = vec![5, 1, 0];
        match &asked.host {
            Host::Ip(IpAddr::V4(ip)) => ask.extend([&[1][..], &ip.octets()].concat()),
            Host::Ip(IpAddr::V6(ip)) => ask.extend([&[4][..], &ip.octets()].concat()),
            Host::Name(name) => {
                ask.extend([3, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
                ask.extend(name.as_bytes());
            }
        }
        ask.extend(asked.port.to_be_bytes());
        self.write(io, &ask).await?;
        let head = self.read::<4>(io).await?;
        if head[1] != 0 {
            return Err(self.failed(&format!("it did not connect to {asked} (SOCKS code {})", head[1])));
        }
        let rest = match head[3] {
            1 => 4,
            4 => 16,
            _ => usize::from(self.read::<1>(io).await?[0]),
        };
        let mut bound = vec![0; rest + 2];
        io.read_exact(&mut bound).await.map_err(|e| self.failed(&e.to_string()))?;
        Ok(())
    }

    async fn write(&self, io: &mut Io, bytes: &[u8]) -> Result<(), Trouble> {
        io.write_all(bytes).await.map_err(|e| self.failed(&e.to_string()))
    }

    async fn read<const N: usize>(&self, io: &mut Io) -> Result<[u8; N], Trouble> {
        let mut bytes = [0; N];
        io.read_exact(&mut bytes).await.map_err(|e| self.failed(&e.to_string()))?;
        Ok(bytes)
    }

    fn failed(&self, why: &str) -> Trouble {
        Trouble::Failed(format!("the proxy {}: {why}", self.shown))
    }
}
