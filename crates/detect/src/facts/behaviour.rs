//! What scripts do beside sending: store, listen, and use interfaces that tell one browser from another.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::VendorRef;

/// An entry that was written to storage beside cookies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StoredFact {
    /// Time of the first write, ms.
    pub t: f64,
    /// `local`, `session`, `indexed-db`, `cache`.
    pub area: String,
    /// Origin or storage key that owns it.
    pub origin: String,
    /// Key, as in the record.
    pub key: String,
    /// What the first write did: `added`, `updated`, `put`, `removed`, `cleared`.
    pub change: String,
    /// Writes by this script.
    #[schemars(range(min = 1))]
    pub times: u32,
    /// Script that wrote, where known.
    pub set_by: Option<String>,
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
    pub at: String,
    /// `window`, `document`, or the kind of element.
    pub on: String,
    /// The field, as a CSS selector, where it is one.
    pub selector: Option<String>,
    /// Event.
    pub event: String,
    /// Script of the handler, where known.
    pub script: Option<String>,
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
    pub api: String,
    /// What was asked for, bounded.
    pub details: Vec<String>,
    /// Script.
    pub script: String,
    /// Index of the request that brought it.
    pub brought_by: Option<usize>,
    /// Vendor of the script, where known.
    pub vendor: Option<VendorRef>,
    /// Line of its record.
    pub evidence: Evidence,
}
