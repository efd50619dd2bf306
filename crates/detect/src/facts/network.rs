//! What names and addresses tell of the servers behind the site's own hosts.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::VendorRef;

/// What names and addresses tell of the servers behind the site's own hosts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NetworkFacts {
    /// What the name system says of hosts under the site's domain.
    pub names: Vec<NameFact>,
    /// Signs of tags' servers on hosts of the site. Nothing is known of what such a server passes on.
    pub server_side: Vec<ServerSideFact>,
}

/// What the name system says of a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NameFact {
    /// The host, under the site's domain.
    pub host: String,
    /// The names that it is an alias of, in order.
    pub aliases: Vec<String>,
    /// Who was asked.
    pub asked: String,
    /// Who owns the end of the chain, where that is somebody else who does not only host or deliver.
    pub owner: Option<VendorRef>,
    /// The alias by which the owner is known.
    pub owner_by: Option<String>,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A sign that a host of the site takes what tags send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerSideFact {
    /// Which sign, e.g. `google-collect`.
    pub sign: String,
    /// The host.
    pub host: String,
    /// What was seen, in words.
    pub what: String,
    /// Indices into the visit's `requests`.
    pub requests: Vec<usize>,
    /// Lines of its record, bounded.
    pub evidence: Vec<Evidence>,
}
