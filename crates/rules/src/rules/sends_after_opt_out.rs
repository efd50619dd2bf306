//! `sends-after-opt-out`: a third party received something after the visitor had taken consent back.

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
    id: "sends-after-opt-out",
    version: 1,
    title: "Sends after the opt-out",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that were begun after the visitor had opted out again in a `withdraw` session: on the rest of the page on which the preferences were reopened, on every further page, and when the visitor came back. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
Consent that was given can be taken back, and from then on what was allowed is not. A site that asks, and forgets the second answer, keeps sending on a consent that is gone.

## Example
*Meta Pixel received 6 requests after the opt-out was stored, on 3 of 4 pages; first 230 ms after the choice was stored.*

## Remedy
Let the tag read the stored choice on every page before it runs, and let it stop when the choice changes: in a container by a consent requirement that is checked again on the consent update, in the page by the consent platform's event for a changed choice. What already runs has to be stopped, or the page loaded anew.

## Limits
The opt-out is made on the page on which consent was given. Where the site's own state did not confirm that it was stored, what was sent is still told, with less confidence and in other words, and nothing is said of what was not sent. Where no way back to the preferences was found, this could not be tested. What was already under way when the opt-out was stored counts if its request was begun afterwards.
"#;

const WORDS: Aftermath = Aftermath {
    stored: "after the opt-out was stored",
    requested: "after the opt-out was requested",
    that: "the opt-out was stored",
};

fn judge(set: &VisitSet) -> Judged {
    let reach = |s, ordinal| s == Scenario::Withdraw && ordinal > 0;
    let scope = Scope::over(set, RULE.needs, reach, window::after_opt_out);
    let findings = sent(&scope, Order::Session, |_| true)
        .iter()
        .filter_map(|s| {
            let (title, details) = WORDS.words(&scope, s);
            let says = Says { severity: s.severity(), measure: s.measure(&scope), title, details };
            s.draft(set, &scope, Aim::ObeyReject, says)
        })
        .collect();
    let mut judged =
        conclude(&scope, findings, "No opt-out was asked for: run the scenario withdraw to test it.");
    if judged.verdict == Verdict::Pass {
        judged.statement.push_str(" The site's own state confirmed that the opt-out was stored.");
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::consent::AchievedChoice;
    use affiant_record::{Choice, Leg};

    #[test]
    fn counts_from_the_opt_out_on_and_not_what_consent_covered() {
        let s = set([
            visit(Scenario::Withdraw).chose(1000.0, 1100.0).send(1500.0, "Meta Pixel"),
            visit(Scenario::Withdraw).page("/two", 1).send(100.0, "Meta Pixel"),
            visit(Scenario::Withdraw)
                .page("/", 2)
                .leg(Leg::OptOut, Some(Choice::Withdraw))
                .chose(2000.0, 2100.0)
                .send(1900.0, "Meta Pixel")
                .send(2330.0, "Meta Pixel"),
            visit(Scenario::Withdraw)
                .page("/two", 3)
                .leg(Leg::AfterOptOut, None)
                .achieved(AchievedChoice::RejectAll)
                .send(100.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received 2 requests after the opt-out was stored, on 2 of 2 pages; first 230 ms after the choice was stored."
        );
        assert_eq!(f.severity, Severity::High);
        assert!(f.evidence.all().last().unwrap().shows.starts_with("The opt-out operated by autoconsent"));
    }

    #[test]
    fn one_that_could_not_be_made_is_inconclusive_and_one_not_asked_for_not_applicable() {
        let s = set([
            visit(Scenario::Withdraw).chose(1000.0, 1100.0),
            visit(Scenario::Withdraw)
                .page("/", 1)
                .leg(Leg::OptOut, Some(Choice::Withdraw))
                .could_not_choose("no way back to the preferences was found")
                .send(2000.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Inconclusive, 0));
        assert!(j.statement.contains("the opt-out could not be operated: no way back"), "{}", j.statement);
        assert_eq!(judge(&set([visit(Scenario::RejectAll)])).verdict, Verdict::NotApplicable);
    }
}
