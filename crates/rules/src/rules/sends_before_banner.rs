//! `sends-before-banner`: a third party received something before the banner could be seen.

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
    id: "sends-before-banner",
    version: 1,
    title: "Sends before the banner is visible",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that left the browser before the consent banner was first visible: painted, in the viewport and not covered. It looks at every first page of a session on which a banner was seen, and at the further pages of `no-choice`. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
At that moment the visitor cannot have been asked anything, whatever is answered later. The order is measured on one clock, so nothing rests on how a banner is configured.

## Example
*Microsoft Clarity received 3 requests before the banner was visible, on 2 of 2 pages; first 412 ms after the page began, 1.3 s before the banner was visible.*

## Remedy
Load the consent platform first, and let the tag run only once a choice that allows it is stored: in a container by a consent requirement of the tag and a trigger on the consent update, in the page by letting the consent platform release the element.

## Limits
The moment of the banner is its first visible paint in this browser, on this machine; a slower connection moves both. Visits in which no banner was seen do not count here: see `no-banner`. A request that announces *denied* (Google's consent mode) counts as sent, and says so. Requests that were stopped before they left the browser are told, not counted. A domain of the same owner is not another party.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, before_a_choice, window::before_banner);
    let findings = sent(&scope, Order::Time, |_| true)
        .iter()
        .filter_map(|s| {
            let measure = s.measure(&scope);
            let (received, place) =
                (title::received(&s.recipient, &measure), title::place(&measure, &s.requests));
            let title = format!("{received} before the banner was visible, {place}.");
            let says = Says { severity: s.severity(), measure, title, details: vec![] };
            s.draft(set, &scope, Aim::WaitForChoice, says)
        })
        .collect();
    conclude(
        &scope,
        findings,
        "No banner was seen in any visit, so that nothing could come before it: see no-banner.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{Confidence, Counted, Verdict};
    use crate::testing::{set, visit};
    use affiant_record::{CollectorStatus, Outcome, Scenario};

    #[test]
    fn what_was_sent_before_the_banner_is_found_once_a_vendor() {
        let s = set([
            visit(Scenario::NoChoice)
                .banner(1712.0)
                .send(412.0, "Microsoft Clarity")
                .send(900.0, "Microsoft Clarity")
                .send(2000.0, "Meta Pixel"),
            visit(Scenario::NoChoice).page("/two", 1).banner(800.0).send(500.0, "Microsoft Clarity"),
            visit(Scenario::NoChoice).page("/three", 2).banner(800.0),
        ]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        assert_eq!(j.findings.len(), 1);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Microsoft Clarity received 3 requests before the banner was visible, on 2 of 3 pages; first 412 ms after the page began, 1.3 s before the banner was visible."
        );
        assert_eq!((f.severity, f.confidence, f.seen_in), (Severity::Critical, Confidence::High, (2, 3)));
        let m = &f.measure;
        assert_eq!((m.of, m.count, m.pages, m.pages_looked_at), (Counted::Request, 3, 2, 3));
        assert_eq!((m.sessions, m.sessions_looked_at, m.unconfirmed), (1, 1, 0));
        assert_eq!((m.first_ms, m.before_banner_ms, m.after_choice_ms), (Some(412.0), Some(1300.0), None));
        assert_eq!((m.carrying_data, m.bytes), (Some(3), None), "posted, and how much is not known");
        assert_eq!(f.evidence.all().len(), 3);
        assert_eq!(f.evidence.all()[0].shows, "POST https://clarity.ms/collect at 412 ms on / (no-choice)");
        assert_eq!(
            j.statement,
            "Observed for 1 subject: Microsoft Clarity. Looked at 3 visits: 1 run over 3 pages in no-choice."
        );
    }

    #[test]
    fn what_came_after_it_is_not() {
        let s = set([visit(Scenario::NoChoice)
            .banner(300.0)
            .send(300.0, "Meta Pixel")
            .send(400.0, "Meta Pixel")]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Pass, 0));
        assert_eq!(j.statement, "Not observed in 1 run over 1 page in no-choice.");
    }

    #[test]
    fn what_came_just_before_it_may_have_come_after_it_and_is_not() {
        let mut s = set([visit(Scenario::NoChoice).banner(300.0).send(260.0, "Meta Pixel")]);
        assert_eq!(judge(&s).verdict, Verdict::Fail);
        // The watcher looks every 50 ms: the banner may have been visible since 250 ms.
        s.visits[0].marks.banner_uncertainty_ms = 50.0;
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn consent_platforms_stopped_attempts_and_the_site_itself_are_not() {
        let s = set([visit(Scenario::NoChoice)
            .banner(900.0)
            .send(100.0, "OneTrust")
            .send(200.0, "Meta Pixel")
            .stopped("net::ERR_BLOCKED_BY_CLIENT")
            .send(300.0, "shop.example")]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn a_stopped_attempt_is_told_beside_what_was_sent() {
        let s = set([visit(Scenario::NoChoice)
            .banner(900.0)
            .send(100.0, "Meta Pixel")
            .send(200.0, "Meta Pixel")
            .stopped("net::ERR_BLOCKED_BY_CLIENT")]);
        let f = &judge(&s).findings[0];
        assert!(f.title.contains("1 request "), "{}", f.title);
        assert!(f.details.iter().any(|d| d.starts_with("1 further attempt was stopped")), "{:?}", f.details);
    }

    #[test]
    fn services_are_notes_and_no_failure() {
        let s = set([visit(Scenario::NoChoice).banner(900.0).send(100.0, "Google Fonts")]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings[0].severity), (Verdict::Pass, Severity::Note));
        assert!(
            j.statement.starts_with("Beside 1 note (Google Fonts): Not observed in 1 run"),
            "{}",
            j.statement
        );
    }

    #[test]
    fn a_tag_on_the_sites_own_domain_is_less_certain() {
        let s = set([visit(Scenario::NoChoice).banner(900.0).send(100.0, "Microsoft Clarity").first_party()]);
        let f = &judge(&s).findings[0];
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::Medium));
        assert!(f.details.iter().any(|d| d.contains("could not be observed")));
    }

    #[test]
    fn without_any_banner_the_question_does_not_arise() {
        let s = set([visit(Scenario::NoChoice).send(100.0, "Meta Pixel")]);
        assert_eq!(judge(&s).verdict, Verdict::NotApplicable);
    }

    #[test]
    fn a_failed_watcher_makes_it_inconclusive() {
        let failed = CollectorStatus::Failed { reason: "no world".into() };
        let s = set([visit(Scenario::NoChoice).collector(CONSENT, failed.clone())]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(
            j.statement.starts_with("Could not be tested, because collector 'consent' failed: no world"),
            "{}",
            j.statement
        );
        let s = set([
            visit(Scenario::NoChoice).banner(900.0),
            visit(Scenario::AcceptAll).banner(900.0).collector(NETWORK, failed),
        ]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(j.statement.starts_with("Could not be tested in full. Not observed in 1 run over 1 page in no-choice. 1 visit could not be used"), "{}", j.statement);
    }

    #[test]
    fn a_banner_whose_moment_was_not_seen_makes_it_inconclusive() {
        let mut s = set([visit(Scenario::NoChoice).banner(900.0)]);
        s.visits[0].marks.banner = None;
        s.visits[0].banner.as_mut().unwrap().visible = None;
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_visit_that_timed_out_still_shows_what_it_saw() {
        let s = set([visit(Scenario::NoChoice)
            .banner(900.0)
            .send(100.0, "Meta Pixel")
            .outcome(Outcome::TimedOut { reason: "busy".into() })]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        assert!(j.statement.contains("No visit could be used in full."), "{}", j.statement);
    }
}
