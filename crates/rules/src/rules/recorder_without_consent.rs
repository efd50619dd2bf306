//! `recorder-without-consent`: a session recorder was loaded, or sent data, without consent.

use std::collections::BTreeMap;

use affiant_detect::facts::Class;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::Severity;
use crate::occurrence::{Order, by_stage};
use crate::recipient::{Recipient, recipient};
use crate::remedy::Aim;
use crate::scope::{Scope, without_consent};
use crate::sent::{Says, Sent, sent};
use crate::severity;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::{capitalised, count};

pub(crate) const RULE: Rule = Rule {
    id: "recorder-without-consent",
    version: 1,
    title: "Session recorder without consent",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests of session recorders (session replay, behavioural recording) where no consent covers them: in `no-choice`, on the first page of the other sessions before the choice, and in `reject-all` after it. It tells a recorder that was only loaded from one that sent data: a body, a beacon, or a socket. A recorder is known by its vendor, or by what it sends: snapshots of the page, streams of changes, inputs and movements as rrweb writes them, whoever receives them, known or not.

## Why it matters
A recorder is made to follow what a person does on a page: movements, clicks, scrolling, often what is typed. Of all classes of tags it takes the most, and takes it while it happens.

## Example
*Hotjar sent data in 12 requests (34.1 kB) without consent, on 4 of 4 pages; first 620 ms after the page began, 1.1 s before the banner was visible.*

## Remedy
Let the recorder start only once a choice that allows it is stored. Loading its script is enough to let it collect: hold back the script, not only the recording.

## Limits
It does not look into what was recorded, nor whether fields were masked. A recorder that sends after a delay or an amount may send nothing within the time that was watched: loaded is not the same as idle. Products that record only with a setting (error monitors with replay), and unknown ones, are known by rrweb's events; a format of their own, or a cipher, hides them. In an imported visit (a HAR) the consent is not known: what was observed is told, with low confidence and one step less grave.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, without_consent, window::without_consent);
    let recorders = by_behaviour(set);
    let is_one =
        |who: &Recipient| who.class == Some(Class::SessionReplay) || recorders.contains_key(&key(who));
    let findings = sent(&scope, Order::Time, is_one)
        .iter()
        .filter_map(|s| s.draft(set, &scope, aim(s), words(&scope, s, recorders.get(&key(&s.recipient)))))
        .collect();
    conclude(&scope, findings, "No visit without consent was asked for.")
}

fn aim(s: &Sent<'_>) -> Aim {
    if s.requests.iter().all(|o| o.window.after_refusal()) { Aim::ObeyReject } else { Aim::WaitForChoice }
}

/// What a recorder was seen to send: snapshots, changes, inputs, movements.
type Events = [u32; 4];

fn key(who: &Recipient) -> (bool, String) {
    let (unknown, name) = who.key();
    (unknown, name.to_owned())
}

/// Whoever received events of a recorder, in any visit.
fn by_behaviour(set: &VisitSet) -> BTreeMap<(bool, String), Events> {
    let mut out: BTreeMap<(bool, String), Events> = BTreeMap::new();
    for v in &set.visits {
        for r in &v.recordings {
            let Some(who) = recipient(v, r.request) else { continue };
            let all = out.entry(key(&who)).or_default();
            for (a, n) in all.iter_mut().zip([r.snapshots, r.mutations, r.inputs, r.pointer]) {
                *a = a.saturating_add(n);
            }
        }
    }
    out
}

fn words(scope: &Scope<'_>, s: &Sent<'_>, events: Option<&Events>) -> Says {
    let measure = s.measure(scope);
    let who = s.recipient.in_words();
    let (without, unknown) = match s.choice_unknown() {
        true => ("", "; under which consent is not known"),
        false => (" without consent", ""),
    };
    let place = title::place(&measure, &s.requests);
    // What records is a recorder, whatever else it is known for.
    let base = match (events, s.recipient.class) {
        (None, _) | (_, Some(Class::SessionReplay)) => s.severity(),
        _ if s.choice_unknown() => severity::down(severity::of_sending(Some(Class::SessionReplay))),
        _ => severity::of_sending(Some(Class::SessionReplay)),
    };
    let (title, severity) = if measure.carrying_data == Some(0) {
        let n = title::occurrences(&measure);
        let title =
            format!("{who} was loaded ({n}){without}, and was not seen sending data, {place}{unknown}.");
        (title, severity::down(base))
    } else {
        (format!("{who} sent data in {}{without}, {place}{unknown}.", title::data(&measure)), base)
    };
    let mut details = match s.choice_unknown() {
        true => vec![],
        false => vec![format!("{}.", capitalised(&by_stage(&s.requests, "request")))],
    };
    let refused = s.requests.iter().filter(|o| o.window.after_refusal());
    if let Some(u) = refused.filter_map(|o| o.window.unconfirmed.as_ref()).next() {
        details.push(format!(
            "Whether the refusal was stored could not be confirmed in every visit: {}.",
            u.why
        ));
    }
    if let Some([snapshots, mutations, inputs, pointer]) = events {
        let n = |n: &u32, what: &str| count(*n as usize, what);
        details.push(format!(
            "Known as a recorder by what it was sent, in all visits: {}, {}, {}, and {} of the pointer or by scrolling.",
            n(snapshots, "page snapshot"),
            n(mutations, "page change"),
            n(inputs, "field input"),
            n(pointer, "movement")
        ));
    }
    Says { severity, measure, title, details }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_detect::facts::RecordingFact;
    use affiant_record::CollectorStatus;
    use affiant_record::Scenario;

    #[test]
    fn one_that_nobody_knows_is_known_by_what_it_is_sent() {
        let mut s = set([visit(Scenario::NoChoice)
            .send(100.0, "cdn.unknown.example")
            .loaded()
            .send(620.0, "in.unknown.example")
            .body(34_100)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        let evidence = s.visits[0].requests[2].evidence.clone();
        let recording =
            RecordingFact { request: 2, snapshots: 1, mutations: 3, inputs: 2, pointer: 40, evidence };
        s.visits[0].recordings.push(recording);
        let f = &judge(&s).findings[0];
        assert_eq!((f.severity, f.subject.name.as_str()), (Severity::Critical, "unknown.example"));
        let told = "Known as a recorder by what it was sent, in all visits: 1 page snapshot, 3 page changes, 2 field inputs, and 40 movements";
        assert!(f.details.iter().any(|d| d.starts_with(told)), "{:?}", f.details);
    }

    #[test]
    fn one_that_sends_is_told_from_one_that_was_loaded() {
        let s = set([visit(Scenario::NoChoice)
            .send(100.0, "Hotjar")
            .loaded()
            .send(620.0, "Hotjar")
            .body(34_100)]);
        let f = &judge(&s).findings[0];
        assert_eq!(
            f.title,
            "Hotjar sent data in 1 request (34.1 kB) without consent, on 1 of 1 page; first 100 ms after the page began."
        );
        assert_eq!(f.severity, Severity::Critical);
        let m = &f.measure;
        assert_eq!((m.count, m.carrying_data, m.bytes, m.first_ms), (2, Some(1), Some(34_100), Some(100.0)));
        let s = set([visit(Scenario::NoChoice).send(100.0, "Hotjar").loaded()]);
        let f = &judge(&s).findings[0];
        assert_eq!((f.measure.count, f.measure.carrying_data, f.measure.bytes), (1, Some(0), None));
        assert!(
            f.title
                .starts_with("Hotjar was loaded (1 request) without consent, and was not seen sending data"),
            "{}",
            f.title
        );
        assert_eq!(f.severity, Severity::High);
    }

    #[test]
    fn after_reject_counts_and_after_accept_does_not() {
        let s = set([visit(Scenario::RejectAll).chose(1000.0, 1100.0).send(1200.0, "Hotjar")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        assert!(
            j.findings[0].details.contains(&"0 requests before any choice, 1 after Reject.".to_owned()),
            "{:?}",
            j.findings[0].details
        );
        assert!(j.findings[0].remedy.contains("on every page"), "{}", j.findings[0].remedy);
        let s = set([visit(Scenario::AcceptAll).chose(1000.0, 1100.0).send(1200.0, "Hotjar")]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn other_classes_are_not_its_business() {
        let s = set([visit(Scenario::NoChoice).send(100.0, "Meta Pixel")]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn a_rejection_that_could_not_be_made_makes_the_negative_inconclusive() {
        let s = set([visit(Scenario::NoChoice), visit(Scenario::RejectAll).could_not_choose("gave-up")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(j.statement.contains("Reject could not be operated: gave-up"), "{}", j.statement);
        let s = set([visit(Scenario::NoChoice).collector(NETWORK, CollectorStatus::NotRun)]);
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
    }
}
