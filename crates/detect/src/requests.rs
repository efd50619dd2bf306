//! Every request of a visit in order of time, WebSockets among them.

use std::collections::HashSet;

use affiant_record::network::{Initiator, Request, WebSocketEvent};
use affiant_record::{Exchange, Observation, VisitRecord};

use crate::bodies::{Bodies, Body};

/// One attempted request.
#[derive(Debug, Clone)]
pub(crate) struct Sent<'r> {
    /// Time sent, ms.
    pub(crate) t: f64,
    /// Line of the record.
    pub(crate) line: u64,
    /// What was seen of it.
    pub(crate) how: How<'r>,
}

/// What was seen of a request.
#[derive(Debug, Clone)]
pub(crate) enum How<'r> {
    /// An exchange over HTTP.
    Http(Box<Exchange<'r>>),
    /// A WebSocket from its opening on.
    Socket {
        /// Its opening.
        opened: &'r WebSocketEvent,
        /// Bytes of the frames that were sent.
        sent_bytes: u64,
        /// What went wrong.
        error: Option<&'r str>,
    },
}

/// Every request in order of time.
pub(crate) fn all(record: &VisitRecord) -> Vec<Sent<'_>> {
    let mut out: Vec<Sent<'_>> = record
        .exchanges()
        .into_iter()
        .map(|e| Sent { t: e.request.t, line: e.request.line, how: How::Http(Box::new(e)) })
        .collect();
    let known: HashSet<&str> =
        out.iter().filter_map(|s| s.request()).map(|r| r.request_id.as_str()).collect();
    let sockets = sockets(record, &known);
    out.extend(sockets);
    out.sort_by(|a, b| a.t.total_cmp(&b.t).then(a.line.cmp(&b.line)));
    out
}

fn sockets<'r>(record: &'r VisitRecord, known: &HashSet<&str>) -> Vec<Sent<'r>> {
    let mut out: indexmap::IndexMap<&str, Sent<'r>> = indexmap::IndexMap::new();
    let events = record.lines.iter().filter_map(|l| match &l.what {
        Observation::WebSocket(w) if !known.contains(w.request_id.as_str()) => Some((l, w)),
        _ => None,
    });
    for (l, w) in events.clone().filter(|(_, w)| w.url.is_some()) {
        let how = How::Socket { opened: w, sent_bytes: 0, error: None };
        out.entry(&w.request_id).or_insert(Sent { t: l.t, line: l.n, how });
    }
    for (_, w) in events {
        if let Some(Sent { how: How::Socket { sent_bytes, error, .. }, .. }) =
            out.get_mut(w.request_id.as_str())
        {
            if w.event == "sent" {
                *sent_bytes = sent_bytes.saturating_add(w.payload.as_ref().map_or(0, |p| p.len));
            }
            if let Some(e) = &w.error {
                error.get_or_insert(e);
            }
        }
    }
    out.into_values().collect()
}

impl<'r> Sent<'r> {
    /// The exchange, where it is one.
    pub(crate) fn http(&self) -> Option<&Exchange<'r>> {
        match &self.how {
            How::Http(e) => Some(e),
            How::Socket { .. } => None,
        }
    }

    /// The line that tells of the request, where it is an exchange.
    pub(crate) fn request(&self) -> Option<&'r Request> {
        self.http().map(|e| e.request.what)
    }

    /// Address.
    pub(crate) fn url(&self) -> &'r str {
        match &self.how {
            How::Http(e) => &e.request.what.url,
            How::Socket { opened, .. } => opened.url.as_deref().unwrap_or_default(),
        }
    }

    /// The browser's id of the socket, where it is one.
    pub(crate) fn socket(&self) -> Option<&'r str> {
        match &self.how {
            How::Socket { opened, .. } => Some(&opened.request_id),
            How::Http(_) => None,
        }
    }

    /// Who caused it, as the browser tells it.
    pub(crate) fn initiator(&self) -> Option<&'r Initiator> {
        match &self.how {
            How::Http(e) => Some(&e.request.what.initiator),
            How::Socket { opened, .. } => opened.initiator.as_ref(),
        }
    }

    /// Target that sent it.
    pub(crate) fn target(&self) -> &'r str {
        match &self.how {
            How::Http(e) => &e.request.what.target,
            How::Socket { opened, .. } => &opened.target,
        }
    }

    /// Frame that it belongs to.
    pub(crate) fn frame(&self) -> Option<&'r str> {
        self.request().and_then(|r| r.frame.as_deref())
    }

    /// Whether it is a frame's navigation.
    pub(crate) fn is_navigation(&self) -> bool {
        self.request().is_some_and(|r| r.navigation)
    }

    /// Status of the response.
    pub(crate) fn status(&self) -> Option<u16> {
        let e = self.http()?;
        e.response.map(|r| r.what.status).or(e.received.map(|r| r.what.status)).filter(|s| *s != 0)
    }

    /// Why it did not succeed.
    pub(crate) fn error(&self) -> Option<String> {
        match &self.how {
            How::Socket { error, .. } => error.map(str::to_owned),
            How::Http(e) => {
                let d = e.done?.what;
                match (&d.blocked, &d.error) {
                    (Some(b), _) => Some(format!("blocked: {b}")),
                    (None, Some(e)) => Some(e.clone()),
                    (None, None) => (d.end == "failed" || d.end == "canceled").then(|| d.end.clone()),
                }
            }
        }
    }

    /// Whether bytes can have left the browser.
    pub(crate) fn left_browser(&self) -> bool {
        self.http().is_none_or(Exchange::left_browser)
    }

    /// Length of the body that was sent, where one was and it is known.
    pub(crate) fn body_bytes(&self) -> Option<u64> {
        match &self.how {
            How::Socket { sent_bytes, .. } => (*sent_bytes > 0).then_some(*sent_bytes),
            How::Http(e) => {
                let told = e.request_body.and_then(|b| b.what.bytes.as_ref()).map(|b| b.len);
                told.or_else(|| {
                    if e.request.what.has_body {
                        self.header("content-length")?.trim().parse().ok()
                    } else {
                        None
                    }
                })
            }
        }
    }

    /// Number of cookies sent.
    pub(crate) fn cookies_sent(&self) -> u32 {
        let Some(sent) = self.http().and_then(|e| e.sent) else { return 0 };
        let cookies = sent.what.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case("cookie"));
        let n = cookies.flat_map(|(_, v)| v.split(';')).filter(|c| !c.trim().is_empty()).count();
        u32::try_from(n).unwrap_or(u32::MAX)
    }

    /// The body that was sent, as far as it was kept.
    pub(crate) fn body(&self, bodies: &Bodies<'_>) -> Option<Body> {
        bodies.of_ref(self.http()?.request_body?.what.bytes.as_ref()?)
    }

    fn header(&self, name: &str) -> Option<&'r str> {
        let headers = &self.http()?.sent?.what.headers;
        headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}
