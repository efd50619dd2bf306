//! How the page led to a request: from link to link, the page first, each with how it is known.

use affiant_detect::facts::{Cause, RequestFact, VisitFacts};

use crate::judgement::ChainLink;
use crate::recipient::recipient;
use crate::words::{address, plain};

/// A longer chain is cut: nothing real is that deep, and the data may go in circles.
const MOST_LINKS: usize = 32;

/// Indices of the requests that led to this one, the first cause first, itself last.
pub(crate) fn indices(visit: &VisitFacts, index: usize) -> Vec<usize> {
    let mut out = Vec::new();
    let mut next = Some(index);
    while let Some(i) = next {
        let Some(r) = visit.requests.get(i) else { break };
        if out.contains(&i) || out.len() == MOST_LINKS {
            break;
        }
        out.push(i);
        next = r.caused_by;
    }
    out.reverse();
    out
}

/// The chain to this request.
pub(crate) fn to(visit: &VisitFacts, index: usize) -> Vec<ChainLink> {
    let mut path = indices(visit, index);
    let page = visit.requests.first().filter(|r| r.cause.kind == "page");
    if page.is_some() && path.first().is_some_and(|first| *first != 0) && path.len() < MOST_LINKS {
        path.insert(0, 0);
    }
    path.iter().filter_map(|i| visit.requests.get(*i).map(|r| link(visit, *i, r))).collect()
}

fn link(visit: &VisitFacts, index: usize, r: &RequestFact) -> ChainLink {
    let tag = r.tag.and_then(|t| visit.tags.get(t)).map(|t| t.vendor.clone());
    let vendor = recipient(visit, index).and_then(|_| tag.or_else(|| r.vendor.clone()));
    ChainLink { url: r.url.to_string(), vendor, how: how(&r.cause), evidence: r.evidence.clone() }
}

/// A cause, in words.
pub(crate) fn how(cause: &Cause) -> String {
    let place = place(cause);
    match (cause.kind.as_str(), place) {
        ("page", _) => "the address that was visited".to_owned(),
        ("parser", Some(p)) => format!("named in the document {p}"),
        ("parser", None) => "named in the document".to_owned(),
        ("script", Some(p)) => format!("script at {p}"),
        ("script", None) => "a script that is not known".to_owned(),
        ("redirect", Some(p)) => format!("redirect from {p}"),
        ("redirect", None) => "redirect".to_owned(),
        ("frame", Some(p)) => format!("a frame in {p}"),
        ("frame", None) => "a frame".to_owned(),
        ("preload", Some(p)) => format!("preload asked for by {p}"),
        ("preload", None) => "preload".to_owned(),
        ("preflight", _) => "preflight of a request to another origin".to_owned(),
        _ => "the cause is not known".to_owned(),
    }
}

/// `https://…/app.js:12:3 (loadTag)`.
pub(crate) fn place(cause: &Cause) -> Option<String> {
    let mut out = address(cause.url.as_deref()?);
    if let Some(line) = cause.line {
        out.push_str(&format!(":{line}"));
        if let Some(column) = cause.column {
            out.push_str(&format!(":{column}"));
        }
    }
    if let Some(f) = cause.function.as_deref().filter(|f| !f.is_empty()) {
        out.push_str(&format!(" ({})", plain(f, 60)));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::visit;
    use affiant_record::Scenario;

    #[test]
    fn goes_from_the_page_to_the_request_and_says_how() {
        let v = visit(Scenario::NoChoice)
            .send(10.0, "Google Tag Manager")
            .send(20.0, "Hotjar")
            .caused_by(1, "script", "https://www.googletagmanager.com/gtm.js", 12)
            .done();
        let chain = to(&v, 2);
        assert_eq!(chain.len(), 3);
        assert_eq!(chain[0].url, "https://shop.example/");
        assert_eq!(chain[0].vendor, None);
        assert_eq!(chain[1].vendor.as_ref().unwrap().name, "Google Tag Manager");
        assert_eq!(chain[2].how, "script at https://www.googletagmanager.com/gtm.js:12:1");
    }

    #[test]
    fn circles_and_wild_indices_end() {
        let mut v = visit(Scenario::NoChoice).send(10.0, "a.example").send(20.0, "b.example").done();
        v.requests[1].caused_by = Some(2);
        v.requests[2].caused_by = Some(1);
        assert_eq!(indices(&v, 2), [1, 2]);
        v.requests[1].caused_by = Some(77);
        assert_eq!(indices(&v, 2), [1, 2]);
        assert_eq!(indices(&v, 77), [] as [usize; 0]);
    }
}
