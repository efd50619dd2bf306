//! `typed-values-sent`: a third party received what a visitor typed, though nothing was submitted.

use affiant_detect::facts::{InputKind, LeakFact, TypedFact, VisitFacts};
use affiant_record::footer::collectors::{BODIES, NETWORK, PROBE};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude, looked_at};
use crate::judgement::{Confidence, Measure, Severity, Shown, Verdict};
use crate::measure::{number, time};
use crate::occurrence::{Order, when};
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::searched::{channel, unsearched};
use crate::sent::{Says, Sent, sent};
use crate::severity;
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::{count, list, plain, these};

pub(crate) const RULE: Rule = Rule {
    id: "typed-values-sent",
    version: 1,
    title: "What was typed was sent without a submit",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, BODIES, PROBE],
    judge,
};

const DOC: &str = r#"
## What it observes
Values that affiant typed into the page's fields, key by key, each unique to its field and visit, and that were then seen in requests to third parties, or of recognised tags, though no form was ever submitted. They are found in addresses, headers, cookies, bodies and WebSocket frames, in clear or through encodings, packings and digests up to three layers deep; also where only a part was sent, or one key at a time. How the value is written is told as a formula, with the time from the last key.

## Why it matters
What a visitor types and has not sent is theirs. Whoever receives it as it is typed reads the contents of a communication before there is one, and no later choice takes it back.

## Example
*Microsoft Clarity received what was typed into 2 of 3 fields (e-mail address and message), in 4 requests on 1 of 2 pages, though nothing was submitted; first 159 ms after the last key.*

## Remedy
Switch off form and text capture in the tag, mask the fields (most recorders have an attribute or a class for it), or leave the tag out of pages with forms.

## Limits
Fields that were not typed into are not tested: those behind a further step, those that already held something, selects and check boxes, and what the property's owner left out; they are told in the report. Values of fewer than seven characters (a CVC, a postal code) cannot be told from chance and are not looked for. Encryption by the page's own scripts hides a value from this rule, and a server of the site may pass on what it receives. Whether the recipient keeps or uses the value could not be observed.
"#;

fn judge(set: &VisitSet) -> Judged {
    let mut all = Scope::over(set, RULE.needs, |_, _| true, window::whole);
    all.doubt(|v| {
        let s = &v.probe.search;
        if v.probe.typed.is_empty() { None } else { unsearched(s.bodies_missing, s.cut) }
    });
    let scope = Scope::of(
        all.looks.iter().filter(|l| !l.visit.probe.typed.is_empty()).cloned().collect(),
        all.gaps.clone(),
    );
    let findings = sent(&scope, Order::Time, |_| true)
        .into_iter()
        .filter_map(|mut s| {
            s.requests.retain(|o| leaks(o.visit, o.request).next().is_some());
            s.requests
                .sort_by(|a, b| since_key(a.visit, a.request).total_cmp(&since_key(b.visit, b.request)));
            let says = words(&scope, &s)?;
            let weak = s.requests.iter().all(|o| leaks(o.visit, o.request).all(|l| l.weak));
            let mut draft = s.draft(set, &scope, Aim::KeepOffPage, says)?;
            if weak {
                draft.confidence = Confidence::Low;
            }
            draft.evidence.extend(typed_evidence(&s));
            Some(draft)
        })
        .collect();
    let mut judged =
        conclude(&scope, findings, &format!("No field was typed into. {}", looked_at(&all.coverage())));
    if judged.verdict == Verdict::Pass {
        let typed: usize = scope.usable().map(|l| l.visit.probe.typed.len()).sum();
        let left: usize = scope.usable().map(|l| l.visit.probe.left_out.len()).sum();
        judged.statement.push_str(&format!(
            " {} typed; {} left out.",
            these(typed, "value was", "values were"),
            these(left, "field was", "fields were")
        ));
    }
    judged
}

fn leaks(visit: &VisitFacts, request: Option<usize>) -> impl Iterator<Item = &LeakFact> {
    visit.probe.leaks.iter().filter(move |l| Some(l.request) == request)
}

fn since_key(visit: &VisitFacts, request: Option<usize>) -> f64 {
    leaks(visit, request).map(|l| l.after_last_key_ms).min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
}

/// All leaks of a recipient, with the visit and the value.
fn all<'a>(s: &Sent<'a>) -> Vec<(&'a VisitFacts, &'a TypedFact, &'a LeakFact)> {
    let each = s.requests.iter().flat_map(|o| leaks(o.visit, o.request).map(move |l| (o.visit, l)));
    each.filter_map(|(v, l)| Some((v, v.probe.typed.get(l.typed)?, l))).collect()
}

fn words(scope: &Scope<'_>, s: &Sent<'_>) -> Option<Says> {
    let all = all(s);
    let (_, _, first) = all.first()?;
    let mut kinds: Vec<InputKind> =
        all.iter().map(|(_, t, _)| t.kind).collect::<IndexSet<_>>().into_iter().collect();
    kinds.sort();
    let fields: IndexSet<(&str, &str)> =
        all.iter().map(|(v, t, _)| (v.url.as_str(), t.selector.as_str())).collect();
    let typed: IndexSet<(&str, &str)> = scope
        .looks
        .iter()
        .flat_map(|l| l.visit.probe.typed.iter().map(|t| (l.visit.url.as_str(), t.selector.as_str())))
        .collect();
    let names: Vec<&str> = kinds.iter().map(|k| k.in_words()).collect();
    let measure = Measure {
        fields: Some(number(fields.len())),
        fields_typed_into: Some(number(typed.len())),
        after_first_key_ms: time(first.after_first_key_ms.max(0.0)),
        after_last_key_ms: time(first.after_last_key_ms),
        ..s.measure(scope)
    };
    let title = format!(
        "{} received what was typed into {} ({}), in {} on {}, though nothing was submitted; {}.",
        s.recipient.in_words(),
        title::fields(&measure),
        list(&names, 6),
        title::occurrences(&measure),
        title::pages(&measure, "page"),
        title::typed(&measure)
    );
    let mut details: Vec<String> = vec![];
    for (url, selector) in fields.iter().take(8) {
        let here: Vec<_> = all.iter().filter(|(v, t, _)| v.url == *url && t.selector == *selector).collect();
        let best = here.iter().max_by(|a, b| a.2.fraction.total_cmp(&b.2.fraction));
        let Some((_, t, l)) = best else { continue };
        let part = match l.fraction {
            f if f >= 1.0 => "in full".to_owned(),
            f => format!("{:.0}% of it", f * 100.0),
        };
        let early = here.iter().filter(|(_, _, l)| l.after_last_key_ms < 0.0).count();
        let early = match early {
            0 => String::new(),
            n => format!(", {} of them while it was being typed", n),
        };
        details.push(format!(
            "{}: {part}, in {}{early}; {} as {}.",
            label(t),
            count(here.len(), "transmission"),
            channel(&l.channel),
            plain(&l.formula, 160)
        ));
    }
    let mut severity = s.severity();
    if kinds.iter().any(|k| k.is_gravest()) || severity < Severity::High {
        severity = severity::up(severity);
    }
    if kinds.iter().all(|k| matches!(k, InputKind::Search | InputKind::Other)) {
        severity = severity::down(severity);
    }
    Some(Says { severity, measure, title, details })
}

fn label(t: &TypedFact) -> String {
    let name = if t.label.trim().is_empty() { &t.selector } else { &t.label };
    format!("“{}” ({})", plain(name, 60), t.kind.in_words())
}

/// The lines that tell what was typed, and those that hold it.
fn typed_evidence(s: &Sent<'_>) -> Vec<Shown> {
    let mut out: Vec<Shown> = vec![];
    for (v, t, l) in all(s).into_iter().take(6) {
        let typed = format!("“{}” typed into {} {}", plain(&t.value, 60), label(t), when(v, t.began));
        if out.iter().all(|o| o.shows != typed) {
            out.push(Shown { evidence: t.evidence.clone(), shows: typed });
        }
        let shows = format!("{} as {} {}", channel(&l.channel), plain(&l.formula, 120), when(v, l.t));
        out.push(Shown { evidence: l.evidence.clone(), shows });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::{CollectorStatus, Scenario};

    #[test]
    fn says_who_which_field_how_and_when() {
        let s = set([
            visit(Scenario::NoChoice)
                .typed(InputKind::Email, "E-mail", 1000.0, 2000.0)
                .typed(InputKind::Search, "Search", 2100.0, 2500.0)
                .send(2159.0, "Microsoft Clarity")
                .leak(0, "gzip(json($.e[3].v))", 1.0)
                .send(1500.0, "Microsoft Clarity")
                .leak(0, "json($.v)", 0.5),
            visit(Scenario::NoChoice).page("/two", 1),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 1));
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Microsoft Clarity received what was typed into 1 of 2 fields (e-mail address), in 2 requests on 1 of 1 page, though nothing was submitted; first 500 ms after the first key, while it was being typed."
        );
        assert_eq!(f.severity, Severity::Critical);
        let m = &f.measure;
        assert_eq!((m.count, m.fields, m.fields_typed_into, m.pages), (2, Some(1), Some(2), 1));
        assert_eq!(m.pages_looked_at, 1, "the page without fields could not have shown it");
        assert_eq!(
            (m.first_ms, m.after_first_key_ms, m.after_last_key_ms),
            (Some(1500.0), Some(500.0), Some(-500.0))
        );
        let told =
            "“E-mail” (e-mail address): in full, in 2 transmissions, 1 of them while it was being typed";
        assert!(f.details.iter().any(|d| d.starts_with(told)), "{:?}", f.details);
        assert!(f.evidence.all().iter().any(|e| e.shows.starts_with("“value-0” typed into")));
    }

    #[test]
    fn silence_needs_typing_and_whole_bodies() {
        let quiet = || visit(Scenario::NoChoice).typed(InputKind::Email, "E-mail", 1000.0, 2000.0);
        let j = judge(&set([quiet()]));
        assert_eq!(j.verdict, Verdict::Pass);
        assert!(j.statement.ends_with("1 value was typed; 0 fields were left out."), "{}", j.statement);
        assert_eq!(judge(&set([visit(Scenario::NoChoice)])).verdict, Verdict::NotApplicable);
        let not_run = visit(Scenario::NoChoice).collector(PROBE, CollectorStatus::NotRun);
        assert_eq!(judge(&set([not_run])).verdict, Verdict::Inconclusive);
        let mut s = set([quiet()]);
        s.visits[0].probe.search.bodies_missing = 2;
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
    }
}
