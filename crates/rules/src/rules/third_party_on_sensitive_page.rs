//! `third-party-on-sensitive-page`: a third party was present where the page asks for sensitive data, or is sensitive
//! for what it is.

use affiant_detect::facts::{InputFact, InputKind, PageKind, PageKindFact, VisitFacts};
use affiant_record::Choice;
use affiant_record::footer::collectors::{NETWORK, PAGE};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude, looked_at};
use crate::judgement::{Confidence, Severity, Shown, Verdict};
use crate::occurrence::{Occurrence, Order, when};
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::sent::{Says, Sent, sent};
use crate::severity;
use crate::standing::{ChoiceMade, made_before, made_in, standing};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::{list, of, path, plain};

pub(crate) const RULE: Rule = Rule {
    id: "third-party-on-sensitive-page",
    version: 2,
    title: "Third party on a sensitive page",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, PAGE],
    judge,
};

const DOC: &str = r#"
## What it observes
Third parties, and recognised tags, that received requests on pages that are sensitive for what they ask or for what they are. For what they ask: a visible field for a password, payment card, national id, e-mail address, telephone number, name, address, date of birth, or a message. For what they are: a checkout, a sign-in or registration, a visitor's account, help or contact, health, a bank, loan, insurance or tax, legal help, or made for children; told from the address, the title and the main heading, in English, German, French, Spanish, Italian, Dutch and Portuguese. Which fields, which kind and why is told. It weighs more where no consent covers it, and for passwords, cards, national ids and health. Consent platforms are left out.

## Why it matters
A script that runs on such a page can read what is typed there, whatever it is meant for; and that somebody visited such a page tells something of them already, by its address alone. Pages like these deserve the shortest list of others.

## Example
*Meta Pixel received 6 requests on 2 of 3 sensitive pages (by what they are: sign-in or registration; by their fields: password and e-mail address), 4 of them without consent; first 310 ms after the page began.*

## Remedy
Leave the tag out of these pages by an exception in its trigger, or switch off its form and text capture there. What must stay belongs on a list with a reason.

## Limits
Presence is not capture: this rule does not say that a field was read or that its value was sent. Fields that are not visible when the page rests (closed dialogs, later steps of a checkout, chat windows) are not seen. What a field asks for is told from its name, label, type and autocomplete hint. What a page is, is told from words and chosen so that no single word that other pages use too is enough: pages in other languages, and pages that do not say what they are, are missed; where it rests on words alone, the finding says medium confidence. Religion, politics and sexual life are not told: their words are everybody's.
"#;

fn judge(set: &VisitSet) -> Judged {
    let all = Scope::over(set, RULE.needs, |_, _| true, window::whole);
    let scope =
        Scope::of(all.looks.iter().filter(|l| is_sensitive(l.visit)).cloned().collect(), all.gaps.clone());
    let findings = sent(&scope, Order::Time, |_| true)
        .iter()
        .filter_map(|s| {
            let mut draft = s.draft(set, &scope, Aim::KeepOffPage, words(set, &scope, s))?;
            if s.choice_unknown() {
                draft.confidence = Confidence::Low;
            }
            if s.requests.iter().all(|o| fields(o.visit).next().is_none()) {
                // Words tell what the page is, and words can mislead.
                draft.confidence = draft.confidence.min(Confidence::Medium);
            }
            draft.evidence.extend(kind_evidence(s));
            draft.evidence.extend(field_evidence(s));
            Some(draft)
        })
        .collect();
    let looked = all.coverage();
    let mut judged = conclude(
        &scope,
        findings,
        &format!(
            "No sensitive page, by its visible fields or by what it is, was among those visited. {}",
            looked_at(&looked)
        ),
    );
    let sensitive = scope.pages();
    if judged.verdict == Verdict::Pass && !looked.pages.is_empty() {
        judged.statement.push_str(&format!(
            " {} was sensitive by its fields or by what it is.",
            of(sensitive, looked.pages.len(), "page")
        ));
    }
    if judged.verdict == Verdict::Inconclusive {
        if sensitive == 0 && looked.visits > 0 {
            judged.statement = format!(
                "No sensitive page was seen among those that could be read, so that this could not be tested in full. {}",
                looked_at(&looked)
            );
        }
        judged.coverage = looked;
    }
    judged
}

fn fields(visit: &VisitFacts) -> impl Iterator<Item = &InputFact> {
    visit.inputs.iter().filter(|i| i.visible && i.kind.is_sensitive())
}

fn is_of(visit: &VisitFacts) -> impl Iterator<Item = &PageKindFact> {
    visit.page_kinds.iter().filter(|k| k.kind.is_sensitive())
}

fn is_sensitive(visit: &VisitFacts) -> bool {
    fields(visit).next().is_some() || is_of(visit).next().is_some()
}

fn words(set: &VisitSet, scope: &Scope<'_>, s: &Sent<'_>) -> Says {
    let kinds: IndexSet<InputKind> =
        s.requests.iter().flat_map(|o| fields(o.visit)).map(|i| i.kind).collect();
    let mut kinds: Vec<InputKind> = kinds.into_iter().collect();
    kinds.sort();
    let names: Vec<&str> = kinds.iter().map(|k| k.in_words()).collect();
    let pages_are = page_kinds(s);
    let what: Vec<&str> = pages_are.iter().map(|k| k.in_words()).collect();
    let sensitive = match (what.is_empty(), names.is_empty()) {
        (true, _) => format!("by their fields: {}", list(&names, 6)),
        (false, true) => format!("by what they are: {}", list(&what, 6)),
        (false, false) => {
            format!("by what they are: {}; by their fields: {}", list(&what, 6), list(&names, 6))
        }
    };
    let without = s.requests.iter().filter(|o| is_without_consent(set, o)).count();
    let measure = s.measure(scope);
    let consent = match without {
        _ if s.choice_unknown() => "under a consent that is not known".to_owned(),
        0 if s.requests.iter().all(|o| is_after_accept(set, o)) => "all of them after Accept".to_owned(),
        0 => "none of them known to be without consent".to_owned(),
        n if n == s.requests.len() => "all of them without consent".to_owned(),
        n => format!("{n} of them without consent"),
    };
    let title = format!(
        "{} on {} ({sensitive}), {consent}; {}.",
        title::received(&s.recipient, &measure),
        title::pages(&measure, "sensitive page"),
        title::first(&measure, &s.requests)
    );
    let labels: IndexSet<String> = s.requests.iter().flat_map(|o| fields(o.visit)).map(label).collect();
    let reasons: IndexSet<String> =
        s.requests.iter().flat_map(|o| is_of(o.visit).map(|k| reason(o.visit, k))).collect();
    let mut details = vec![];
    if !reasons.is_empty() {
        details.push(format!("Pages: {}.", list(&reasons.into_iter().collect::<Vec<_>>(), 8)));
    }
    if !labels.is_empty() {
        details.push(format!("Fields: {}.", list(&labels.into_iter().collect::<Vec<_>>(), 8)));
    }
    details.push(
        "Presence is not capture: whether it read a field or sent its value was not tested here.".to_owned(),
    );
    let mut severity = severity::down(s.severity());
    if without == 0 {
        severity = severity::down(severity);
    }
    let gravest = kinds.iter().any(|k| k.is_gravest()) || pages_are.contains(&PageKind::Health);
    if gravest && severity > Severity::Note {
        severity = severity::up(severity);
    }
    Says { severity, measure, title, details }
}

fn is_without_consent(set: &VisitSet, o: &Occurrence<'_>) -> bool {
    let windows = window::without_consent(set, o.visit).windows;
    windows.iter().any(|w| w.holds(o.t) && w.unconfirmed.is_none())
}

fn is_after_accept(set: &VisitSet, o: &Occurrence<'_>) -> bool {
    let v = o.visit;
    match (v.decides, standing(v)) {
        (Some(Choice::Accept), _) => made_in(v) == ChoiceMade::Yes,
        (_, Some(Choice::Accept)) => made_before(set, v) == Some(ChoiceMade::Yes),
        _ => false,
    }
}

/// What the pages are, each once.
fn page_kinds(s: &Sent<'_>) -> Vec<PageKind> {
    let all: std::collections::BTreeSet<PageKind> =
        s.requests.iter().flat_map(|o| is_of(o.visit)).map(|k| k.kind).collect();
    all.into_iter().collect()
}

/// `/login: sign-in or registration (its path has 'login')`.
fn reason(visit: &VisitFacts, k: &PageKindFact) -> String {
    format!("{}: {} ({})", path(&visit.url), k.kind.in_words(), plain(&k.because, 120))
}

/// What the page of the first visit is, as evidence beside the requests.
fn kind_evidence(s: &Sent<'_>) -> Vec<Shown> {
    let Some(first) = s.requests.first() else { return vec![] };
    is_of(first.visit)
        .take(3)
        .map(|k| Shown { evidence: k.evidence.clone(), shows: format!("page {}", reason(first.visit, k)) })
        .collect()
}

/// The fields of the first visit, as evidence beside the requests.
fn field_evidence(s: &Sent<'_>) -> Vec<Shown> {
    let Some(first) = s.requests.first() else { return vec![] };
    fields(first.visit)
        .take(5)
        .map(|i| Shown {
            evidence: i.evidence.clone(),
            shows: format!(
                "field {} (because {}) {}",
                label(i),
                plain(&i.because, 80),
                when(first.visit, first.visit.marks.end)
            ),
        })
        .collect()
}

fn label(i: &InputFact) -> String {
    let name = if i.label.trim().is_empty() { &i.selector } else { &i.label };
    format!("“{}”: {}", plain(name, 60), i.kind.in_words())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::CollectorStatus;
    use affiant_record::Scenario;

    #[test]
    fn names_the_fields_and_that_presence_is_not_capture() {
        let s = set([
            visit(Scenario::NoChoice)
                .page("/login", 0)
                .field(InputKind::Email, "E-mail")
                .field(InputKind::Password, "Password")
                .send(310.0, "Meta Pixel"),
            visit(Scenario::NoChoice).page("/", 1).send(100.0, "Hotjar"),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 1));
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received 1 request on 1 of 1 sensitive page (by their fields: password and e-mail address), all of them without consent; first 310 ms after the page began."
        );
        assert_eq!(f.severity, Severity::High);
        assert!(f.details.iter().any(|d| d.starts_with("Presence is not capture")));
        assert!(f.evidence.all().iter().any(|e| e.shows.starts_with("field “E-mail”")));
    }

    #[test]
    fn with_consent_it_weighs_less() {
        let severity = |b: crate::testing::Build| judge(&set([b])).findings[0].severity;
        let base = |s| visit(s).field(InputKind::Email, "E-mail");
        assert_eq!(severity(base(Scenario::NoChoice).send(10.0, "Meta Pixel")), Severity::Medium);
        assert_eq!(
            severity(base(Scenario::AcceptAll).chose(5.0, 6.0).send(10.0, "Meta Pixel")),
            Severity::Low
        );
        assert_eq!(severity(base(Scenario::NoChoice).send(10.0, "Hotjar")), Severity::High);
    }

    #[test]
    fn a_page_without_such_fields_is_not_applicable_and_a_clean_one_passes() {
        let s = set([visit(Scenario::NoChoice).field(InputKind::Search, "q").send(1.0, "Meta Pixel")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::NotApplicable);
        assert!(j.statement.contains("Looked at 1 visit"), "{}", j.statement);
        let s = set([visit(Scenario::NoChoice).field(InputKind::Email, "E-mail").send(1.0, "OneTrust")]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Pass);
        assert!(
            j.statement.ends_with("1 of 1 page was sensitive by its fields or by what it is."),
            "{}",
            j.statement
        );
    }

    #[test]
    fn hidden_fields_do_not_count_and_an_unread_page_is_inconclusive() {
        let mut s =
            set([visit(Scenario::NoChoice).field(InputKind::Email, "E-mail").send(1.0, "Meta Pixel")]);
        s.visits[0].inputs[0].visible = false;
        assert_eq!(judge(&s).verdict, Verdict::NotApplicable);
        let s = set([
            visit(Scenario::NoChoice).collector(PAGE, CollectorStatus::Failed { reason: "gone".into() })
        ]);
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
    }

    #[test]
    fn a_page_counts_for_what_it_is_and_the_reason_is_told() {
        let health = |b: crate::testing::Build| b.kind(PageKind::Health, "its title has 'hiv' and 'test'");
        let s = set([health(visit(Scenario::NoChoice).page("/hiv", 0)).send(310.0, "Meta Pixel")]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 1));
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received 1 request on 1 of 1 sensitive page (by what they are: health), all of them without consent; first 310 ms after the page began."
        );
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::Medium));
        assert!(f.details.contains(&"Pages: /hiv: health (its title has 'hiv' and 'test').".to_owned()));
        assert!(f.evidence.all().iter().any(|e| e.shows.starts_with("page /hiv: health")));
        let both = health(visit(Scenario::NoChoice)).field(InputKind::Email, "E-mail").send(1.0, "Hotjar");
        let f = &judge(&set([both])).findings[0];
        assert!(
            f.title.contains("(by what they are: health; by their fields: e-mail address)"),
            "{}",
            f.title
        );
        assert_eq!(f.confidence, Confidence::High);
    }

    #[test]
    fn carts_searches_and_videos_are_not_sensitive_for_that() {
        for kind in [PageKind::Cart, PageKind::Search, PageKind::Video] {
            let s = set([visit(Scenario::NoChoice).kind(kind, "its path").send(1.0, "Meta Pixel")]);
            assert_eq!(judge(&s).verdict, Verdict::NotApplicable);
        }
    }
}
