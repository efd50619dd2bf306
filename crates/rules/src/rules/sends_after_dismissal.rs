//! `sends-after-dismissal`: a third party received something after the banner was closed without an answer.

use affiant_record::Scenario;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::Severity;
use crate::occurrence::Order;
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, sent};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;

pub(crate) const RULE: Rule = Rule {
    id: "sends-after-dismissal",
    version: 1,
    title: "Sends after the banner was dismissed",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that were begun after the visitor had closed the banner by its X, by Escape or by a click beside it, in a `dismiss` session: on the rest of the first page, on every further page, and when the visitor came back. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
Closing a banner is no answer. A set-up that takes it for one lets everything run that would have waited.

## Example
*Google Analytics received 4 requests after the banner was dismissed, on 2 of 3 pages; first 310 ms after the banner had been dismissed.*

## Remedy
Look in the consent platform for what closing means: it must leave every answer as it was, or store a refusal.

## Limits
What was already sent before the banner was closed is told by `sends-before-choice`, and may go on here. Where the banner cannot be closed without an answer, this could not be tested. Whether going on is an answer is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| s == Scenario::Dismiss, window::after_dismissal);
    let findings = sent(&scope, Order::Session, |_| true)
        .iter()
        .filter_map(|s| {
            let measure = s.measure(&scope);
            let (received, place) =
                (title::received(&s.recipient, &measure), title::place(&measure, &s.requests));
            let title = format!("{received} after the banner was dismissed, {place}.");
            let says = Says { severity: s.severity(), measure, title, details: vec![] };
            s.draft(set, &scope, Aim::WaitForChoice, says)
        })
        .collect();
    conclude(&scope, findings, "No dismissal was asked for: run the scenario dismiss to test it.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};

    #[test]
    fn counts_from_the_dismissal_on() {
        let s = set([
            visit(Scenario::Dismiss)
                .chose(1000.0, 1100.0)
                .send(500.0, "Hotjar")
                .send(1310.0, "Google Analytics"),
            visit(Scenario::Dismiss).page("/two", 1).send(100.0, "Google Analytics"),
        ]);
        let j = judge(&s);
        assert_eq!(j.findings.len(), 1);
        assert_eq!(
            j.findings[0].title,
            "Google Analytics received 2 requests after the banner was dismissed, on 2 of 2 pages; first 210 ms after the choice was stored."
        );
        assert!(
            j.findings[0]
                .evidence
                .all()
                .iter()
                .any(|e| e.shows.starts_with("The banner's dismissal operated"))
        );
    }

    #[test]
    fn a_banner_that_cannot_be_closed_is_inconclusive() {
        let s = set([visit(Scenario::Dismiss)
            .banner(900.0)
            .could_not_choose("the banner does not offer this choice")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(j.statement.contains("the banner's dismissal could not be operated"), "{}", j.statement);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
