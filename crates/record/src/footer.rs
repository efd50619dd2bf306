//! The last line of a record: how the visit ended, which consent was achieved, and what was watched.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Extra;
use crate::consent::Achieved;

/// The last line of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Footer {
    /// How the visit ended.
    pub outcome: Outcome,
    /// The address of the main frame at the end, after redirects.
    pub final_url: Option<String>,
    /// Which consent the site's own state shows for this session, apart from what was requested.
    pub consent: Achieved,
    /// What each collector managed. A collector that is not named here was not run.
    pub collectors: BTreeMap<String, CollectorStatus>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Outcome {
    /// The page loaded and came to rest.
    Complete,
    /// The page was seen, but a bound was reached before it came to rest.
    TimedOut {
        /// What was still going on.
        reason: String,
    },
    /// The page could not be opened at all.
    Failed {
        /// What the browser said, e.g. `net::ERR_NAME_NOT_RESOLVED`.
        reason: String,
    },
    /// The renderer or the browser went away.
    Crashed {
        /// What went away, and how it was noticed.
        reason: String,
    },
    /// The user stopped the audit.
    Interrupted,
}

impl Outcome {
    /// Whether there is a page to speak of: negatives may rest on it (with its collectors' coverage).
    pub fn is_complete(&self) -> bool {
        matches!(self, Outcome::Complete)
    }

    /// One word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Complete => "complete",
            Outcome::TimedOut { .. } => "timed out",
            Outcome::Failed { .. } => "failed",
            Outcome::Crashed { .. } => "crashed",
            Outcome::Interrupted => "interrupted",
        }
    }

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Outcome::TimedOut { reason } | Outcome::Failed { reason } | Outcome::Crashed { reason } => {
                Some(reason)
            }
            _ => None,
        }
    }
}

/// What one collector managed to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum CollectorStatus {
    /// It watched from the first byte to the end.
    Gathered,
    /// It watched, but not all could be kept.
    Truncated {
        /// What is missing and how much.
        reason: String,
    },
    /// It could not watch.
    Failed {
        /// Why.
        reason: String,
    },
    /// It was not asked to run, or could not exist for this source.
    NotRun,
}

/// Names of the collectors, as used in [`Footer::collectors`].
pub mod collectors {
    /// Requests, responses, their headers and timing.
    pub const NETWORK: &str = "network";
    /// Bodies of requests and responses.
    pub const BODIES: &str = "bodies";
    /// Cookies set by header and by script, and the jar.
    pub const COOKIES: &str = "cookies";
    /// localStorage, sessionStorage, IndexedDB and Cache Storage.
    pub const STORAGE: &str = "storage";
    /// WebSocket frames.
    pub const WEB_SOCKETS: &str = "web-sockets";
    /// Console messages and uncaught errors.
    pub const CONSOLE: &str = "console";
    /// Screenshots.
    pub const SCREENSHOTS: &str = "screenshots";
    /// The consent banner and the platform's own state.
    pub const CONSENT: &str = "consent";
    /// Listeners on what a visitor does.
    pub const LISTENERS: &str = "listeners";
    /// Use of telling interfaces.
    pub const API_CALLS: &str = "api-calls";
    /// What the name system says of the hosts.
    pub const DNS: &str = "dns";
    /// Title, text, links and form fields of the page.
    pub const PAGE: &str = "page";
    /// Values typed into the page's fields.
    pub const PROBE: &str = "probe";
}
