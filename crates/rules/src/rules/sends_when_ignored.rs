//! `sends-when-ignored`: a third party received something after the visitor went on and left the banner alone.

use std::collections::BTreeSet;

use affiant_detect::facts::VisitFacts;
use affiant_record::Scenario;
use affiant_record::footer::collectors::{CONSENT, NETWORK};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::Severity;
use crate::occurrence::Order;
use crate::recipient::recipient;
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, sent};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;

pub(crate) const RULE: Rule = Rule {
    id: "sends-when-ignored",
    version: 1,
    title: "Sends when the banner is ignored",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, and of recognised tags, that were begun after the visitor had gone on in an `ignore` session: had scrolled and clicked into the text beside the banner, had gone to further pages, and had come back, without ever touching the banner. Consent platforms are left out. Plain services (fonts, libraries, delivery networks) are notes.

## Why it matters
Most visitors do not answer. A set-up that takes scrolling, or the second page, for an answer lets everything run that would have waited, and a look at the first page alone never sees it.

## Example
*Google Analytics received 4 requests while the banner was ignored, on 2 of 3 pages; first 310 ms after the visitor went on.*

## Remedy
Look in the consent platform for settings that take scrolling, a click or a further page for consent, and switch them off.

## Limits
What is sent from the start on is told by `sends-before-choice` too. Scrolling and clicks are real input, at one pace; what waits for longer reading is not seen. Whether going on is an answer is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| s == Scenario::Ignore, window::ignoring);
    let still = sent_when_still(set);
    let findings = sent(&scope, Order::Session, |_| true)
        .iter()
        .filter_map(|s| {
            let measure = s.measure(&scope);
            let (received, place) =
                (title::received(&s.recipient, &measure), title::place(&measure, &s.requests));
            let title = format!("{received} while the banner was ignored, {place}.");
            let details = match &still {
                Some(still) if !still.contains(&s.recipient.name) => {
                    vec![
                        "In no-choice, where the visitor did nothing at all, it received nothing.".to_owned(),
                    ]
                }
                _ => vec![],
            };
            let says = Says { severity: s.severity(), measure, title, details };
            s.draft(set, &scope, Aim::WaitForChoice, says)
        })
        .collect();
    conclude(&scope, findings, "It was not asked for: run the scenario ignore to test it.")
}

/// Who received something as long as the visitor did nothing at all; nothing where that was not asked for.
fn sent_when_still(set: &VisitSet) -> Option<BTreeSet<String>> {
    let still: Vec<_> = set.visits.iter().filter(|v| v.scenario == Scenario::NoChoice).collect();
    let sent = |v: &VisitFacts| {
        let all = v.requests.iter().enumerate().filter(|(_, r)| r.left_browser);
        all.filter_map(|(i, _)| recipient(v, i)).map(|r| r.name).collect::<Vec<_>>()
    };
    (!still.is_empty()).then(|| still.into_iter().flat_map(sent).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};

    #[test]
    fn counts_from_going_on_and_says_what_came_only_then() {
        let s = set([
            visit(Scenario::NoChoice).send(10.0, "Hotjar"),
            visit(Scenario::Ignore).ignored(1000.0).send(500.0, "Hotjar").send(1310.0, "Google Analytics"),
            visit(Scenario::Ignore).page("/two", 1).send(100.0, "Google Analytics").send(200.0, "Hotjar"),
        ]);
        let j = judge(&s);
        let of = |name: &str| j.findings.iter().find(|f| f.subject.name == name).unwrap();
        let ga = of("Google Analytics");
        assert_eq!(
            ga.title,
            "Google Analytics received 2 requests while the banner was ignored, on 2 of 2 pages; first 310 ms after the visitor went on."
        );
        assert!(ga.details.iter().any(|d| d.starts_with("In no-choice, where the visitor did nothing")));
        assert!(!of("Hotjar").details.iter().any(|d| d.starts_with("In no-choice, where")));
    }

    #[test]
    fn a_visitor_who_did_not_get_to_it_makes_it_inconclusive() {
        assert_eq!(judge(&set([visit(Scenario::Ignore)])).verdict, Verdict::Inconclusive);
        assert_eq!(judge(&set([visit(Scenario::Ignore).ignored(1000.0)])).verdict, Verdict::Pass);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
