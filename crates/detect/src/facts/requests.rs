//! What was sent: requests, the tags that they belong to, and what they say of consent.

use affiant_record::Evidence;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;

use super::{Said, Text, VendorRef};

/// One attempted request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestFact {
    /// Time sent, ms.
    pub t: f64,
    /// Address.
    pub url: Text,
    /// Host.
    pub host: Text,
    /// Registrable domain.
    pub domain: Text,
    /// Method.
    pub method: Text,
    /// The browser's resource type.
    pub resource_type: Text,
    /// Status of the response, if one came.
    pub status: Option<u16>,
    /// Why it did not succeed.
    pub error: Option<Text>,
    /// Whether bytes can have left the browser (see `Exchange::left_browser`).
    pub left_browser: bool,
    /// First or third party, seen from the visited page.
    pub party: Party,
    /// Vendor that owns the host, where known.
    pub vendor: Option<VendorRef>,
    /// Index into the visit's `tags`, when it belongs to a tag.
    pub tag: Option<usize>,
    /// Whether a body was sent, and its length in bytes where known.
    pub body_bytes: Option<u64>,
    /// Number of cookies sent.
    pub cookies_sent: u32,
    /// What its address says of consent, by a standard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<SignalFact>,
    /// Whether it is a frame's navigation.
    pub navigation: bool,
    /// Index of the request that caused it (script, document or frame), where known.
    pub caused_by: Option<usize>,
    /// How the cause is known.
    pub cause: Cause,
    /// Line of its record.
    pub evidence: Evidence,
}

impl RequestFact {
    /// A `GET` that left the browser, of which nothing more is known than where it went. What is known is added.
    pub fn new(t: f64, url: &str, party: Party, evidence: Evidence) -> RequestFact {
        let Address { host, domain, .. } = Address::parse(url);
        RequestFact {
            t,
            url: url.into(),
            host: host.into(),
            domain: domain.into(),
            method: "GET".into(),
            resource_type: "Other".into(),
            status: None,
            error: None,
            left_browser: true,
            party,
            vendor: None,
            tag: None,
            body_bytes: None,
            cookies_sent: 0,
            says: vec![],
            navigation: false,
            caused_by: None,
            cause: Cause { kind: "unknown".into(), ..Cause::default() },
            evidence,
        }
    }
}

/// First or third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Same registrable domain as the page.
    First,
    /// Another registrable domain, but the same entity owns both.
    SameEntity,
    /// Another registrable domain.
    Third,
}

/// How the cause of a request is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// `parser`, `script`, `redirect`, `frame`, `preload`, `preflight`, `page` (typed address), `unknown`.
    pub kind: Text,
    /// Script or document that caused it.
    pub url: Option<Text>,
    /// Line there, from 1.
    pub line: Option<u64>,
    /// Column there, from 1.
    pub column: Option<u64>,
    /// Function, where named.
    pub function: Option<Text>,
}

/// A parameter that tells the recipient of the visitor's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalFact {
    /// Name of the parameter.
    pub name: Text,
    /// Its value, bounded.
    pub value: Text,
    /// What it says; nothing where it cannot be read.
    pub said: Option<Said>,
}

/// A tag: a vendor's deployed instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TagFact {
    /// Vendor.
    pub vendor: VendorRef,
    /// Account, container, pixel or project id, where the traffic tells it.
    pub account: Option<Text>,
    /// Hosts that it used.
    pub hosts: Vec<Text>,
    /// Indices into the visit's `requests`, in order of time.
    pub requests: Vec<usize>,
    /// Chain from the page to its first request: indices into the visit's `requests`, the page first.
    pub chain: Vec<usize>,
    /// Party of its first request.
    pub party: Party,
}
