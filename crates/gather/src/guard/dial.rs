//! Connects to what was asked for: each address is checked, and exactly the checked one is connected to.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;

use super::allow::Allowed;
use super::asked::{Asked, Host};
use super::names::Names;
use super::{Trouble, address};

/// How long before the next address is tried beside the one that does not answer yet, as browsers do.
const STAGGER: Duration = Duration::from_millis(250);
/// How long connecting may take, all addresses together.
const PATIENCE: Duration = Duration::from_secs(30);
/// Addresses of one name that are tried.
const MOST: usize = 16;

/// The way out.
pub(super) struct Dial {
    pub(super) names: Names,
    pub(super) allowed: Allowed,
}

/// What is left of the addresses of a name after the check.
pub(super) struct Checked {
    pub(super) usable: Vec<SocketAddr>,
    /// Why the others are not used.
    pub(super) refused: Option<String>,
}

impl Dial {
    /// Looks up and checks. Whoever connects does it to these addresses and looks nothing up again.
    pub(super) async fn check(&self, asked: &Asked) -> Result<Checked, Trouble> {
        let led = self.names.led(asked)?;
        let all = self.names.addresses(&led.host).await?;
        let at = |ip: &IpAddr| SocketAddr::new(*ip, led.port);
        if self.allowed.has(asked) {
            return Ok(Checked { usable: all.iter().take(MOST).map(at).collect(), refused: None });
        }
        let mut checked = Checked { usable: Vec::new(), refused: None };
        for ip in &all {
            match refusal(*ip) {
                None => checked.usable.push(at(ip)),
                Some(what) => {
                    checked.refused.get_or_insert_with(|| match &asked.host {
                        Host::Ip(_) if led.host == asked.host => format!("{ip} is {what}"),
                        host => format!("{host} leads to {ip}, which is {what}"),
                    });
                }
            }
        }
        checked.usable.truncate(MOST);
        Ok(checked)
    }

    /// Connects, or says why not.
    pub(super) async fn connect(&self, asked: &Asked) -> Result<(TcpStream, SocketAddr), Trouble> {
        let checked = self.check(asked).await?;
        match checked.refused {
            Some(why) if checked.usable.is_empty() => Err(Trouble::Refused(why)),
            _ => connect(&checked.usable).await,
        }
    }
}

/// Why an address that nobody allowed is not connected to.
pub(super) fn refusal(ip: IpAddr) -> Option<&'static str> {
    address::special(ip).or_else(|| is_ours(ip).then_some("an address of this machine"))
}

/// Whether a public address is this machine's own: what listens there may trust whoever comes from here. No packet is sent
/// to find out.
pub(super) fn is_ours(ip: IpAddr) -> bool {
    let any: SocketAddr = if ip.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
    let from = UdpSocket::bind(any).and_then(|s| {
        s.connect(SocketAddr::new(ip, 9))?;
        s.local_addr()
    });
    from.is_ok_and(|from| from.ip() == ip)
}

/// The first address that answers; each is given a short time before the next one is tried beside it.
async fn connect(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), Trouble> {
    let race = async {
        let mut trying = FuturesUnordered::new();
        let mut left = addresses.iter();
        let mut last = Trouble::Failed("it has no address".to_owned());
        loop {
            match left.next() {
                Some(at) => trying.push(async move { (TcpStream::connect(at).await, *at) }),
                None if trying.is_empty() => return Err(last),
                None => {}
            }
            let more = left.len() > 0;
            tokio::select! {
                Some((done, at)) = trying.next() => match done {
                    Ok(stream) => return Ok((stream, at)),
                    Err(e) => last = Trouble::Failed(format!("{at}: {e}")),
                },
                () = tokio::time::sleep(STAGGER), if more => {}
            }
        }
    };
    let first = addresses.first().map(SocketAddr::to_string).unwrap_or_default();
    let done = tokio::time::timeout(PATIENCE, race).await;
    let (stream, at) = done.unwrap_or_else(|_| {
        Err(Trouble::Failed(format!("{first} did not answer within {} s", PATIENCE.as_secs())))
    })?;
    let _ = stream.set_nodelay(true);
    Ok((stream, at))
}
