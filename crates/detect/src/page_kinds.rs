//! What kinds of page a visit's page is: by its address, its title and headings, its fields and its videos.

use affiant_record::page::{Page, Video};
use affiant_record::{Observation, VisitRecord};
use affiant_signals::{PageSigns, page_kinds as by_signs};

use crate::address::Address;
use crate::facts::{InputFact, InputKind, PageKindFact};

/// The last word of the main frame's page, with the line that tells it.
pub(crate) fn main_page(record: &VisitRecord) -> Option<(u64, &Page)> {
    record.lines.iter().rev().find_map(|l| match &l.what {
        Observation::Page(p) if p.main => Some((l.n, p)),
        _ => None,
    })
}

/// The kinds, each once. Where the page itself was not asked, its address alone can tell, by the line of its request.
pub(crate) fn page_kinds(
    record: &VisitRecord,
    url: &str,
    request: Option<u64>,
    inputs: &[InputFact],
) -> Vec<PageKindFact> {
    let main = main_page(record);
    let Some(line) = main.map(|(n, _)| n).or(request) else { return vec![] };
    let address = main.map(|(_, p)| Address::parse(&p.url)).filter(|a| !a.host.is_empty());
    let address = address.unwrap_or_else(|| Address::parse(url));
    let fields: Vec<InputKind> = inputs.iter().filter(|i| i.visible).map(|i| i.kind).collect();
    let signs = PageSigns {
        path: &address.path,
        query: &address.query,
        title: main.map_or("", |(_, p)| &p.title),
        headings: &main.map_or(vec![], |(_, p)| main_headings(p)),
        fields: &fields,
        videos: main.map_or(0, |(_, p)| videos(p).len()),
    };
    by_signs(&signs)
        .into_iter()
        .map(|(kind, because)| PageKindFact {
            kind,
            because: because.into(),
            evidence: record.evidence(line),
        })
        .collect()
}

/// Headings of the first level.
pub(crate) fn main_headings(page: &Page) -> Vec<&str> {
    page.headings.iter().filter(|h| h.level == 1).map(|h| h.text.as_str()).collect()
}

/// Videos that the page shows. What a page only tells of counts where it is one video: lists tell of many.
pub(crate) fn videos(page: &Page) -> Vec<&Video> {
    let (seen, told): (Vec<&Video>, Vec<&Video>) = page
        .videos
        .iter()
        .filter(|v| !v.background)
        .partition(|v| matches!(v.kind.as_str(), "element" | "frame"));
    let one = told.iter().filter(|v| v.kind == "json-ld").count() <= 1;
    seen.into_iter().chain(told.into_iter().filter(|_| one)).collect()
}

#[cfg(test)]
mod tests {
    use affiant_record::page::Heading;

    use super::*;
    use crate::facts::PageKind;
    use crate::sample::{other, record, request};

    const LOGIN: &str = "https://www.shop.test/login";

    fn video(kind: &str, title: &str, background: bool) -> Video {
        Video { kind: kind.into(), title: title.into(), background, ..Video::default() }
    }

    fn kinds(r: &VisitRecord, url: &str) -> Vec<(PageKind, u64)> {
        let all = page_kinds(r, url, Some(0), &[]);
        all.into_iter().map(|f| (f.kind, f.evidence.line)).collect()
    }

    #[test]
    fn the_page_tells_and_else_its_address() {
        let r = record(LOGIN, vec![(1.0, Observation::Request(request("1", LOGIN, "Document", other())))]);
        assert_eq!(kinds(&r, LOGIN), [(PageKind::Login, 0)]);
        let page = Page {
            main: true,
            url: "https://www.shop.test/x".into(),
            title: "Shop".into(),
            headings: vec![
                Heading { level: 2, text: "Sign in".into() },
                Heading { level: 1, text: "Diabetes: symptoms".into() },
            ],
            videos: vec![video("element", "", false)],
            ..Page::default()
        };
        let r = record(LOGIN, vec![(1.0, Observation::Page(page))]);
        let found: Vec<PageKind> = kinds(&r, LOGIN).into_iter().map(|k| k.0).collect();
        assert_eq!(found, [PageKind::Health, PageKind::Video]);
        assert_eq!(page_kinds(&record(LOGIN, vec![]), LOGIN, None, &[]), []);
    }

    #[test]
    fn backgrounds_and_lists_are_no_videos() {
        let of = |all: Vec<Video>| videos(&Page { videos: all, ..Page::default() }).len();
        assert_eq!(of(vec![video("element", "", true)]), 0);
        assert_eq!(of(vec![video("json-ld", "a", false), video("json-ld", "b", false)]), 0);
        assert_eq!(of(vec![video("json-ld", "a", false)]), 1);
        assert_eq!(of(vec![video("og", "a", false), video("frame", "a", false)]), 2);
    }
}
