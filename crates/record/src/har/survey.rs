//! The first look at a HAR: whether all of it can be read, who made it, and which visits it tells of.
//!
//! A page of the HAR is a visit. Entries that name no page belong to the page that ran at their time; a HAR without
//! pages (a proxy's) is one visit.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::error::HarError;
use super::flavour::Flavour;
use super::parts::{Glance, header};
use super::walk::{Head, Walked, walk};
use super::{MAX_BYTES, MAX_PAGES, time};
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

/// Looks at the whole file. Anything that would keep it from being imported is told here.
pub fn survey(path: &Path) -> Result<Survey, HarError> {
    let mut file = open(path)?;
    let (mut pages, mut bare): (Vec<Seen>, Option<Seen>) = (Vec::new(), None);
    let (mut user_agent, mut gpc, mut cookies, mut sockets) = (String::new(), false, false, false);
    let walked = walk(path, &mut file, &mut |n, e: Glance| {
        let started = started(path, n, &e.started_date_time)?;
        if e.request.url.trim().is_empty() {
            return Err(entry(path, n, "has no request with an address: save the HAR again"));
        }
        let slot = if e.pageref.is_empty() {
            &mut bare
        } else if let Some(i) = pages.iter().position(|p| p.page == e.pageref) {
            // The same page comes many times in a row: keep it where it is found first.
            pages.swap(i, 0);
            see(pages.first_mut(), n, started, &e);
            glance(&e, &mut user_agent, &mut gpc, &mut cookies, &mut sockets);
            return Ok(());
        } else if pages.len() < MAX_PAGES {
            pages.push(new(n, started, &e));
            glance(&e, &mut user_agent, &mut gpc, &mut cookies, &mut sockets);
            return Ok(());
        } else {
            return Err(entry(
                path,
                n,
                &format!("is of a further page, and {MAX_PAGES} pages are read at most"),
            ));
        };
        match slot {
            Some(s) => see(Some(s), n, started, &e),
            None => *slot = Some(new(n, started, &e)),
        }
        glance(&e, &mut user_agent, &mut gpc, &mut cookies, &mut sockets);
        Ok(())
    })?;
    let Walked { head, entries, sha256, bytes } = walked;
    if entries == 0 {
        return Err(HarError::NotHar {
            path: path.to_owned(),
            what: "it holds no entries, so there is nothing to import: record the page with the network log open, then save"
                .to_owned(),
        });
    }
    let (visits, empty_pages) = visits(&head, pages, bare);
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
    })
}

impl Survey {
    /// The visit that an entry belongs to: by its page, else the one that ran at its time.
    pub(super) fn place(&self, page: &str, started_ms: f64) -> usize {
        let named = || self.visits.iter().position(|v| v.page == page);
        let running = || self.visits.iter().rposition(|v| v.began_ms <= started_ms);
        let by_name = if page.is_empty() { None } else { named() };
        by_name.or_else(running).unwrap_or(0)
    }
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

/// The time of an entry.
pub(super) fn started(path: &Path, n: u64, text: &str) -> Result<f64, HarError> {
    time::read(text).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        let what = format!(
            "has no time that can be read in startedDateTime ('{}'): without times nothing can be judged; save the HAR again",
            shown.escape_debug()
        );
        entry(path, n, &what)
    })
}

fn entry(path: &Path, n: u64, what: &str) -> HarError {
    HarError::Entry { path: path.to_owned(), entry: n, what: what.to_owned() }
}

fn new(n: u64, started: f64, e: &Glance) -> Seen {
    let mut s =
        Seen { page: e.pageref.clone(), first: (started, e.request.url.clone()), document: None, entries: 0 };
    see(Some(&mut s), n, started, e);
    s
}

fn see(seen: Option<&mut Seen>, n: u64, started: f64, e: &Glance) {
    let Some(s) = seen else { return };
    s.entries += 1;
    if started < s.first.0 {
        s.first = (started, e.request.url.clone());
    }
    if is_document(e) && s.document.as_ref().is_none_or(|d| started < d.0) {
        s.document = Some((started, e.request.url.clone(), n));
    }
}

fn is_document(e: &Glance) -> bool {
    if !e.resource_type.is_empty() {
        return e.resource_type.eq_ignore_ascii_case("document");
    }
    match header(&e.request.headers, "sec-fetch-dest") {
        Some(dest) => dest.eq_ignore_ascii_case("document"),
        None => e.response.content.mime_type.trim_start().to_ascii_lowercase().starts_with("text/html"),
    }
}

fn glance(e: &Glance, user_agent: &mut String, gpc: &mut bool, cookies: &mut bool, sockets: &mut bool) {
    let sent = &e.request.headers;
    if user_agent.is_empty()
        && let Some(ua) = header(sent, "user-agent")
    {
        *user_agent = ua.chars().take(1000).collect();
    }
    *gpc |= header(sent, "sec-gpc").is_some_and(|v| v.trim() == "1");
    *cookies |= header(sent, "cookie").is_some()
        || header(&e.response.headers, "set-cookie").is_some()
        || !e.request.cookies.is_empty()
        || !e.response.cookies.is_empty();
    *sockets |= e.resource_type.eq_ignore_ascii_case("websocket") || is_socket(&e.request.url);
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
