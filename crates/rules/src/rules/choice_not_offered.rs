//! `choice-not-offered`: the site gives the visitor no way to make this choice.

use std::collections::BTreeMap;

use affiant_detect::facts::VisitFacts;
use affiant_record::Choice;
use affiant_record::footer::collectors::CONSENT;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::scope::{Look, Scope};
use crate::standing::name;
use crate::title;
use crate::visit_set::{VisitSet, banner_seen};
use crate::window::{Window, Within};
use crate::words::{capitalised, plain};

pub(crate) const RULE: Rule = Rule {
    id: "choice-not-offered",
    version: 1,
    title: "A choice that the site does not offer",
    severity: Severity::Medium,
    doc: DOC,
    needs: &[CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Sessions in which a choice was to be made, a banner was seen, and the site gave no way to make it: no Reject within three layers, no way to close the banner without an answer, no choice by purpose, no way back to the preferences after consent had been given.

## Why it matters
Refusing should be as easy as accepting, and taking consent back as easy as giving it. A choice that cannot be made was not made, whatever else the site stores.

## Example
*Reject is not offered: it was not found in 1 of 1 session that looked for it.*

## Remedy
Offer the choice where the other one stands: Reject beside Accept on the first layer, and a link to the preferences on every page.

## Limits
A control is found as a reader finds it: by its role and its words, in the main languages, in frames and shadow trees too. One that is drawn as a picture, or comes only after some time, can be missed; the pictures of the banner stand beside the finding. Whether a region asks for this choice is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| s.first_choice().is_some(), deciding);
    let mut by: BTreeMap<Choice, Vec<&Look<'_>>> = BTreeMap::new();
    for l in &scope.looks {
        let Some(choice) = l.visit.decides.filter(|_| missing(l.visit)) else { continue };
        by.entry(choice).or_default().push(l);
    }
    let findings = by.iter().filter_map(|(choice, looks)| draft(set, &scope, *choice, looks)).collect();
    conclude(&scope, findings, "No choice was asked for.")
}

/// Only visits in which something is decided.
fn deciding(_: &VisitSet, v: &VisitFacts) -> Within {
    match v.decides {
        Some(_) => Within { windows: vec![Window::WHOLE], gap: None },
        None => Within::default(),
    }
}

/// Whether a banner was there (or consent had been given), and the choice was not.
fn missing(v: &VisitFacts) -> bool {
    let asked = banner_seen(v) || v.decides == Some(Choice::Withdraw);
    asked && v.choice.as_ref().is_some_and(|c| c.not_offered)
}

fn draft(set: &VisitSet, scope: &Scope<'_>, choice: Choice, looks: &[&Look<'_>]) -> Option<Draft> {
    let all = scope.looks.iter().filter(|l| l.visit.decides == Some(choice)).count();
    let mut found: Vec<Occurrence<'_>> = looks
        .iter()
        .filter_map(|l| {
            let c = l.visit.choice.as_ref()?;
            let t = l.visit.marks.choice.or(l.visit.marks.leave).unwrap_or(l.visit.marks.end);
            let said = c.note.as_deref().map(|n| format!(": {}", plain(n, 160))).unwrap_or_default();
            let shows = format!("{} not found {}{said}", name(choice), when(l.visit, t));
            Some(Occurrence::found(l, t, Shown { evidence: c.evidence.clone(), shows }))
        })
        .collect();
    occurrence::sort(&mut found, Order::Session);
    let (severity, remedy) = match choice {
        Choice::Reject => (Severity::Medium, "Offer Reject beside Accept, on the first layer of the banner."),
        Choice::Withdraw => (
            Severity::Medium,
            "Put a link that opens the preferences on every page, and let it end in a refusal.",
        ),
        Choice::Custom(_) => (Severity::Low, "Offer a choice by purpose one layer below the banner."),
        _ => (Severity::Note, "Nothing has to be done for it alone."),
    };
    let measure = Measure::of(Counted::Visit, scope, &found).counting(looks.len(), Some(all));
    let words = Words {
        severity,
        confidence: Confidence::Medium,
        title: format!(
            "{} is not offered: it was not found in {} that looked for it.",
            capitalised(name(choice)),
            title::out_of(&measure, "session")
        ),
        measure,
        subject: Subject {
            kind: "choice".to_owned(),
            name: choice.to_string(),
            class: None,
            accounts: vec![],
        },
        details: vec![],
        remedy: remedy.to_owned(),
    };
    let mut draft = Draft::new(set, scope, words, &found)?;
    draft.seen_in = (looks.len() as u32, all as u32);
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_record::{Leg, Scenario};

    const NONE: &str = "the banner does not offer this choice";

    #[test]
    fn a_banner_without_reject_is_found_and_one_that_failed_is_not() {
        let s = set([visit(Scenario::RejectAll).banner(900.0).could_not_choose(NONE)]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        assert_eq!(
            j.findings[0].title,
            "Reject is not offered: it was not found in 1 of 1 session that looked for it."
        );
        assert_eq!(j.findings[0].subject.name, "reject");
        let s = set([visit(Scenario::RejectAll).banner(900.0).could_not_choose("the rule failed")]);
        assert_eq!(judge(&s).findings.len(), 0);
        let s = set([visit(Scenario::RejectAll).could_not_choose(NONE)]);
        assert_eq!(judge(&s).findings.len(), 0, "without a banner another rule speaks");
    }

    #[test]
    fn a_dismissal_is_a_note_and_the_way_back_weighs_more() {
        let s = set([visit(Scenario::Dismiss).banner(900.0).could_not_choose(NONE)]);
        assert_eq!((judge(&s).verdict, judge(&s).findings[0].severity), (Verdict::Pass, Severity::Note));
        let s = set([
            visit(Scenario::Withdraw).banner(900.0).chose(1000.0, 1100.0),
            visit(Scenario::Withdraw)
                .page("/", 1)
                .leg(Leg::OptOut, Some(Choice::Withdraw))
                .could_not_choose("the site does not offer it"),
        ]);
        let f = &judge(&s).findings[0];
        assert_eq!((f.severity, f.seen_in), (Severity::Medium, (1, 1)));
        assert!(f.title.starts_with("The opt-out is not offered"), "{}", f.title);
    }
}
