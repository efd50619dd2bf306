//! A request put together again from the lines that tell of it.

use std::collections::HashMap;

use crate::network::{Body, BodyOf, Request, RequestDone, RequestHeaders, Response, ResponseHeaders};
use crate::{Line, Observation};

/// Identifies a request within its record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExchangeId {
    /// The browser's request id.
    pub request_id: String,
    /// Redirect hop, from 0.
    pub hop: u32,
}

/// A part of an exchange: the line it stands on, its time, and what it says.
#[derive(Debug)]
pub struct Part<'r, T> {
    /// Line number.
    pub line: u64,
    /// Time in ms.
    pub t: f64,
    /// Content.
    pub what: &'r T,
}

impl<T> Clone for Part<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<'_, T> {}

/// A request with all that was seen of it.
#[derive(Debug, Clone)]
pub struct Exchange<'r> {
    /// The request itself.
    pub request: Part<'r, Request>,
    /// Headers as sent.
    pub sent: Option<Part<'r, RequestHeaders>>,
    /// The response.
    pub response: Option<Part<'r, Response>>,
    /// Headers as received.
    pub received: Option<Part<'r, ResponseHeaders>>,
    /// Its end.
    pub done: Option<Part<'r, RequestDone>>,
    /// What was sent with it.
    pub request_body: Option<Part<'r, Body>>,
    /// What came back.
    pub response_body: Option<Part<'r, Body>>,
}

impl Exchange<'_> {
    /// Its id.
    pub fn id(&self) -> ExchangeId {
        ExchangeId { request_id: self.request.what.request_id.clone(), hop: self.request.what.hop }
    }

    /// Whether bytes can have left the browser for the network: not blocked before sending, not from a cache.
    ///
    /// A request whose fate is not recorded counts as sent: it was attempted.
    pub fn left_browser(&self) -> bool {
        let blocked = self.done.is_some_and(|d| d.what.blocked.is_some()) && self.response.is_none();
        let cached = self.response.is_some_and(|r| r.what.from_cache) && self.sent.is_none();
        let local = ["data:", "blob:", "about:", "chrome:", "devtools:", "file:"];
        !blocked && !cached && !local.iter().any(|p| self.request.what.url.starts_with(p))
    }
}

/// Puts exchanges together from a record's lines.
pub(crate) fn assemble(lines: &[Line]) -> Vec<Exchange<'_>> {
    let mut out: Vec<Exchange<'_>> = Vec::new();
    let mut at: HashMap<(&str, u32), usize> = HashMap::new();
    for l in lines {
        if let Observation::Request(r) = &l.what {
            let new = Exchange {
                request: Part { line: l.n, t: l.t, what: r },
                sent: None,
                response: None,
                received: None,
                done: None,
                request_body: None,
                response_body: None,
            };
            at.entry((&r.request_id, r.hop)).or_insert_with(|| {
                out.push(new);
                out.len() - 1
            });
        }
    }
    macro_rules! part {
        ($l:expr, $x:expr, $field:ident) => {
            if let Some(i) = at.get(&($x.request_id.as_str(), $x.hop)) {
                out[*i].$field.get_or_insert(Part { line: $l.n, t: $l.t, what: $x });
            }
        };
    }
    for l in lines {
        match &l.what {
            Observation::RequestHeaders(x) => part!(l, x, sent),
            Observation::Response(x) => part!(l, x, response),
            Observation::ResponseHeaders(x) => part!(l, x, received),
            Observation::RequestDone(x) => part!(l, x, done),
            Observation::Body(x) if x.of == BodyOf::Request => part!(l, x, request_body),
            Observation::Body(x) => part!(l, x, response_body),
            _ => {}
        }
    }
    out
}
