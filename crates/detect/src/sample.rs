//! For tests: records made in memory.

use affiant_record::footer::Footer;
use affiant_record::header::{Browser, Clock, Header, SCHEMA, Settings, Tool, Vantage};
use affiant_record::network::{Initiator, Request, StackFrame, StackSegment};
use affiant_record::{Completeness, Digest, Extra, Line, Observation, Outcome, Scenario, VisitRecord};

/// Wall time of every sample's zero.
pub(crate) const ZERO_MS: f64 = 1_764_000_000_000.0;

/// A record of these observations at these times, sealed.
pub(crate) fn record(url: &str, observations: Vec<(f64, Observation)>) -> VisitRecord {
    let header = Header {
        schema: SCHEMA,
        tool: Tool { name: "affiant".into(), version: "0.0.0".into() },
        browser: Browser::default(),
        plan: Digest([0; 32]),
        session: "s1".into(),
        ordinal: 0,
        scenario: Scenario::NoChoice,
        leg: None,
        choice: None,
        choice_visit: None,
        url: url.into(),
        vantage: Vantage::default(),
        settings: Settings::default(),
        clock: Clock { wall_at_zero_ms: ZERO_MS, ..Clock::default() },
        audit_sealed: false,
        extra: Extra::new(),
    };
    let footer = Footer {
        outcome: Outcome::Complete,
        final_url: Some(url.into()),
        consent: Default::default(),
        collectors: Default::default(),
        extra: Extra::new(),
    };
    let end = observations.iter().map(|(t, _)| *t).fold(0.0, f64::max);
    let mut all = vec![(0.0, Observation::Header(header.clone()))];
    all.extend(observations);
    all.push((end, Observation::Footer(footer.clone())));
    let lines = (0..).zip(all).map(|(n, (t, what))| Line { n, t, what }).collect();
    VisitRecord {
        dir: "/nowhere".into(),
        digest: Digest([7; 32]),
        completeness: Completeness::Sealed,
        header,
        lines,
        footer: Some(footer),
    }
}

/// A request of the main frame `F`.
pub(crate) fn request(id: &str, url: &str, resource_type: &str, initiator: Initiator) -> Request {
    Request {
        request_id: id.into(),
        target: "T".into(),
        frame: Some("F".into()),
        url: url.into(),
        method: "GET".into(),
        resource_type: resource_type.into(),
        navigation: resource_type == "Document",
        initiator,
        ..Request::default()
    }
}

/// By the parser of a document.
pub(crate) fn parser(url: &str) -> Initiator {
    Initiator {
        kind: "parser".into(),
        url: Some(url.into()),
        line: Some(9),
        column: Some(0),
        ..Initiator::default()
    }
}

/// By scripts, the innermost first.
pub(crate) fn script(urls: &[&str]) -> Initiator {
    Initiator { kind: "script".into(), stack: vec![stack(urls)], ..Initiator::default() }
}

/// A part of a call stack.
pub(crate) fn stack(urls: &[&str]) -> StackSegment {
    let frames =
        urls.iter().map(|u| StackFrame { url: (*u).into(), line: 4, column: 2, ..StackFrame::default() });
    StackSegment { description: None, frames: frames.collect() }
}

/// By nobody who is known.
pub(crate) fn other() -> Initiator {
    Initiator { kind: "other".into(), ..Initiator::default() }
}
