//! Where cookies went, and from whom the browser held them back.

use affiant_record::{Observation, VisitRecord};
use indexmap::IndexMap;

use crate::behind::Behind;
use crate::facts::{Party, SentCookieFact, Text};

/// One a cookie, host and reason, in order of the record.
pub(crate) fn sent_cookies(record: &VisitRecord, behind: &Behind<'_>) -> Vec<SentCookieFact> {
    type Key = (String, String, Option<String>, Text, Vec<String>);
    let mut all: IndexMap<Key, SentCookieFact> = IndexMap::new();
    for l in &record.lines {
        let Observation::RequestHeaders(h) = &l.what else { continue };
        let request = behind.request(&h.request_id, h.hop);
        let fact = request.and_then(|i| behind.fact(i));
        let host = fact.map(|r| r.host.clone()).unwrap_or_default();
        let sent = h.sent_cookies.iter().map(|c| (&c.name, &c.domain, c.partition.clone(), Vec::new()));
        let held = h.blocked_cookies.iter().map(|c| (&c.name, &c.domain, None, c.reasons.clone()));
        for (name, domain, partition, blocked) in sent.chain(held) {
            let key = (name.clone(), domain.clone(), partition.clone(), host.clone(), blocked.clone());
            let one = all.entry(key).or_insert_with(|| SentCookieFact {
                name: name.as_str().into(),
                domain: domain.as_str().into(),
                partition: partition.map(Into::into),
                host: host.clone(),
                party: fact.map_or(Party::Third, |r| r.party),
                vendor: fact.and_then(|r| r.vendor.clone()),
                blocked: blocked.into_iter().map(Into::into).collect(),
                times: 0,
                first: request,
                evidence: record.evidence(l.n),
            });
            one.times = one.times.saturating_add(1);
        }
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::network::{BlockedCookie, RequestHeaders, SentCookie};

    use crate::sample::{other, parser, record, request};
    use crate::{Catalog, facts};

    #[test]
    fn where_a_cookie_went_and_where_it_did_not() {
        const PAGE: &str = "https://www.shop.test/";
        let headers = |id: &str, sent: &[&str], held: &[&str]| {
            Observation::RequestHeaders(RequestHeaders {
                request_id: id.into(),
                sent_cookies: sent
                    .iter()
                    .map(|n| SentCookie {
                        name: (*n).into(),
                        domain: ".shop.test".into(),
                        ..SentCookie::default()
                    })
                    .collect(),
                blocked_cookies: held
                    .iter()
                    .map(|n| BlockedCookie {
                        name: (*n).into(),
                        domain: ".crisp.chat".into(),
                        reasons: vec!["ThirdPartyPhaseout".into()],
                    })
                    .collect(),
                ..RequestHeaders::default()
            })
        };
        let r = record(
            PAGE,
            vec![
                (1.0, Observation::Request(request("1", PAGE, "Document", other()))),
                (1.1, headers("1", &["id"], &[])),
                (2.0, Observation::Request(request("2", "https://www.shop.test/a", "Image", parser(PAGE)))),
                (2.1, headers("2", &["id"], &[])),
                (
                    3.0,
                    Observation::Request(request(
                        "3",
                        "https://client.crisp.chat/l.js",
                        "Script",
                        parser(PAGE),
                    )),
                ),
                (3.1, headers("3", &[], &["sid"])),
            ],
        );
        let f = facts(&r, "v", Catalog::embedded(), None);
        let all: Vec<_> = f
            .cookies_sent
            .iter()
            .map(|c| (c.name.as_str(), c.host.as_str(), c.times, c.first, c.blocked.len()))
            .collect();
        assert_eq!(
            all,
            [("id", "www.shop.test", 2, Some(0), 0), ("sid", "client.crisp.chat", 1, Some(2), 1)]
        );
        assert_eq!(f.cookies_sent[1].vendor.as_ref().map(|v| v.name.as_str()), Some("Crisp"));
    }
}
