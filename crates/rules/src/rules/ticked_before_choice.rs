//! `ticked-before-choice`: a purpose that can be refused is switched on before the visitor says anything.

use std::collections::BTreeMap;

use affiant_detect::facts::{LayerFact, VisitFacts};
use affiant_record::footer::collectors::CONSENT;
use affiant_record::{Choice, Leg};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::scope::Scope;
use crate::visit_set::VisitSet;
use crate::window::{Window, Within};
use crate::words::plain;

pub(crate) const RULE: Rule = Rule {
    id: "ticked-before-choice",
    version: 1,
    title: "A purpose that is switched on before any choice",
    severity: Severity::Low,
    doc: DOC,
    needs: &[CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Boxes and switches on the banner's layers that stand for a purpose, can be operated, and are on when the layer is first shown to a visitor who has chosen nothing. What is called strictly necessary is left out.

## Why it matters
Who presses Save without touching a switch has then agreed to what was switched on for them. Where prior consent is asked for, a box that is ticked beforehand is not an act of the visitor.

## Example
*Advertising is switched on before any choice.*

## Remedy
Show every purpose that can be refused as off.

## Limits
A layer is read when it is opened, which happens where something is refused or chosen by purpose; one that no scenario opened is not judged. Where a region's rule is to opt out, switches that are on show its default: whether that suffices is for counsel. A box is known by its name and the words around it.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |_, ordinal| ordinal == 0, with_boxes);
    let mut by: BTreeMap<String, Vec<Occurrence<'_>>> = BTreeMap::new();
    for l in &scope.looks {
        for (layer, purpose, label) in boxes(l.visit).filter(|b| b.3).map(|b| (b.0, b.1, b.2)) {
            let t = l.visit.marks.choice.or(l.visit.marks.banner).unwrap_or(l.visit.marks.end);
            let shows = format!(
                "\"{}\" was on when layer {} was first shown {}",
                plain(label, 80),
                layer.layer.layer,
                when(l.visit, t)
            );
            let shown = Shown { evidence: layer.evidence.clone(), shows };
            by.entry(purpose.to_owned()).or_default().push(Occurrence::found(l, t, shown));
        }
    }
    let findings = by
        .into_iter()
        .filter_map(|(purpose, mut found)| {
            occurrence::sort(&mut found, Order::Session);
            Draft::new(set, &scope, words(&purpose, Measure::of(Counted::Box, &scope, &found)), &found)
        })
        .collect();
    conclude(&scope, findings, "No layer was read on which purposes can be switched.")
}

fn words(purpose: &str, measure: Measure) -> Words {
    Words {
        severity: Severity::Low,
        confidence: Confidence::Medium,
        measure,
        title: format!(
            "{} is switched on before any choice.",
            crate::words::capitalised(&plain(purpose, 40))
        ),
        subject: Subject {
            kind: "purpose".to_owned(),
            name: plain(purpose, 40),
            class: None,
            accounts: vec![],
        },
        details: vec![],
        remedy: "Show the purpose as off until the visitor switches it on.".to_owned(),
    }
}

/// First visits on whose layers there is a box for a purpose. Who has accepted may find everything on.
fn with_boxes(_: &VisitSet, v: &VisitFacts) -> Within {
    match boxes(v).next() {
        Some(_) => Within { windows: vec![Window::WHOLE], gap: None },
        None => Within::default(),
    }
}

/// Layer, purpose, name, and whether it is on, of every box that can be operated.
fn boxes(v: &VisitFacts) -> impl Iterator<Item = (&LayerFact, &str, &str, bool)> {
    let before = v.leg == Leg::First && v.decides != Some(Choice::Withdraw);
    let layers = v.layers.iter().filter(move |_| before);
    layers.flat_map(|l| {
        let usable = l.layer.controls.iter().filter(|c| !c.off && matches!(c.role.as_str(), "box" | "radio"));
        usable.filter_map(move |c| {
            let purpose = c.purpose.as_deref().filter(|p| *p != "necessary")?;
            Some((l, purpose, c.label.as_str(), c.on?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_record::Scenario;
    use affiant_record::consent::LayerControl;

    fn switch(purpose: &str, on: bool, off: bool) -> LayerControl {
        LayerControl {
            role: "box".into(),
            label: purpose.into(),
            purpose: Some(purpose.into()),
            on: Some(on),
            off,
            ..LayerControl::default()
        }
    }

    #[test]
    fn what_is_on_and_can_be_refused_is_found() {
        let all = [
            switch("necessary", true, true),
            switch("advertising", true, false),
            switch("analytics", false, false),
        ];
        let s = set([visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0).layer(&[]).layer(&all)]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 1));
        assert_eq!(j.findings[0].title, "Advertising is switched on before any choice.");
    }

    #[test]
    fn what_is_off_locked_or_shown_after_a_choice_is_not() {
        let fine = [
            switch("necessary", true, false),
            switch("analytics", true, true),
            switch("advertising", false, false),
        ];
        let s = set([visit(Scenario::RejectAll).banner(900.0).layer(&fine)]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        let on = [switch("advertising", true, false)];
        let opt_out =
            visit(Scenario::Withdraw).page("/", 0).leg(Leg::OptOut, Some(Choice::Withdraw)).layer(&on);
        assert_eq!(judge(&set([opt_out])).verdict, Verdict::NotApplicable);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
