//! The side of the guard that the browser talks to: SOCKS 5, as far as Chromium speaks it. A tunnel changes no byte of
//! what goes through it, encrypted or not.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Trouble;
use super::asked::{Asked, Host};

/// Takes the question: where to.
pub(super) async fn question(client: &mut TcpStream) -> io::Result<Asked> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let version = client.read_u8().await?;
    if version != 5 {
        return Err(bad("it does not speak SOCKS 5"));
    }
    let mut methods = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut methods).await?;
    if !methods.contains(&0) {
        client.write_all(&[5, 0xff]).await?;
        return Err(bad("it wants to log in"));
    }
    client.write_all(&[5, 0]).await?;
    let mut head = [0; 4];
    client.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => Ok(Host::Ip(IpAddr::from(read::<4>(client).await?))),
        4 => Ok(Host::Ip(IpAddr::from(read::<16>(client).await?))),
        3 => {
            let mut name = vec![0; usize::from(client.read_u8().await?)];
            client.read_exact(&mut name).await?;
            String::from_utf8(name)
                .map_err(|_| "a host that is no text".to_owned())
                .and_then(|n| Ok(Asked::read(&n, 0)?.host))
        }
        _ => Err("an address of no known kind".to_owned()),
    };
    let port = client.read_u16().await?;
    // Only CONNECT: what binds or sends datagrams would be a way around.
    if head[..2] != [5, 1] {
        reply(client, 7).await?;
        return Err(bad("it asks for more than a connection"));
    }
    match host {
        Ok(host) => Ok(Asked { host, port }),
        Err(what) => {
            reply(client, 8).await?;
            Err(bad(&what))
        }
    }
}

/// Answers the question.
pub(super) async fn answer(client: &mut TcpStream, came: Result<(), &Trouble>) -> io::Result<()> {
    let code = match came {
        Ok(()) => 0,
        Err(Trouble::Refused(_)) => 2,
        Err(Trouble::NoSuchName(_)) => 4,
        Err(Trouble::Failed(_)) => 5,
    };
    reply(client, code).await
}

async fn reply(client: &mut TcpStream, code: u8) -> io::Result<()> {
    client.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0]).await
}

async fn read<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}
