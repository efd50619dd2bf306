//! The job that delivers a message to a channel. Tried again, by this worker or another, it is the same message under the same name, by
//! which a receiver knows that it had it.

mod address;
mod hook;
mod http;
mod mail;
mod refused;
mod said;
mod tls;

use std::time::Duration;

use affiant_gather::{Allowed, Trust};
use affiant_record::Digest;
use affiant_store::{Claimed, Store};

use super::Ended;
use crate::EngineError;
use crate::alerts::Message;

pub use address::is_public;
pub(crate) use hook::SECRET;
pub use mail::{Mail, Secured};

/// How messages are delivered.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The server that takes e-mail; none where there is none.
    pub mail: Option<Mail>,
    /// Where the web interface is reached, for links.
    pub base_url: Option<String>,
    /// Hosts that web hooks may reach although their addresses are private, and without TLS.
    pub allowed: Allowed,
    /// Whose certificates mail servers and web hooks may have.
    pub trust: Trust,
    /// How long a receiver may take.
    pub patience: Duration,
}

impl Default for Delivery {
    fn default() -> Delivery {
        Delivery {
            mail: None,
            base_url: None,
            allowed: Allowed::default(),
            trust: Trust::default(),
            patience: Duration::from_secs(30),
        }
    }
}

impl Delivery {
    /// Where a person reads more about this message.
    fn link(&self, message: &Message) -> Option<String> {
        let base = self.base_url.as_ref()?.trim_end_matches('/').to_owned();
        let name =
            |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        Some(if !message.audit.is_empty() && name(&message.audit) {
            format!("{base}/audits/{}", message.audit)
        } else if name(&message.property) {
            format!("{base}/properties/{}", message.property)
        } else {
            base
        })
    }
}

/// Why a message was not delivered.
#[derive(Debug)]
enum Failed {
    /// Another try may do better.
    Now(String),
    /// No other try will.
    ForGood(String),
}

/// Does it.
pub(super) async fn run(store: &Store, delivery: &Delivery, job: &Claimed) -> Result<Ended, EngineError> {
    let message: Message = serde_json::from_str(&job.payload).map_err(|_| {
        EngineError::Undeliverable("the job holds no message that this version can read".to_owned())
    })?;
    let Some(channel) = store.channel(&message.channel).await? else {
        return Err(EngineError::Undeliverable("its channel was removed".to_owned()));
    };
    let id = name(&job.key);
    let link = delivery.link(&message);
    let sent = match channel.kind.as_str() {
        "email" => mail::send(delivery, &channel, &message, &id, link.as_deref()).await,
        "webhook" => hook::send(delivery, &channel, &message, &id, link.as_deref()).await,
        "slack" => hook::send_to_slack(delivery, &channel, &message, &id, link.as_deref()).await,
        other => Err(Failed::ForGood(format!("'{other}' is no kind of channel that this version knows"))),
    };
    match sent {
        Ok(()) => Ok(Ended::Done),
        Err(Failed::Now(why)) => Err(EngineError::Undelivered(shown(&why))),
        Err(Failed::ForGood(why)) => Err(EngineError::Undeliverable(shown(&why))),
    }
}

/// The message's name, the same whoever sends it and how often: made of the job's.
fn name(key: &str) -> String {
    let digest: String = Digest::of(key.as_bytes()).to_string().chars().take(40).collect();
    format!("msg_{digest}")
}

/// A receiver's words go into lists and logs.
fn shown(why: &str) -> String {
    affiant_record::hostile::line(why, 400)
}
