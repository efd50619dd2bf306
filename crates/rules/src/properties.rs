//! What must hold for any facts: judging never panics, is the same twice, and says nothing without evidence.

use affiant_detect::facts::{
    BannerFact, Cause, ChoiceFact, Class, CookieFact, InputFact, InputKind, Marks, Party, RequestFact,
    TagFact, VendorRef, VisitFacts,
};
use affiant_record::consent::{Achieved, AchievedChoice};
use affiant_record::{Choice, CollectorStatus, Digest, Evidence, Leg, Outcome, Scenario};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::judgement::{Counted, Finding, Judgement, Severity, Verdict};
use crate::testing::{FORBIDDEN, cookie, set, visit};
use crate::visit_set::{AuditFacts, PlannedVisit, VisitSet};
use crate::{RULES, judge, theories};

fn time() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (0..80u32).prop_map(|n| f64::from(n) * 100.0), 1 => any::<i32>().prop_map(|n| f64::from(n) / 8.0)]
}

fn class() -> impl Strategy<Value = Class> {
    select(vec![
        Class::SessionReplay,
        Class::FormCapture,
        Class::Chat,
        Class::AdPixel,
        Class::Analytics,
        Class::TagManager,
        Class::Monitoring,
        Class::Consent,
        Class::Service,
        Class::Other,
    ])
}

fn party() -> impl Strategy<Value = Party> {
    select(vec![Party::First, Party::SameEntity, Party::Third, Party::Third])
}

fn vendor() -> impl Strategy<Value = VendorRef> {
    (select(vec!["A", "B", "C\u{202e}"]), class()).prop_map(|(n, class)| VendorRef {
        name: n.into(),
        class,
        source: "catalogue".into(),
    })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (0..9u8, 0..99u64).prop_map(|(r, line)| Evidence { record: Digest([r; 32]), line, blob: None })
}

fn request() -> impl Strategy<Value = RequestFact> {
    let first = (
        time(),
        select(vec!["a.example", "b.example", ""]),
        party(),
        option::of(vendor()),
        option::of(0..4usize),
    );
    let second = (
        any::<[bool; 4]>(),
        option::of(0..9usize),
        select(vec!["page", "parser", "script", "redirect", "x"]),
        option::of(any::<u64>()),
        evidence(),
    );
    (first, second).prop_map(|((t, host, party, vendor, tag), (b, caused_by, kind, body_bytes, evidence))| {
        RequestFact {
            host: host.into(),
            domain: host.into(),
            method: if b[0] { "POST" } else { "GET" }.into(),
            resource_type: "Script".into(),
            error: b[1].then(|| "net::ERR".into()),
            left_browser: b[2],
            vendor,
            tag,
            body_bytes,
            cookies_sent: u32::from(b[1]),
            navigation: b[3],
            caused_by,
            cause: Cause {
                kind: kind.into(),
                url: b[0].then(|| "https://a.example/x.js".into()),
                line: Some(3),
                ..Cause::default()
            },
            ..RequestFact::new(t, &format!("https://{host}/p?gcs=G100"), party, evidence)
        }
    })
}

fn cookies() -> impl Strategy<Value = CookieFact> {
    let purpose = select(vec![None, Some("analytics"), Some("necessary"), Some("marketing")]);
    (time(), party(), option::of(vendor()), purpose, option::of(-10.0..1e9f64), any::<bool>(), evidence())
        .prop_map(|(t, party, vendor, purpose, lifetime_s, jar, evidence)| CookieFact {
            party,
            vendor,
            purpose: purpose.map(Into::into),
            lifetime_s,
            via: if jar { "jar" } else { "header" }.into(),
            evidence,
            ..cookie("c", t)
        })
}

fn status() -> impl Strategy<Value = CollectorStatus> {
    prop_oneof![
        8 => Just(CollectorStatus::Gathered),
        1 => Just(CollectorStatus::NotRun),
        1 => Just(CollectorStatus::Truncated { reason: "full".into() }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![5 => Just(Outcome::Complete), 1 => Just(Outcome::Interrupted), 1 => Just(Outcome::Failed { reason: "x".into() })]
}

fn facts() -> impl Strategy<Value = VisitFacts> {
    use AchievedChoice as A;
    let what = (
        select([&Scenario::ALL[..], &[Scenario::Unknown]].concat()),
        0..3u32,
        select(vec!["s1", "s2"]),
        outcome(),
        any::<bool>(),
        vec(status(), 4),
    );
    let when =
        (option::of(time()), option::of(time()), option::of(time()), option::of(time()), option::of(time()));
    let consent = (
        select(vec![A::None, A::AcceptAll, A::RejectAll, A::Partial, A::Unknown]),
        option::of(any::<bool>()),
        option::of(option::of(time())),
    );
    let seen = (
        vec(request(), 0..8),
        vec((vendor(), party()), 0..3),
        vec(cookies(), 0..3),
        vec((any::<bool>(), evidence()), 0..2),
    );
    (what, when, consent, seen).prop_map(|(what, when, consent, seen)| {
        let (scenario, ordinal, session, outcome, sealed, statuses) = what;
        let mut v = visit(scenario).page(&format!("/{ordinal}"), ordinal).session(session).done();
        v.outcome = outcome;
        v.sealed = sealed || ordinal > 0;
        v.gpc = sealed;
        (v.leg, v.decides) = match ordinal {
            0 => (Leg::First, scenario.first_choice()),
            1 if scenario == Scenario::Withdraw => (Leg::OptOut, Some(Choice::Withdraw)),
            1 => (Leg::Further, None),
            _ => (Leg::Return, None),
        };
        for (name, s) in ["network", "consent", "cookies", "page"].iter().zip(statuses) {
            v.collectors.insert((*name).into(), s);
        }
        v.marks = Marks {
            banner_operable: None,
            page_began: when.0,
            banner_uncertainty_ms: 50.0,
            banner: when.1,
            choice: when.2,
            choice_stored: when.3,
            after_choice: when.4,
            ignored: when.2,
            leave: None,
            end: 9e3,
        };
        v.achieved = Achieved { choice: consent.0, ..Achieved::default() };
        let at = Evidence { record: v.record, line: 5, blob: None };
        v.choice = consent.1.map(|ok| ChoiceFact {
            driver: "d".into(),
            rule: None,
            not_offered: !ok && sealed,
            ok,
            clicks: None,
            note: None,
            evidence: at,
        });
        v.banner = consent.2.map(|visible| BannerFact { visible, ..BannerFact::default() });
        v.requests.extend(seen.0);
        v.tags = seen
            .1
            .into_iter()
            .map(|(vendor, party)| TagFact {
                vendor,
                account: Some("GTM-1".into()),
                hosts: vec![],
                requests: vec![0, 99],
                chain: vec![7],
                party,
            })
            .collect();
        v.cookies = seen.2;
        v.inputs = seen
            .3
            .into_iter()
            .map(|(visible, evidence)| InputFact {
                selector: "#x".into(),
                label: "".into(),
                kind: InputKind::Password,
                because: "type".into(),
                visible,
                evidence,
            })
            .collect();
        v
    })
}

fn sets() -> impl Strategy<Value = VisitSet> {
    (vec(facts(), 0..6), any::<bool>()).prop_map(|(visits, more)| {
        let mut planned: Vec<PlannedVisit> = visits
            .iter()
            .map(|v| PlannedVisit {
                session: v.session.clone(),
                scenario: v.scenario,
                page: v.url.clone(),
                ordinal: v.ordinal,
            })
            .collect();
        if more {
            planned.push(PlannedVisit {
                session: "s9".into(),
                scenario: Scenario::RejectAll,
                page: "https://shop.example/9".into(),
                ordinal: 1,
            });
        }
        let facts = AuditFacts {
            site: "shop.example".into(),
            start: "https://shop.example/".into(),
            planned,
            visits,
            unreadable: vec![],
        };
        facts.into()
    })
}

fn judged(s: &VisitSet) -> Judgement {
    judge(s, "0.0.0", Digest([7; 32]), "psl 2")
}

proptest! {
    #[test]
    fn judging_is_total_and_the_same_twice(s in sets()) {
        let j = judged(&s);
        let text = serde_json::to_string(&j).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&judged(&s)).unwrap());
        let back: Judgement = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&back).unwrap());
    }

    #[test]
    fn the_order_of_the_visits_does_not_change_verdicts_or_findings(s in sets()) {
        // Two visits at one place of one session cannot be told apart by what follows the choice.
        let mut s = s;
        let mut places = std::collections::BTreeSet::new();
        s.visits.retain(|v| places.insert((v.session.clone(), v.ordinal)));
        let mut turned = s.clone();
        turned.visits.reverse();
        let (a, b) = (judged(&s), judged(&turned));
        for (a, b) in a.verdicts.iter().zip(&b.verdicts) {
            prop_assert_eq!(a.verdict, b.verdict);
        }
        let titles = |j: &Judgement| j.findings.iter().map(|f| f.title.clone()).collect::<Vec<_>>();
        prop_assert_eq!(titles(&a), titles(&b));
    }

    #[test]
    fn what_is_said_keeps_its_promises(s in sets()) {
        let j = judged(&s);
        prop_assert_eq!(j.verdicts.len(), RULES.len());
        prop_assert!(j.findings.is_sorted_by(|a, b| a.severity >= b.severity));
        for v in &j.verdicts {
            let of: Vec<&Finding> = j.findings.iter().filter(|f| f.rule == v.rule).collect();
            prop_assert_eq!(of.len(), v.findings.len());
            let loud = of.iter().any(|f| f.severity >= Severity::Low);
            prop_assert_eq!(loud, v.verdict == Verdict::Fail);
            if v.verdict == Verdict::Pass {
                prop_assert!(v.coverage.gaps.is_empty() && v.coverage.visits > 0);
            }
            prop_assert!(!v.statement.is_empty());
        }
        for f in &j.findings {
            prop_assert!(!f.evidence.all().is_empty() && f.evidence.all().len() <= 32);
            prop_assert!(f.seen_in.0 <= f.seen_in.1 && f.seen_in.0 > 0, "{:?}", f.seen_in);
            prop_assert!(!f.pages.is_empty() && !f.remedy.is_empty() && f.prove.starts_with("affiant audit http"));
            for b in &f.bears_on {
                prop_assert!(theories::element(b).is_some());
            }
        }
        for f in &j.findings {
            let m = f.measure.as_ref().unwrap();
            prop_assert!(m.count > 0 && m.unconfirmed <= m.count, "{m:?}");
            prop_assert_eq!(m.pages as usize, f.pages.len());
            prop_assert!(m.pages <= m.pages_looked_at && m.sessions <= m.sessions_looked_at, "{m:?}");
            prop_assert!(0 < m.sessions && m.sessions <= f.seen_in.0, "{m:?}");
            prop_assert!(m.out_of.is_none_or(|all| m.count <= all), "{m:?}");
            prop_assert!(m.carrying_data.is_none_or(|n| n <= m.count), "{m:?}");
            prop_assert!(m.bytes.is_none() || m.carrying_data > Some(0), "{m:?}");
            prop_assert!(m.cookies.is_none_or(|n| 0 < n && n <= m.count), "{m:?}");
            // The banner and the choice stand beside what is counted; some rules add more.
            let beside = match (f.rule.as_str(), m.of) {
                ("third-party-on-sensitive-page", _) => 2 + 3 + 5,
                (_, Counted::Request | Counted::CookieWrite | Counted::Box | Counted::Listener) => 2,
                _ => f.evidence.all().len(),
            };
            prop_assert!(f.evidence.all().len() <= m.count as usize + beside, "{} {m:?}", f.rule);
            let times = [m.first_ms, m.before_banner_ms, m.after_choice_ms, m.after_going_on_ms];
            prop_assert!(times.iter().flatten().all(|t| t.is_finite() && *t >= 0.0), "{m:?}");
            // What stands in the title is what stands in the numbers.
            if let (true, Some(first)) = (m.of == Counted::Request && m.unconfirmed == 0, m.first_ms)
                && m.after_choice_ms.or(m.after_going_on_ms).is_none()
                && f.title.contains("; first ")
            {
                let told = format!("; first {} after ", crate::words::ms(first));
                prop_assert!(f.title.contains(&told), "{} {m:?}", f.title);
            }
        }
        let text = serde_json::to_string(&j).unwrap().to_lowercase();
        for word in FORBIDDEN {
            prop_assert!(!text.contains(word), "{} in {}", word, text);
        }
        let turns = j.findings.iter().any(|f| f.title.contains('\u{202e}'));
        prop_assert!(!turns);
    }
}

#[test]
fn a_finding_from_before_there_were_numbers_can_be_read() {
    let s = set([visit(Scenario::NoChoice).send(1.0, "Meta Pixel")]);
    let mut value = serde_json::to_value(&judged(&s).findings[0]).unwrap();
    assert_eq!(value["measure"]["count"], 1);
    value.as_object_mut().unwrap().remove("measure");
    let old: Finding = serde_json::from_value(value.clone()).unwrap();
    assert_eq!((&old.measure, serde_json::to_value(&old).unwrap()), (&None, value));
}

#[test]
fn a_finding_without_evidence_cannot_be_read() {
    let s = set([visit(Scenario::NoChoice).send(1.0, "Meta Pixel")]);
    let j = judged(&s);
    let mut value = serde_json::to_value(&j.findings[0]).unwrap();
    assert!(serde_json::from_value::<Finding>(value.clone()).is_ok());
    value["evidence"] = serde_json::json!([]);
    let e = serde_json::from_value::<Finding>(value).unwrap_err();
    assert!(e.to_string().contains("without evidence"), "{e}");
}

#[test]
fn fingerprints_are_unique_within_a_judgement_and_theories_are_filled_in() {
    let s = set([
        visit(Scenario::NoChoice)
            .banner(900.0)
            .send(1.0, "Meta Pixel")
            .send(2.0, "Hotjar")
            .send(3.0, "Intercom")
            .send(4.0, "x.example"),
        visit(Scenario::RejectAll)
            .banner(900.0)
            .chose(1000.0, 1100.0)
            .send(1200.0, "Meta Pixel")
            .cookie(cookie("a", 5.0)),
    ]);
    let j = judged(&s);
    let mut ids: Vec<&str> = j.findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let n = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), n);
    let recorder = j.findings.iter().find(|f| f.rule == "recorder-without-consent").unwrap();
    assert!(recorder.bears_on.contains(&"cipa-631a/prior-consent".to_owned()));
    assert_eq!(j.coverage.visits, 2);
}
