//! `sends-under-gpc`: an advertising party received something while Global Privacy Control was sent.

use std::collections::BTreeMap;

use affiant_record::footer::collectors::{CONSENT, NETWORK};
use affiant_record::{Purpose, Scenario};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::judgement::Severity;
use crate::occurrence::Order;
use crate::purpose::purpose;
use crate::recipient::recipient;
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, Sent, sent};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::count;

pub(crate) const RULE: Rule = Rule {
    id: "sends-under-gpc",
    version: 1,
    title: "Sends in spite of Global Privacy Control",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests of recognised vendors for advertising that left the browser while it sent Global Privacy Control (the header with every request, and the property in every document) and the visitor had accepted nothing. Beside it stands a control session without the signal: whether it changed anything.

## Why it matters
The signal is a visitor's standing opt-out of sale and sharing. California's and other states' regulators treat it as a valid one, without a banner and without a click.

## Example
*Meta Pixel received 3 requests under Global Privacy Control, with nothing accepted, on 2 of 3 pages; first 310 ms after the page began.*

## Remedy
Let the consent platform read the signal and start with sale and sharing denied, and let the tag wait for that state.

## Limits
The signal is put in by affiant, not by a browser of the visitor's own. Whether a request is a sale or sharing under a contract, or carries a flag that restricts its use, cannot be seen from the recipient alone: such flags are in the record. Whether it applies to the visitor's state is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let mut scope = Scope::over(set, RULE.needs, |_, _| true, window::under_gpc);
    let may = set.signalled() || set.visits.iter().any(|v| v.scenario == Scenario::Unknown);
    if !may {
        scope.gaps.clear();
    }
    let control = Control::of(set);
    let findings = sent(&scope, Order::Time, |who| who.class.and_then(purpose) == Some(Purpose::Advertising))
        .iter()
        .filter_map(|s| {
            let measure = s.measure(&scope);
            let (received, place) =
                (title::received(&s.recipient, &measure), title::place(&measure, &s.requests));
            let title = format!("{received} under Global Privacy Control, with nothing accepted, {place}.");
            let says = Says { severity: s.severity(), measure, title, details: control.details(s) };
            s.draft(set, &scope, Aim::WaitForChoice, says)
        })
        .collect();
    conclude(&scope, findings, "Global Privacy Control was not sent: run the audit with --gpc on to test it.")
}

/// What was sent in no-choice, with the signal and without it.
#[derive(Default)]
struct Control {
    visits: [usize; 2],
    sent: BTreeMap<(bool, String), [usize; 2]>,
}

impl Control {
    fn of(set: &VisitSet) -> Control {
        let mut out = Control::default();
        for v in set.visits.iter().filter(|v| v.scenario == Scenario::NoChoice) {
            let side = usize::from(!v.gpc);
            out.visits[side] += 1;
            for who in
                (0..v.requests.len()).filter(|i| v.requests[*i].left_browser).filter_map(|i| recipient(v, i))
            {
                let (unknown, name) = who.key();
                out.sent.entry((unknown, name.to_owned())).or_default()[side] += 1;
            }
        }
        out
    }

    /// What the same scenario shows without the signal.
    fn details(&self, s: &Sent<'_>) -> Vec<String> {
        let [with, without] = self.visits;
        if with == 0 || without == 0 {
            return vec![];
        }
        let (unknown, name) = s.recipient.key();
        let [sent_with, sent_without] =
            self.sent.get(&(unknown, name.to_owned())).copied().unwrap_or_default();
        vec![format!(
            "In no-choice: {} in {} with the signal, {} in {} without it (the control).",
            count(sent_with, "request"),
            count(with, "visit"),
            count(sent_without, "request"),
            count(without, "visit")
        )]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};

    #[test]
    fn what_advertises_is_held_against_the_control() {
        let s = set([
            visit(Scenario::NoChoice).gpc().send(310.0, "Meta Pixel").send(320.0, "Google Analytics"),
            visit(Scenario::AcceptAll).gpc().chose(1000.0, 1100.0).send(1500.0, "Meta Pixel"),
            visit(Scenario::NoChoice).session("no-choice-control").send(300.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        assert_eq!(j.findings.len(), 1);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received 1 request under Global Privacy Control, with nothing accepted, on 1 of 1 page; first 310 ms after the page began."
        );
        assert!(f.details.contains(
            &"In no-choice: 1 request in 1 visit with the signal, 1 request in 1 visit without it (the control).".to_owned()
        ), "{:?}", f.details);
        assert!(f.prove.ends_with("--scenario no-choice --gpc on"), "{}", f.prove);
    }

    #[test]
    fn of_an_imported_visit_nothing_is_said() {
        let j = judge(&set([visit(Scenario::Unknown).gpc().send(310.0, "Meta Pixel")]));
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Inconclusive, 0));
    }

    #[test]
    fn without_the_signal_the_question_does_not_arise() {
        let j = judge(&set([visit(Scenario::NoChoice).send(310.0, "Meta Pixel")]));
        assert_eq!(j.verdict, Verdict::NotApplicable);
        let j = judge(&set([visit(Scenario::NoChoice).gpc().send(310.0, "Hotjar")]));
        assert_eq!(j.verdict, Verdict::Pass);
    }
}
