//! The first look at a HAR: whether all of it can be read, who made it, and which visits it tells of.
//!
//! A page of the HAR is a visit. Entries that name no page belong to the page that ran at their time; a HAR without
//! pages (a proxy's) is one visit.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::HarError;
use super::flavour::Flavour;
use super::lost::Lost;
use super::parts::{Entry, header};
use super::walk::{Head, Walked, walk};
use super::{MAX_BYTES, MAX_ENTRIES, MAX_PAGES, time};
use crate::Digest;

/// What a HAR holds, before anything is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// Who made it, as the creator's name tells.
    pub flavour: Flavour,
    /// Name and version of the program that made it.
    pub creator: (String, String),
    /// Name and version of the browser, where told.
    pub browser: Option<(String, String)>,
    /// Version of the format, as it says.
    pub version: String,
    /// The maker's own remark.
    pub comment: String,
    /// Number of entries.
    pub entries: u64,
    /// The visits that it tells of, in order of time.
    pub visits: Vec<VisitPlan>,
    /// Pages that it lists and that no entry belongs to.
    pub empty_pages: Vec<String>,
    /// The first user agent that was sent.
    pub user_agent: String,
    /// Whether any request carried `Sec-GPC: 1`.
    pub gpc: bool,
    /// Whether any entry tells a cookie, sent or set.
    pub tells_cookies: bool,
    /// Whether any entry is a WebSocket's.
    pub tells_sockets: bool,
    /// What could not be read.
    pub lost: Lost,
    /// The visit that each entry belongs to; none of an entry that is lost.
    pub(super) places: Vec<Option<u16>>,
}

/// A visit that will be made of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitPlan {
    /// The page's id in the HAR; empty where the HAR has no pages.
    pub page: String,
    /// The page's title as the HAR has it. Some makers write the address there.
    pub title: String,
    /// The address of its first document, else of its first entry.
    pub url: String,
    /// Wall time of the page's beginning, in milliseconds since the Unix epoch.
    pub began_ms: f64,
    /// Number of entries that name it.
    pub entries: u64,
    /// Number of the entry that brought its first document.
    pub document: Option<u64>,
}

/// What the entries of one page told.
struct Seen {
    page: String,
    first: (f64, String),
    document: Option<(f64, String, u64)>,
    entries: u64,
}

/// Of the entries, what the survey keeps.
#[derive(Default)]
struct Looked {
    pages: Vec<Seen>,
    by_name: HashMap<String, u16>,
    bare: Option<Seen>,
    /// Of each entry: the page that it names, and its beginning; none of one that is lost.
    entries: Vec<Option<(Option<u16>, f64)>>,
    lost: Lost,
    user_agent: String,
    gpc: bool,
    cookies: bool,
    sockets: bool,
}

/// Looks at the whole file. Anything that would keep it from being imported is told here.
pub fn survey(path: &Path) -> Result<Survey, HarError> {
    let mut file = open(path)?;
    let mut looked = Looked::default();
    let walked = walk(path, &mut file, &mut |n, raw| {
        if n >= MAX_ENTRIES {
            looked.lost.add(n, format!("is beyond the {MAX_ENTRIES} that are read"));
            return Ok(());
        }
        let kept = Entry::read(raw).and_then(|(started, e)| Ok((looked.entry(n, started, &e)?, started)));
        looked.entries.push(kept.map_err(|why| looked.lost.add(n, why)).ok());
        Ok(())
    })?;
    let Looked { pages, by_name, bare, entries: all, mut lost, user_agent, gpc, cookies, sockets } = looked;
    let Walked { head, entries, sha256, bytes, cut } = walked;
    lost.cut = cut;
    if all.iter().all(Option::is_none) {
        let what = match lost.told.first() {
            None => "it holds no entries, so there is nothing to import: record the page with the network log open, then save".to_owned(),
            Some(first) => format!(
                "of its {entries} entries none can be used; entry {} (counted from 0) {}: save it again",
                first.entry, first.why
            ),
        };
        return Err(HarError::NotHar { path: path.to_owned(), what });
    }
    let (visits, empty_pages) = visits(&head, pages, bare);
    let places = places(&visits, &by_name, &all);
    let told = |m: &super::parts::Maker| (!m.name.is_empty()).then(|| (m.name.clone(), m.version.clone()));
    Ok(Survey {
        path: path.to_owned(),
        sha256,
        bytes,
        flavour: Flavour::of(&head.creator.name, &head.browser.name),
        browser: told(&head.browser),
        creator: (head.creator.name, head.creator.version),
        version: head.version,
        comment: if head.comment.is_empty() { head.creator.comment } else { head.comment },
        entries,
        visits,
        empty_pages,
        user_agent,
        gpc,
        tells_cookies: cookies,
        tells_sockets: sockets,
        lost,
        places,
    })
}

impl Looked {
    /// Takes an entry in; tells the number of the page that it names.
    fn entry(&mut self, n: u64, started: f64, e: &Entry) -> Result<Option<u16>, String> {
        let page = if e.pageref.is_empty() {
            match &mut self.bare {
                Some(s) => see(s, n, started, e),
                none => *none = Some(new(n, started, e)),
            }
            None
        } else if let Some(i) = self.by_name.get(&e.pageref) {
            if let Some(s) = self.pages.get_mut(usize::from(*i)) {
                see(s, n, started, e);
            }
            Some(*i)
        } else {
            let i = u16::try_from(self.pages.len()).ok().filter(|i| usize::from(*i) < MAX_PAGES);
            let i =
                i.ok_or_else(|| format!("is of a further page, and {MAX_PAGES} pages are read at most"))?;
            self.by_name.insert(e.pageref.clone(), i);
            self.pages.push(new(n, started, e));
            Some(i)
        };
        self.glance(e);
        Ok(page)
    }

    fn glance(&mut self, e: &Entry) {
        let sent = &e.request.headers;
        if self.user_agent.is_empty()
            && let Some(ua) = header(sent, "user-agent")
        {
            self.user_agent = ua.chars().take(1000).collect();
        }
        self.gpc |= header(sent, "sec-gpc").is_some_and(|v| v.trim() == "1");
        self.cookies |= header(sent, "cookie").is_some()
            || header(&e.response.headers, "set-cookie").is_some()
            || !e.request.cookies.is_empty()
            || !e.response.cookies.is_empty();
        self.sockets |= e.resource_type.eq_ignore_ascii_case("websocket") || is_socket(&e.request.url);
    }
}

/// The visit of each entry: by its page, else the one that ran at its time.
fn places(
    visits: &[VisitPlan],
    by_name: &HashMap<String, u16>,
    all: &[Option<(Option<u16>, f64)>],
) -> Vec<Option<u16>> {
    let mut of_page = vec![None; by_name.len()];
    for (i, v) in visits.iter().enumerate() {
        if let Some(page) = by_name.get(&v.page).and_then(|p| of_page.get_mut(usize::from(*p))) {
            *page = u16::try_from(i).ok();
        }
    }
    let running = |started: f64| visits.partition_point(|v| v.began_ms <= started).saturating_sub(1);
    all.iter()
        .map(|e| {
            let (page, started) = (*e)?;
            let named = page.and_then(|p| of_page.get(usize::from(p)).copied().flatten());
            named.or_else(|| u16::try_from(running(started)).ok())
        })
        .collect()
}

/// Opens it and bounds it.
pub(super) fn open(path: &Path) -> Result<File, HarError> {
    let failed = |source| HarError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(HarError::NotHar {
            path: path.to_owned(),
            what: "it is no regular file: give the path of a .har file".to_owned(),
        });
    }
    if meta.len() > MAX_BYTES {
        return Err(HarError::TooLarge { path: path.to_owned(), found: meta.len(), limit: MAX_BYTES });
    }
    Ok(file)
}

fn new(n: u64, started: f64, e: &Entry) -> Seen {
    let mut s =
        Seen { page: e.pageref.clone(), first: (started, e.request.url.clone()), document: None, entries: 0 };
    see(&mut s, n, started, e);
    s
}

fn see(s: &mut Seen, n: u64, started: f64, e: &Entry) {
    s.entries += 1;
    if started < s.first.0 {
        s.first = (started, e.request.url.clone());
    }
    if is_document(e) && s.document.as_ref().is_none_or(|d| started < d.0) {
        s.document = Some((started, e.request.url.clone(), n));
    }
}

fn is_document(e: &Entry) -> bool {
    if !e.resource_type.is_empty() {
        return e.resource_type.eq_ignore_ascii_case("document");
    }
    match header(&e.request.headers, "sec-fetch-dest") {
        Some(dest) => dest.eq_ignore_ascii_case("document"),
        None => e.response.content.mime_type.trim_start().to_ascii_lowercase().starts_with("text/html"),
    }
}

/// Whether an address is a WebSocket's.
pub(super) fn is_socket(url: &str) -> bool {
    ["ws://", "wss://"].iter().any(|s| url.get(..s.len()).is_some_and(|u| u.eq_ignore_ascii_case(s)))
}

fn visits(head: &Head, pages: Vec<Seen>, bare: Option<Seen>) -> (Vec<VisitPlan>, Vec<String>) {
    let mut empty = Vec::new();
    for p in head.pages.iter().filter(|p| !pages.iter().any(|s| s.page == p.id)) {
        empty.push(p.id.clone());
    }
    // Entries without a page join the pages there are; without any page they are one.
    let all = if pages.is_empty() { bare.into_iter().collect() } else { pages };
    let mut out: Vec<VisitPlan> = all
        .into_iter()
        .map(|s| {
            let listed = head.pages.iter().find(|p| p.id == s.page && !s.page.is_empty());
            let title = listed.map(|p| p.title.clone()).unwrap_or_default();
            let began = listed.and_then(|p| time::read(&p.started_date_time));
            let document = s.document.as_ref();
            VisitPlan {
                url: document.map(|d| d.1.clone()).or_else(|| address(&title)).unwrap_or(s.first.1),
                page: s.page,
                title,
                began_ms: began.unwrap_or(s.first.0).min(s.first.0),
                entries: s.entries,
                document: document.map(|d| d.2),
            }
        })
        .collect();
    out.sort_by(|a, b| a.began_ms.total_cmp(&b.began_ms).then_with(|| a.page.cmp(&b.page)));
    (out, empty)
}

/// Chrome and Safari write a page's address as its title.
fn address(title: &str) -> Option<String> {
    let url = url::Url::parse(title).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| title.to_owned())
}
