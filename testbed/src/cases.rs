//! The truth of a site request by request: `sites/<id>/cases.toml`.
//!
//! Written by hand from what the pages do and checked against the server's log, never derived from affiant.

use crate::route::path_matches;
use crate::vendor::host_matches;
use serde::Deserialize;

/// All cases of a site.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// The host of requests that name none.
    pub host: String,
    /// In the order of the file.
    #[serde(rename = "case")]
    pub cases: Vec<Case>,
}

/// One way in which something leaves a browser, or fails to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name; the paths of its requests begin with `/hit/<id>/` unless told.
    pub id: String,
    /// The page that it is on: a path on the start's host, or a whole URL.
    pub page: String,
    /// What it is, in a few words.
    pub what: String,
    /// Why a record cannot have it, in words that the documentation has too.
    pub cannot: Option<String>,
    /// What else one should know.
    #[serde(default)]
    pub note: String,
    /// What is asked.
    #[serde(default)]
    pub requests: Vec<CaseRequest>,
    /// What goes over WebSockets.
    #[serde(default)]
    pub sockets: Vec<CaseSocket>,
    /// What is written into the cookie jar, or refused.
    #[serde(default)]
    pub cookies: Vec<CaseCookie>,
}

/// A request of a case, and what a record says of it. What is not told may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRequest {
    /// The method.
    #[serde(default = "get")]
    pub method: String,
    /// The host, or `*.` and a domain; empty in the file means that of the table.
    #[serde(default)]
    pub host: String,
    /// The path without its query; `*` is any run of characters.
    pub path: String,
    /// How often it reaches the server.
    #[serde(default = "once")]
    pub server: usize,
    /// How often a record has it; as often as the server unless told.
    pub record: Option<usize>,
    /// So often or more, in both.
    #[serde(default)]
    pub at_least: bool,
    /// The browser's resource type.
    #[serde(rename = "type")]
    pub resource_type: Option<String>,
    /// The kind of the target that sends it.
    pub target: Option<String>,
    /// How it ends.
    pub end: Option<String>,
    /// How the reason of a block begins.
    pub blocked: Option<String>,
    /// How the browser's error begins.
    pub error: Option<String>,
    /// How many of them are answered from a cache.
    pub from_cache: Option<usize>,
    /// How many of them are answered by a service worker.
    pub from_service_worker: Option<usize>,
    /// Whether it may count as having left the browser.
    pub sent: Option<bool>,
    /// The body that is sent.
    pub body: Option<CaseBody>,
    /// Why today's records say otherwise, although they could. The test fails once they do: then it goes.
    pub known_gap: Option<String>,
    /// Whether the gap is a race, which a record sometimes wins.
    #[serde(default)]
    pub by_chance: bool,
}

/// A body as it is made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub enum CaseBody {
    /// A text, once or several times.
    Text {
        /// The text.
        text: String,
        /// How often.
        #[serde(default = "once")]
        times: usize,
    },
    /// So many bytes; byte i is i mod 251.
    Ramp {
        /// How many.
        ramp: usize,
    },
    /// These bytes.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A body with random parts that holds this text somewhere.
    Holds {
        /// The text.
        holds: String,
    },
}

/// A WebSocket of a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSocket {
    /// The host; empty in the file means that of the table.
    #[serde(default)]
    pub host: String,
    /// The path.
    pub path: String,
    /// How many frames go, both ways together.
    pub frames: usize,
}

/// A cookie of a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseCookie {
    /// Its name.
    pub name: String,
    /// `header`, `document.cookie`, `cookieStore`, or `jar` where only the jar shows it.
    pub via: String,
    /// How the browser's reason to refuse it ends; empty where it does not.
    #[serde(default)]
    pub blocked: String,
}

fn get() -> String {
    "GET".to_owned()
}

fn once() -> usize {
    1
}

impl Cases {
    /// Reads a `cases.toml` and completes hosts and paths.
    pub fn parse(text: &str) -> Result<Cases, toml::de::Error> {
        let mut table: Cases = toml::from_str(text)?;
        for case in &mut table.cases {
            for request in &mut case.requests {
                if request.host.is_empty() {
                    request.host.clone_from(&table.host);
                }
                if !request.path.starts_with('/') {
                    request.path = format!("/hit/{}/{}", case.id, request.path);
                }
            }
            for socket in case.sockets.iter_mut().filter(|socket| socket.host.is_empty()) {
                socket.host.clone_from(&table.host);
            }
        }
        Ok(table)
    }
}

impl CaseRequest {
    /// How often a record has it.
    #[must_use]
    pub fn recorded(&self) -> usize {
        self.record.unwrap_or(self.server)
    }

    /// Whether it is this one; `path` without its query.
    #[must_use]
    pub fn is(&self, method: &str, host: &str, path: &str) -> bool {
        self.method == method && host_matches(&self.host, host) && path_matches(&self.path, path)
    }
}

impl CaseBody {
    /// Whether these are the bytes.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        match self {
            CaseBody::Text { text, times } => text.repeat(*times).as_bytes() == bytes,
            CaseBody::Ramp { ramp } => {
                bytes.len() == *ramp && bytes.iter().enumerate().all(|(i, b)| i % 251 == usize::from(*b))
            }
            CaseBody::Bytes { bytes: wanted } => wanted == bytes,
            CaseBody::Holds { holds } => String::from_utf8_lossy(bytes).contains(holds.as_str()),
        }
    }
}
