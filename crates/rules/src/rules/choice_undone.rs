//! `choice-undone`: what the visitor had decided was not in force any more on a later page.

use std::collections::BTreeSet;

use affiant_detect::facts::VisitFacts;
use affiant_record::consent::AchievedChoice;
use affiant_record::footer::collectors::CONSENT;
use affiant_record::{Choice, Leg};

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::scope::{Look, Scope};
use crate::standing::{ChoiceMade, decided, made_before, name, shows, standing};
use crate::title;
use crate::visit_set::{VisitSet, banner_seen};
use crate::window::{Window, Within};
use crate::words::{capitalised, list};

pub(crate) const RULE: Rule = Rule {
    id: "choice-undone",
    version: 1,
    title: "A choice that does not last",
    severity: Severity::High,
    doc: DOC,
    needs: &[CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Further pages, and return visits, of sessions in which the site's own state had shown the visitor's choice: whether that state still shows it there. A banner that asks again although the choice had been made is told in words of its own.

## Why it matters
A choice that holds for one page only is no choice. A refusal that is gone on the next page, on another template or after coming back lets everything run again, and a visitor who is asked until the answer is yes has not been asked.

## Example
*The stored Reject was gone on 1 of 3 later visits: the site's own state showed no stored choice.*

## Remedy
Store the choice for the whole registrable domain and for longer than the session, and let every template load the consent platform with the same settings.

## Limits
Only what the site's own state tells counts, and only where it had shown the choice before. A page without the consent platform may hold the choice and not tell it: what is stored in cookies and storage is read there too. How long a choice lasts beyond one return is not seen.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |s, ordinal| ordinal > 0 && s.first_choice().is_some(), later);
    let mut findings: Vec<Draft> = Vec::new();
    let choices: std::collections::BTreeSet<Choice> =
        scope.looks.iter().filter_map(|l| standing(l.visit)).collect();
    for choice in choices {
        let looks: Vec<&Look<'_>> =
            scope.looks.iter().filter(|l| standing(l.visit) == Some(choice)).collect();
        findings.extend(gone(set, &scope, choice, &looks));
        findings.extend(asked_again(set, &scope, choice, &looks));
    }
    conclude(&scope, findings, "No later page of a session with a choice was asked for.")
}

/// Visits that follow one in which the site's own state showed the choice.
fn later(set: &VisitSet, v: &VisitFacts) -> Within {
    let Some(choice) = standing(v).filter(|c| *c != Choice::Dismiss && v.decides.is_none()) else {
        return Within::default();
    };
    match made_before(set, v) {
        Some(ChoiceMade::Yes) => {}
        Some(ChoiceMade::No(why) | ChoiceMade::Unread(why)) => {
            return Within { windows: vec![], gap: Some(why) };
        }
        None => return Within::default(),
    }
    let held = decided(set, v).is_some_and(|d| shows(choice, &d.achieved));
    let window = Window { after: Some(choice), ..Window::WHOLE };
    let gap = match v.achieved.choice {
        _ if !held => Some(format!("the site's own state did not show that {} was stored", name(choice))),
        AchievedChoice::Unknown => Some("the site's own state could not be read on this page".to_owned()),
        _ => None,
    };
    Within { windows: vec![window], gap }
}

fn held_before(set: &VisitSet, l: &Look<'_>, choice: Choice) -> bool {
    decided(set, l.visit).is_some_and(|d| shows(choice, &d.achieved))
}

fn gone(set: &VisitSet, scope: &Scope<'_>, choice: Choice, looks: &[&Look<'_>]) -> Option<Draft> {
    let is_gone = |l: &&&Look<'_>| {
        let now = &l.visit.achieved;
        held_before(set, l, choice) && now.choice != AchievedChoice::Unknown && !shows(choice, now)
    };
    let bad: Vec<&Look<'_>> = looks.iter().filter(is_gone).copied().collect();
    let state = |l: &&Look<'_>| match l.visit.achieved.choice {
        AchievedChoice::None => "no stored choice",
        AchievedChoice::AcceptAll => "everything granted",
        AchievedChoice::RejectAll => "everything denied",
        _ => "another choice",
    };
    let states: BTreeSet<&str> = bad.iter().map(state).collect();
    let state = list(&states.into_iter().collect::<Vec<_>>(), 4);
    let refusal = choice.refuses() || matches!(choice, Choice::Custom(_));
    let severity = if refusal { Severity::High } else { Severity::Low };
    let title = |m: &Measure| {
        format!(
            "The stored choice ({}) was gone on {}: the site's own state showed {state}.",
            name(choice),
            title::out_of(m, "later visit"),
        )
    };
    let shows = |l: &Look<'_>| {
        format!("the site's own state no longer shows {} {}", name(choice), when(l.visit, l.visit.marks.end))
    };
    draft(set, scope, "choice", choice, severity, &title, &bad, looks.len(), &shows)
}

fn asked_again(set: &VisitSet, scope: &Scope<'_>, choice: Choice, looks: &[&Look<'_>]) -> Option<Draft> {
    let bad: Vec<&Look<'_>> =
        looks.iter().filter(|l| banner_seen(l.visit) && held_before(set, l, choice)).copied().collect();
    let returned = bad.iter().filter(|l| l.visit.leg == Leg::Return).count();
    let title = |m: &Measure| {
        format!(
            "The banner asked again after {} had been stored, on {}{}.",
            name(choice),
            title::out_of(m, "later visit"),
            if returned > 0 && returned == bad.len() { ", when the visitor came back" } else { "" }
        )
    };
    let severity = if choice.refuses() { Severity::Medium } else { Severity::Low };
    let shows = |l: &Look<'_>| {
        let t = l.visit.marks.banner.unwrap_or(l.visit.marks.end);
        format!("the banner was there again {}", when(l.visit, t))
    };
    draft(set, scope, "banner", choice, severity, &title, &bad, looks.len(), &shows)
}

#[expect(clippy::too_many_arguments, reason = "one place, and each is another thing")]
fn draft<'a>(
    set: &VisitSet,
    scope: &Scope<'a>,
    kind: &str,
    choice: Choice,
    severity: Severity,
    title: &dyn Fn(&Measure) -> String,
    bad: &[&Look<'a>],
    all: usize,
    shows: &dyn Fn(&Look<'_>) -> String,
) -> Option<Draft> {
    let mut found: Vec<Occurrence<'_>> = bad
        .iter()
        .filter_map(|l| {
            let banner =
                l.visit.banner.as_ref().and_then(|b| b.evidence.first()).filter(|_| kind == "banner");
            let evidence = banner.or(l.visit.requests.first().map(|r| &r.evidence))?.clone();
            let window = l.windows.first()?.clone();
            let t = l.visit.marks.banner.filter(|_| kind == "banner").unwrap_or(l.visit.marks.end);
            Some(Occurrence { window, ..Occurrence::found(l, t, Shown { evidence, shows: shows(l) }) })
        })
        .collect();
    occurrence::sort(&mut found, Order::Session);
    let measure = Measure::of(Counted::Visit, scope, &found).counting(bad.len(), Some(all));
    let words = Words {
        severity,
        confidence: Confidence::Medium,
        title: title(&measure),
        measure,
        subject: Subject { kind: kind.to_owned(), name: choice.to_string(), class: None, accounts: vec![] },
        details: vec![format!("Decided by {} on an earlier page of the same session.", name(choice))],
        remedy: format!(
            "{} has to be stored for the whole registrable domain and for longer than the session; check that every template loads the consent platform with the same settings.",
            capitalised(name(choice))
        ),
    };
    let mut draft = Draft::new(set, scope, words, &found)?;
    draft.seen_in = (bad.len() as u32, all as u32);
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::Verdict;
    use crate::testing::{set, visit};
    use affiant_record::Scenario;

    #[test]
    fn a_refusal_that_is_gone_is_told() {
        let s = set([
            visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0),
            visit(Scenario::RejectAll).page("/two", 1),
            visit(Scenario::RejectAll)
                .page("/", 2)
                .leg(Leg::Return, None)
                .achieved(AchievedChoice::None)
                .banner(700.0),
        ]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        let titles: Vec<&str> = j.findings.iter().map(|f| f.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "The stored choice (Reject) was gone on 1 of 2 later visits: the site's own state showed no stored choice.",
                "The banner asked again after Reject had been stored, on 1 of 2 later visits, when the visitor came back.",
            ]
        );
        assert_eq!((j.findings[0].severity, j.findings[1].severity), (Severity::High, Severity::Medium));
    }

    #[test]
    fn one_that_lasts_passes_and_one_that_was_never_shown_is_inconclusive() {
        let s = set([
            visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0),
            visit(Scenario::RejectAll).page("/two", 1),
        ]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        let s = set([
            visit(Scenario::RejectAll).banner(900.0).chose(1000.0, 1100.0).achieved(AchievedChoice::Unknown),
            visit(Scenario::RejectAll).page("/two", 1).achieved(AchievedChoice::None),
        ]);
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
