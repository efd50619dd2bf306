//! What somebody wants to know at once: what an audit of a property shows that the one before did not, and audits that failed or
//! did not begin.
//!
//! [`of_audit`] says what is told of an audit that is over, [`raise`] keeps it, each once, and puts in a delivery for each channel in the
//! same transaction. What pages wrote is made inert here already: whoever shows an alert has nothing more to do than escape it for
//! its own format.

mod coverage;
mod difference;
mod kind;
mod message;
mod of_audit;

use affiant_record::Digest;
use affiant_record::hostile;
use affiant_store::{Alert, Jobs, Property, Store};
use serde_json::Value;

use crate::EngineError;

pub(crate) use difference::moment;
pub use kind::Kind;
pub(crate) use message::Message;
pub use of_audit::of_audit;

/// The longest title.
const TITLE: usize = 400;

/// Something to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What kind.
    pub kind: Kind,
    /// Tells it from others of its kind, in every audit.
    pub key: String,
    /// One observed sentence.
    pub title: String,
    /// More of it.
    pub detail: Value,
}

impl Told {
    pub(crate) fn new(kind: Kind, key: &str, title: &str, detail: Value) -> Told {
        let is_plain = key.len() <= 64 && key.chars().all(|c| c.is_ascii_graphic());
        let key = if is_plain { key.to_owned() } else { short(key) };
        Told { kind, key, title: inert(title, TITLE), detail: inert_all(detail) }
    }
}

/// Keeps those that are new, and puts in what delivers them: one message for each channel. `scope` is the audit's name, or what
/// else tells these from others; said twice, nothing is told twice. Gives the new ones.
pub async fn raise(
    store: &Store,
    jobs: &Jobs,
    property: &Property,
    (scope, audit): (&str, &str),
    told: &[Told],
) -> Result<Vec<Alert>, EngineError> {
    if told.is_empty() {
        return Ok(vec![]);
    }
    let channels: Vec<_> = store
        .channels()
        .await?
        .into_iter()
        .filter(|c| c.property.as_ref().is_none_or(|p| *p == property.id))
        .collect();
    let now = store.now().await?;
    let alerts: Vec<Alert> = told
        .iter()
        .map(|t| Alert {
            property: property.id.clone(),
            audit: audit.to_owned(),
            kind: t.kind.word().to_owned(),
            key: t.key.clone(),
            title: t.title.clone(),
            detail: t.detail.to_string(),
            created: now,
        })
        .collect();
    let jobs_of = |new: &[Alert]| {
        if new.is_empty() {
            return vec![];
        }
        let one = |c| Message::of(property, audit, now, new).job(c, scope);
        channels.iter().map(one).collect()
    };
    Ok(jobs.raise(&alerts, jobs_of).await?)
}

/// A short name for a text that may be long and is a page's.
fn short(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string().chars().take(32).collect()
}

/// A text of a page, as one line that neither acts nor hides.
fn inert(text: &str, most: usize) -> String {
    hostile::line(text, most)
}

/// Every text in it made inert.
fn inert_all(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(inert(&text, TITLE)),
        Value::Array(all) => Value::Array(all.into_iter().map(inert_all).collect()),
        Value::Object(all) => Value::Object(all.into_iter().map(|(k, v)| (k, inert_all(v))).collect()),
        other => other,
    }
}
