//! The facts of one visit, put together. Times stay on the record's clock: milliseconds since its zero.

use std::collections::BTreeSet;

use affiant_record::consent::Achieved;
use affiant_record::page::phase;
use affiant_record::{BlobStore, Completeness, Observation, Outcome, VisitRecord};
use indexmap::IndexMap;

use crate::account::account;
use crate::address::Address;
use crate::behind::Behind;
use crate::bodies::Bodies;
use crate::chain::Causes;
use crate::facts::{Class, Marks, NetworkFacts, Party, RequestFact, ScreenshotFact, VisitFacts};
use crate::glob::bounded;
use crate::names::Names;
use crate::party::Site;
use crate::requests::{self, Sent};
use crate::tags::{self, Told};
use crate::{
    Catalog, banner, behaviour, choice, cookies, declared, inputs, layers, leaks, page_kinds, recordings,
    sent_cookies, server_side, signals, stored,
};

/// Version of what makes facts of a record: to be counted up when the facts of any record change, so that facts that were
/// kept are not taken for today's. The catalogue and the suffix list have versions of their own.
pub const FACTS_VERSION: u32 = 1;

/// Longest title that is passed on, in bytes.
const LONGEST_TITLE: usize = 512;

/// The facts of a visit. `path` is the folder of the record relative to the audit's. With `blobs`, bodies tell
/// products and accounts that addresses do not.
pub fn facts(record: &VisitRecord, path: &str, catalog: &Catalog, blobs: Option<&BlobStore>) -> VisitFacts {
    let bodies = Bodies::of(blobs);
    let sent = requests::all(record);
    let causes = Causes::of(record, &sent);
    let final_url = final_url(record, &sent, &causes);
    let page = final_url.clone().unwrap_or_else(|| record.header.url.clone());
    let site = Site::of(&page, catalog);
    let names = Names::of(record, &site, catalog);
    let look = Look { record, causes: &causes, site: &site, names: &names, catalog, bodies: &bodies };
    let (mut requests, told): (Vec<RequestFact>, Vec<Told>) =
        sent.iter().enumerate().map(|(i, s)| request(i, s, &look)).unzip();
    let tags = tags::group(&mut requests, &told, &causes);
    let page_request = causes.page.and_then(|p| sent.get(p));
    let page_began = page_request.map(|s| s.t);
    let banner = banner::banner(record);
    let cmp = cmp(record, &requests, catalog);
    let until = banner::watched_until(record);
    let behind = Behind::new(&sent, &requests, &site, catalog);
    let cookies = cookies::cookies(record, &behind, catalog);
    let cookies_sent = sent_cookies::sent_cookies(record, &behind);
    let stored = stored::stored(record, &behind);
    let listeners = behaviour::listeners(record, &behind);
    let api_uses = behaviour::api_uses(record, &behind);
    let probe = leaks::probe(record, &sent, &requests, &bodies);
    let inputs = inputs::inputs(record);
    let own = own(&sent, &causes);
    let contents = leaks::contents(record, &sent, &requests, final_url.as_deref(), &own, &bodies);
    let page_kinds = page_kinds::page_kinds(record, &page, page_request.map(|s| s.line), &inputs);
    let recordings = recordings::recordings(record, &sent, &requests, &bodies);
    VisitFacts {
        record: record.digest,
        path: path.to_owned(),
        session: record.header.session.clone(),
        ordinal: record.header.ordinal,
        leg: record.header.leg(),
        decides: record.header.choice(),
        gpc: record.header.vantage.gpc,
        scenario: record.header.scenario,
        url: record.header.url.clone(),
        title: title(record),
        site: site.domain.clone(),
        outcome: outcome(record),
        sealed: record.completeness == Completeness::Sealed,
        collectors: record.footer.iter().flat_map(|f| f.collectors.clone()).collect::<IndexMap<_, _>>(),
        achieved: record.footer.as_ref().map_or_else(Achieved::default, |f| f.consent.clone()),
        states: signals::states(record),
        declarations: declared::declarations(record, &bodies),
        choice: choice::choice(record),
        banner_watched_ms: until.map_or(0.0, |t| (t - page_began.unwrap_or(0.0)).max(0.0)),
        marks: Marks {
            page_began,
            banner: record.phase(phase::BANNER).or(banner.as_ref().and_then(|b| b.visible)),
            banner_uncertainty_ms: banner::uncertainty_ms(record),
            banner_operable: record.phase(phase::BANNER_OPERABLE),
            choice: record.phase(phase::CHOICE),
            choice_stored: record.phase(phase::CHOICE_STORED),
            after_choice: record.phase(phase::AFTER_CHOICE),
            ignored: record.phase(phase::IGNORED),
            leave: record.phase(phase::LEAVE),
            end: record.end(),
        },
        layers: layers::layers(record),
        banner,
        cookies,
        cookies_sent,
        stored,
        listeners,
        api_uses,
        inputs,
        page_kinds,
        probe,
        contents,
        recordings,
        screenshots: screenshots(record),
        network: NetworkFacts {
            server_side: server_side::signs(&sent, &requests, &names.list),
            names: names.list,
        },
        final_url,
        requests,
        tags,
        cmp,
    }
}

/// What a request is looked at with.
struct Look<'a> {
    record: &'a VisitRecord,
    causes: &'a Causes,
    site: &'a Site,
    names: &'a Names,
    catalog: &'a Catalog,
    bodies: &'a Bodies<'a>,
}

fn request(i: usize, s: &Sent<'_>, look: &Look<'_>) -> (RequestFact, Told) {
    let Look { record, causes, site, names, catalog, bodies } = *look;
    let address = Address::parse(s.url());
    let caused = causes.list.get(i).cloned().unwrap_or_default();
    let party =
        if is_the_page(i, s, record, causes) { Party::First } else { site.party(&address.host, catalog) };
    let mut body = || s.body(bodies);
    let mut named = catalog.by_address(&address, party == Party::First, &mut body);
    if named.is_none() && party == Party::First {
        named = names.behind(&address, site, catalog, &mut body);
    }
    let told = Told {
        family: named.as_ref().and_then(|n| n.family),
        account: named
            .as_ref()
            .and_then(|n| catalog.file(n.family?))
            .and_then(|file| account(file, &address, &mut body)),
    };
    let fact = RequestFact {
        t: s.t,
        url: s.url().into(),
        host: address.host.into(),
        domain: address.domain.into(),
        method: s.request().map_or("GET", |r| r.method.as_str()).into(),
        resource_type: s.request().map_or("WebSocket", |r| r.resource_type.as_str()).into(),
        status: s.status(),
        error: s.error().map(Into::into),
        left_browser: s.left_browser(),
        party,
        vendor: named.map(|n| n.vendor),
        tag: None,
        body_bytes: s.body_bytes(),
        cookies_sent: s.cookies_sent(),
        says: signals::of_address(s.url()),
        navigation: s.is_navigation(),
        caused_by: caused.by,
        cause: caused.cause,
        evidence: record.evidence(s.line),
    };
    (fact, told)
}

/// Whether it is the page's own request, at the address that was asked for: that is no third party, also where
/// it leads elsewhere.
fn is_the_page(i: usize, s: &Sent<'_>, record: &VisitRecord, causes: &Causes) -> bool {
    causes.page == Some(i)
        && s.is_navigation()
        && Address::parse(s.url()).domain == Address::parse(&record.header.url).domain
}

/// The requests of the page itself: navigations of its main frame.
fn own(sent: &[Sent<'_>], causes: &Causes) -> BTreeSet<usize> {
    let main = causes.main_frame.as_deref();
    let navigations = sent.iter().enumerate().filter(|(_, s)| s.is_navigation());
    navigations
        .filter(|(_, s)| main.is_some() && s.frame() == main)
        .map(|(i, _)| i)
        .chain(causes.page)
        .collect()
}

/// The address of the main frame at the end: as the footer has it, else where the main frame was last seen to go.
fn final_url(record: &VisitRecord, sent: &[Sent<'_>], causes: &Causes) -> Option<String> {
    if let Some(url) = record.footer.as_ref().and_then(|f| f.final_url.clone()) {
        return Some(url);
    }
    let remote = |u: &&str| !Address::parse(u).host.is_empty();
    let main = causes.main_frame.as_deref();
    let navigated = record.lines.iter().rev().find_map(|l| match &l.what {
        Observation::Frame(f) if f.parent.is_none() && main.is_none_or(|m| m == f.frame) => {
            f.url.as_deref().filter(remote)
        }
        _ => None,
    });
    let asked = || {
        let own = sent.iter().rev().filter(|s| s.is_navigation() && s.frame() == main);
        own.map(Sent::url).find(remote)
    };
    navigated.or_else(asked).map(str::to_owned)
}

fn title(record: &VisitRecord) -> String {
    let pages = record.lines.iter().rev().filter_map(|l| match &l.what {
        Observation::Page(p) if p.main => Some(p.title.as_str()),
        _ => None,
    });
    bounded(pages.into_iter().next().unwrap_or_default(), LONGEST_TITLE).to_owned()
}

fn outcome(record: &VisitRecord) -> Outcome {
    match (&record.footer, &record.completeness) {
        (Some(f), _) => f.outcome.clone(),
        (None, Completeness::CutOff { reason }) => {
            Outcome::Crashed { reason: format!("the record was cut off: {reason}") }
        }
        (None, Completeness::Sealed) => Outcome::Crashed { reason: "the record has no footer".to_owned() },
    }
}

/// The consent platform: by its own state, else by its traffic, else by the driver's rule.
fn cmp(record: &VisitRecord, requests: &[RequestFact], catalog: &Catalog) -> Option<String> {
    let told = |v: &serde_json::Value| !v.is_null() && v.as_str() != Some("");
    let state = record.lines.iter().find_map(|l| match &l.what {
        Observation::ConsentState(s) if told(&s.value) => catalog.cmps().by_source(&s.source),
        _ => None,
    });
    let traffic = || {
        let vendors = requests.iter().filter_map(|r| r.vendor.as_ref());
        vendors.into_iter().find(|v| v.class == Class::Consent).map(|v| v.name.as_str())
    };
    let rule = || {
        record.lines.iter().find_map(|l| match &l.what {
            Observation::ConsentAction(a) => catalog.cmps().by_rule(a.rule.as_deref()?),
            Observation::Banner(b) => catalog.cmps().by_rule(b.rule.as_deref()?),
            _ => None,
        })
    };
    state.or_else(traffic).or_else(rule).map(str::to_owned)
}

fn screenshots(record: &VisitRecord) -> Vec<ScreenshotFact> {
    let shots = record.lines.iter().filter_map(|l| match &l.what {
        Observation::Screenshot(s) => {
            let blob = s.image.blob?;
            let mut evidence = record.evidence(l.n);
            evidence.blob = Some(blob);
            Some(ScreenshotFact {
                phase: s.phase.as_str().into(),
                t: l.t,
                mime: s.mime.as_str().into(),
                blob,
                evidence,
            })
        }
        _ => None,
    });
    shots.collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use affiant_record::consent::{Banner, ConsentAction, ConsentState};
    use affiant_record::network::{Body, RequestDone, WebSocketEvent};
    use affiant_record::page::{Input, Page, Phase, Settle};
    use affiant_record::storage::{CookieJar, CookieWrite};
    use affiant_record::{Line, RecordWriter};
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{other, parser, record, request, script};

    const PAGE: &str = "https://www.shop.test/";
    const CRISP: &str = "https://client.crisp.chat/l.js";

    fn phase_(p: &str) -> Observation {
        Observation::Phase(Phase { phase: p.into(), ..Phase::default() })
    }

    fn whole() -> Vec<(f64, Observation)> {
        let state = |source: &str, value| ConsentState {
            at: "arrive".into(),
            source: source.into(),
            value,
            ..ConsentState::default()
        };
        let action = |step: &str, ok| ConsentAction {
            driver: "autoconsent 16".into(),
            step: step.into(),
            rule: Some("Complianz banner".into()),
            ok,
            ..ConsentAction::default()
        };
        vec![
            (0.5, phase_("arrive")),
            (1.0, Observation::Request(request("1", PAGE, "Document", other()))),
            (2.0, Observation::Request(request("2", CRISP, "Script", parser(PAGE)))),
            (3.0, Observation::Request(request("3", "https://js.stripe.com/v3/", "Script", script(&[PAGE])))),
            (
                4.0,
                Observation::RequestDone(RequestDone {
                    request_id: "3".into(),
                    end: "failed".into(),
                    blocked: Some("csp".into()),
                    ..RequestDone::default()
                }),
            ),
            (
                5.0,
                Observation::WebSocket(WebSocketEvent {
                    request_id: "ws".into(),
                    event: "created".into(),
                    url: Some("wss://client.relay.crisp.chat/w/b1/".into()),
                    initiator: Some(script(&[CRISP])),
                    ..WebSocketEvent::default()
                }),
            ),
            (
                6.0,
                Observation::WebSocket(WebSocketEvent {
                    request_id: "ws".into(),
                    event: "sent".into(),
                    payload: Some(affiant_record::BlobRef { len: 7, ..Default::default() }),
                    ..WebSocketEvent::default()
                }),
            ),
            (400.0, phase_("banner")),
            (
                401.0,
                Observation::Banner(Banner {
                    seen_by: "autoconsent".into(),
                    text: Some("less".into()),
                    ..Banner::default()
                }),
            ),
            (
                402.0,
                Observation::Banner(Banner {
                    seen_by: "watcher".into(),
                    text: Some("We use cookies".into()),
                    buttons: vec!["OK".into()],
                    ..Banner::default()
                }),
            ),
            (410.0, Observation::ConsentState(state("cookie:cookieconsent_status", serde_json::Value::Null))),
            (
                900.0,
                Observation::Settle(Settle {
                    phase: "arrive".into(),
                    end: "quiet".into(),
                    ..Settle::default()
                }),
            ),
            (901.0, Observation::CookieJar(CookieJar { at: "arrive".into(), ..CookieJar::default() })),
            (950.0, phase_("choice")),
            (951.0, Observation::ConsentAction(action("result", Some(false)))),
            (952.0, Observation::ConsentAction(action("result", Some(true)))),
            (953.0, Observation::ConsentAction(ConsentAction { clicks: Some(2), ..action("done", None) })),
            (960.0, Observation::ConsentState(state("cookie:cookieconsent_status", "allow".into()))),
            (970.0, Observation::CookieWrite(CookieWrite { name: "a".into(), ..CookieWrite::default() })),
            (980.0, phase_("after-choice")),
            (1900.0, Observation::Settle(Settle { phase: "after-choice".into(), ..Settle::default() })),
            (
                1950.0,
                Observation::Page(Page {
                    main: true,
                    frame: "F".into(),
                    title: "T".repeat(10_000),
                    inputs: vec![Input {
                        selector: "#e".into(),
                        kind: "email".into(),
                        visible: true,
                        ..Input::default()
                    }],
                    ..Page::default()
                }),
            ),
            (1990.0, phase_("leave")),
        ]
    }

    #[test]
    fn a_whole_visit() {
        let r = record(PAGE, whole());
        let f = facts(&r, "visits/1", Catalog::embedded(), None);
        assert_eq!(
            (f.site.as_str(), f.outcome.clone(), f.sealed, f.title.len()),
            ("shop.test", Outcome::Complete, true, LONGEST_TITLE)
        );
        assert_eq!(
            (f.marks.page_began, f.marks.banner, f.marks.choice, f.marks.after_choice),
            (Some(1.0), Some(400.0), Some(950.0), Some(980.0))
        );
        assert_eq!(f.banner_watched_ms, 949.0);
        let banner = f.banner.unwrap();
        assert_eq!(
            (banner.visible, banner.text.as_deref(), banner.evidence.len()),
            (Some(400.0), Some("We use cookies"), 2)
        );
        let choice = f.choice.unwrap();
        assert_eq!((choice.ok, choice.clicks, choice.evidence.line), (true, Some(2), 16));
        // The state speaks, not the rule that recognised the banner by its looks.
        assert_eq!(f.cmp.as_deref(), Some("Osano Cookie Consent (open source)"));
        assert_eq!(f.inputs.len(), 1);
        let urls: Vec<_> = f
            .requests
            .iter()
            .map(|r| (r.resource_type.as_str(), r.left_browser, r.cause.kind.as_str(), r.caused_by))
            .collect();
        assert_eq!(
            urls,
            [
                ("Document", true, "page", None),
                ("Script", true, "parser", Some(0)),
                ("Script", false, "script", Some(0)),
                ("WebSocket", true, "script", Some(1)),
            ]
        );
        assert_eq!(f.requests[2].error.as_deref(), Some("blocked: csp"));
        assert_eq!(f.requests[3].body_bytes, Some(7));
        let tags: Vec<_> =
            f.tags.iter().map(|t| (t.vendor.name.as_str(), t.vendor.class, t.chain.clone())).collect();
        assert_eq!(tags, [("Crisp", Class::Chat, vec![0, 1]), ("Stripe", Class::Service, vec![0, 2])]);
    }

    #[test]
    fn a_record_that_was_cut_off() {
        let mut r = record(PAGE, whole());
        r.lines.pop();
        r.footer = None;
        r.completeness = Completeness::CutOff { reason: "killed".into() };
        let f = facts(&r, "v", Catalog::embedded(), None);
        assert!(matches!(&f.outcome, Outcome::Crashed { reason } if reason.contains("killed")));
        assert!(!f.sealed && f.collectors.is_empty());
        assert_eq!((f.final_url.as_deref(), f.site.as_str()), (Some(PAGE), "shop.test"));
    }

    #[test]
    fn the_address_asked_for_is_no_third_party_also_where_it_leads_elsewhere() {
        let mut r = record(
            "https://old.test/",
            vec![
                (1.0, Observation::Request(request("1", "https://old.test/", "Document", other()))),
                (
                    2.0,
                    Observation::Request(affiant_record::network::Request {
                        hop: 1,
                        ..request("1", "https://bounce.test/", "Document", other())
                    }),
                ),
                (
                    3.0,
                    Observation::Request(affiant_record::network::Request {
                        hop: 2,
                        ..request("1", PAGE, "Document", other())
                    }),
                ),
            ],
        );
        r.footer.as_mut().unwrap().final_url = Some(PAGE.into());
        let f = facts(&r, "v", Catalog::embedded(), None);
        let parties: Vec<_> = f.requests.iter().map(|r| r.party).collect();
        assert_eq!(parties, [Party::First, Party::Third, Party::First]);
    }

    #[test]
    fn bodies_tell_products_and_accounts_of_a_record_on_disk() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobStore::new(dir.path().join("blobs"));
        let template = record(PAGE, vec![]);
        let mut w = RecordWriter::create(&dir.path().join("v"), template.header.clone(), [1; 32]).unwrap();
        let sentry = "https://o1.ingest.sentry.io/api/7/envelope/?sentry_key=k";
        let n = Cell::new(0.0);
        let mut write = |what| {
            n.set(n.get() + 1.0);
            w.write(n.get(), what).unwrap();
        };
        write(Observation::Request(request("1", PAGE, "Document", other())));
        for (id, url, body) in [
            ("2", sentry, r#"{"type":"event"}"#),
            ("3", sentry, "{\"event_id\":\"1\"}\n{\"type\":\"replay_recording\"}"),
            ("4", "https://api.segment.io/v1/t", r#"{"writeKey":"KEY1"}"#),
        ] {
            write(Observation::Request(request(id, url, "Fetch", parser(PAGE))));
            let bytes = Some(blobs.keep(body.as_bytes(), 1 << 20).unwrap());
            write(Observation::Body(Body { request_id: id.into(), bytes, ..Body::default() }));
        }
        w.seal(9.0, template.footer.unwrap()).unwrap();
        let r = VisitRecord::open(&dir.path().join("v")).unwrap();
        let f = facts(&r, "v", Catalog::embedded(), Some(&blobs));
        let tags: Vec<_> = f.tags.iter().map(|t| (t.vendor.name.as_str(), t.account.as_deref())).collect();
        assert_eq!(
            tags,
            [("Sentry", Some("7")), ("Sentry Session Replay", Some("7")), ("Segment", Some("KEY1"))]
        );
    }

    #[test]
    fn facts_survive_json() {
        let f = facts(&record(PAGE, whole()), "v", Catalog::embedded(), None);
        let text = serde_json::to_string(&f).unwrap();
        assert_eq!(serde_json::from_str::<VisitFacts>(&text).unwrap(), f);
    }

    proptest! {
        #[test]
        fn lines_in_any_order_and_number(order in Just(whole()).prop_shuffle(), keep in 0usize..24, at in proptest::collection::vec(-5.0..5000.0f64, 24)) {
            let lines = order.into_iter().take(keep).zip(at).map(|((_, what), t)| (t, what)).collect();
            let mut r = record(PAGE, lines);
            if keep % 2 == 0 {
                r.footer = None;
                r.completeness = Completeness::CutOff { reason: String::new() };
                r.lines.truncate(keep);
            }
            let f = facts(&r, "v", Catalog::embedded(), None);
            for (i, request) in f.requests.iter().enumerate() {
                prop_assert!(request.caused_by.is_none_or(|by| by < i));
                prop_assert!(request.tag.is_none_or(|t| f.tags[t].requests.contains(&i)));
            }
        }

        #[test]
        fn any_words_in_any_place(text in proptest::collection::vec("\\PC{0,30}", 8)) {
            let mut lines = whole();
            lines.push((7.0, Observation::Request(request(&text[0], &text[1], &text[2], script(&[&text[3]])))));
            lines.push((8.0, Observation::Request(request("z", &format!("https://{}/{}", text[4], text[5]), "Image", parser(&text[3])))));
            lines.push((9.0, Observation::CookieWrite(CookieWrite { raw: text[6].clone(), name: text[7].clone(), domain: text[4].clone(), ..CookieWrite::default() })));
            lines.push((9.5, Observation::ConsentState(ConsentState { source: text[5].clone(), value: text[6].clone().into(), ..ConsentState::default() })));
            let r = record(&text[1], lines);
            let _ = facts(&r, &text[2], Catalog::embedded(), None);
            let empty = VisitRecord { lines: Vec::<Line>::new(), footer: None, ..r };
            let _ = facts(&empty, "", Catalog::embedded(), None);
        }
    }
}
