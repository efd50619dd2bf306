//! What is looked for and watched: who else is sent it, in which form; silence where nobody is. The truth is
//! `testbed/sites/forms/` and the server's log.

use std::collections::BTreeSet;
use std::path::Path;

use crate::common::{Audited, audit};
use affiant_detect::facts::{ContentKind, PageKind, VisitFacts};
use affiant_rules::judgement::Verdict;
use affiant_testbed::{Sites, Testbed};

const RULE: &str = "search-or-video-sent";

async fn audited(bed: &Testbed, out: &Path, url: &str) -> Audited {
    audit(out, bed, &[url, "--scenario", "no-choice", "--pages", "1", "--quiet"]).await
}

/// `x` of the addresses.
fn named<'a>(urls: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let x = |url: &str| {
        let url = url::Url::parse(url).ok()?;
        url.query_pairs().find(|(k, _)| k == "x").map(|(_, v)| v.into_owned())
    };
    urls.into_iter().filter_map(x).collect()
}

fn came(bed: &Testbed) -> BTreeSet<String> {
    let urls: Vec<String> =
        bed.log().iter().map(|e| format!("https://{}{}", e.host, e.path_and_query)).collect();
    named(urls.iter().map(String::as_str))
}

fn told(f: &VisitFacts, what: ContentKind) -> BTreeSet<String> {
    let values = f.contents.values.iter().filter(|v| v.what == what);
    named(values.flat_map(|v| v.leaks.iter().map(|l| f.requests[l.request].url.as_str())))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_looked_for_is_found_in_every_form() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audited(&bed, &tmp.path().join("audit"), "https://www.forms.test/search?q={canary}").await;
    let (f, header) = (&a.facts[0], &a.records[0].header);
    let canary = header.settings.canary.clone().unwrap();
    assert_eq!(header.url, format!("https://www.forms.test/search?q={}", canary.replace(' ', "%20")));
    let value = &f.contents.values[0];
    assert_eq!((value.what, &value.value, value.unique), (ContentKind::Search, &canary, true));
    assert!(f.page_kinds.iter().any(|k| k.kind == PageKind::Search), "{:?}", f.page_kinds);
    let came = came(&bed);
    assert_eq!(came.len(), 6, "{came:?}");
    assert_eq!(told(f, ContentKind::Search), came, "{value:#?}");
    assert!(value.leaks.iter().any(|l| l.channel == "websocket"), "{value:#?}");
    let way = |x: &str| {
        let at = |r: usize| {
            f.requests[r].url.contains(&format!("x={x}&")) || f.requests[r].url.ends_with(&format!("x={x}"))
        };
        value.leaks.iter().find(|l| at(l.request)).map(|l| (l.channel.as_str(), l.formula.as_str())).unwrap()
    };
    assert!(way("digest").1.contains("sha256"), "{:?}", way("digest"));
    assert!(way("base64").1.contains("base64"), "{:?}", way("base64"));
    assert_eq!(way("referrer").0, "referer");
    let found = a.judgement.findings.iter().find(|f| f.rule == RULE).unwrap();
    assert_eq!(found.subject.name, "reader.test");
    assert!(found.title.contains("received the search terms"), "{}", found.title);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_watched_is_told_as_what_it_is() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audited(&bed, &tmp.path().join("audit"), "https://www.forms.test/watch?v=ferns").await;
    let f = &a.facts[0];
    assert!(f.page_kinds.iter().any(|k| k.kind == PageKind::Video), "{:?}", f.page_kinds);
    let set = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(told(f, ContentKind::VideoTitle), set(&["watch-video"]), "{:#?}", f.contents);
    assert_eq!(told(f, ContentKind::PageTitle), set(&["watch-title"]), "{:#?}", f.contents);
    assert_eq!(
        told(f, ContentKind::PageAddress),
        set(&["watch-address", "watch-referrer"]),
        "{:#?}",
        f.contents
    );
    let found = a.judgement.findings.iter().find(|f| f.rule == RULE).unwrap();
    for part in
        ["title of a video on the page", "title of a page that shows a video", "full address of a page"]
    {
        assert!(found.title.contains(part), "{part}: {}", found.title);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_nothing_of_it_is_silent() {
    let bed = Testbed::start(Sites::only(&["forms"])).await.unwrap();
    let tmp = tempfile::tempdir().unwrap();
    let a = audited(&bed, &tmp.path().join("audit"), "https://www.forms.test/found?q={canary}").await;
    let f = &a.facts[0];
    assert!(came(&bed).len() >= 5, "{:?}", came(&bed));
    assert!(f.contents.values[0].searched && f.contents.values[0].leaks.is_empty(), "{:#?}", f.contents);
    assert_eq!(a.verdict(RULE), Verdict::Pass);
    // A word that anything may hold is not looked for, and that is no answer.
    let b = audited(&bed, &tmp.path().join("b"), "https://www.forms.test/found?q=ferns").await;
    assert!(!b.facts[0].contents.values[0].searched);
    assert_eq!(b.verdict(RULE), Verdict::Inconclusive);
}
