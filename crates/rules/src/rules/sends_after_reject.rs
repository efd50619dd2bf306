//! `sends-after-reject`: a third party received something after the visitor had rejected.

use affiant_record::Scenario;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::aftermath::Aftermath;
use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::{Severity, Verdict};
use crate::occurrence::Order;
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, sent};
use crate::visit_set::VisitSet;
use crate::window;

pub(crate) const RULE: Rule = Rule {
    id: "sends-after-reject",
    version: 1,
    title: "Sends after Reject",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that were begun after Reject was stored in a `reject-all` session: on the rest of the first page and on every further page of the same session. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
The visitor was asked, answered, and the answer did not take effect. That is the plainest way in which a consent set-up fails, and the one that a visitor can see in a browser's own tools.

## Example
*Meta Pixel received 6 requests after Reject was stored, on 3 of 4 pages; first 230 ms after the choice was stored.*

## Remedy
Let the tag read the stored choice on every page before it runs: in a container by a consent requirement of the tag, with the consent state set before the container runs; in the page by letting the consent platform release the element. What already runs when Reject is stored must stop.

## Limits
Requested and achieved consent are apart. Where the site's own state did not confirm that Reject was stored, what was sent is still told, with less confidence and in other words, and nothing is said of what was not sent. Where the banner offers no Reject, or it could not be operated, this could not be tested. Requests begun before the choice do not count, even if they ended after it.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| s == Scenario::RejectAll, window::after_reject);
    let findings = sent(&scope, Order::Session, |_| true)
        .iter()
        .filter_map(|s| {
            let (title, details) = WORDS.words(&scope, s);
            let says = Says { severity: s.severity(), measure: s.measure(&scope), title, details };
            s.draft(set, &scope, Aim::ObeyReject, says)
        })
        .collect();
    let mut judged =
        conclude(&scope, findings, "Reject was not asked for: run the scenario reject-all to test it.");
    if judged.verdict == Verdict::Pass {
        judged.statement.push_str(" The site's own state confirmed that Reject was stored.");
    }
    judged
}

const WORDS: Aftermath = Aftermath {
    stored: "after Reject was stored",
    requested: "after Reject was requested",
    that: "Reject was stored",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Confidence;
    use crate::testing::{set, visit};
    use affiant_record::consent::AchievedChoice;

    #[test]
    fn found_on_the_rest_of_the_first_page_and_on_further_pages() {
        let s = set([
            visit(Scenario::RejectAll)
                .banner(900.0)
                .chose(3000.0, 3100.0)
                .send(2000.0, "Meta Pixel")
                .send(3050.0, "Meta Pixel")
                .send(3330.0, "Meta Pixel"),
            visit(Scenario::RejectAll).page("/two", 1).send(100.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received 2 requests after Reject was stored, on 2 of 2 pages; first 230 ms after the choice was stored."
        );
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::High));
        let m = &f.measure;
        assert_eq!((m.count, m.unconfirmed, m.pages, m.pages_looked_at, m.sessions), (2, 0, 2, 2, 1));
        assert_eq!((m.first_ms, m.after_choice_ms, m.before_banner_ms), (Some(3330.0), Some(230.0), None));
        assert_eq!(
            f.prove,
            "affiant audit https://shop.example/ https://shop.example/two --pages 2 --scenario reject-all"
        );
        assert!(f.evidence.all()[0].shows.contains("at 3.3 s on /"));
        assert_eq!(
            f.evidence.all().last().unwrap().shows,
            "Reject operated by autoconsent at 3.0 s on / (reject-all)"
        );
    }

    #[test]
    fn the_choices_page_leads_the_command_even_if_nothing_was_sent_there() {
        let s = set([
            visit(Scenario::RejectAll).chose(3000.0, 3100.0),
            visit(Scenario::RejectAll).page("/two", 1).send(100.0, "Meta Pixel"),
        ]);
        let f = &judge(&s).findings[0];
        // The clock of another visit does not tell how long after the choice that was.
        assert_eq!((f.measure.first_ms, f.measure.after_choice_ms), (Some(100.0), None));
        assert!(
            f.title.ends_with("on 1 of 2 pages; first 100 ms after page 2 of the session began."),
            "{}",
            f.title
        );
        assert!(
            f.prove.starts_with("affiant audit https://shop.example/ https://shop.example/two "),
            "{}",
            f.prove
        );
    }

    #[test]
    fn what_was_begun_before_the_choice_does_not_count() {
        let s = set([visit(Scenario::RejectAll)
            .chose(3000.0, 3100.0)
            .send(3100.0, "Meta Pixel")
            .send(10.0, "Hotjar")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Pass);
        assert!(j.statement.ends_with("The site's own state confirmed that Reject was stored."));
    }

    #[test]
    fn where_the_storing_is_not_confirmed_it_is_told_with_less_confidence() {
        for (state, confidence) in
            [(AchievedChoice::Unknown, Confidence::Medium), (AchievedChoice::None, Confidence::Low)]
        {
            let s = set([visit(Scenario::RejectAll)
                .chose(3000.0, 3100.0)
                .achieved(state)
                .send(3200.0, "Meta Pixel")]);
            let j = judge(&s);
            assert_eq!((j.verdict, j.findings[0].confidence), (Verdict::Fail, confidence));
            assert!(j.findings[0].title.contains("after Reject was requested"));
            assert!(j.findings[0].title.ends_with("whether the site stored it could not be confirmed."));
            let s = set([visit(Scenario::RejectAll).chose(3000.0, 3100.0).achieved(state)]);
            let j = judge(&s);
            assert_eq!(j.verdict, Verdict::Inconclusive);
            assert!(
                j.statement.starts_with("Could not be tested, because the site's own state"),
                "{}",
                j.statement
            );
        }
    }

    #[test]
    fn confirmed_and_unconfirmed_runs_are_told_apart() {
        let s = set([
            visit(Scenario::RejectAll).chose(3000.0, 3100.0).send(3200.0, "Meta Pixel"),
            visit(Scenario::RejectAll)
                .session("second")
                .chose(3000.0, 3100.0)
                .achieved(AchievedChoice::Unknown)
                .send(3300.0, "Meta Pixel"),
        ]);
        let f = &judge(&s).findings[0];
        assert!(f.title.starts_with("Meta Pixel received 1 request after Reject was stored"), "{}", f.title);
        assert_eq!(f.confidence, Confidence::High);
        let m = &f.measure;
        assert_eq!((m.count, m.unconfirmed, m.sessions, m.sessions_looked_at), (2, 1, 2, 2));
        assert_eq!(m.after_choice_ms, Some(100.0));
        assert!(f.details.iter().any(|d| d.starts_with("A further 1 request")), "{:?}", f.details);
    }

    #[test]
    fn a_banner_without_reject_makes_it_inconclusive() {
        let s = set([
            visit(Scenario::RejectAll)
                .banner(900.0)
                .could_not_choose("the banner does not offer this choice")
                .send(3200.0, "Meta Pixel"),
            visit(Scenario::RejectAll)
                .page("/two", 1)
                .achieved(AchievedChoice::None)
                .send(100.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Inconclusive, 0));
        assert!(
            j.statement.starts_with("Could not be tested, because Reject could not be operated: the banner does not offer this choice"),
            "{}",
            j.statement
        );
    }

    #[test]
    fn the_consent_platform_itself_may_send() {
        let s = set([visit(Scenario::RejectAll).chose(3000.0, 3100.0).send(3200.0, "OneTrust")]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
    }

    #[test]
    fn not_asked_for_is_not_applicable() {
        let j = judge(&set([visit(Scenario::NoChoice).send(1.0, "Meta Pixel")]));
        assert_eq!(j.verdict, Verdict::NotApplicable);
        assert!(j.statement.contains("not asked for"));
    }
}
