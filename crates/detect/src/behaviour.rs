//! What scripts do beside sending and storing: whom they listen to, and which telling interfaces they use.

use affiant_record::{Observation, VisitRecord};
use indexmap::IndexMap;

use crate::behind::{Behind, script};
use crate::facts::{ApiUseFact, ListenerFact};

/// Details of one interface and script that are passed on.
const DETAILS: usize = 20;
/// What a script did to be told of a visitor's input is a use too, under this name.
const LISTENS: &str = "addEventListener ";

/// The listeners that were found in place.
pub(crate) fn listeners(record: &VisitRecord, behind: &Behind<'_>) -> Vec<ListenerFact> {
    let found = record.lines.iter().filter_map(|line| match &line.what {
        Observation::Listener(l) => {
            let url = (!l.handler.url.is_empty()).then(|| l.handler.url.clone());
            Some(ListenerFact {
                at: l.at.as_str().into(),
                on: l.on.as_str().into(),
                selector: l.selector.as_deref().map(Into::into),
                event: l.event.as_str().into(),
                vendor: url.as_deref().and_then(|u| behind.vendor(u, line.t)),
                script: url.map(Into::into),
                line: l.handler.line.saturating_add(1),
                column: l.handler.column.saturating_add(1),
                count: l.count,
                evidence: record.evidence(line.n),
            })
        }
        _ => None,
    });
    found.collect()
}

/// The uses of interfaces, one an interface and script.
pub(crate) fn api_uses(record: &VisitRecord, behind: &Behind<'_>) -> Vec<ApiUseFact> {
    let mut all: IndexMap<(&str, &str), ApiUseFact> = IndexMap::new();
    for line in &record.lines {
        let Observation::ApiCall(c) = &line.what else { continue };
        if c.api.starts_with(LISTENS) {
            continue;
        }
        let Some(url) = script(&c.stack) else { continue };
        let one = all.entry((&c.api, url)).or_insert_with(|| ApiUseFact {
            t: line.t,
            api: c.api.as_str().into(),
            details: Vec::new(),
            script: url.into(),
            brought_by: behind.brought(url, line.t),
            vendor: behind.vendor(url, line.t),
            evidence: record.evidence(line.n),
        });
        one.t = one.t.min(line.t);
        if let Some(detail) = c.detail.as_ref().filter(|d| !one.details.iter().any(|x| x == *d))
            && one.details.len() < DETAILS
        {
            one.details.push(detail.as_str().into());
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::behaviour::{ApiCall, Listener};
    use affiant_record::network::{StackFrame, StackSegment};

    use crate::sample::{other, parser, record, request};
    use crate::{Catalog, facts};

    const PAGE: &str = "https://www.shop.test/";
    const CLARITY: &str = "https://www.clarity.ms/s/0.8.70/clarity.js";

    #[test]
    fn listeners_and_uses_are_named_by_their_script() {
        let frame = |url: &str| StackFrame { url: url.into(), line: 4, column: 9, ..StackFrame::default() };
        let uses = |api: &str, detail: Option<&str>| {
            Observation::ApiCall(ApiCall {
                api: api.into(),
                detail: detail.map(str::to_owned),
                stack: vec![StackSegment { frames: vec![frame(CLARITY)], ..StackSegment::default() }],
                ..ApiCall::default()
            })
        };
        let r = record(
            PAGE,
            vec![
                (1.0, Observation::Request(request("1", PAGE, "Document", other()))),
                (2.0, Observation::Request(request("2", CLARITY, "Script", parser(PAGE)))),
                (3.0, uses("CanvasRenderingContext2D.measureText", Some("10px a"))),
                (4.0, uses("CanvasRenderingContext2D.measureText", Some("10px b"))),
                (5.0, uses("CanvasRenderingContext2D.measureText", Some("10px b"))),
                (6.0, uses("addEventListener keydown", Some("document"))),
                (
                    7.0,
                    Observation::Listener(Listener {
                        at: "leave".into(),
                        on: "document".into(),
                        event: "keydown".into(),
                        handler: frame(CLARITY),
                        count: 1,
                        ..Listener::default()
                    }),
                ),
            ],
        );
        let f = facts(&r, "v", Catalog::embedded(), None);
        assert_eq!(f.api_uses.len(), 1);
        assert_eq!((f.api_uses[0].t, f.api_uses[0].brought_by), (3.0, Some(1)));
        assert_eq!(f.api_uses[0].details, ["10px a", "10px b"]);
        let vendor = |v: &Option<crate::facts::VendorRef>| v.as_ref().map(|v| v.name.clone());
        assert_eq!(vendor(&f.api_uses[0].vendor).as_deref(), Some("Microsoft Clarity"));
        assert_eq!((f.listeners[0].line, f.listeners[0].column), (5, 10));
        assert_eq!(vendor(&f.listeners[0].vendor).as_deref(), Some("Microsoft Clarity"));
    }
}
