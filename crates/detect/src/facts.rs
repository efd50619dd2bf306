//! What detection says of a visit: the input of every rule. Observed facts and names, no judgement.

mod contents;
mod probe;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use affiant_record::consent::{Achieved, BannerLayer};
use affiant_record::declaration::Declaration;
use affiant_record::{Choice, CollectorStatus, Digest, Evidence, Leg, Outcome, Scenario};
pub use affiant_signals::{InputKind, PageKind, Said, Standard};
pub use contents::{ContentFact, ContentFacts, ContentKind, ContentLeak};
pub use probe::{LeakFact, LeakSearch, PreventedFact, ProbeFacts, RecordingFact, TypedFact};

/// Facts of one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VisitFacts {
    /// Digest of the record that they come from.
    pub record: Digest,
    /// Folder of the record, relative to the audit's.
    pub path: String,
    /// Session and place in it.
    pub session: String,
    /// Place in the session, from 0.
    pub ordinal: u32,
    /// Where it stands in the session.
    #[serde(default)]
    pub leg: Leg,
    /// What the visitor decides in this visit.
    #[serde(default)]
    pub decides: Option<Choice>,
    /// Scenario requested.
    pub scenario: Scenario,
    /// Whether Global Privacy Control was sent.
    #[serde(default)]
    pub gpc: bool,
    /// Address asked for.
    pub url: String,
    /// Address of the main frame at the end.
    pub final_url: Option<String>,
    /// Title of the page.
    pub title: String,
    /// Registrable domain of the page (eTLD+1), or the host where there is none.
    pub site: String,
    /// How it ended.
    pub outcome: Outcome,
    /// False if the record was cut off.
    pub sealed: bool,
    /// What each collector managed.
    pub collectors: IndexMap<String, CollectorStatus>,
    /// Consent as the site's own state shows.
    pub achieved: Achieved,
    /// What platforms answered and stored, decoded by the standards; each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<StateFact>,
    /// What platforms declare: the running page's word first, then that of files it fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declarations: Vec<DeclarationFact>,
    /// The driver's word about making the choice, when one was made in this visit.
    pub choice: Option<ChoiceFact>,
    /// The banner, when one was seen in this visit.
    pub banner: Option<BannerFact>,
    /// The layers of it that were read, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerFact>,
    /// How long a banner was waited for after the page began, in ms (end of the last settle before the choice).
    pub banner_watched_ms: f64,
    /// Moments, in ms since the page began.
    pub marks: Marks,
    /// Every request that was attempted, in order of time. Index = position here.
    pub requests: Vec<RequestFact>,
    /// Tags: deployed instances of a vendor, first seen first.
    pub tags: Vec<TagFact>,
    /// Cookies set, in order of time.
    pub cookies: Vec<CookieFact>,
    /// Cookies that went with requests, or that the browser held back: one a cookie, host and reason.
    #[serde(default)]
    pub cookies_sent: Vec<SentCookieFact>,
    /// Writes to web storage, IndexedDB and Cache Storage: one an entry and script, by first write.
    #[serde(default)]
    pub stored: Vec<StoredFact>,
    /// Who listens to what a visitor does.
    #[serde(default)]
    pub listeners: Vec<ListenerFact>,
    /// Use of interfaces that tell one browser from another: one an interface and script, by first use.
    #[serde(default)]
    pub api_uses: Vec<ApiUseFact>,
    /// Form fields.
    pub inputs: Vec<InputFact>,
    /// What kinds of page it is; each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_kinds: Vec<PageKindFact>,
    /// What was typed, and where it was seen leaving.
    #[serde(default)]
    pub probe: ProbeFacts,
    /// What a visitor looked for and watched, and where it was seen leaving.
    #[serde(default, skip_serializing_if = "ContentFacts::is_empty")]
    pub contents: ContentFacts,
    /// Requests that hold events of a session recorder, by what they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recordings: Vec<RecordingFact>,
    /// The consent platform, when one was recognised.
    pub cmp: Option<String>,
    /// Screenshots: phase and blob.
    pub screenshots: Vec<ScreenshotFact>,
    /// What names and addresses tell of the servers behind the site's own hosts.
    #[serde(default)]
    pub network: NetworkFacts,
}

/// What names and addresses tell of the servers behind the site's own hosts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkFacts {
    /// What the name system says of hosts under the site's domain.
    pub names: Vec<NameFact>,
    /// Signs of tags' servers on hosts of the site. Nothing is known of what such a server passes on.
    pub server_side: Vec<ServerSideFact>,
}

/// What the name system says of a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerSideFact {
    /// Which sign, e.g. `google-collect`.
    pub sign: String,
    /// The host.
    pub host: String,
    /// What was seen, in words.
    pub what: String,
    /// Indices into [`VisitFacts::requests`].
    pub requests: Vec<usize>,
    /// Lines of its record, bounded.
    pub evidence: Vec<Evidence>,
}

/// Moments of a visit on its one clock, ms since `t = 0`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// The page's own first request was sent.
    pub page_began: Option<f64>,
    /// The banner was first visible.
    pub banner: Option<f64>,
    /// It may have been visible up to this many ms earlier than `banner`: the watcher looks at intervals.
    #[serde(default)]
    pub banner_uncertainty_ms: f64,
    /// A control of the banner could first be operated.
    #[serde(default)]
    pub banner_operable: Option<f64>,
    /// The choice began to be made (driver started).
    pub choice: Option<f64>,
    /// The choice was first seen in storage.
    pub choice_stored: Option<f64>,
    /// The choice had been made.
    pub after_choice: Option<f64>,
    /// The visitor went on without an answer to the banner.
    #[serde(default)]
    pub ignored: Option<f64>,
    /// The page was left.
    pub leave: Option<f64>,
    /// Last line of the record.
    pub end: f64,
}

/// Making the choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceFact {
    /// Who drove it.
    pub driver: String,
    /// The driver's rule.
    pub rule: Option<String>,
    /// Whether the driver's steps ran. No proof that the choice was stored.
    pub ok: bool,
    /// Whether the site does not offer this choice, as far as the driver could read it.
    #[serde(default)]
    pub not_offered: bool,
    /// Clicks, where told. 0 with `ok` means that the page's own interface was called.
    pub clicks: Option<u32>,
    /// Why not, where it did not run.
    pub note: Option<String>,
    /// Where it is told.
    pub evidence: Evidence,
}

/// The banner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BannerFact {
    /// Time of its first visible paint, ms, where the watcher saw it.
    pub visible: Option<f64>,
    /// Its words, bounded.
    pub text: Option<String>,
    /// Labels of its buttons.
    pub buttons: Vec<String>,
    /// Where it is told.
    pub evidence: Vec<Evidence>,
}

/// What a consent platform declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeclarationFact {
    /// Its word.
    #[serde(flatten)]
    pub declared: Declaration,
    /// Where it is told.
    pub evidence: Evidence,
}

/// A layer of the banner, as it was before anything on it was operated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerFact {
    /// What was read of it.
    #[serde(flatten)]
    pub layer: BannerLayer,
    /// Where it is told.
    pub evidence: Evidence,
}

/// One attempted request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestFact {
    /// Time sent, ms.
    pub t: f64,
    /// Address.
    pub url: String,
    /// Host.
    pub host: String,
    /// Registrable domain.
    pub domain: String,
    /// Method.
    pub method: String,
    /// The browser's resource type.
    pub resource_type: String,
    /// Status of the response, if one came.
    pub status: Option<u16>,
    /// Why it did not succeed.
    pub error: Option<String>,
    /// Whether bytes can have left the browser (see `Exchange::left_browser`).
    pub left_browser: bool,
    /// First or third party, seen from the visited page.
    pub party: Party,
    /// Vendor that owns the host, where known.
    pub vendor: Option<VendorRef>,
    /// Index into [`VisitFacts::tags`], when it belongs to a tag.
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

/// What a platform answered, or stored, by a standard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateFact {
    /// When it was read first: `arrive` or `leave`.
    pub at: String,
    /// Where: `api:NAME`, `cookie:NAME`, `local:KEY`.
    pub source: String,
    /// What it says.
    pub said: Said,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A parameter that tells the recipient of the visitor's consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalFact {
    /// Name of the parameter.
    pub name: String,
    /// Its value, bounded.
    pub value: String,
    /// What it says; nothing where it cannot be read.
    pub said: Option<Said>,
}

/// First or third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    pub kind: String,
    /// Script or document that caused it.
    pub url: Option<String>,
    /// Line there, from 1.
    pub line: Option<u64>,
    /// Column there, from 1.
    pub column: Option<u64>,
    /// Function, where named.
    pub function: Option<String>,
}

/// Names a vendor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VendorRef {
    /// Name.
    pub name: String,
    /// Technology class.
    pub class: Class,
    /// `catalogue` (our own) or `third-party-web`.
    pub source: String,
}

/// Technology class, in order of risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Session replay and behavioural recording.
    SessionReplay,
    /// Form capture and identity.
    FormCapture,
    /// Chat widgets.
    Chat,
    /// Advertising and social pixels.
    AdPixel,
    /// Analytics, customer data platforms, A/B tests.
    Analytics,
    /// Tag managers.
    TagManager,
    /// Error and performance monitoring.
    Monitoring,
    /// Consent platforms.
    Consent,
    /// Fonts, libraries, delivery networks, payment, maps, video …
    Service,
    /// Known owner, unknown purpose.
    Other,
}

/// A tag: a vendor's deployed instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TagFact {
    /// Vendor.
    pub vendor: VendorRef,
    /// Account, container, pixel or project id, where the traffic tells it.
    pub account: Option<String>,
    /// Hosts that it used.
    pub hosts: Vec<String>,
    /// Indices into [`VisitFacts::requests`], in order of time.
    pub requests: Vec<usize>,
    /// Chain from the page to its first request: indices into [`VisitFacts::requests`], the page first.
    pub chain: Vec<usize>,
    /// Party of its first request.
    pub party: Party,
}

/// A cookie that was set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CookieFact {
    /// Time, ms.
    pub t: f64,
    /// Name.
    pub name: String,
    /// Domain.
    pub domain: String,
    /// `header`, `document.cookie`, `cookieStore`, or `jar` (seen in the jar only).
    pub via: String,
    /// First or third party, by its domain.
    pub party: Party,
    /// Lifetime in seconds; absent for a session cookie; negative or 0: a deletion.
    pub lifetime_s: Option<f64>,
    /// Flags.
    pub flags: Vec<String>,
    /// Why the browser refused it; empty: not refused as far as known.
    pub blocked: Vec<String>,
    /// Vendor that set it: by the script or the response that did, else by its name in the cookie database.
    pub vendor: Option<VendorRef>,
    /// What a cookie database says of it: `necessary`, `functional`, `analytics`, `marketing`, `security`.
    pub purpose: Option<String>,
    /// Address of the script or response that set it.
    pub set_by: Option<String>,
    /// Index of the request that brought that script, or of the response: the chain goes on from there.
    #[serde(default)]
    pub brought_by: Option<usize>,
    /// What the write did, seen from this visit: `set`, `set-again` (same value), `changed`, `deleted`, `deletion`
    /// (of what this visit had not seen), `refused`, `found` (in the jar, without a write that was told).
    #[serde(default)]
    pub change: String,
    /// Whether it only stores the consent choice itself.
    pub stores_consent: bool,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A cookie that went with requests to a host, or that was held back from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentCookieFact {
    /// Name.
    pub name: String,
    /// Domain, with a leading dot where subdomains get it too.
    pub domain: String,
    /// Top-level site that it is partitioned by.
    pub partition: Option<String>,
    /// Host that it went to.
    pub host: String,
    /// Whose host that is.
    pub party: Party,
    /// Vendor of the host, where known.
    pub vendor: Option<VendorRef>,
    /// The browser's reasons for holding it back; empty: it was sent.
    pub blocked: Vec<String>,
    /// Requests.
    pub times: u32,
    /// Index of the first of them, where known.
    pub first: Option<usize>,
    /// Line of its record.
    pub evidence: Evidence,
}

/// An entry that was written to storage beside cookies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub line: u64,
    /// Column there, from 1.
    pub column: u64,
    /// Vendor of the script, where known.
    pub vendor: Option<VendorRef>,
    /// Elements with this handler.
    pub count: u64,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A script that used an interface which tells one browser from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// A form field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputFact {
    /// Selector.
    pub selector: String,
    /// Label for people.
    pub label: String,
    /// What it asks for.
    pub kind: InputKind,
    /// Why this kind is believed, in a few words.
    pub because: String,
    /// Whether it was visible.
    pub visible: bool,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A kind of page that the page is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageKindFact {
    /// The kind.
    pub kind: PageKind,
    /// Why it is believed, in a few words.
    pub because: String,
    /// Line of its record.
    pub evidence: Evidence,
}

/// A screenshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScreenshotFact {
    /// Phase.
    pub phase: String,
    /// Time, ms.
    pub t: f64,
    /// MIME type.
    pub mime: String,
    /// The blob.
    pub blob: Digest,
    /// Line of its record.
    pub evidence: Evidence,
}
