//! Signs that a server of the site's own domain takes what tags send, as tag managers do on servers.
//!
//! What such a server passes on, and to whom, is not seen by any browser: only the signs are told.

use affiant_record::Evidence;
use affiant_record::network::Headers;

use crate::address::Address;
use crate::facts::{NameFact, Party, RequestFact, ServerSideFact};
use crate::requests::Sent;

/// Header with which a server container is asked for a preview.
const PREVIEW: &str = "x-gtm-server-preview";
/// Pieces of evidence that one fact names.
const EVIDENCE: usize = 5;

/// A sign: its name, and what was seen, in words that claim no more.
type Sign = (&'static str, &'static str);

const COLLECT: Sign = (
    "google-collect",
    "requests in the form of Google Analytics (/g/collect or /collect with tid) to a host of the site",
);
const CONTAINER: Sign =
    ("gtm-container", "Google Tag Manager's container, by its path and id, from a host of the site");
const GTAG: Sign = ("gtag-library", "Google's gtag library, by its path and id, from a host of the site");
const FRAME: Sign = (
    "gtm-server-path",
    "paths of a Google server container (/_/set_cookie, /_/service_worker) on a host of the site",
);
const CONSENT: Sign = (
    "google-consent-parameters",
    "Google's consent parameters (gcs, gcd) in requests to a host of the site under another path: a loader of its own",
);
const PREVIEWED: Sign =
    ("gtm-server-preview", "the header x-gtm-server-preview in an exchange with a host of the site");
const ADOBE: Sign = (
    "adobe-edge",
    "requests in the form of Adobe's edge network (/ee/…/v1/interact or collect) to a host of the site",
);

const HOSTED: Sign = (
    "server-container-host",
    "a host of the site is an alias of Stape, which runs Google server containers for others",
);
/// Domains of who runs server containers for others.
const HOSTERS: [&str; 2] = [".stape.net", ".stape.io"];

/// The signs on hosts of the site.
pub(crate) fn signs(sent: &[Sent<'_>], requests: &[RequestFact], names: &[NameFact]) -> Vec<ServerSideFact> {
    let mut out: Vec<ServerSideFact> = Vec::new();
    for (i, (s, r)) in sent.iter().zip(requests).enumerate() {
        if r.party != Party::First || r.host.is_empty() {
            continue;
        }
        let address = Address::parse(&r.url);
        let by_address = by_address(&address).map(|sign| (sign, r.evidence.clone()));
        let by_header = preview(s, &r.evidence).map(|at| (PREVIEWED, at));
        for ((sign, what), evidence) in by_address.into_iter().chain(by_header) {
            match out.iter_mut().find(|f| f.sign == sign && f.host == r.host) {
                Some(f) => {
                    f.requests.push(i);
                    if f.evidence.len() < EVIDENCE {
                        f.evidence.push(evidence);
                    }
                }
                None => out.push(ServerSideFact {
                    sign: sign.to_owned(),
                    host: r.host.to_string(),
                    what: what.to_owned(),
                    requests: vec![i],
                    evidence: vec![evidence],
                }),
            }
        }
    }
    let hosted = |n: &&NameFact| n.aliases.iter().any(|a| HOSTERS.iter().any(|h| a.ends_with(h)));
    for n in names.iter().filter(hosted) {
        let to = requests.iter().enumerate().filter(|(_, r)| r.host == n.host).map(|(i, _)| i);
        out.push(ServerSideFact {
            sign: HOSTED.0.to_owned(),
            host: n.host.clone(),
            what: HOSTED.1.to_owned(),
            requests: to.collect(),
            evidence: vec![n.evidence.clone()],
        });
    }
    out
}

fn by_address(a: &Address) -> Option<Sign> {
    let id = |name: &str, starts: &[&str]| {
        a.parameter(name).is_some_and(|v| starts.iter().any(|s| v.strip_prefix(s).is_some_and(is_id)))
    };
    let ends = |end: &str| a.path.ends_with(end);
    if (ends("/g/collect") || ends("/collect")) && id("tid", &["G-", "UA-", "AW-", "GT-"]) {
        return Some(COLLECT);
    }
    if ends("/gtm.js") || ends("/ns.html") {
        return id("id", &["GTM-"]).then_some(CONTAINER);
    }
    if ends("/gtag/js") {
        return id("id", &["G-", "GT-", "AW-", "DC-", "UA-"]).then_some(GTAG);
    }
    if a.path.contains("/_/set_cookie") || a.path.contains("/_/service_worker/") {
        return Some(FRAME);
    }
    let edge = a.path.split_once("/ee/").is_some_and(|(_, rest)| {
        ["v1/interact", "v1/collect"].iter().any(|e| rest == *e || rest.ends_with(&format!("/{e}")))
    });
    if edge && a.parameter("configId").or_else(|| a.parameter("datastreamId")).is_some() {
        return Some(ADOBE);
    }
    let gcs = a.parameter("gcs").is_some_and(|v| v.len() == 4 && v.starts_with("G1") && of(&v[2..], b"01-"));
    let gcd = a.parameter("gcd").is_some_and(|v| {
        v.len() >= 8 && v.len() <= 24 && v.starts_with(['1', '2', '3']) && of(&v, b"0123456789lpqtrmnuv")
    });
    (gcs || gcd).then_some(CONSENT)
}

fn is_id(rest: &str) -> bool {
    rest.len() >= 2 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn of(text: &str, letters: &[u8]) -> bool {
    text.bytes().all(|b| letters.contains(&b))
}

/// The line in which the preview's header stands.
fn preview(s: &Sent<'_>, request: &Evidence) -> Option<Evidence> {
    let e = s.http()?;
    let has = |h: &Headers| h.iter().any(|(n, _)| n.eq_ignore_ascii_case(PREVIEW));
    let at = |line| Evidence { line, ..request.clone() };
    let sent = e.sent.filter(|p| has(&p.what.headers)).map(|p| p.line);
    let asked = has(&e.request.what.headers).then_some(e.request.line);
    let response = e.response.filter(|p| has(&p.what.headers)).map(|p| p.line);
    let received = e.received.filter(|p| has(&p.what.headers)).map(|p| p.line);
    sent.or(asked).or(received).or(response).map(at)
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::network::{DnsAnswer, ResponseHeaders};
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{other, parser, record, request};
    use crate::{Catalog, facts};

    const PAGE: &str = "https://www.shop.test/";

    fn of_urls(urls: &[&str]) -> Vec<(String, String)> {
        let mut lines = vec![(1.0, Observation::Request(request("page", PAGE, "Document", other())))];
        for (i, url) in urls.iter().enumerate() {
            lines.push((2.0, Observation::Request(request(&i.to_string(), url, "Fetch", parser(PAGE)))));
        }
        let f = facts(&record(PAGE, lines), "v", Catalog::embedded(), None);
        for s in &f.network.server_side {
            for (i, e) in s.requests.iter().zip(&s.evidence) {
                assert_eq!(f.requests[*i].evidence, *e);
            }
        }
        f.network.server_side.into_iter().map(|s| (s.sign, s.host)).collect()
    }

    fn one(url: &str) -> Option<String> {
        of_urls(&[url]).into_iter().next().map(|(sign, _)| sign)
    }

    #[test]
    fn signs_by_address() {
        for (url, sign) in [
            ("https://sgtm.shop.test/g/collect?v=2&tid=G-ABC123", "google-collect"),
            ("https://www.shop.test/metrics/g/collect?v=2&tid=G-ABC123&gcs=G100", "google-collect"),
            ("https://sgtm.shop.test/collect?v=1&tid=UA-1-1", "google-collect"),
            ("https://sgtm.shop.test/gtm.js?id=GTM-ABC123", "gtm-container"),
            ("https://sgtm.shop.test/ns.html?id=GTM-ABC123", "gtm-container"),
            ("https://sgtm.shop.test/gtag/js?id=G-ABC123&l=dataLayer", "gtag-library"),
            ("https://sgtm.shop.test/_/set_cookie?val=x", "gtm-server-path"),
            ("https://load.shop.test/abcd.js?z=1&gcs=G111", "google-consent-parameters"),
            ("https://load.shop.test/abcd?gcd=13l3l3l3l1l1", "google-consent-parameters"),
            ("https://edge.shop.test/ee/v1/interact?configId=1234", "adobe-edge"),
            ("https://edge.shop.test/ee/va6/v1/collect?configId=1234", "adobe-edge"),
        ] {
            assert_eq!(one(url).as_deref(), Some(sign), "{url}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_no_sign() {
        for url in [
            "https://www.google-analytics.com/g/collect?v=2&tid=G-ABC123",
            "https://www.shop.test/g/collect",
            "https://www.shop.test/collect?tid=42",
            "https://www.shop.test/gtm.js",
            "https://www.shop.test/gtm.js?id=GTM-",
            "https://www.shop.test/gtag/js?id=x",
            "https://www.shop.test/?gcs=G2",
            "https://www.shop.test/?gcs=G1é",
            "https://www.shop.test/?gcd=abc",
            "https://www.shop.test/?gcd=12345",
            "https://www.shop.test/employee/v1/interact?configId=1",
            "https://www.shop.test/ee/v1/interact",
            "https://www.shop.test/?next=https://x.test/g/collect?tid=G-ABC123",
        ] {
            assert_eq!(one(url), None, "{url}");
        }
    }

    #[test]
    fn one_fact_a_host_and_sign_and_the_header_points_to_its_line() {
        let u = "https://sgtm.shop.test/g/collect?v=2&tid=G-ABC123";
        assert_eq!(of_urls(&[u, u, u]).len(), 1);
        let mut lines = vec![(1.0, Observation::Request(request("page", PAGE, "Document", other())))];
        lines.push((2.0, Observation::Request(request("1", "https://s.shop.test/x", "Fetch", parser(PAGE)))));
        lines.push((
            3.0,
            Observation::ResponseHeaders(ResponseHeaders {
                request_id: "1".into(),
                headers: vec![("X-Gtm-Server-Preview".into(), "abc".into())],
                ..ResponseHeaders::default()
            }),
        ));
        let f = facts(&record(PAGE, lines), "v", Catalog::embedded(), None);
        let s = &f.network.server_side[0];
        assert_eq!((s.sign.as_str(), s.evidence[0].line), ("gtm-server-preview", 3));
    }

    #[test]
    fn who_runs_the_container_is_told_by_the_hosts_name() {
        let lines = vec![
            (1.0, Observation::Request(request("page", PAGE, "Document", other()))),
            (2.0, Observation::Request(request("1", "https://s.shop.test/x", "Fetch", parser(PAGE)))),
            (
                3.0,
                Observation::DnsAnswer(DnsAnswer {
                    host: "s.shop.test".into(),
                    aliases: vec!["abcdefgh.eue.stape.net".into()],
                    ..DnsAnswer::default()
                }),
            ),
        ];
        let f = facts(&record(PAGE, lines), "v", Catalog::embedded(), None);
        let s = &f.network.server_side[0];
        assert_eq!(
            (s.sign.as_str(), &s.requests[..], s.evidence[0].line),
            ("server-container-host", &[1][..], 3)
        );
    }

    proptest! {
        #[test]
        fn never_panics(path in "\\PC{0,40}", query in "(gcs|gcd|tid|id)=\\PC{0,12}") {
            let _ = by_address(&Address::parse(&format!("https://a.test/{path}?{query}")));
        }
    }
}
