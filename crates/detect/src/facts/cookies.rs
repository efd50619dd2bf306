//! Cookies that were set, and cookies that went along.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Party, Text, VendorRef};

/// A cookie that was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CookieFact {
    /// Time, ms.
    pub t: f64,
    /// Name.
    pub name: Text,
    /// Domain.
    pub domain: Text,
    /// `header`, `document.cookie`, `cookieStore`, or `jar` (seen in the jar only).
    #[schemars(extend("enum" = ["header", "document.cookie", "cookieStore", "jar"]))]
    pub via: Text,
    /// First or third party, by its domain.
    pub party: Party,
    /// Lifetime in seconds; absent for a session cookie; negative or 0: a deletion.
    pub lifetime_s: Option<f64>,
    /// Flags.
    pub flags: Vec<Text>,
    /// Why the browser refused it; empty: not refused as far as known.
    pub blocked: Vec<Text>,
    /// Vendor that set it: by the script or the response that did, else by its name in the cookie database.
    pub vendor: Option<VendorRef>,
    /// What a cookie database says of it: `necessary`, `functional`, `analytics`, `marketing`, `security`.
    pub purpose: Option<Text>,
    /// Address of the script or response that set it.
    pub set_by: Option<Text>,
    /// Index of the request that brought that script, or of the response: the chain goes on from there.
    #[serde(default)]
    pub brought_by: Option<usize>,
    /// What the write did, seen from this visit: `set`, `set-again` (same value), `changed`, `deleted`, `deletion`
    /// (of what this visit had not seen), `refused`, `found` (in the jar, without a write that was told).
    #[serde(default)]
    #[schemars(extend("enum" = ["set", "set-again", "changed", "deleted", "deletion", "refused", "found"]))]
    pub change: Text,
    /// Whether it only stores the consent choice itself.
    pub stores_consent: bool,
    /// Line of its record.
    pub evidence: Evidence,
}

impl CookieFact {
    /// A session cookie that a script set, of which nothing more is known. What is known is added.
    pub fn new(t: f64, name: &str, domain: &str, party: Party, evidence: Evidence) -> CookieFact {
        CookieFact {
            t,
            name: name.into(),
            domain: domain.into(),
            via: "document.cookie".into(),
            party,
            lifetime_s: None,
            flags: vec![],
            blocked: vec![],
            vendor: None,
            purpose: None,
            set_by: None,
            brought_by: None,
            change: "set".into(),
            stores_consent: false,
            evidence,
        }
    }
}

/// A cookie that went with requests to a host, or that was held back from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SentCookieFact {
    /// Name.
    pub name: Text,
    /// Domain, with a leading dot where subdomains get it too.
    pub domain: Text,
    /// Top-level site that it is partitioned by.
    pub partition: Option<Text>,
    /// Host that it went to.
    pub host: Text,
    /// Whose host that is.
    pub party: Party,
    /// Vendor of the host, where known.
    pub vendor: Option<VendorRef>,
    /// The browser's reasons for holding it back; empty: it was sent.
    pub blocked: Vec<Text>,
    /// Requests.
    #[schemars(range(min = 1))]
    pub times: u32,
    /// Index of the first of them, where known.
    pub first: Option<usize>,
    /// Line of its record.
    pub evidence: Evidence,
}
