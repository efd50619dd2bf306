//! `sends-before-choice`: a third party received something before any choice was stored.

use affiant_record::Scenario;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::Severity;
use crate::occurrence::Order;
use crate::remedy::Aim;
use crate::scope::{Scope, before_a_choice};
use crate::sent::{Says, sent};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;

pub(crate) const RULE: Rule = Rule {
    id: "sends-before-choice",
    version: 1,
    title: "Sends before any choice is stored",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that left the browser before any consent choice was stored: every visit of `no-choice`, and the first page of the other sessions up to the choice. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
Consent that is to cover a request must come before it. A visitor who ignores the banner, or leaves, has agreed to nothing: what is sent then is sent without a choice.

## Example
*Microsoft Clarity received 14 requests before any choice was made, on 9 of 12 pages; first 412 ms after the page began, 1.3 s before the banner was visible.*

## Remedy
Let the tag run only once a choice that allows it is stored: in a container by a consent requirement of the tag and a trigger on the consent update, in the page by letting the consent platform release the element. Then look again with the command beside the finding.

## Limits
In `accept-all` the stretch ends with the click on Accept, not with the store: what follows the click was accepted. In `reject-all` it ends when the choice was seen stored, or with the click where the storing was not seen. Whether a region's rules ask for prior consent is for counsel. A request that announces *denied* (Google's consent mode) counts as sent, and says so. Requests that were stopped before they left the browser are told, not counted. In an imported visit (a HAR) nothing is known of the choice: what was sent is told, with low confidence and one step less grave, and nothing is said of what was not sent.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, before_a_choice, window::before_choice);
    let findings = sent(&scope, Order::Time, |_| true)
        .iter()
        .filter_map(|s| {
            // Between the click and the store a choice is made, and not yet stored.
            let clicked = s.requests.iter().any(|o| o.visit.marks.choice.is_some_and(|made| o.t >= made));
            let until = if clicked { "stored" } else { "made" };
            let measure = s.measure(&scope);
            let (received, place) =
                (title::received(&s.recipient, &measure), title::place(&measure, &s.requests));
            let title = if s.choice_unknown() {
                format!("{received}, {place}; whether a choice had been made is not known.")
            } else {
                format!("{received} before any choice was {until}, {place}.")
            };
            let with_choice = s.requests.iter().filter(|o| o.visit.scenario != Scenario::NoChoice).count();
            let details = if with_choice > 0 && with_choice < s.requests.len() {
                vec!["Seen both without a choice and in the moments before one.".to_owned()]
            } else {
                vec![]
            };
            let says = Says { severity: s.severity(), measure, title, details };
            s.draft(set, &scope, Aim::WaitForChoice, says)
        })
        .collect();
    conclude(&scope, findings, "No visit in which a choice was still to be made was asked for.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{Confidence, Verdict};
    use crate::testing::{set, visit};
    use crate::visit_set::PlannedVisit;
    use affiant_record::Outcome;

    #[test]
    fn counts_over_pages_and_scenarios_and_leads_with_the_earliest() {
        let s = set([
            visit(Scenario::NoChoice)
                .banner(1712.0)
                .send(412.0, "Microsoft Clarity")
                .send(2500.0, "Microsoft Clarity"),
            visit(Scenario::NoChoice).page("/two", 1).send(300.0, "Google Fonts"),
            visit(Scenario::AcceptAll)
                .banner(1700.0)
                .chose(3000.0, 3100.0)
                .send(2000.0, "Microsoft Clarity")
                .send(3050.0, "Microsoft Clarity"),
        ]);
        let j = judge(&s);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Microsoft Clarity received 3 requests before any choice was made, on 1 of 2 pages; first 412 ms after the page began, 1.3 s before the banner was visible."
        );
        assert_eq!((f.seen_in, f.confidence), ((2, 3), Confidence::High));
        let m = &f.measure;
        assert_eq!((m.count, m.pages, m.pages_looked_at, m.sessions, m.sessions_looked_at), (3, 1, 2, 2, 2));
        assert_eq!((m.first_ms, m.before_banner_ms, m.after_choice_ms), (Some(412.0), Some(1300.0), None));
        assert_eq!(f.scenarios, [Scenario::NoChoice, Scenario::AcceptAll]);
        assert_eq!(f.details[0], "In no-choice: 2 requests in 1 of 2 visits.");
        assert_eq!(f.prove, "affiant audit https://shop.example/ --pages 1 --scenario no-choice,accept-all");
        assert_eq!(j.findings[1].severity, Severity::Note);
        assert_eq!(j.verdict, Verdict::Fail);
    }

    #[test]
    fn where_the_choice_is_not_known_every_request_is_counted_as_unconfirmed() {
        let s = set([visit(Scenario::Unknown).send(412.0, "Meta Pixel").send(500.0, "Meta Pixel")]);
        let m = &judge(&s).findings[0].measure;
        assert_eq!((m.count, m.unconfirmed, m.first_ms), (2, 2, Some(412.0)));
    }

    #[test]
    fn what_follows_accept_is_not_found() {
        let s = set([visit(Scenario::AcceptAll)
            .chose(3000.0, 3400.0)
            .send(3010.0, "Meta Pixel")
            .send(3500.0, "Meta Pixel")]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn between_reject_and_its_store_the_choice_is_made_and_not_stored() {
        let s = set([visit(Scenario::RejectAll).chose(3000.0, 3400.0).send(3010.0, "Meta Pixel")]);
        let f = &judge(&s).findings[0];
        assert!(f.title.contains("1 request before any choice was stored, on"), "{}", f.title);
    }

    #[test]
    fn an_unknown_host_is_low_and_named_as_unknown() {
        let s = set([visit(Scenario::NoChoice).send(50.0, "a.evil.example")]);
        let f = &judge(&s).findings[0];
        assert_eq!(
            (f.severity, f.subject.kind.as_str(), f.subject.name.as_str()),
            (Severity::Low, "host", "evil.example")
        );
        assert!(f.title.starts_with("evil.example (owner not known) received 1 request before any choice was made, on 1 of 1 page;"), "{}", f.title);
    }

    #[test]
    fn a_denied_ping_is_counted_and_said() {
        let mut s = set([visit(Scenario::NoChoice).send(50.0, "Google Analytics")]);
        s.visits[0].requests[1].says =
            affiant_detect::signals_of("https://google-analytics.com/g/collect?v=2&gcs=G100");
        let f = &judge(&s).findings[0];
        assert!(f.details.iter().any(|d| d.contains("gcs=G100")), "{:?}", f.details);
    }

    #[test]
    fn a_visit_that_was_never_made_makes_a_negative_inconclusive() {
        let mut s = set([visit(Scenario::NoChoice)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        s.planned.push(PlannedVisit {
            session: "x".into(),
            scenario: Scenario::NoChoice,
            page: "https://shop.example/two".into(),
            ordinal: 1,
        });
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(
            j.statement.contains("no-choice https://shop.example/two (the visit was planned and never made)"),
            "{}",
            j.statement
        );
    }

    #[test]
    fn a_failed_page_makes_it_inconclusive_and_nothing_asked_not_applicable() {
        let s = set([visit(Scenario::NoChoice)
            .outcome(Outcome::Failed { reason: "net::ERR_NAME_NOT_RESOLVED".into() })]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(j.statement.contains("net::ERR_NAME_NOT_RESOLVED"), "{}", j.statement);
        assert_eq!(judge(&set([])).verdict, Verdict::NotApplicable);
    }
}
