//! The first line of a record: who looked, with what, as whom, at what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::Device;
use crate::{Choice, Digest, Extra, Leg, Scenario};

/// The schema version that this build writes. All versions ever written stay readable.
pub const SCHEMA: u32 = 1;

/// The first line of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the record format, [`SCHEMA`] when written by this build.
    pub schema: u32,
    /// The program that gathered.
    pub tool: Tool,
    /// The browser that was driven.
    pub browser: Browser,
    /// SHA-256 of the audit's plan: of `plan` in the manifest as compact JSON.
    pub plan: Digest,
    /// Name of the session: one fresh browser profile. Unique within the audit.
    pub session: String,
    /// Place of this visit in its session, from 0.
    pub ordinal: u32,
    /// The scenario that was requested for the session.
    pub scenario: Scenario,
    /// Where the visit stands in its session. Records of schema 1 before 0.5 lack it: see [`Header::leg`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<Leg>,
    /// What the visitor decides in this visit; none: nothing. Where `leg` is missing, see [`Header::choice`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Digest of the visit in which the session's latest choice was made, when that was an earlier one.
    pub choice_visit: Option<Digest>,
    /// The address that was asked for.
    pub url: String,
    /// From where and as whom the visit was made.
    pub vantage: Vantage,
    /// Bounds and switches that governed gathering.
    pub settings: Settings,
    /// How `t` of every line relates to the browser's monotonic clock and to wall time.
    pub clock: Clock,
    /// Whether the visit's audit is sealed as a whole when it ends. So a seal that was taken away is missed: records from
    /// before that lack the word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub audit_sealed: bool,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Header {
    /// Where the visit stands in its session; of a record that does not say so, by its place alone.
    pub fn leg(&self) -> Leg {
        self.leg.unwrap_or(if self.ordinal == 0 { Leg::First } else { Leg::Further })
    }

    /// What the visitor decides in this visit; of a record that does not say so, by place and scenario.
    pub fn choice(&self) -> Option<Choice> {
        match self.leg {
            Some(_) => self.choice,
            None if self.ordinal == 0 => self.scenario.first_choice(),
            None => None,
        }
    }
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The browser as it named itself and as it was started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Browser {
    /// Product and version, e.g. `Chrome/156.0.8078.79`.
    pub product: String,
    /// The user agent that pages saw.
    pub user_agent: String,
    /// `headless` (new headless mode, the full browser) or `headful`.
    pub mode: String,
    /// The command-line switches it was started with, without the profile's path.
    pub switches: Vec<String>,
    /// What pages are told of the device; older records do not say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Where it was reached, if somebody else had started it: scheme, host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// What such a browser was started without, although affiant starts its own with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A switch that a browser was started without.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lack {
    /// The switch.
    pub switch: String,
    /// What its absence means for the record.
    pub means: String,
    /// Whether something may have gone unseen because of it.
    pub hides: bool,
}

/// Where and as whom. What is only declared (not verified from outside) says so in reports.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vantage {
    /// A name for people, e.g. `default`.
    pub name: String,
    /// BCP 47 locale that the browser reported, if set.
    pub locale: Option<String>,
    /// IANA time zone, if set; otherwise the machine's.
    pub timezone: Option<String>,
    /// The place that is given to pages that ask: latitude and longitude, in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<[f64; 2]>,
    /// The region that consent platforms were told by their own test parameter, as in ISO 3166-2 (`US-CA`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `desktop` or `mobile`; older records do not say so, and are of desktops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// What was added to the user agent, so that owners know the audit in their own logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identify: Option<String>,
    /// Width in CSS pixels: of the window of a desktop, of the viewport of a phone.
    pub width: u32,
    /// Height likewise.
    pub height: u32,
    /// The proxy used, without credentials.
    pub proxy: Option<String>,
    /// Whether the browser let third parties set and read cookies.
    pub third_party_cookies: bool,
    /// Whether Global Privacy Control was sent.
    pub gpc: bool,
    /// Whether certificate errors were ignored.
    pub insecure: bool,
    /// Host overrides (`HOST:PORT:ADDR`), so that a reader knows that DNS was not asked.
    pub resolve: Vec<String>,
    /// Extra request headers that were added: names only, values may be secrets.
    pub header_names: Vec<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Bounds that governed gathering, all in milliseconds unless named otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Hard bound of the visit until its page is left, the dwell on top. In older records: of loading and coming to rest alone.
    pub visit_timeout_ms: u64,
    /// Network silence that counts as settled.
    pub quiet_ms: u64,
    /// Least time on a page after its load, or after a choice, before it can count as settled.
    #[serde(default)]
    pub dwell_ms: u64,
    /// How long a banner was waited for after the page had come.
    pub banner_wait_ms: u64,
    /// Largest body, in bytes, of which the bytes are kept; of larger ones the first
    /// bytes, with the length and the hash of the whole.
    pub body_limit: u64,
    /// Whether fields were to be typed into.
    #[serde(default)]
    pub probe: bool,
    /// Texts: fields of pages whose address holds one of them were not to be typed into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probe_not_on: Vec<String>,
    /// CSS selectors of what was not to be typed into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probe_leave_out: Vec<String>,
    /// Words that affiant made up and put into addresses in the place of `{canary}`: nobody's, and unique to the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The visit's one clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clock {
    /// The browser's monotonic clock, in seconds, at `t = 0`.
    pub monotonic_at_zero_s: f64,
    /// Wall time at `t = 0`, in milliseconds since the Unix epoch.
    pub wall_at_zero_ms: f64,
    /// Largest error of tying wall time to the monotonic clock, in milliseconds.
    pub uncertainty_ms: f64,
    /// Whose wall clock it is, e.g. `this machine`. Nothing outside vouches for it.
    pub source: String,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
