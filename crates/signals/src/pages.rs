//! What kind of page it is, by its address, its title and heading, and what it asks for.
//!
//! A page that is taken for what it is not makes a finding that nobody believes: no single word that other pages use
//! too is enough. Steps of a visit (sign-in, checkout, support) are known by a whole segment of the path or a whole
//! part of the title, and not below a blog, a shop's products or documentation. Topics (health, money, law) need two
//! words that belong together, and none that says it is about something else. Religion, politics and sexual life are
//! not told: their words are everybody's.

mod search;
#[cfg(test)]
mod tests;
mod topics;
mod words;

use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::InputKind;
use crate::words::{bounded, words as normal};

pub use search::{SearchTerm, search_terms};

/// How much of a path, a query, a title or a heading is read, in bytes.
const READ: usize = 2000;
/// Segments of a path that are read.
const SEGMENTS: usize = 12;
/// Main headings that are read.
const HEADINGS: usize = 2;

/// What a page shows of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageSigns<'a> {
    /// Path of its address, as it stands there.
    pub path: &'a str,
    /// Query of its address, as it stands there, without the question mark.
    pub query: &'a str,
    /// Title.
    pub title: &'a str,
    /// Main headings (`h1`).
    pub headings: &'a [&'a str],
    /// What its visible fields ask for.
    pub fields: &'a [InputKind],
    /// Videos on it that are more than a moving background.
    pub videos: usize,
}

/// What kind of page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PageKind {
    /// Checkout or payment.
    Checkout,
    /// Sign-in, registration, or setting a password again.
    Login,
    /// A visitor's account.
    Account,
    /// Help, contact or chat.
    Support,
    /// An illness, its treatment, or a doctor.
    Health,
    /// A bank, a loan, an insurance or taxes.
    Finance,
    /// Made for children.
    Children,
    /// A lawyer's help.
    Legal,
    /// A shopping cart.
    Cart,
    /// Results of a search.
    Search,
    /// A page that shows a video.
    Video,
}

impl PageKind {
    /// In words: `sign-in or registration`.
    pub fn in_words(self) -> &'static str {
        match self {
            PageKind::Checkout => "checkout or payment",
            PageKind::Login => "sign-in or registration",
            PageKind::Account => "visitor's account",
            PageKind::Support => "help or contact",
            PageKind::Health => "health",
            PageKind::Finance => "bank, loan, insurance or tax",
            PageKind::Children => "for children",
            PageKind::Legal => "legal help",
            PageKind::Cart => "shopping cart",
            PageKind::Search => "search results",
            PageKind::Video => "shows a video",
        }
    }

    /// Whether the page counts as sensitive for what it is. What is searched and watched has a rule of its own.
    pub fn is_sensitive(self) -> bool {
        !matches!(self, PageKind::Cart | PageKind::Search | PageKind::Video)
    }
}

/// The kinds of a page, each once, with the reason.
pub fn page_kinds(signs: &PageSigns<'_>) -> Vec<(PageKind, String)> {
    let page = Read::of(signs);
    let mut out: Vec<(PageKind, String)> = Vec::new();
    let mut add = |kind, because: Option<String>| {
        out.extend(because.map(|b| (kind, b)));
    };
    for (kind, steps) in words::STEPS {
        add(*kind, step(&page, steps).or_else(|| asked(signs.fields, *kind)));
    }
    for topic in topics::TOPICS {
        add(topic.kind, topics::because(topic, &page));
    }
    add(PageKind::Children, topics::phrase(topics::CHILDREN, &page));
    add(PageKind::Search, search::because(signs));
    add(PageKind::Video, (signs.videos > 0).then(|| "it shows a video".to_owned()));
    out.sort();
    out
}

/// A page's words, written alike.
struct Read {
    /// Segments of the path: ` my account `.
    segments: Vec<String>,
    /// The first of them that names no language or country.
    first: usize,
    /// Where a blog, a shop's products or documentation begin.
    articles: usize,
    /// Parts of the title: what stands between bars and dashes.
    parts: Vec<String>,
    /// Main headings.
    headings: Vec<String>,
}

impl Read {
    fn of(signs: &PageSigns<'_>) -> Read {
        let path = bounded(signs.path, READ);
        let segments: Vec<String> =
            path.split('/').filter(|s| !s.is_empty()).take(SEGMENTS).map(segment).collect();
        let first = segments.iter().take_while(|s| is_locale(s)).count();
        let is_article = |s: &String| words::ARTICLES.contains(&s.trim());
        let articles = segments.iter().position(is_article).unwrap_or(usize::MAX);
        let mut parts = vec![bounded(signs.title, READ)];
        for bar in [" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » ", " « "] {
            parts = parts.into_iter().flat_map(|p| p.split(bar)).collect();
        }
        Read {
            segments,
            first,
            articles,
            parts: parts.into_iter().map(normal).collect(),
            headings: signs.headings.iter().take(HEADINGS).map(|h| normal(bounded(h, READ))).collect(),
        }
    }
}

/// The words of a segment, without the ending of a file.
fn segment(text: &str) -> String {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let stem = match text.rsplit_once('.') {
        Some((stem, "html" | "htm" | "php" | "asp" | "aspx" | "jsp" | "do" | "xhtml" | "cfm")) => stem,
        _ => &text,
    };
    normal(stem)
}

/// `en`, `de-at`, `us`.
fn is_locale(segment: &str) -> bool {
    let mut parts = segment.split_whitespace();
    let two = |p: Option<&str>| p.is_some_and(|p| p.len() == 2);
    two(parts.next()) && parts.next().is_none_or(|p| p.len() == 2) && parts.next().is_none()
}

/// Why it is this step of a visit, by a whole segment of its path, a whole part of its title, or a heading.
fn step(page: &Read, steps: &words::Steps) -> Option<String> {
    for (n, s) in page.segments.iter().enumerate().take_while(|(n, _)| *n < page.articles) {
        let s = s.trim();
        let alone = n == page.first && steps.first.contains(&s);
        if steps.path.contains(&s) || alone {
            return Some(format!("its path has '{s}'"));
        }
    }
    if page.articles != usize::MAX {
        return None;
    }
    let told = |all: &[String], what: &str| {
        all.iter().map(|t| t.trim()).find_map(|t| {
            let whole = steps.title.contains(&t);
            let begins = steps.begins.iter().any(|b| t.strip_prefix(b).is_some_and(|r| r.starts_with(' ')));
            (whole || begins).then(|| format!("its {what} says '{}'", bounded(t, 80)))
        })
    };
    told(&page.parts, "title").or_else(|| told(&page.headings, "heading"))
}

/// What its fields ask for tells some steps too.
fn asked(fields: &[InputKind], kind: PageKind) -> Option<String> {
    let asks = |k| fields.contains(&k).then(|| format!("it asks for a {}", k.in_words()));
    match kind {
        PageKind::Checkout => asks(InputKind::Card),
        PageKind::Login => asks(InputKind::Password),
        _ => None,
    }
}
