//! One line of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::behaviour::{ApiCall, Listener};
use crate::consent::{Banner, BannerLayer, ConsentAction, ConsentState};
use crate::declaration::Declaration;
use crate::network::{
    Body, DnsAnswer, Request, RequestDone, RequestHeaders, Response, ResponseHeaders, WebSocketEvent,
};
use crate::page::{Console, Crash, Dialog, Download, Frame, Page, Phase, Screenshot, Settle, Target};
use crate::probe::{Probe, SubmitPrevented, Typed};
use crate::storage::{CookieJar, CookieWrite, StorageWrite};
use crate::{Digest, Footer, Header};

/// Fields that this version does not know: kept, so that they survive a read and write.
pub type Extra = Map<String, Value>;

/// One line: its number, its time, and what was observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Number of the line in its record, from 0 (the header).
    pub n: u64,
    /// Milliseconds since the visit's clock zero (just before the navigation was asked for), on the browser's
    /// monotonic clock. Lines stand in the order in which they were received; sort by `t` for order in time.
    pub t: f64,
    /// What was observed.
    #[serde(flatten)]
    pub what: Observation,
}

/// What a line can hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "lines are short-lived on write and few headers exist on read")]
pub enum Observation {
    /// First line.
    Header(Header),
    /// A phase began.
    Phase(Phase),
    /// A target (page, frame process, worker) came, changed or went.
    Target(Target),
    /// A frame came, navigated or went.
    Frame(Frame),
    /// The browser was about to send a request (one per redirect hop).
    Request(Request),
    /// The headers as sent on the wire, with cookies.
    RequestHeaders(RequestHeaders),
    /// A response arrived.
    Response(Response),
    /// The headers as received on the wire, with `Set-Cookie`.
    ResponseHeaders(ResponseHeaders),
    /// A request ended, well or badly.
    RequestDone(RequestDone),
    /// The body of a request or a response.
    Body(Body),
    /// A cookie was set, or its setting was blocked.
    CookieWrite(CookieWrite),
    /// All cookies of the profile at one moment.
    CookieJar(CookieJar),
    /// localStorage or sessionStorage changed.
    StorageWrite(StorageWrite),
    /// A script listens to something that a visitor does.
    Listener(Listener),
    /// A script used an interface that tells browsers apart or reaches hardware.
    ApiCall(ApiCall),
    /// What the name system says of a host.
    DnsAnswer(DnsAnswer),
    /// Something happened on a WebSocket.
    WebSocket(WebSocketEvent),
    /// A console message or an uncaught error.
    Console(Console),
    /// A dialog (alert, confirm, prompt, beforeunload) opened and was answered.
    Dialog(Dialog),
    /// A download began and was refused.
    Download(Download),
    /// A renderer, worker or the browser went away.
    Crash(Crash),
    /// A picture of the viewport.
    Screenshot(Screenshot),
    /// What the page said: title, text, links, fields.
    Page(Page),
    /// A consent banner was seen.
    Banner(Banner),
    /// A layer of it, with what can be operated.
    BannerLayer(BannerLayer),
    /// What a consent platform declares.
    Declaration(Declaration),
    /// The consent platform's own state.
    ConsentState(ConsentState),
    /// A step of making the choice.
    ConsentAction(ConsentAction),
    /// A value was typed into a field.
    Typed(Typed),
    /// The page was kept from submitting something.
    SubmitPrevented(SubmitPrevented),
    /// How the typing went as a whole.
    Probe(Probe),
    /// The page came to rest, or the wait for it ended.
    Settle(Settle),
    /// Last line.
    Footer(Footer),
    /// A kind that this version does not know, kept as it was.
    #[serde(untagged)]
    Unknown(Value),
}

impl Observation {
    /// Types of lines that this version knows.
    const KNOWN: [&str; 33] = [
        "header",
        "phase",
        "target",
        "frame",
        "request",
        "request-headers",
        "response",
        "response-headers",
        "request-done",
        "body",
        "cookie-write",
        "cookie-jar",
        "storage-write",
        "listener",
        "api-call",
        "dns-answer",
        "web-socket",
        "console",
        "dialog",
        "download",
        "crash",
        "screenshot",
        "page",
        "banner",
        "banner-layer",
        "declaration",
        "consent-state",
        "consent-action",
        "typed",
        "submit-prevented",
        "probe",
        "settle",
        "footer",
    ];

    /// The type of a line that should be known but could not be read as what it says it is.
    pub(crate) fn misread(&self) -> Option<&str> {
        let Observation::Unknown(value) = self else { return None };
        value["type"].as_str().filter(|t| Self::KNOWN.contains(t))
    }
}

/// Where an observation stands: no finding without it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Digest of the sealed record.
    pub record: Digest,
    /// Number of the line.
    pub line: u64,
    /// Digest of the blob that matters, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<Digest>,
}
