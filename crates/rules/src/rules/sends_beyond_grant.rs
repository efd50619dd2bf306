//! `sends-beyond-grant`: a third party received something for a purpose that was not granted.

use affiant_record::footer::collectors::{CONSENT, NETWORK};
use affiant_record::{Choice, Scenario};

use crate::aftermath::Aftermath;
use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::{Severity, Verdict};
use crate::occurrence::Order;
use crate::purpose::purpose;
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, sent};
use crate::visit_set::VisitSet;
use crate::window;

pub(crate) const RULE: Rule = Rule {
    id: "sends-beyond-grant",
    version: 1,
    title: "Sends beyond what was granted",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests of recognised vendors that were begun after a choice of some purposes was stored in a `custom` session, and whose kind belongs to a purpose that was not granted: recorders, form capture and analytics to *analytics*, ad pixels to *advertising*, chat to *functional*. Consent platforms, plain services, and parties whose purpose is not known are left out.

## Why it matters
A banner that offers purposes one by one promises that each answer counts. A tag that runs under a purpose the visitor left out was never allowed by anybody.

## Example
*Meta Pixel received 2 requests after purposes without its own were stored, on 2 of 3 pages; first 90 ms after the choice was stored.*

## Remedy
Put the tag into the category that its purpose belongs to, and let it wait for that category alone, not for any answer.

## Limits
To which category a vendor belongs is taken from what it does, not from what the banner says of it. Where the site's own state did not confirm the choice, what was sent is still told, with less confidence and in other words, and nothing is said of what was not sent.
"#;

const WORDS: Aftermath = Aftermath {
    stored: "after purposes without its own were stored",
    requested: "after purposes without its own were requested",
    that: "the choice was stored",
};

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| matches!(s, Scenario::Custom(_)), window::after_custom);
    let findings = sent(&scope, Order::Session, |who| who.class.is_some_and(|c| purpose(c).is_some()))
        .into_iter()
        .filter_map(|mut s| {
            let needs = s.recipient.class.and_then(purpose)?;
            s.requests
                .retain(|o| matches!(o.window.after, Some(Choice::Custom(granted)) if !granted.has(needs)));
            let (title, details) = WORDS.words(&scope, &s);
            let says = Says { severity: s.severity(), measure: s.measure(&scope), title, details };
            s.draft(set, &scope, Aim::ObeyReject, says)
        })
        .collect();
    let mut judged = conclude(
        &scope,
        findings,
        "No choice of purposes was asked for: run a scenario such as custom:functional to test it.",
    );
    if judged.verdict == Verdict::Pass {
        judged.statement.push_str(" The site's own state confirmed the choice.");
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::consent::AchievedChoice;
    use affiant_record::{Purpose, Purposes};

    #[test]
    fn only_what_was_not_granted_is_found() {
        let scenario = Scenario::Custom(Purposes::default().with(Purpose::Analytics));
        let s = set([visit(scenario)
            .chose(1000.0, 1100.0)
            .achieved(AchievedChoice::Partial)
            .send(1050.0, "Meta Pixel")
            .send(1190.0, "Meta Pixel")
            .send(1200.0, "Google Analytics")
            .send(1300.0, "a.unknown.example")]);
        let j = judge(&s);
        assert_eq!(j.findings.len(), 1);
        assert_eq!(
            j.findings[0].title,
            "Meta Pixel received 1 request after purposes without its own were stored, on 1 of 1 page; first 90 ms after the choice was stored."
        );
        assert_eq!(
            j.findings[0].prove,
            "affiant audit https://shop.example/ --pages 1 --scenario custom:analytics"
        );
        let s = set([visit(scenario).chose(1000.0, 1100.0).achieved(AchievedChoice::Partial)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
