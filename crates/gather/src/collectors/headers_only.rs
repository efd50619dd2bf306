//! Requests that the browser told by their headers alone: whoever sent them was gone before it could tell more.
//!
//! A worker ends with its page, and so do its last words; but the network tells which headers left. Over HTTP/2 and
//! HTTP/3 these hold the whole address. Measured: the page's own target gets them, after the worker's has ended.

use std::collections::HashMap;
use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::network::{Body, BodyOf, Headers, Initiator, Request};

use crate::recorder::When;
use crate::session::shared::Shared;

/// How many are kept in one visit at most.
const MOST: usize = 1000;
/// How such a request is marked in the record.
const TOLD_BY: &str = "told_by";

/// Requests of which only the headers that left were told so far: when, and the headers.
#[derive(Default)]
pub(crate) struct HeadersOnly(HashMap<String, (When, Headers)>);

impl HeadersOnly {
    /// Keeps the headers of a request that was not told yet.
    pub(super) fn keep(&mut self, id: &str, when: When, headers: &Headers) {
        if self.0.len() < MOST {
            self.0.insert(id.to_owned(), (when, headers.clone()));
        }
    }

    /// The request was told.
    pub(super) fn told(&mut self, id: &str) {
        self.0.remove(id);
    }
}

/// Writes down those of the visit that nobody told in full, at its end.
pub(crate) fn flush(shared: &Arc<Shared>) {
    let left: Vec<(String, (When, Headers))> = {
        let mut state = shared.lock();
        let left = state.visit.headers_only.0.drain().collect::<Vec<_>>();
        state.visit.requests.seen += left.len() as u64;
        left
    };
    for (id, (when, headers)) in left {
        let Some(request) = request(&id, &headers) else {
            tracing::debug!(id, "headers without an address");
            continue;
        };
        let body = request.has_body;
        shared.recorder.record(when, Observation::Request(request));
        if body {
            shared.recorder.record(
                when,
                Observation::Body(Body {
                    request_id: id,
                    of: BodyOf::Request,
                    missing: Some("whoever sent it was gone before it could be asked for".to_owned()),
                    ..Default::default()
                }),
            );
        }
    }
}

/// The request as its headers tell it; nothing over HTTP/1, which keeps the address out of them.
fn request(id: &str, headers: &Headers) -> Option<Request> {
    let value =
        |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
    let url = format!("{}://{}{}", value(":scheme")?, value(":authority")?, value(":path")?);
    let mut request = Request {
        request_id: id.to_owned(),
        url,
        method: value(":method").unwrap_or_default().to_owned(),
        document_url: value("referer").or(value("origin")).unwrap_or_default().to_owned(),
        resource_type: "Other".to_owned(),
        initiator: Initiator { kind: "other".to_owned(), ..Default::default() },
        has_body: value("content-length").is_some_and(|n| n != "0"),
        ..Default::default()
    };
    request.extra.insert(TOLD_BY.to_owned(), "the headers that left".into());
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_in_the_headers_of_http_2_and_not_of_http_1() {
        let of = |list: &[(&str, &str)]| {
            let headers = list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            request("7.1", &headers)
        };
        let r = of(&[
            (":method", "POST"),
            (":authority", "api.vendor.example"),
            (":scheme", "https"),
            (":path", "/track?a=1"),
            ("content-length", "193"),
            ("origin", "https://shop.example"),
        ])
        .unwrap();
        assert_eq!((r.url.as_str(), r.method.as_str()), ("https://api.vendor.example/track?a=1", "POST"));
        assert!(r.has_body && r.extra.contains_key(TOLD_BY));
        assert!(of(&[("Host", "api.vendor.example"), ("Content-Length", "3")]).is_none());
    }
}
