//! What was stored in the browser: cookies and web storage.

use serde::{Deserialize, Serialize};

use crate::Extra;
use crate::network::StackSegment;

/// A cookie was set, changed or deleted, or the browser refused to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CookieWrite {
    /// `header` (Set-Cookie), `document.cookie` or `cookieStore`.
    pub via: String,
    /// The text as set, whole.
    pub raw: String,
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Domain attribute, or the host that set it.
    pub domain: String,
    /// Whether a Domain attribute was given, so that subdomains get it too.
    pub domain_given: bool,
    /// Path attribute, if given.
    pub path: Option<String>,
    /// Expiry in milliseconds since the Unix epoch; absent for a session cookie. In the past: a deletion.
    pub expires_ms: Option<f64>,
    /// Flags as set: `Secure`, `HttpOnly`, `SameSite=None`, `Partitioned`.
    pub flags: Vec<String>,
    /// The browser's reasons for refusing; empty when it was stored (or, by script, not known to be refused).
    pub blocked: Vec<String>,
    /// Header: the response that carried it.
    pub request_id: Option<String>,
    /// Header: its hop.
    pub hop: Option<u32>,
    /// Script: the document it ran in.
    pub document_url: Option<String>,
    /// Frame, where known.
    pub frame: Option<String>,
    /// Script: the call stack.
    pub stack: Vec<StackSegment>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// All cookies of the session's profile at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CookieJar {
    /// When in the visit: `before` (what earlier visits of the session left), `arrive` (settled, before any choice), `leave` …
    pub at: String,
    /// The cookies.
    pub cookies: Vec<Cookie>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CookieJar {
    /// [`CookieJar::at`] of what a visit begins with; in a session's first visit there is nothing.
    pub const BEFORE: &str = "before";
}

/// A cookie in the jar.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cookie {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Domain; with a leading dot where subdomains get it too.
    pub domain: String,
    /// Path.
    pub path: String,
    /// Expiry in milliseconds since the Unix epoch; absent for a session cookie.
    pub expires_ms: Option<f64>,
    /// Only over TLS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// `Strict`, `Lax`, `None`, or absent.
    pub same_site: Option<String>,
    /// Top-level site it is partitioned by (CHIPS).
    pub partition: Option<String>,
}

/// Storage of a page was written to, or a part of it was removed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StorageWrite {
    /// `local` or `session` (web storage), `indexed-db`, `cache` (Cache Storage).
    pub area: String,
    /// Origin or storage key that owns it.
    pub origin: String,
    /// `added`, `updated`, `removed`, `cleared`; `put` where it is not known whether it was there before.
    pub change: String,
    /// Key; empty on `cleared`. IndexedDB: `database/store/key`. Cache Storage: `cache/address`.
    pub key: String,
    /// New value, bounded.
    pub value: Option<String>,
    /// Length of the whole value in characters where it was cut.
    pub cut_from: Option<u64>,
    /// Who told of it: `browser`, `script` (the call, before the write), or `browser+script`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub told_by: String,
    /// The document or worker script that wrote, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_url: Option<String>,
    /// Frame, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<String>,
    /// The call stack of the write, where known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<StackSegment>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
