//! What a visitor looked for and watched, searched for in everything that left beside the page's own request.
//!
//! Unlike what affiant types, these values are not unique: a product's name is on many pages. So only the whole value
//! counts, and never in the path of an address, where a picture of what was looked for has its name, unless affiant
//! made the value up.

use std::collections::BTreeSet;

use affiant_leaks::Searcher;
use affiant_record::VisitRecord;
use affiant_signals::search_terms;

use super::{LONGEST, MOST, everything};
use crate::address::Address;
use crate::bodies::Bodies;
use crate::facts::{ContentFact, ContentFacts, ContentKind, ContentLeak, InputKind, RequestFact};
use crate::glob::bounded;
use crate::page_kinds::{main_headings, main_page, videos};
use crate::requests::Sent;

/// Values that are looked for at most.
const VALUES: usize = 6;
/// Titles of players that name no video.
const NO_TITLES: &[&str] =
    &["video player", "youtube video", "embedded video", "video", "player", "untitled", "media player"];

/// The values of a visit, with where they were seen. `own`: requests of the page itself.
pub(crate) fn contents(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    final_url: Option<&str>,
    own: &BTreeSet<usize>,
    bodies: &Bodies<'_>,
) -> ContentFacts {
    let mut values = values(record, final_url, own.first().and_then(|i| sent.get(*i)).map(|s| s.line));
    if values.is_empty() {
        return ContentFacts::default();
    }
    let words: Vec<(&str, InputKind)> = values.iter().map(|v| (v.value.as_str(), kind(v.what))).collect();
    let searcher = Searcher::new(&words);
    for (n, v) in values.iter_mut().enumerate() {
        v.searched = searcher.can_find(n) && (v.unique || is_distinct(&v.value));
    }
    let keep = |i: usize, _: f64| !own.contains(&i);
    let (hits, sources, search) = everything(record, sent, requests, bodies, &searcher, &keep);
    for hit in hits.iter().filter(|h| h.fraction == 1.0 && !h.weak && !h.part) {
        let (Some(v), Some(source)) = (values.get_mut(hit.value), sources.get(hit.source)) else { continue };
        if !v.searched || !v.unique && is_a_name(v, source.channel, &hit.formula) {
            continue;
        }
        let known = v.leaks.iter().any(|l| l.evidence == source.evidence && l.channel == source.channel);
        if known || v.leaks.len() >= MOST {
            continue;
        }
        v.leaks.push(ContentLeak {
            request: source.request,
            t: source.t,
            channel: source.channel.to_owned(),
            formula: bounded(&hit.formula, LONGEST).to_owned(),
            evidence: source.evidence.clone(),
        });
    }
    addresses(record, sent, requests, &mut values, own);
    for v in &mut values {
        v.leaks.sort_by(|a, b| a.t.total_cmp(&b.t).then(a.request.cmp(&b.request)));
    }
    ContentFacts { values, requests: search.requests, bodies_missing: search.bodies_missing, cut: search.cut }
}

/// Whether it stands as the name of a file does: in the path of an address, or with its words tied together. That may
/// be the name of what is shown, not what was looked for.
fn is_a_name(v: &ContentFact, channel: &str, formula: &str) -> bool {
    let in_path = channel == "address" && formula.starts_with("path(") && v.what != ContentKind::PageAddress;
    let tied = ["dash_for_space(", "underscore_for_space(", "without_spaces("];
    in_path || tied.iter().any(|t| formula.contains(t))
}

/// Whether it is more than a word that anything may hold: `account` is in half of all bodies.
fn is_distinct(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphanumeric()).count();
    let words = value.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 1).count();
    letters >= 14 || words >= 2 && letters >= 8
}

fn kind(what: ContentKind) -> InputKind {
    match what {
        ContentKind::Search => InputKind::Search,
        _ => InputKind::Other,
    }
}

/// A referrer that is the page's whole address: the search takes referrers apart and does not see them whole.
fn addresses(
    record: &VisitRecord,
    sent: &[Sent<'_>],
    requests: &[RequestFact],
    values: &mut [ContentFact],
    own: &BTreeSet<usize>,
) {
    let Some(v) = values.iter_mut().find(|v| v.what == ContentKind::PageAddress) else { return };
    for (i, (s, r)) in sent.iter().zip(requests).enumerate() {
        let headers = s.http().and_then(|e| e.sent).filter(|_| r.left_browser && !own.contains(&i));
        let Some(h) = headers else { continue };
        let whole = h.what.headers.iter().any(|(n, u)| n.eq_ignore_ascii_case("referer") && *u == v.value);
        let known = v.leaks.iter().any(|l| l.request == i && l.channel == "referer");
        if whole && !known && v.leaks.len() < MOST {
            v.leaks.push(ContentLeak {
                request: i,
                t: s.t,
                channel: "referer".to_owned(),
                formula: "header(referer)".to_owned(),
                evidence: record.evidence(h.line),
            });
        }
    }
}

/// What there is to look for. `request`: the line of the page's request.
fn values(record: &VisitRecord, final_url: Option<&str>, request: Option<u64>) -> Vec<ContentFact> {
    let main = main_page(record);
    let canary = record.header.settings.canary.as_deref();
    let mut out: Vec<ContentFact> = vec![];
    let mut add = |what, value: &str, place: String, served_by: Vec<String>, line: u64| {
        let value = bounded(value.trim(), LONGEST);
        if value.is_empty() || out.len() >= VALUES || out.iter().any(|v| v.value == value) {
            return;
        }
        out.push(ContentFact {
            what,
            value: value.to_owned(),
            place,
            unique: canary.is_some_and(|c| value.contains(c) || value.contains(&c.replace(' ', "%20"))),
            searched: false,
            served_by,
            leaks: vec![],
            evidence: record.evidence(line),
        });
    };
    let says: Vec<&str> =
        main.map_or(vec![], |(_, p)| std::iter::once(p.title.as_str()).chain(main_headings(p)).collect());
    let page_url = main.map(|(_, p)| p.url.as_str());
    for url in [Some(record.header.url.as_str()), final_url, page_url].into_iter().flatten() {
        let a = Address::parse(url);
        // The first line tells the address that was asked for.
        let line = if url == record.header.url { Some(0) } else { main.map(|(n, _)| n).or(request) };
        let Some(line) = line.filter(|_| !a.host.is_empty()) else { continue };
        for term in search_terms(&a.path, &a.query, &says) {
            add(
                ContentKind::Search,
                &term.value,
                format!("{} of the page's address", term.place),
                vec![],
                line,
            );
        }
    }
    let Some((line, page)) = main else { return out };
    let shown = videos(page);
    for v in &shown {
        let title = v.title.trim();
        let lower = title.to_lowercase();
        if !NO_TITLES.iter().any(|t| lower == *t || lower.ends_with(" video player")) {
            let by = Address::parse(&v.src).domain;
            let by = if by.is_empty() { vec![] } else { vec![by] };
            add(ContentKind::VideoTitle, title, format!("the page's own word for it ({})", v.kind), by, line);
        }
    }
    if !shown.is_empty() {
        add(ContentKind::PageTitle, &page.title, "the page's title".to_owned(), vec![], line);
        let url = page.url.split('#').next().unwrap_or_default();
        let a = Address::parse(url);
        // A front page's address says nothing of what is watched.
        if a.path.len() > 1 || !a.query.is_empty() {
            add(ContentKind::PageAddress, url, "the page's address".to_owned(), vec![], line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use affiant_record::Observation;
    use affiant_record::page::{Page, Video};

    use super::*;
    use crate::Catalog;
    use crate::sample::{other, parser, record, request};

    const SEARCH: &str = "https://www.shop.test/search?q=blue+lamp+shade";

    fn seen(url: &str, canary: Option<&str>, page: Page, sent: &[&str]) -> ContentFacts {
        let mut lines = vec![(1.0, Observation::Request(request("1", url, "Document", other())))];
        for (n, to) in sent.iter().enumerate() {
            let id = format!("r{n}");
            lines.push((2.0 + n as f64, Observation::Request(request(&id, to, "Image", parser(url)))));
        }
        lines.push((90.0, Observation::Page(Page { main: true, url: url.into(), ..page })));
        let mut r = record(url, lines);
        r.header.settings.canary = canary.map(str::to_owned);
        crate::facts(&r, "v", Catalog::embedded(), None).contents
    }

    fn ways(c: &ContentFacts) -> Vec<(ContentKind, &str, usize)> {
        let all =
            c.values.iter().flat_map(|v| v.leaks.iter().map(|l| (v.what, l.formula.as_str(), l.request)));
        all.collect()
    }

    #[test]
    fn terms_are_found_in_full_and_names_of_files_are_not() {
        let c = seen(
            SEARCH,
            None,
            Page::default(),
            &[
                "https://in.third.test/t?a=blue%20lamp%20shade",
                "https://in.third.test/t?b=Ymx1ZSBsYW1wIHNoYWRl",
                "https://in.third.test/t?c=b0ccb48ce2c7fbf5d4f9bd0ff6bcb6a9",
                "https://img.third.test/blue-lamp-shade.jpg",
                "https://img.third.test/t?img=blue_lamp_shade",
                "https://in.third.test/t?d=blue%20lamp",
            ],
        );
        assert_eq!((c.values.len(), c.values[0].searched, c.requests), (1, true, 6));
        let ways = ways(&c);
        assert_eq!(ways.iter().map(|w| w.2).collect::<Vec<_>>(), [1, 2], "{ways:?}");
        assert!(ways[1].1.contains("base64"), "{ways:?}");
        assert_eq!(c.values[0].place, "its parameter 'q' of the page's address");
    }

    #[test]
    fn a_word_that_anything_holds_is_not_looked_for_and_a_canary_is() {
        let url = "https://www.shop.test/search?q=account";
        let c = seen(url, None, Page::default(), &["https://in.third.test/t?account=1"]);
        assert!(!c.values[0].searched && c.values[0].leaks.is_empty());
        let url = "https://www.shop.test/search?q=tovanelk";
        let c = seen(url, Some("tovanelk"), Page::default(), &["https://in.third.test/tovanelk.jpg"]);
        assert!(c.values[0].unique && c.values[0].leaks.len() == 1, "{c:?}");
    }

    #[test]
    fn a_page_that_shows_a_video_has_titles_and_an_address() {
        let video = |title: &str| Video {
            kind: "frame".into(),
            title: title.into(),
            src: "https://www.youtube.com/embed/x".into(),
            ..Video::default()
        };
        let page = Page {
            title: "How ferns sleep - Shop".into(),
            videos: vec![video("How ferns sleep at night"), video("YouTube video player")],
            ..Page::default()
        };
        let url = "https://www.shop.test/watch?v=ferns&x=1";
        let c = seen(
            url,
            None,
            page.clone(),
            &[
                "https://in.third.test/t?a=How%20ferns%20sleep%20at%20night",
                "https://in.third.test/t?dl=https%3A%2F%2Fwww.shop.test%2Fwatch%3Fv%3Dferns%26x%3D1",
                "https://in.third.test/t?dl=https%3A%2F%2Fwww.shop.test%2Fwatch",
            ],
        );
        let kinds: Vec<ContentKind> = c.values.iter().map(|v| v.what).collect();
        assert_eq!(kinds, [ContentKind::VideoTitle, ContentKind::PageTitle, ContentKind::PageAddress]);
        assert_eq!(c.values[0].served_by, ["youtube.com"]);
        let found: Vec<(ContentKind, usize)> = ways(&c).into_iter().map(|w| (w.0, w.2)).collect();
        assert_eq!(found, [(ContentKind::VideoTitle, 1), (ContentKind::PageAddress, 2)]);
        let plain = Page { videos: vec![], ..page };
        assert!(seen("https://www.shop.test/watch", None, plain, &[]).is_empty());
    }
}
