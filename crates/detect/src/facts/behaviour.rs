//! What scripts do beside sending: store, listen, and use interfaces that tell one browser from another.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Text, VendorRef};

/// An entry that was written to storage beside cookies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoredFact {
    /// Time of the first write, ms.
    pub t: f64,
    /// `local`, `session`, `indexed-db`, `cache`.
    pub area: Text,
    /// Origin or storage key that owns it.
    pub origin: Text,
    /// Key, as in the record.
    pub key: Text,
    /// What the first write did: `added`, `updated`, `put`, `removed`, `cleared`.
    pub change: Text,
    /// Writes by this script.
    #[schemars(range(min = 1))]
    pub times: u32,
    /// Script that wrote, where known.
    pub set_by: Option<Text>,
    /// Index of the request that brought it.
    pub brought_by: Option<usize>,
    /// Vendor of the script, where known.
    pub vendor: Option<VendorRef>,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A script that listens to what a visitor does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ListenerFact {
    /// When it was found in place: `arrive` (before any choice) or `leave`.
    pub at: Text,
    /// `window`, `document`, or the kind of element.
    pub on: Text,
    /// The field, as a CSS selector, where it is one.
    pub selector: Option<Text>,
    /// Event.
    pub event: Text,
    /// Script of the handler, where known.
    pub script: Option<Text>,
    /// Line there, from 1.
    #[schemars(range(min = 1))]
    pub line: u64,
    /// Column there, from 1.
    #[schemars(range(min = 1))]
    pub column: u64,
    /// Vendor of the script, where known.
    pub vendor: Option<VendorRef>,
    /// Elements with this handler.
    pub count: u64,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A script that used an interface which tells one browser from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiUseFact {
    /// Time of its first use, ms.
    pub t: f64,
    /// Interface.
    pub api: Text,
    /// What was asked for, bounded.
    pub details: Vec<Text>,
    /// Script.
    pub script: Text,
    /// Index of the request that brought it.
    pub brought_by: Option<usize>,
    /// Vendor of the script, where known.
    pub vendor: Option<VendorRef>,
    /// Line of its record.
    pub evidence: Evidence,
}
