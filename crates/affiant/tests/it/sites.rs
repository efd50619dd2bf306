//! Each testbed site against its ground truth: every request the server saw is recorded, every vendor and cookie of
//! the truth is found in the scenarios where it is, at the time when it is, and no other is named.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::{Audited, audit};
use affiant_detect::Catalog;
use affiant_detect::facts::{Class, Party, VisitFacts};
use affiant_record::consent::AchievedChoice;
use affiant_record::{Completeness, Scenario};
use affiant_rules::judgement::Verdict;
use affiant_testbed::{LogKind, Site, Sites, Testbed, When};

fn theirs(s: Scenario) -> affiant_testbed::Scenario {
    match s {
        Scenario::AcceptAll => affiant_testbed::Scenario::AcceptAll,
        Scenario::RejectAll => affiant_testbed::Scenario::RejectAll,
        _ => affiant_testbed::Scenario::NoChoice,
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(head) => text.starts_with(head),
        None => pattern == text,
    }
}

/// Holds an audit against the site's truth and the server's log; returns everything that differs.
fn differences(site: &Site, a: &Audited, bed: &Testbed) -> Vec<String> {
    let mut wrong = Vec::new();
    let catalog = Catalog::embedded();
    let truth = &site.truth;

    // Capture: what the server saw of the site's and its vendors' hosts is in the records, as often.
    let hosts: BTreeSet<&str> = site
        .hosts
        .iter()
        .map(String::as_str)
        .chain(truth.vendors.iter().flat_map(|v| v.hosts.iter().map(String::as_str)))
        .collect();
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    for r in &a.records {
        assert_eq!(r.completeness, Completeness::Sealed, "{}", r.dir.display());
        for x in r.exchanges() {
            let q = x.request.what;
            let url = q.url.split('#').next().unwrap_or_default().replacen("wss://", "https://", 1);
            *seen.entry(format!("{} {url}", q.method)).or_default() += 1;
        }
        for l in &r.lines {
            if let affiant_record::Observation::WebSocket(w) = &l.what
                && w.event == "created"
            {
                let url = w.url.clone().unwrap_or_default().replacen("wss://", "https://", 1);
                *seen.entry(format!("GET {url}")).or_default() += 1;
            }
        }
    }
    for e in bed.log() {
        if e.kind == LogKind::Request && hosts.contains(e.host.as_str()) {
            let key =
                format!("{} {}://{}{}", e.method, e.scheme.replace("ws", "http"), e.host, e.path_and_query);
            let left = seen.entry(key.clone()).or_default();
            *left -= 1;
            if *left < 0 {
                wrong.push(format!("the server saw {key}, no record has it"));
            }
        }
    }

    for scenario in Scenario::ALL {
        let visits: Vec<&VisitFacts> = a.facts.iter().filter(|v| v.scenario == scenario).collect();
        if visits.is_empty() {
            continue;
        }
        let first_choice = visits.iter().find(|v| v.ordinal == 0).and_then(|v| v.marks.choice);
        // Vendors.
        for t in &truth.vendors {
            let mut hits: Vec<(u32, f64)> = Vec::new();
            for v in &visits {
                hits.extend(
                    v.requests
                        .iter()
                        .filter(|r| {
                            r.left_browser
                                && r.vendor.as_ref().is_some_and(|x| catalog.same_vendor(&x.name, &t.name))
                        })
                        .map(|r| (v.ordinal, r.t)),
                );
            }
            let before = hits.iter().any(|(o, at)| *o == 0 && first_choice.is_none_or(|c| *at < c));
            let when = t.when(theirs(scenario));
            let ok = match when {
                When::Never => hits.is_empty(),
                When::AfterChoice => !hits.is_empty() && !before,
                When::BeforeBanner | When::BeforeChoice if t.pages.iter().any(|p| p == "*" || p == "/") => {
                    before
                }
                When::BeforeBanner | When::BeforeChoice => !hits.is_empty(),
            };
            if !ok {
                wrong.push(format!(
                    "{scenario}: {} should send {when:?}; observed {} requests, before the choice: {before}",
                    t.name,
                    hits.len()
                ));
            }
        }
        // No other vendor and no other third party.
        for r in visits.iter().flat_map(|v| &v.requests).filter(|r| r.left_browser) {
            if let Some(v) = &r.vendor
                && !truth.vendors.iter().any(|t| catalog.same_vendor(&v.name, &t.name))
                && !(v.class == Class::Consent
                    && !truth.cmp.is_empty()
                    && v.name.contains(truth.cmp.as_str()))
            {
                wrong.push(format!(
                    "{scenario}: {} is named for {}, which the truth does not know",
                    v.name, r.url
                ));
            }
            if r.party == Party::Third && !hosts.contains(r.host.as_str()) {
                wrong.push(format!("{scenario}: {} was contacted, which the truth does not know", r.url));
            }
        }
        // Cookies.
        let cookies: Vec<_> = visits
            .iter()
            .flat_map(|v| &v.cookies)
            .filter(|c| c.blocked.is_empty() && c.lifetime_s.is_none_or(|l| l > 0.0))
            .collect();
        for t in &truth.cookies {
            let found = cookies.iter().any(|c| {
                matches(&t.name, &c.name)
                    && c.domain.trim_start_matches('.') == t.domain.trim_start_matches('.')
            });
            if found != t.scenarios.contains(&theirs(scenario)) {
                wrong.push(format!("{scenario}: cookie {} of {}: observed {found}", t.name, t.domain));
            }
        }
        // Probes that a script sets and deletes at once (is this domain writable?) are no cookies of the site.
        let deleted = |name: &str| {
            visits
                .iter()
                .flat_map(|v| &v.cookies)
                .any(|c| c.name == name && c.lifetime_s.is_some_and(|l| l <= 0.0))
        };
        for c in cookies.iter().filter(|c| !deleted(&c.name)) {
            if !truth.cookies.iter().any(|t| matches(&t.name, &c.name)) {
                wrong.push(format!("{scenario}: cookie {} of {} is not in the truth", c.name, c.domain));
            }
        }
        // Banner and consent.
        for v in visits.iter().filter(|v| v.ordinal == 0) {
            if v.banner.is_some() != truth.banner {
                wrong.push(format!("{scenario}: banner observed: {}", v.banner.is_some()));
            }
            if truth.banner && v.banner.as_ref().is_some_and(|b| b.visible.is_none()) {
                wrong.push(format!("{scenario}: the banner's first visible paint is not marked"));
            }
            if truth.banner && v.cmp.as_deref().is_none_or(|c| !c.contains(truth.cmp.as_str())) {
                wrong.push(format!("{scenario}: consent platform {:?}, in truth {}", v.cmp, truth.cmp));
            }
        }
        for v in &visits {
            let want = match scenario {
                Scenario::AcceptAll if truth.choices.iter().any(|c| c == "accept-all") => {
                    AchievedChoice::AcceptAll
                }
                Scenario::RejectAll if truth.choices.iter().any(|c| c == "reject-all") => {
                    AchievedChoice::RejectAll
                }
                _ => AchievedChoice::None,
            };
            if v.achieved.choice != want {
                wrong.push(format!("{scenario}, {}: achieved {:?}, should be {want:?}", v.url, v.achieved));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

async fn hold(id: &str) -> Audited {
    let bed = Testbed::start(Sites::all()).await.unwrap();
    let site = bed.site(id).unwrap().clone();
    let base = url::Url::parse(&site.start).unwrap();
    // The first two pages, and every page that the truth names.
    let mut pages: Vec<&String> = site.pages.iter().take(2).collect();
    pages.extend(site.pages.iter().filter(|p| {
        site.truth.vendors.iter().any(|v| v.pages.iter().any(|x| x != "/" && p.ends_with(x.as_str())))
    }));
    let mut urls: Vec<String> = pages.iter().map(|p| base.join(p).unwrap().to_string()).collect();
    let mut once = BTreeSet::new();
    urls.retain(|u| once.insert(u.clone()));
    let tmp = tempfile::tempdir().unwrap();
    let args: Vec<&str> = urls.iter().map(String::as_str).collect();
    let a = audit(&tmp.path().join("audit"), &bed, &args).await;
    let wrong = differences(&site, &a, &bed);
    assert!(wrong.is_empty(), "{id} differs from its truth:\n  {}\n{}", wrong.join("\n  "), a.stderr());
    assert_eq!(a.folder.manifest.visits.len(), urls.len() * 3);
    a
}

#[tokio::test(flavor = "multi_thread")]
async fn gated_shop_has_nothing_to_hide() {
    let a = hold("gated-shop").await;
    for rule in [
        "sends-before-banner",
        "sends-before-choice",
        "sends-after-reject",
        "recorder-without-consent",
        "cookie-without-consent",
        "no-banner",
    ] {
        assert_eq!(a.verdict(rule), Verdict::Pass, "{rule}: {:#?}", a.judgement.verdicts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn early_recorder_records_before_the_choice() {
    let a = hold("early-recorder").await;
    assert_eq!(a.verdict("recorder-without-consent"), Verdict::Fail);
    assert_eq!(a.verdict("sends-before-choice"), Verdict::Fail);
    assert_eq!(a.code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn reject_ignored_by_one_tag() {
    let a = hold("reject-ignored").await;
    assert_eq!(a.verdict("sends-after-reject"), Verdict::Fail);
}

#[tokio::test(flavor = "multi_thread")]
async fn tag_chain_is_told_link_by_link() {
    let a = hold("tag-chain").await;
    let longest = a.facts.iter().flat_map(|v| &v.tags).map(|t| t.chain.len()).max();
    assert!(longest >= Some(4), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_banner_at_all() {
    let a = hold("no-banner").await;
    assert_eq!(a.verdict("no-banner"), Verdict::Fail);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_cmp_gates_rightly() {
    let a = hold("old-cmp").await;
    assert_eq!(a.verdict("sends-after-reject"), Verdict::Pass);
    assert_eq!(a.verdict("sends-before-choice"), Verdict::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn tarte_shop_gates_rightly() {
    let a = hold("tarte-shop").await;
    assert_eq!(a.verdict("sends-after-reject"), Verdict::Pass);
    assert_eq!(a.verdict("sends-before-choice"), Verdict::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn demo_shop_is_what_its_truth_says() {
    let a = hold("demo").await;
    for rule in [
        "recorder-without-consent",
        "sends-before-choice",
        "sends-after-reject",
        "cookie-without-consent",
        "third-party-on-sensitive-page",
    ] {
        assert_eq!(a.verdict(rule), Verdict::Fail, "{rule}");
    }
    assert_eq!(a.verdict("no-banner"), Verdict::Pass);
}
