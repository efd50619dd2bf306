//! `refusing-takes-more`: refusing, or taking consent back, takes more clicks than giving it.

use affiant_detect::facts::{ChoiceFact, VisitFacts};
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
use crate::visit_set::VisitSet;
use crate::window::{Window, Within};
use crate::words::{capitalised, count, plain};

pub(crate) const RULE: Rule = Rule {
    id: "refusing-takes-more",
    version: 1,
    title: "Refusing takes more than accepting",
    severity: Severity::Low,
    doc: DOC,
    needs: &[CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
The clicks that it took to accept everything, to reject everything, and to take consent back, where each of them was done on the page itself. A choice that was made by calling the platform's own interface is not compared.

## Why it matters
Several regulators ask that refusing be as easy as accepting, and that consent can be taken back as easily as it was given. Who has to go through a second layer, and switch off what was ticked for them, was not asked evenly.

## Example
*Reject takes 4 clicks, Accept takes 1*, with the sessions in which either was done.

## Remedy
Offer Reject beside Accept on the first layer, and a way back on every page that leads to one button.

## Limits
The driver takes the shortest way that it can read: a shorter one that is only drawn is missed. Where Reject stands on the first layer, and the driver went another way, nothing is found. One click more than Accept is left to the way back, which has to be opened first. Clicks are counted, not scrolling, reading or waiting. Whether a region asks for evenness is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, _| s.first_choice().is_some(), deciding);
    let least = |is: fn(Choice) -> bool| {
        let those = scope.looks.iter().filter(|l| l.visit.decides.is_some_and(is));
        those.filter_map(|l| Some((clicks(l.visit)?, l))).min_by_key(|(clicks, _)| *clicks)
    };
    let accept = least(|c| c == Choice::Accept);
    let refusals = [least(|c| c == Choice::Reject), least(|c| c == Choice::Withdraw)];
    let comparable = accept.is_some() && refusals.iter().any(Option::is_some);
    let findings = refusals
        .into_iter()
        .flatten()
        .filter_map(|(n, look)| {
            let opening = u32::from(look.visit.decides == Some(Choice::Withdraw));
            draft(set, &scope, accept.filter(|(a, _)| n > *a + opening && !at_once(look.visit))?, (n, look))
        })
        .collect();
    let looks = if comparable { scope.looks.clone() } else { vec![] };
    conclude(
        &Scope::of(looks, scope.gaps.clone()),
        findings,
        "Accepting and refusing were not both asked for.",
    )
}

/// Visits in which everything is accepted, rejected or taken back, on the page.
fn deciding(_: &VisitSet, v: &VisitFacts) -> Within {
    let Some(choice) = v.decides.filter(|c| *c == Choice::Accept || c.refuses()) else {
        return Within::default();
    };
    match &v.choice {
        _ if clicks(v).is_some() => Within { windows: vec![Window::WHOLE], gap: None },
        // Another rule speaks of what is not offered.
        Some(c) if c.not_offered => Within::default(),
        Some(c) if c.ok => Within {
            windows: vec![],
            gap: Some(format!("how many clicks {} took is not told", name(choice))),
        },
        _ => Within { windows: vec![], gap: Some(format!("{} was not made", name(choice))) },
    }
}

/// Whether the first layer offers Reject: the driver only went another way.
fn at_once(v: &VisitFacts) -> bool {
    let first = v.layers.iter().find(|l| l.layer.layer == 1);
    v.decides == Some(Choice::Reject)
        && first.is_some_and(|l| l.layer.controls.iter().any(|c| c.means.as_deref() == Some("reject")))
}

fn clicks(v: &VisitFacts) -> Option<u32> {
    let told = |c: &ChoiceFact| c.clicks.filter(|n| c.ok && *n > 0);
    v.choice.as_ref().and_then(told)
}

fn draft<'a>(
    set: &VisitSet,
    scope: &Scope<'a>,
    (least, accepting): (u32, &Look<'a>),
    (n, refusing): (u32, &Look<'a>),
) -> Option<Draft> {
    let choice = refusing.visit.decides?;
    let mut found: Vec<Occurrence<'_>> = [accepting, refusing]
        .into_iter()
        .filter_map(|l| {
            let c = l.visit.choice.as_ref()?;
            let t = l.visit.marks.choice.unwrap_or(l.visit.marks.end);
            let how = c.note.as_deref().map(|n| format!(": {}", plain(n, 200))).unwrap_or_default();
            let shows = format!(
                "{} took {}{how} {}",
                name(l.visit.decides?),
                count(clicks(l.visit)? as usize, "click"),
                when(l.visit, t)
            );
            let shown = Shown { evidence: c.evidence.clone(), shows };
            Some(Occurrence::found(l, t, shown))
        })
        .collect();
    occurrence::sort(&mut found, Order::Session);
    let measure = Measure {
        clicks_to_accept: Some(least),
        ..Measure::of(Counted::Click, scope, &found).counting(n as usize, None)
    };
    let words = Words {
        severity: Severity::Low,
        confidence: Confidence::Medium,
        title: format!(
            "{} takes {}, Accept takes {least}.",
            capitalised(name(choice)),
            title::occurrences(&measure)
        ),
        measure,
        subject: Subject {
            kind: "choice".to_owned(),
            name: choice.to_string(),
            class: None,
            accounts: vec![],
        },
        details: vec![],
        remedy: match choice {
            Choice::Reject => "Offer Reject beside Accept, on the first layer of the banner.",
            _ => "Let the way back lead to one button that refuses.",
        }
        .to_owned(),
    };
    Draft::new(set, scope, words, &found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_record::consent::LayerControl;
    use affiant_record::{Leg, Scenario};

    #[test]
    fn clicks_are_compared() {
        let s = set([
            visit(Scenario::AcceptAll).banner(900.0).chose(1000.0, 1100.0),
            visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0).clicks(4),
            visit(Scenario::Withdraw)
                .page("/", 2)
                .leg(Leg::OptOut, Some(Choice::Withdraw))
                .chose(1000.0, 1100.0)
                .clicks(3),
        ]);
        let j = judge(&s);
        let titles: Vec<&str> = j.findings.iter().map(|f| f.title.as_str()).collect();
        assert_eq!(
            titles,
            ["Reject takes 4 clicks, Accept takes 1.", "The opt-out takes 3 clicks, Accept takes 1."]
        );
        assert_eq!(j.verdict, Verdict::Fail);
    }

    #[test]
    fn a_way_back_may_be_opened_first_and_a_driver_that_went_round_proves_nothing() {
        let accept = || visit(Scenario::AcceptAll).banner(900.0).chose(1000.0, 1100.0);
        let back = visit(Scenario::Withdraw).page("/", 2).leg(Leg::OptOut, Some(Choice::Withdraw));
        assert_eq!(judge(&set([accept(), back.chose(1000.0, 1100.0).clicks(2)])).verdict, Verdict::Pass);
        let reject = LayerControl { means: Some("reject".into()), ..LayerControl::default() };
        let round = visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0).clicks(3).layer(&[reject]);
        assert_eq!(judge(&set([accept(), round])).verdict, Verdict::Pass);
    }

    #[test]
    fn even_ones_pass_and_what_cannot_be_compared_is_not() {
        let accept = || visit(Scenario::AcceptAll).banner(900.0).chose(1000.0, 1100.0);
        let reject = || visit(Scenario::RejectAll).banner(900.0);
        assert_eq!(judge(&set([accept(), reject().chose(1000.0, 1100.0)])).verdict, Verdict::Pass);
        assert_eq!(
            judge(&set([accept(), reject().chose(1000.0, 1100.0).clicks(0)])).verdict,
            Verdict::Inconclusive
        );
        assert_eq!(
            judge(&set([accept(), reject().could_not_choose("it failed")])).verdict,
            Verdict::Inconclusive
        );
        assert_eq!(judge(&set([accept()])).verdict, Verdict::NotApplicable);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
