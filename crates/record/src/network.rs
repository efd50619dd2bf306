//! What crossed the network: requests, responses, bodies, WebSocket frames.
//!
//! A request is told in several lines because the browser tells it so; `request_id` and `hop` join them, and
//! [`crate::exchange`] puts them together again.

use serde::{Deserialize, Serialize};

use crate::{BlobRef, Extra};

/// Header name and value, in the order on the wire. Repeated headers repeat.
pub type Headers = Vec<(String, String)>;

/// A request that the browser was about to send. An attempt is a fact, also when it was blocked later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The browser's id, unique within the session together with `hop`.
    pub request_id: String,
    /// 0 for the first request, 1 after the first redirect, …
    pub hop: u32,
    /// Target (page, frame process or worker) that sent it.
    pub target: String,
    /// Frame that it belongs to; absent for workers.
    pub frame: Option<String>,
    /// Document or worker script in whose name it was sent.
    pub document_url: String,
    /// Address, with its fragment.
    pub url: String,
    /// HTTP method.
    pub method: String,
    /// Headers as the page asked for them; what was sent is in [`RequestHeaders`].
    pub headers: Headers,
    /// The browser's word: `Document`, `Script`, `XHR`, `Fetch`, `Ping`, `Image`, …
    pub resource_type: String,
    /// Whether it is the navigation of a frame.
    pub navigation: bool,
    /// Who caused it.
    pub initiator: Initiator,
    /// Whether a body was sent with it; the body itself is in a [`Body`] line.
    pub has_body: bool,
    /// Wall time in milliseconds since the Unix epoch as the browser told it.
    pub wall_ms: Option<f64>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Who caused a request, as the browser tells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Initiator {
    /// `parser`, `script`, `preload`, `preflight`, `SignedExchange`, `other`, or `redirect` for later hops.
    pub kind: String,
    /// Document or script, for `parser` and some others.
    pub url: Option<String>,
    /// Line in that document, from 0.
    pub line: Option<u64>,
    /// Column, from 0.
    pub column: Option<u64>,
    /// Call stack, newest segment first; later segments are the async parents.
    pub stack: Vec<StackSegment>,
    /// For a preflight: the request it was sent for.
    pub request_id: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A synchronous part of a call stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StackSegment {
    /// How this part led to the one before, e.g. `setTimeout`, `Promise.then`; absent for the newest.
    pub description: Option<String>,
    /// Frames, innermost first.
    pub frames: Vec<StackFrame>,
}

/// One frame of a call stack.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StackFrame {
    /// Function, may be empty.
    pub function: String,
    /// Script address; the document's for inline scripts; may be empty for code made at run time.
    pub url: String,
    /// Line, from 0.
    pub line: u64,
    /// Column, from 0.
    pub column: u64,
    /// The browser's id of the script, unique within its target.
    pub script_id: String,
}

/// The headers as sent on the wire.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestHeaders {
    /// Joins [`Request::request_id`].
    pub request_id: String,
    /// Joins [`Request::hop`].
    pub hop: u32,
    /// Headers on the wire, `Cookie` included.
    pub headers: Headers,
    /// Headers whose values were hidden before they were written, because the user gave them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// Cookies that were not sent, as `name` and the browser's reasons.
    pub blocked_cookies: Vec<BlockedCookie>,
    /// Cookies that were sent: which of those in the jar. Their values stand in the `Cookie` header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent_cookies: Vec<SentCookie>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// A cookie that the browser kept back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockedCookie {
    /// Its name.
    pub name: String,
    /// Its domain, where known.
    pub domain: String,
    /// The browser's reasons, e.g. `SameSiteLax`, `ThirdPartyPhaseout`.
    pub reasons: Vec<String>,
}

/// A cookie that went with a request: its key in the jar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentCookie {
    /// Its name.
    pub name: String,
    /// Its domain; with a leading dot where subdomains get it too.
    pub domain: String,
    /// Its path.
    pub path: String,
    /// Top-level site it is partitioned by (CHIPS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
}

/// A response as far as its headers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// Joins [`Request::request_id`].
    pub request_id: String,
    /// Joins [`Request::hop`].
    pub hop: u32,
    /// HTTP status.
    pub status: u16,
    /// Headers as the page may see them; what was received is in [`ResponseHeaders`].
    pub headers: Headers,
    /// MIME type.
    pub mime: String,
    /// Address of the server, if the browser told it.
    pub remote_ip: Option<String>,
    /// Port of the server.
    pub remote_port: Option<u16>,
    /// Protocol, e.g. `h2`, `http/1.1`, `ws`.
    pub protocol: Option<String>,
    /// Whether it came from the disk or memory cache.
    pub from_cache: bool,
    /// Whether a service worker answered.
    pub from_service_worker: bool,
    /// Issuer of the certificate, for TLS.
    pub tls_issuer: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The headers as received on the wire.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResponseHeaders {
    /// Joins [`Request::request_id`].
    pub request_id: String,
    /// Joins [`Request::hop`].
    pub hop: u32,
    /// HTTP status on the wire.
    pub status: u16,
    /// Headers on the wire, `Set-Cookie` included.
    pub headers: Headers,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The end of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestDone {
    /// Joins [`Request::request_id`].
    pub request_id: String,
    /// Joins [`Request::hop`].
    pub hop: u32,
    /// `finished`, `failed`, `canceled` or `redirected`.
    pub end: String,
    /// What the browser said, e.g. `net::ERR_ABORTED`.
    pub error: Option<String>,
    /// Why it was blocked, e.g. `csp`, `mixed-content`, or a CORS error.
    pub blocked: Option<String>,
    /// Bytes on the wire, headers and body.
    pub encoded_bytes: Option<u64>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyOf {
    /// What was sent.
    #[default]
    Request,
    /// What came back.
    Response,
}

/// The body of a request or a response.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Joins [`Request::request_id`].
    pub request_id: String,
    /// Joins [`Request::hop`].
    pub hop: u32,
    /// Which one.
    pub of: BodyOf,
    /// Hash and length of the whole body, and whether its bytes were kept.
    pub bytes: Option<BlobRef>,
    /// Why the body or a part of it is missing.
    pub missing: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An event of a WebSocket.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WebSocketEvent {
    /// The browser's id of the socket.
    pub request_id: String,
    /// `created`, `handshake`, `handshake-answer`, `sent`, `received`, `error`, `closed`.
    pub event: String,
    /// Target that owns it.
    pub target: String,
    /// Address, on `created`.
    pub url: Option<String>,
    /// Who caused it, on `created`.
    pub initiator: Option<Initiator>,
    /// Headers, on `handshake`.
    pub headers: Headers,
    /// 1 text, 2 binary, 8 close, …, on frames.
    pub opcode: Option<u8>,
    /// The frame's payload.
    pub payload: Option<BlobRef>,
    /// Error text, on `error`.
    pub error: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What the name system says of a host, asked by affiant itself and not by the browser.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DnsAnswer {
    /// The host that was asked for.
    pub host: String,
    /// The names that it is an alias of (CNAME), in order, without the host itself. Empty: no alias.
    pub aliases: Vec<String>,
    /// Addresses at the end of the chain.
    pub addresses: Vec<String>,
    /// Who was asked, e.g. `192.0.2.53:53`.
    pub asked: String,
    /// Why there is no answer.
    pub error: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub extra: Extra,
}
