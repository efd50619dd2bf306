//! Why TLS with a server failed, in words that say what to do.

use std::error::Error;
use std::io;

use jiff::Timestamp;
use tokio_rustls::rustls::CertificateError as Bad;
use tokio_rustls::rustls::Error as Tls;
use tokio_rustls::rustls::pki_types::UnixTime;

/// In one line, with the server's name, if it was TLS that failed.
pub(super) fn why(host: &str, e: &(dyn Error + 'static)) -> Option<String> {
    Some(match within(e)? {
        Tls::InvalidCertificate(bad) => distrusted(host, bad),
        Tls::InvalidMessage(_) => format!(
            "{host} does not speak TLS at this port, and nothing was sent: check the port, and whether TLS begins with the \
             first byte"
        ),
        other => format!("TLS with {host} failed, and nothing was sent: {other}"),
    })
}

fn distrusted(host: &str, bad: &Bad) -> String {
    let of = format!("the certificate of {host}");
    let what = match bad {
        Bad::ExpiredContext { not_after, .. } => format!("{of} expired {}: renew it", day(*not_after)),
        Bad::Expired => format!("{of} has expired: renew it"),
        Bad::NotValidYetContext { not_before, .. } => {
            format!(
                "{of} holds from {} only: check this machine's clock, or the certificate",
                day(*not_before)
            )
        }
        Bad::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(String::as_str).take(5).collect();
            format!("{of} is for other names ({}): use one of those, or renew it", names.join(", "))
        }
        Bad::NotValidForName => {
            format!("{of} is for another name: use the name that it is for, or renew it")
        }
        // The latter where an authority of the same name is trusted.
        Bad::UnknownIssuer | Bad::BadSignature => format!(
            "{of} is signed by nobody whom this machine trusts: if it is your own authority, name its certificate as [tls] ca in \
             affiant.toml"
        ),
        Bad::Revoked => format!("{of} was revoked: renew it"),
        other => format!("{of} cannot be trusted ({other}): renew it"),
    };
    format!("{what}. Nothing was sent")
}

/// The error of TLS in an error, however it is wrapped: an I/O error does not name what is in it as its source.
fn within<'a>(e: &'a (dyn Error + 'static)) -> Option<&'a Tls> {
    let mut next = Some(e);
    while let Some(e) = next {
        if let Some(tls) = e.downcast_ref::<Tls>() {
            return Some(tls);
        }
        next = match e.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => e.source(),
        };
    }
    None
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|s| Timestamp::from_second(s).ok())
        .map_or_else(|| "at some time".to_owned(), |t| format!("on {}", t.strftime("%Y-%m-%d")))
}
