//! What one channel is told: the new alerts of one audit, together. It is kept with its job as it is, so that a message that is sent
//! again is the same.

use affiant_store::{Alert, Channel, NewJob, Property};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jobs::DELIVER;

/// A receiver that is away for an hour gets its message all the same: 2 s, 4 s, 8 s … between tries.
const ATTEMPTS: u32 = 12;

/// A message to one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// The channel; empty until there is a job.
    #[serde(default)]
    pub(crate) channel: String,
    /// The property's name in addresses.
    pub(crate) property: String,
    /// Its name for people.
    pub(crate) name: String,
    /// Its site.
    pub(crate) site: String,
    /// The audit; empty where it is of none.
    pub(crate) audit: String,
    /// When it was found, ms since the Unix epoch.
    pub(crate) at: i64,
    /// What is told.
    pub(crate) alerts: Vec<One>,
}

/// An alert in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct One {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) detail: Value,
}

impl Message {
    pub(super) fn of(property: &Property, audit: &str, at: i64, alerts: &[Alert]) -> Message {
        let one = |a: &Alert| One {
            kind: a.kind.clone(),
            key: a.key.clone(),
            title: a.title.clone(),
            detail: serde_json::from_str(&a.detail).unwrap_or(Value::Null),
        };
        Message {
            channel: String::new(),
            property: property.id.clone(),
            name: super::inert(&property.name, 120),
            site: super::inert(&property.site, 120),
            audit: audit.to_owned(),
            at,
            alerts: alerts.iter().map(one).collect(),
        }
    }

    /// The job that sends it.
    pub(super) fn job(self, channel: &Channel, scope: &str) -> NewJob {
        let message = Message { channel: channel.id.clone(), ..self };
        NewJob {
            kind: DELIVER.to_owned(),
            key: format!("{scope}/{DELIVER}/{}", channel.id),
            audit: message.audit.clone(),
            payload: serde_json::to_string(&message).unwrap_or_default(),
            // One receiver that is slow keeps no other waiting.
            site: format!("{DELIVER}/{}", channel.id),
            stage: 3,
            priority: 200,
            max_attempts: ATTEMPTS,
        }
    }
}
