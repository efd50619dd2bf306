//! `no-banner`: no banner was seen on a first page, though tags were observed that would need one.

use affiant_record::footer::collectors::{CONSENT, NETWORK};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude, looked_at};
use crate::draft::{Draft, Words};
use crate::judgement::{Confidence, Counted, Measure, Severity, Shown, Subject, Verdict};
use crate::occurrence::{self, Occurrence, Order, when};
use crate::scope::{Look, Scope};
use crate::sent::{Sent, sent};
use crate::severity;
use crate::title;
use crate::visit_set::{VisitSet, banner_at, banner_seen, since_page_began};
use crate::window;
use crate::words::{count, list, ms, of, plain};

pub(crate) const RULE: Rule = Rule {
    id: "no-banner",
    version: 1,
    title: "No banner",
    severity: Severity::High,
    doc: DOC,
    needs: &[NETWORK, CONSENT],
    judge,
};

const DOC: &str = r#"
## What it observes
Whether a consent banner was seen on the first page of each session, within the time watched. Without one it weighs high where third-party recorders, form capture, chat, ad pixels or analytics were observed on those pages, and is a note where none were. A banner that came in some sessions and not in others is a finding in words of its own.

## Why it matters
Where nothing asks, nobody can have answered. A banner that comes only sometimes leaves some visitors unasked, and is hard to notice from a desk.

## Example
*No banner was seen on 3 of 3 first pages within 5.0 s, while 2 third parties of kinds that ask for consent were observed: Meta Pixel and Hotjar.*

## Remedy
Bring the consent platform to every page on which a visitor can arrive, before any tag. If it is held back for some regions or visitors, check that this is meant for the vantage of this audit.

## Limits
A banner that comes later than the time watched, or only after scrolling or leaving, is not seen. A site may show none to visitors from some regions, or to browsers that it takes for robots: the vantage is named beside every record. Whether a region asks for a banner is for counsel.
"#;

fn judge(set: &VisitSet) -> Judged {
    let scope = Scope::over(set, RULE.needs, |_, ordinal| ordinal == 0, window::whole);
    let with: Vec<&Look<'_>> = scope.looks.iter().filter(|l| banner_seen(l.visit)).collect();
    let without =
        Scope::of(scope.usable().filter(|l| !banner_seen(l.visit)).cloned().collect(), scope.gaps.clone());
    let found = match (with.is_empty(), without.looks.is_empty()) {
        (_, true) => None,
        (true, false) => never(set, &without),
        (false, false) => sometimes(set, &without, &with),
    };
    let mut judged = conclude(&scope, found.into_iter().collect(), "No first page was asked for.");
    if !with.is_empty() {
        let first = earliest(&with);
        let seen = format!(
            "A banner was seen on {} of sessions, first {first}.",
            of(with.len(), scope.looks.len(), "first page")
        );
        judged.statement = match judged.verdict {
            Verdict::Pass => format!("{seen} {}", looked_at(&judged.coverage)),
            Verdict::Inconclusive => {
                format!("{seen} On the others it could not be tested. {}", looked_at(&judged.coverage))
            }
            _ => judged.statement,
        };
    }
    if judged.verdict == Verdict::Fail || (judged.verdict == Verdict::Pass && with.is_empty()) {
        judged.statement = judged.findings.first().map_or_else(
            || format!("No banner was seen. {}", looked_at(&judged.coverage)),
            |f| format!("{} {}", f.title, looked_at(&judged.coverage)),
        );
    }
    judged
}

/// `1.7 s after the page began`, of the banner that came first.
fn earliest(with: &[&Look<'_>]) -> String {
    let first = with
        .iter()
        .filter_map(|l| banner_at(l.visit).map(|t| since_page_began(l.visit, t)))
        .min_by(f64::total_cmp);
    first.map_or("at a moment that was not seen".to_owned(), |t| format!("{} after the page began", ms(t)))
}

fn never(set: &VisitSet, without: &Scope<'_>) -> Option<Draft> {
    let asking = asking(without);
    let title = |m: &Measure| {
        let pages = title::out_of(m, "first page");
        let seen = format!("No banner was seen on {pages} of sessions within {}", watched(without));
        match asking.len() {
            0 => format!("{seen}; no third party of a kind that asks for consent was observed on them."),
            n => format!(
                "{seen}, while {} of kinds that ask for consent {} observed: {}.",
                count(n, "third party"),
                was(n),
                names(&asking)
            ),
        }
    };
    let severity = if asking.is_empty() { Severity::Note } else { Severity::High };
    draft(set, without, 0, severity, &title, &asking)
}

fn sometimes(set: &VisitSet, without: &Scope<'_>, with: &[&Look<'_>]) -> Option<Draft> {
    let asking = asking(without);
    let there = match asking.len() {
        0 => String::new(),
        n => format!(
            ", while {} of kinds that ask for consent {} observed there: {}",
            count(n, "third party"),
            was(n),
            names(&asking)
        ),
    };
    let title = |m: &Measure| {
        format!(
            "A banner was seen on {} of sessions (first {}), and not on the other {} within {}{there}.",
            title::the_others(m, "first page"),
            earliest(with),
            m.count,
            watched(without),
        )
    };
    let severity = if asking.is_empty() { Severity::Low } else { Severity::Medium };
    draft(set, without, with.len(), severity, &title, &asking)
}

fn draft(
    set: &VisitSet,
    without: &Scope<'_>,
    with: usize,
    severity: Severity,
    title: &dyn Fn(&Measure) -> String,
    asking: &[Sent<'_>],
) -> Option<Draft> {
    let mut all: Vec<Occurrence<'_>> = asking.iter().filter_map(|s| s.requests.first().cloned()).collect();
    for l in &without.looks {
        all.extend(l.windows.first().and_then(|w| Occurrence::request(l, 0, w)));
    }
    occurrence::sort(&mut all, Order::Time);
    let mut details = vec![format!(
        "Sessions without a banner: {}.",
        list(
            &without
                .looks
                .iter()
                .map(|l| format!("{} ({})", plain(&l.visit.session, 40), l.visit.scenario))
                .collect::<Vec<_>>(),
            6
        )
    )];
    let platforms: IndexSet<&str> = without.looks.iter().filter_map(|l| l.visit.cmp.as_deref()).collect();
    if !platforms.is_empty() {
        let platforms: Vec<String> = platforms.into_iter().map(|p| plain(p, 60)).collect();
        details.push(format!("A consent platform was recognised all the same: {}.", list(&platforms, 3)));
    }
    let confidence = if no_platform(without) { Confidence::High } else { Confidence::Medium };
    let visits = without.looks.len();
    let measure = Measure::of(Counted::Visit, without, &all).counting(visits, Some(visits + with));
    let words = Words {
        severity,
        confidence,
        title: title(&measure),
        measure,
        subject: Subject { kind: "site".to_owned(), name: set.site.clone(), class: None, accounts: vec![] },
        details,
        remedy: "Bring the consent platform to every page on which a visitor can arrive, before any tag; if it is held back for some regions or visitors, check that this is meant for this vantage.".to_owned(),
    };
    let mut draft = Draft::new(set, without, words, &all)?;
    draft.chain.clear();
    draft.seen_in = (without.looks.len() as u32, (without.looks.len() + with) as u32);
    draft.evidence.extend(pictures(without));
    Some(draft)
}

/// Where a consent platform is there all the same, a banner may have come and not been recognised.
fn no_platform(without: &Scope<'_>) -> bool {
    without.looks.iter().all(|l| l.visit.cmp.is_none())
}

/// The last picture of each first page.
fn pictures(without: &Scope<'_>) -> Vec<Shown> {
    let last = |l: &Look<'_>| {
        let p = l.visit.screenshots.last()?;
        let shows = format!("picture of the page {}: no banner seen", when(l.visit, p.t));
        let mut evidence = p.evidence.clone();
        evidence.blob.get_or_insert(p.blob);
        Some(Shown { evidence, shows })
    };
    without.looks.iter().filter_map(last).take(6).collect()
}

fn asking<'a>(scope: &Scope<'a>) -> Vec<Sent<'a>> {
    let mut all = sent(scope, Order::Time, |who| who.class.is_some_and(severity::asks_for_consent));
    all.retain(Sent::reaches_third_party);
    all
}

fn names(asking: &[Sent<'_>]) -> String {
    list(&asking.iter().map(|s| s.recipient.in_words()).collect::<Vec<_>>(), 5)
}

fn was(n: usize) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

/// The shortest time for which a banner was waited for.
fn watched(scope: &Scope<'_>) -> String {
    ms(scope.looks.iter().map(|l| l.visit.banner_watched_ms).min_by(f64::total_cmp).unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{set, visit};
    use affiant_record::{CollectorStatus, Outcome, Scenario};

    #[test]
    fn none_seen_weighs_high_where_tags_ask_for_one() {
        let s = set([
            visit(Scenario::NoChoice).send(100.0, "Meta Pixel").send(200.0, "Hotjar"),
            visit(Scenario::AcceptAll).send(100.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Fail);
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "No banner was seen on 2 of 2 first pages of sessions within 5.0 s, while 2 third parties of kinds that ask for consent were observed: Hotjar and Meta Pixel."
        );
        assert_eq!((f.severity, f.subject.kind.as_str(), f.seen_in), (Severity::High, "site", (2, 2)));
        assert!(!f.evidence.all().is_empty());
    }

    #[test]
    fn none_seen_and_none_needed_is_a_note() {
        let s = set([visit(Scenario::NoChoice).send(100.0, "Google Fonts")]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings[0].severity), (Verdict::Pass, Severity::Note));
        assert!(j.statement.starts_with("No banner was seen on 1 of 1 first page"), "{}", j.statement);
    }

    #[test]
    fn one_seen_everywhere_passes_with_its_earliest_moment() {
        let s = set([visit(Scenario::NoChoice).banner(1700.0), visit(Scenario::AcceptAll).banner(1500.0)]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Pass, 0));
        assert_eq!(
            j.statement,
            "A banner was seen on 2 of 2 first pages of sessions, first 1.5 s after the page began. Looked at 2 visits: 1 run over 1 page in no-choice and accept-all."
        );
    }

    #[test]
    fn one_seen_sometimes_has_words_of_its_own() {
        let s = set([
            visit(Scenario::NoChoice).banner(1700.0),
            visit(Scenario::RejectAll).send(10.0, "Meta Pixel"),
        ]);
        let f = &judge(&s).findings[0];
        assert_eq!(
            f.title,
            "A banner was seen on 1 of 2 first pages of sessions (first 1.7 s after the page began), and not on the other 1 within 5.0 s, while 1 third party of kinds that ask for consent was observed there: Meta Pixel."
        );
        assert_eq!((f.severity, f.seen_in), (Severity::Medium, (1, 2)));
    }

    #[test]
    fn an_unwatched_page_is_inconclusive_and_later_pages_do_not_matter() {
        let s = set([visit(Scenario::NoChoice)
            .collector(CONSENT, CollectorStatus::NotRun)
            .send(1.0, "Meta Pixel")]);
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
        let s = set([
            visit(Scenario::NoChoice).banner(900.0),
            visit(Scenario::NoChoice).page("/two", 1).send(1.0, "Meta Pixel"),
        ]);
        assert_eq!(judge(&s).verdict, Verdict::Pass);
        let s = set([
            visit(Scenario::NoChoice).banner(900.0),
            visit(Scenario::AcceptAll).outcome(Outcome::TimedOut { reason: "busy".into() }),
        ]);
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(
            j.statement.starts_with("A banner was seen on 1 of 2 first pages of sessions"),
            "{}",
            j.statement
        );
    }
}
