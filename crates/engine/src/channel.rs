//! New channels: what a user gives is read, and a web hook gets its secret.

use affiant_record::hostile;
use affiant_store::Channel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::Address;
use url::{Host, Url};

use crate::jobs::{Delivery, SECRET, is_public};

/// What kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// E-mail.
    Email,
    /// JSON, signed as the Standard Webhooks specification says.
    Webhook,
    /// An incoming web hook of Slack's.
    Slack,
}

impl ChannelKind {
    /// As the store names it.
    pub fn word(self) -> &'static str {
        match self {
            ChannelKind::Email => "email",
            ChannelKind::Webhook => "webhook",
            ChannelKind::Slack => "slack",
        }
    }
}

/// What is wrong with a channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The e-mail's address cannot be read.
    #[error("'{0}' is no address of an e-mail: write it like privacy@example.com")]
    Email(String),
    /// The web hook's address cannot be read.
    #[error("'{0}' is no address of a web hook: write it like https://hooks.example.com/affiant")]
    Address(String),
    /// It is reached without TLS.
    #[error("the web hook at {0} has no TLS: give an https address, or name the host in server.hook_hosts")]
    Plain(String),
    /// It leads into a private network.
    #[error(
        "{0} is an address of a private network: web hooks go there only where server.hook_hosts names the host"
    )]
    Private(String),
}

/// A channel to be put in, with a name and, for a web hook, a secret of its own. Of one property, or of all. What a host's name leads
/// to is looked at when a message is sent, each time.
pub fn channel(
    kind: ChannelKind,
    target: &str,
    property: Option<String>,
    delivery: &Delivery,
) -> Result<Channel, ChannelError> {
    let target = target.trim();
    let shown = || hostile::line(target, 200);
    if kind == ChannelKind::Email {
        target.parse::<Address>().map_err(|_| ChannelError::Email(shown()))?;
    } else {
        let url = Url::parse(target).map_err(|_| ChannelError::Address(shown()))?;
        let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(|| ChannelError::Address(shown()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(ChannelError::Address(shown()));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !delivery.allowed.has_host(host, port) {
            let is_private = match url.host() {
                Some(Host::Ipv4(ip)) => !is_public(ip.into()),
                Some(Host::Ipv6(ip)) => !is_public(ip.into()),
                _ => {
                    matches!(host.trim_end_matches('.'), "localhost")
                        || host.trim_end_matches('.').ends_with(".localhost")
                }
            };
            if is_private {
                return Err(ChannelError::Private(hostile::line(host, 200)));
            }
            if url.scheme() == "http" {
                return Err(ChannelError::Plain(hostile::line(host, 200)));
            }
        }
    }
    let secret = match kind {
        ChannelKind::Webhook => format!("{SECRET}{}", STANDARD.encode(rand::random::<[u8; 32]>())),
        ChannelKind::Email | ChannelKind::Slack => String::new(),
    };
    Ok(Channel {
        id: format!("{}-{:08x}", kind.word(), rand::random::<u32>()),
        property,
        kind: kind.word().to_owned(),
        target: target.to_owned(),
        secret,
        created: 0,
    })
}

#[cfg(test)]
mod tests {
    use affiant_gather::Allowed;

    use super::*;

    #[test]
    fn what_is_wrong_with_a_channel_is_told() {
        let allowed = Allowed::read(&["hooks.local".to_owned()]).unwrap();
        let delivery = Delivery { allowed, ..Delivery::default() };
        let made = |kind, target: &str| channel(kind, target, None, &delivery);
        assert!(made(ChannelKind::Email, " privacy@shop.test ").unwrap().secret.is_empty());
        let hook = made(ChannelKind::Webhook, "https://hooks.test/x?y=1").unwrap();
        assert!(hook.secret.starts_with("whsec_") && hook.id.starts_with("webhook-"));
        assert_ne!(hook.secret, made(ChannelKind::Webhook, "https://hooks.test/").unwrap().secret);
        assert!(made(ChannelKind::Webhook, "http://hooks.local:81/").is_ok());
        for bad in ["", "privacy", "a@b@c", "a@shop.test\r\nBcc: x@evil.test", "a@shop.test, b@shop.test"] {
            assert!(matches!(made(ChannelKind::Email, bad), Err(ChannelError::Email(_))), "{bad:?}");
        }
        for bad in ["hooks.test", "ftp://hooks.test/", "https://u:p@hooks.test/", "javascript:alert(1)"] {
            assert!(matches!(made(ChannelKind::Slack, bad), Err(ChannelError::Address(_))), "{bad}");
        }
        for bad in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://localhost./",
            "https://169.254.169.254/latest",
            "https://[::ffff:10.0.0.1]/",
            "https://a.localhost/",
        ] {
            assert!(matches!(made(ChannelKind::Webhook, bad), Err(ChannelError::Private(_))), "{bad}");
        }
        assert!(matches!(made(ChannelKind::Webhook, "http://hooks.test/"), Err(ChannelError::Plain(_))));
    }
}
