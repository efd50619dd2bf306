//! `listens-to-fields`: a third party's script listens to what is typed where the page asks for something sensitive.

use std::collections::BTreeMap;

use affiant_detect::facts::{InputFact, InputKind, ListenerFact, VisitFacts};
use affiant_record::footer::collectors::{LISTENERS, NETWORK, PAGE};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude, looked_at};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Verdict};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::recipient::{Recipient, recipient};
use crate::remedy::{Aim, remedy};
use crate::scope::{Look, Scope};
use crate::severity;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::{address, list, plain};

pub(crate) const RULE: Rule = Rule {
    id: "listens-to-fields",
    version: 1,
    title: "Script listens to sensitive fields",
    severity: Severity::Medium,
    doc: DOC,
    needs: &[NETWORK, LISTENERS, PAGE],
    judge,
};

const DOC: &str = r#"
## What it observes
Scripts from third parties, and of recognised tags, that listen to keys, input, changes or paste on pages with a visible field that asks for something sensitive (password, payment card, national id, e-mail address, telephone number, name, address, date of birth, message): on the field itself, on a form, or on the whole document or window, where every key of every field passes. Consent platforms are left out.

## Why it matters
Whoever listens is able to read what is typed, at the moment it is typed. That is a capability, and no proof of use; where what was typed is also seen leaving, `typed-values-sent` tells it.

## Example
*Meta Pixel listens to what is typed on 2 of 3 pages with sensitive fields (e-mail address and name): to input on the whole document.*

## Remedy
Ask what the listener is for. Switch off form, text and interaction capture in the tag, or leave it out of pages with such fields.

## Limits
A capability: what a listener does with an event is not seen here, and many wait for shortcuts, or count clicks, and look at no text. Listeners are read when the page rests and when it is left; one that is put in and taken away in between is not seen. A script of the site's own domain may be anybody's: only recognised tags count there. A listener inside a frame of another site is told for its own frame.
"#;

/// Events by which text is read.
const READS: &[&str] = &[
    "keydown",
    "keyup",
    "keypress",
    "input",
    "beforeinput",
    "textInput",
    "change",
    "paste",
    "compositionend",
];

fn judge(set: &VisitSet) -> Judged {
    let all = Scope::over(set, RULE.needs, |_, _| true, window::whole);
    let scope = Scope::of(
        all.looks.iter().filter(|l| fields(l.visit).next().is_some()).cloned().collect(),
        all.gaps.clone(),
    );
    let mut by: BTreeMap<(bool, String), (Recipient, Vec<Heard<'_>>)> = BTreeMap::new();
    for look in &scope.looks {
        for listener in look.visit.listeners.iter().filter(|l| reads(look.visit, l)) {
            let Some((request, who)) = whose(look.visit, listener) else { continue };
            if who.is_consent_platform() {
                continue;
            }
            let (unknown, name) = who.key();
            let key = (unknown, name.to_owned());
            by.entry(key).or_insert_with(|| (who, vec![])).1.push(Heard { look, listener, request });
        }
    }
    let mut findings: Vec<(Recipient, Draft)> = by
        .into_values()
        .filter_map(|(who, heard)| draft(set, &scope, &who, &heard).map(|d| (who, d)))
        .collect();
    findings.sort_by(|a, b| a.0.rank().cmp(&b.0.rank()));
    let findings = findings.into_iter().map(|(_, d)| d).collect();
    let mut judged = conclude(
        &scope,
        findings,
        &format!(
            "No page with visible sensitive fields was among those visited. {}",
            looked_at(&all.coverage())
        ),
    );
    if judged.verdict == Verdict::Inconclusive && scope.looks.is_empty() {
        judged.coverage = all.coverage();
    }
    judged
}

/// A listener, where it was found.
struct Heard<'a> {
    look: &'a Look<'a>,
    listener: &'a ListenerFact,
    request: usize,
}

fn fields(visit: &VisitFacts) -> impl Iterator<Item = &InputFact> {
    visit.inputs.iter().filter(|i| i.visible && i.kind.is_sensitive())
}

/// Whether text of a sensitive field passes it.
fn reads(visit: &VisitFacts, l: &ListenerFact) -> bool {
    let passes = match &l.selector {
        Some(s) => fields(visit).any(|f| f.selector == *s),
        None => matches!(l.on.as_str(), "window" | "document" | "form" | "html" | "body"),
    };
    passes && READS.contains(&l.event.as_str())
}

/// The request that brought the script, and whose it is.
fn whose(visit: &VisitFacts, l: &ListenerFact) -> Option<(usize, Recipient)> {
    let script = l.script.as_deref()?;
    let request = visit.requests.iter().position(|r| r.url == script)?;
    Some((request, recipient(visit, request)?))
}

fn draft(set: &VisitSet, scope: &Scope<'_>, who: &Recipient, heard: &[Heard<'_>]) -> Option<Draft> {
    let mut found: Vec<Occurrence<'_>> = heard
        .iter()
        .map(|h| {
            let v = h.look.visit;
            let l = h.listener;
            let script = address(l.script.as_deref().unwrap_or_default());
            let shows = format!(
                "listens to {} on {} (function at {script}:{}:{}) {}",
                plain(&l.event, 24),
                place(v, l),
                l.line,
                l.column,
                when(v, v.marks.end)
            );
            Occurrence {
                request: Some(h.request),
                ..Occurrence::found(h.look, v.marks.end, Shown { evidence: l.evidence.clone(), shows })
            }
        })
        .collect();
    occurrence::sort(&mut found, Order::Session);
    let first = found.first()?;
    let kinds: IndexSet<InputKind> =
        heard.iter().flat_map(|h| fields(h.look.visit)).map(|i| i.kind).collect();
    let mut kinds: Vec<InputKind> = kinds.into_iter().collect();
    kinds.sort();
    let names: Vec<&str> = kinds.iter().map(|k| k.in_words()).collect();
    let mut to: Vec<String> = heard
        .iter()
        .map(|h| format!("{} on {}", h.listener.event, place(h.look.visit, h.listener)))
        .collect();
    to.sort();
    to.dedup();
    let measure = Measure::of(Counted::Listener, scope, &found);
    let title = format!(
        "{} listens to what is typed on {} with sensitive fields ({}): to {}.",
        who.in_words(),
        title::pages(&measure, "page"),
        list(&names, 6),
        list(&to, 4)
    );
    let mut details =
        vec!["A capability: whether it reads what is typed, and what for, was not observed here.".to_owned()];
    let sent = heard.iter().any(|h| {
        let v = h.look.visit;
        v.probe.leaks.iter().any(|l| recipient(v, l.request).is_some_and(|r| r.key() == who.key()))
    });
    let typed = heard.iter().any(|h| !h.look.visit.probe.typed.is_empty());
    details.push(match (sent, typed) {
        (true, _) => "What was typed there was also seen leaving to it: see typed-values-sent.".to_owned(),
        (false, true) => "What was typed there was not seen leaving to it.".to_owned(),
        (false, false) => {
            "Nothing was typed there, so that it is not known whether it would leave.".to_owned()
        }
    });
    let words = Words {
        severity: severity::down(severity::down(severity::of_sending(who.class))),
        confidence: Confidence::High,
        measure,
        title,
        subject: who.subject(vec![]),
        details,
        remedy: remedy(first.visit, first.request, who, Aim::KeepOffPage),
    };
    Draft::new(set, scope, words, &found)
}

/// `the field “E-mail”`, `the whole document`.
fn place(visit: &VisitFacts, l: &ListenerFact) -> String {
    match &l.selector {
        Some(s) => {
            let field = fields(visit).find(|f| f.selector == *s);
            let label = field.map(|f| f.label.as_str()).filter(|l| !l.trim().is_empty()).unwrap_or(s);
            format!("the field “{}”", plain(label, 40))
        }
        None if l.on == "form" => "a form".to_owned(),
        None => format!("the whole {}", if l.on == "window" { "window" } else { "document" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::{CollectorStatus, Scenario};

    #[test]
    fn a_third_partys_ear_on_the_document_or_a_field_is_found() {
        let s = set([
            visit(Scenario::NoChoice)
                .field(InputKind::Email, "E-mail")
                .send(10.0, "Meta Pixel")
                .listens("input", "document", None)
                .listens("mousemove", "document", None)
                .send(20.0, "Hotjar")
                .listens("keydown", "input", Some("#f")),
            visit(Scenario::NoChoice)
                .page("/two", 1)
                .send(10.0, "Meta Pixel")
                .listens("input", "document", None),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 2));
        assert_eq!(
            j.findings[1].title,
            "Meta Pixel listens to what is typed on 1 of 1 page with sensitive fields (e-mail address): to input on the whole document."
        );
        assert!(
            j.findings[0].title.ends_with("to keydown on the field “E-mail”."),
            "{}",
            j.findings[0].title
        );
        assert_eq!((j.findings[0].severity, j.findings[1].severity), (Severity::Medium, Severity::Low));
        assert!(j.findings[0].details.iter().any(|d| d.contains("Nothing was typed there")));
    }

    #[test]
    fn the_sites_own_scripts_and_other_events_are_not_and_unread_listeners_are_inconclusive() {
        let own = visit(Scenario::NoChoice)
            .field(InputKind::Email, "E-mail")
            .send(10.0, "www.shop.example")
            .first_party()
            .listens("input", "document", None);
        assert_eq!(judge(&set([own])).verdict, Verdict::Pass);
        let unread = visit(Scenario::NoChoice)
            .field(InputKind::Email, "E-mail")
            .collector(LISTENERS, CollectorStatus::NotRun);
        assert_eq!(judge(&set([unread])).verdict, Verdict::Inconclusive);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
    }
}
