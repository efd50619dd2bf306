//! What is told of one visit as a whole, beside everything else that was seen in it.

use affiant_record::consent::Achieved;
use affiant_record::{Choice, CollectorStatus, Digest, Leg, Outcome, Scenario};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ApiUseFact, BannerFact, ChoiceFact, ContentFacts, CookieFact, DeclarationFact, InputFact, LayerFact,
    ListenerFact, NetworkFacts, PageKindFact, ProbeFacts, RecordingFact, RequestFact, ScreenshotFact,
    SentCookieFact, StateFact, StoredFact, TagFact,
};

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

impl VisitFacts {
    /// Gives back the room that lists took for more than they hold: half as much again where they were read from a file.
    pub fn shrink(&mut self) {
        self.requests.shrink_to_fit();
        self.tags.shrink_to_fit();
        self.cookies.shrink_to_fit();
        self.cookies_sent.shrink_to_fit();
        self.stored.shrink_to_fit();
        self.listeners.shrink_to_fit();
        self.api_uses.shrink_to_fit();
        self.inputs.shrink_to_fit();
        self.screenshots.shrink_to_fit();
        self.probe.typed.shrink_to_fit();
        self.probe.leaks.shrink_to_fit();
        for cookie in &mut self.cookies {
            cookie.flags.shrink_to_fit();
            cookie.blocked.shrink_to_fit();
        }
        for used in &mut self.api_uses {
            used.details.shrink_to_fit();
        }
        for tag in &mut self.tags {
            tag.hosts.shrink_to_fit();
            tag.requests.shrink_to_fit();
            tag.chain.shrink_to_fit();
        }
    }

    /// A visit of which nothing was gathered: no collector ran, the record was cut off. What is known is added.
    pub fn new(record: Digest, scenario: Scenario, url: &str) -> VisitFacts {
        VisitFacts {
            record,
            path: String::new(),
            session: String::new(),
            ordinal: 0,
            leg: Leg::First,
            decides: None,
            scenario,
            gpc: false,
            url: url.to_owned(),
            final_url: None,
            title: String::new(),
            site: String::new(),
            outcome: Outcome::Interrupted,
            sealed: false,
            collectors: IndexMap::new(),
            achieved: Achieved::default(),
            states: vec![],
            declarations: vec![],
            choice: None,
            banner: None,
            layers: vec![],
            banner_watched_ms: 0.0,
            marks: Marks::default(),
            requests: vec![],
            tags: vec![],
            cookies: vec![],
            cookies_sent: vec![],
            stored: vec![],
            listeners: vec![],
            api_uses: vec![],
            inputs: vec![],
            page_kinds: vec![],
            probe: ProbeFacts::default(),
            contents: ContentFacts::default(),
            recordings: vec![],
            cmp: None,
            screenshots: vec![],
            network: NetworkFacts::default(),
        }
    }
}

/// Moments of a visit on its one clock, ms since `t = 0`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
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
