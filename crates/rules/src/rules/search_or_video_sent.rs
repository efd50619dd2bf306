//! `search-or-video-sent`: a third party received what a visitor looks for, or what is watched.

use std::collections::BTreeSet;

use affiant_detect::facts::{ContentFact, ContentKind, ContentLeak, VisitFacts};
use affiant_record::Choice;
use affiant_record::footer::collectors::{BODIES, NETWORK, PAGE, WEB_SOCKETS};
use indexmap::IndexSet;

use crate::catalogue::Rule;
use crate::conclude::{Judged, conclude, looked_at};
use crate::judgement::{Confidence, Severity, Shown, Verdict};
use crate::occurrence::{Occurrence, Order, when};
use crate::remedy::Aim;
use crate::scope::Scope;
use crate::searched::{channel, unsearched};
use crate::sent::{Says, Sent, sent};
use crate::severity;
use crate::standing::{ChoiceMade, made_before, made_in, standing};
use crate::title;
use crate::visit_set::VisitSet;
use crate::window;
use crate::words::{count, list, path, plain, these};

pub(crate) const RULE: Rule = Rule {
    id: "search-or-video-sent",
    version: 1,
    title: "Search terms or video titles were sent to a third party",
    severity: Severity::Critical,
    doc: DOC,
    needs: &[NETWORK, BODIES, WEB_SOCKETS, PAGE],
    judge,
};

const DOC: &str = r#"
## What it observes
Requests to third parties, or of recognised tags, that hold in full what a visitor looks for or watches. On a page of results: the search terms in the page's own address. On a page that shows a video: the video's title, the page's title, or the page's full address; each is told as what it is. They are looked for in addresses, referrers, headers, cookies, bodies and WebSocket frames, in clear or through encodings, packings and digests up to three layers deep. Consent platforms are left out. Who is known to answer the site's searches, or serves the video, is told as such and weighs as a note. With `{canary}` in an address (`affiant audit 'https://shop.example/search?q={canary}'`) affiant looks for words that it made up.

## Why it matters
Search terms and what is watched are contents: what the visitor says to the site, not merely where they are. Whoever else receives them learns it at the same moment.

## Example
*Meta Pixel received the search terms, in 2 requests on 1 of 1 page that has search terms or a video, none of them known to be after Accept; first 412 ms after the page began.*

## Remedy
Keep the terms out of the page's address and title, or have the tag send an address without its query and a title without them. On pages with videos leave the tag out, or have it send neither title nor address.

## Limits
Unless affiant made the words up, they are not unique: a request may hold the same words because the page shows them, in the name of a product for example, and not because they were searched for. So only the whole value counts, not where it stands as the name of a file, and a single short word is not looked for: that is no answer, and told as such. Which video is watched is told from the page; whether it was played is not known. A video inside a frame of somebody else is known only by that frame. Encryption by the page's own scripts hides a value from this rule, and a server of the site may pass on what it receives. Whether the recipient keeps or uses it could not be observed.
"#;

/// Registrable domains and names of those who answer searches of sites.
const SEARCHES: &[&str] = &[
    "algolia.net",
    "algolianet.com",
    "algolia.io",
    "algolia",
    "searchspring.net",
    "searchspring.io",
    "searchspring",
    "klevu.com",
    "ksearchnet.com",
    "klevu",
    "doofinder.com",
    "doofinder",
    "coveo.com",
    "coveo",
    "cnstrc.com",
    "constructor",
    "typesense.net",
    "typesense",
    "addsearch.com",
    "cludo.com",
    "swiftype.com",
    "elastic-cloud.com",
    "bloomreach",
    "luigisbox.com",
    "findify.io",
    "syte.ai",
];

fn judge(set: &VisitSet) -> Judged {
    let mut all = Scope::over(set, RULE.needs, |_, _| true, window::whole);
    all.doubt(|v| {
        let c = &v.contents;
        match c.values.iter().filter(|v| !v.searched).count() {
            _ if c.values.is_empty() => None,
            0 => unsearched(c.bodies_missing, c.cut),
            n => Some(format!(
                "{} too short or too ordinary to be told from chance",
                these(n, "value was", "values were")
            )),
        }
    });
    let scope = Scope::of(
        all.looks.iter().filter(|l| !l.visit.contents.is_empty()).cloned().collect(),
        all.gaps.clone(),
    );
    let findings = sent(&scope, Order::Time, |_| true)
        .into_iter()
        .filter_map(|mut s| {
            s.requests.retain(|o| of_request(o).next().is_some());
            let says = words(set, &scope, &s)?;
            let mut draft = s.draft(set, &scope, Aim::KeepOffPage, says)?;
            if s.choice_unknown() {
                draft.confidence = Confidence::Low;
            } else if !values(&s).iter().any(|(_, v, _)| v.unique) {
                // The words are the page's, and the page's words are others' too.
                draft.confidence = draft.confidence.min(Confidence::Medium);
            }
            draft.remedy = remedy(&s);
            draft.evidence.extend(evidence(&s));
            Some(draft)
        })
        .collect();
    let looked = all.coverage();
    let otherwise = format!(
        "No page with search terms in its address, or with a video, was among those visited. {}",
        looked_at(&looked)
    );
    let mut judged = conclude(&scope, findings, &otherwise);
    if judged.verdict == Verdict::Inconclusive && scope.looks.is_empty() && looked.visits > 0 {
        judged.statement = format!(
            "No page with search terms in its address, or with a video, was seen among those that could be read, so that this could not be tested in full. {}",
            looked_at(&looked)
        );
        judged.coverage = looked;
    }
    judged
}

/// What a request holds.
fn of_request<'a>(o: &Occurrence<'a>) -> impl Iterator<Item = (&'a ContentFact, &'a ContentLeak)> {
    let request = o.request;
    let each = o.visit.contents.values.iter().flat_map(|v| v.leaks.iter().map(move |l| (v, l)));
    each.filter(move |(_, l)| Some(l.request) == request)
}

fn values<'a>(s: &Sent<'a>) -> Vec<(&'a VisitFacts, &'a ContentFact, &'a ContentLeak)> {
    s.requests.iter().flat_map(|o| of_request(o).map(|(v, l)| (o.visit, v, l))).collect()
}

fn words(set: &VisitSet, scope: &Scope<'_>, s: &Sent<'_>) -> Option<Says> {
    let all = values(s);
    let measure = s.measure(scope);
    let kinds: BTreeSet<ContentKind> = all.iter().map(|(_, v, _)| v.what).collect();
    let what: Vec<String> = kinds.iter().map(|k| format!("the {}", k.in_words())).collect();
    let accepted = s.requests.iter().filter(|o| is_after_accept(set, o)).count();
    let consent = match accepted {
        _ if s.choice_unknown() => "under a consent that is not known".to_owned(),
        0 => "none of them known to be after Accept".to_owned(),
        n if n == s.requests.len() => "all of them after Accept".to_owned(),
        n => format!("{n} of them after Accept"),
    };
    let page = if measure.pages_looked_at == 1 { "page that has" } else { "pages that have" };
    let title = format!(
        "{} received {}, in {} on {} of {} {page} search terms or a video, {consent}; {}.",
        s.recipient.in_words(),
        list(&what, 4),
        title::occurrences(&measure),
        measure.pages,
        measure.pages_looked_at,
        title::first(&measure, &s.requests)
    );
    let mut details: Vec<String> = vec![];
    let told: IndexSet<(&str, ContentKind, &str)> =
        all.iter().map(|(visit, v, _)| (visit.url.as_str(), v.what, v.value.as_str())).collect();
    for (url, what, value) in told.iter().take(8) {
        let mut here = all
            .iter()
            .filter(|(o, v, _)| (o.url.as_str(), v.what, v.value.as_str()) == (*url, *what, *value));
        let n = here.clone().count();
        let Some((_, v, l)) = here.next() else { continue };
        let made = if v.unique { "made up by affiant" } else { "not unique" };
        details.push(format!(
            "{}: “{}” ({}, from {}; {made}), in {}; {} as {}.",
            path(url),
            plain(value, 80),
            what.in_words(),
            plain(&v.place, 60),
            count(n, "transmission"),
            channel(&l.channel),
            plain(&l.formula, 160)
        ));
    }
    let mut severity = s.severity();
    if severity == Severity::Low {
        severity = Severity::Medium;
    }
    if kinds.iter().all(|k| *k == ContentKind::PageAddress) || accepted == s.requests.len() {
        severity = severity::down(severity);
    }
    if let Some(role) = provider(s, &kinds) {
        details.push(role.to_owned());
        severity = Severity::Note;
    }
    Some(Says { severity, measure, title, details })
}

/// Who answers the search, or serves the video, has to be told what is asked for.
fn provider(s: &Sent<'_>, kinds: &BTreeSet<ContentKind>) -> Option<&'static str> {
    let names: Vec<&str> = s.facts().map(|r| r.domain.as_str()).chain([s.recipient.name.as_str()]).collect();
    let search = names.iter().any(|n| SEARCHES.contains(&n.to_ascii_lowercase().as_str()));
    if search && kinds.iter().all(|k| *k == ContentKind::Search) {
        return Some(
            "It is known as a service that answers the searches of sites: it is asked what the visitor asked.",
        );
    }
    let all = values(s);
    let serves = |n: &str| {
        all.iter().any(|(o, _, _)| o.contents.values.iter().any(|v| v.served_by.iter().any(|d| d == n)))
    };
    let video = names.into_iter().any(serves) && !kinds.contains(&ContentKind::Search);
    video.then_some("The page's video, or its player, comes from there.")
}

fn is_after_accept(set: &VisitSet, o: &Occurrence<'_>) -> bool {
    let v = o.visit;
    match (v.decides, standing(v)) {
        (Some(Choice::Accept), _) => made_in(v) == ChoiceMade::Yes && v.marks.choice.is_some_and(|c| o.t > c),
        (_, Some(Choice::Accept)) => made_before(set, v) == Some(ChoiceMade::Yes),
        _ => false,
    }
}

fn remedy(s: &Sent<'_>) -> String {
    format!(
        "Have {} send the page's address without its query and without a title on these pages, keep search terms out of addresses and titles, or leave it out of these pages.",
        s.recipient.in_words()
    )
}

/// The lines that tell the value, and those that hold it.
fn evidence(s: &Sent<'_>) -> Vec<Shown> {
    let mut out: Vec<Shown> = vec![];
    for (visit, v, l) in values(s).into_iter().take(4) {
        let shows = format!("{}: “{}” on {}", v.what.in_words(), plain(&v.value, 80), path(&visit.url));
        if out.iter().all(|o| o.shows != shows) {
            out.push(Shown { evidence: v.evidence.clone(), shows });
        }
        let shows = format!("{} as {} {}", channel(&l.channel), plain(&l.formula, 120), when(visit, l.t));
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
    fn says_who_received_what_and_how() {
        let s = set([
            visit(Scenario::NoChoice)
                .page("/search?q=blue+lamp", 0)
                .content(ContentKind::Search, "blue lamp")
                .send(412.0, "Meta Pixel")
                .holds(0, "query(dl: percent(value))")
                .send(500.0, "Hotjar"),
            visit(Scenario::NoChoice).page("/", 1).send(1.0, "Meta Pixel"),
        ]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings.len()), (Verdict::Fail, 1));
        let f = &j.findings[0];
        assert_eq!(
            f.title,
            "Meta Pixel received the search terms, in 1 request on 1 of 1 page that has search terms or a video, none of them known to be after Accept; first 412 ms after the page began."
        );
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::Medium));
        assert!(f.details.iter().any(|d| d.contains("“blue lamp” (search terms")), "{:?}", f.details);
        assert!(f.evidence.all().iter().any(|e| e.shows.contains("in the body as query(dl")));
    }

    #[test]
    fn which_of_the_videos_words_is_said_exactly() {
        let of = |what| {
            let s = set([visit(Scenario::NoChoice)
                .content(what, "How ferns sleep")
                .send(1.0, "Google Analytics")
                .holds(0, "value")]);
            let f = judge(&s).findings.remove(0);
            (f.title.split(", in").next().unwrap().to_owned(), f.severity)
        };
        assert_eq!(
            of(ContentKind::PageAddress),
            (
                "Google Analytics received the full address of a page that shows a video".into(),
                Severity::Medium
            )
        );
        assert_eq!(
            of(ContentKind::VideoTitle).0,
            "Google Analytics received the title of a video on the page"
        );
        assert_eq!(
            of(ContentKind::PageTitle).0,
            "Google Analytics received the title of a page that shows a video"
        );
    }

    #[test]
    fn who_answers_the_search_or_serves_the_video_is_a_note() {
        let s = set([visit(Scenario::NoChoice)
            .content(ContentKind::Search, "blue lamp")
            .send(1.0, "x.algolia.net")
            .holds(0, "json($.q)")]);
        let j = judge(&s);
        assert_eq!((j.verdict, j.findings[0].severity), (Verdict::Pass, Severity::Note));
        assert!(j.findings[0].details.iter().any(|d| d.contains("answers the searches")));
        let mut s = set([visit(Scenario::NoChoice)
            .content(ContentKind::VideoTitle, "How ferns sleep")
            .send(1.0, "www.tube.example")
            .holds(0, "value")]);
        s.visits[0].contents.values[0].served_by = vec!["tube.example".into()];
        assert_eq!(judge(&s).findings[0].severity, Severity::Note);
    }

    #[test]
    fn after_accept_it_weighs_less_and_words_of_nobody_are_surer() {
        let mut s = set([visit(Scenario::AcceptAll)
            .chose(5.0, 6.0)
            .content(ContentKind::Search, "tovanelk rimo")
            .send(10.0, "Hotjar")
            .holds(0, "value")]);
        s.visits[0].contents.values[0].unique = true;
        let f = &judge(&s).findings[0];
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::High));
        assert!(f.title.contains("all of them after Accept"), "{}", f.title);
    }

    #[test]
    fn silence_needs_values_whole_bodies_and_a_page() {
        let quiet =
            || visit(Scenario::NoChoice).content(ContentKind::Search, "blue lamp").send(1.0, "Hotjar");
        assert_eq!(judge(&set([quiet()])).verdict, Verdict::Pass);
        assert_eq!(
            judge(&set([visit(Scenario::NoChoice).send(1.0, "Hotjar")])).verdict,
            Verdict::NotApplicable
        );
        let unread = visit(Scenario::NoChoice).collector(PAGE, CollectorStatus::NotRun);
        assert_eq!(judge(&set([unread])).verdict, Verdict::Inconclusive);
        let mut s = set([quiet()]);
        s.visits[0].contents.bodies_missing = 1;
        assert_eq!(judge(&s).verdict, Verdict::Inconclusive);
        let mut s = set([quiet()]);
        s.visits[0].contents.values[0].searched = false;
        let j = judge(&s);
        assert_eq!(j.verdict, Verdict::Inconclusive);
        assert!(j.statement.contains("too short or too ordinary"), "{}", j.statement);
    }

    #[test]
    fn an_imported_visit_says_that_the_consent_is_not_known() {
        let s = set([visit(Scenario::Unknown)
            .collector(PAGE, CollectorStatus::NotRun)
            .content(ContentKind::Search, "blue lamp")
            .send(1.0, "Hotjar")
            .holds(0, "value")]);
        let f = &judge(&s).findings[0];
        assert_eq!((f.severity, f.confidence), (Severity::High, Confidence::Low));
        assert!(f.title.contains("under a consent that is not known"), "{}", f.title);
        let quiet = visit(Scenario::Unknown).collector(PAGE, CollectorStatus::NotRun);
        assert_eq!(judge(&set([quiet])).verdict, Verdict::Inconclusive);
    }
}
