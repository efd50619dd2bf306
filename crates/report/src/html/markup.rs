//! Text as HTML: escaped, bounded, with signs for what would act or hide, and with places where it may break.
//!
//! The only way past askama's escaping. Everything here is made of escaped pieces and of tags written in this file.

use std::fmt;

use crate::hostile::{Piece, cut, more, pieces};

/// Longest address that is shown; the whole one is in report.json and in the record.
const ADDRESS: usize = 600;

/// HTML that is safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

impl Markup {
    /// Text of this program's own source.
    pub(crate) fn trusted(text: &'static str) -> Markup {
        Markup(text.to_owned())
    }
}

/// A text, at most `max` characters of it.
pub(crate) fn text(s: &str, max: usize) -> Markup {
    let mut out = String::with_capacity(s.len().min(max) + 16);
    let (kept, rest) = cut(s, max);
    put(&mut out, kept, false);
    out.push_str(&escaped(&more(rest)));
    Markup(out)
}

/// An address: it may break after its signs, and anywhere if need be.
pub(crate) fn address(url: &str) -> Markup {
    let mut out = String::with_capacity(url.len() * 2);
    let (kept, rest) = cut(url, ADDRESS);
    put(&mut out, kept, true);
    out.push_str(&escaped(&more(rest)));
    Markup(format!("<span class=\"url\">{out}</span>"))
}

/// A short form of an address for tables, at most `max` characters, its end cut.
pub(crate) fn short_address(url: &str, max: usize) -> Markup {
    let mut out = String::new();
    let (kept, rest) = cut(url, max);
    put(&mut out, kept, true);
    if rest > 0 {
        out.push_str(&escaped(&more(rest)));
    }
    Markup(format!("<span class=\"url\">{out}</span>"))
}

/// A page of the audited site, as a link; only http and https lead anywhere.
pub(crate) fn page(start: &str, url: &str) -> Markup {
    let place = crate::words::place(start, url);
    // A lone slash is easily missed.
    let shown = if place == "/" { crate::words::place("", url) } else { place };
    let shown = short_address(shown, 160);
    let plain = url.chars().all(|c| c.is_ascii_graphic());
    if plain && (url.starts_with("https://") || url.starts_with("http://")) {
        Markup(format!("<a class=\"out\" href=\"{}\" rel=\"noreferrer noopener\">{shown}</a>", escaped(url)))
    } else {
        shown
    }
}

fn put(out: &mut String, s: &str, breaks: bool) {
    for p in pieces(s) {
        match p {
            Piece::Text(t) if breaks => put_broken(out, t),
            Piece::Text(t) => out.push_str(&escaped(t)),
            Piece::Sign(s) => {
                out.push_str("<b class=\"sign\" title=\"a character that would act or hide\">");
                out.push_str(&escaped(name(&s)));
                out.push_str("</b>");
            }
        }
    }
}

/// Control pictures are missing from many fonts: there the name of the character says the same.
fn name(sign: &str) -> &str {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO",
        "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS",
        "RS", "US",
    ];
    match sign.chars().next().map(|c| c as u32) {
        Some(n @ 0x2400..=0x241F) => NAMES[(n - 0x2400) as usize],
        Some(0x2421) => "DEL",
        _ => sign,
    }
}

fn put_broken(out: &mut String, t: &str) {
    let mut run = 0;
    let mut chars = t.chars().peekable();
    while let Some(c) = chars.next() {
        if matches!(c, '?' | '&') && run > 0 {
            out.push_str("<wbr>");
            run = 0;
        }
        push(out, c);
        run += 1;
        if matches!(c, '/' | '=' | '-' | '_' | '%' | ',' | ';') && run > 6 && chars.peek() != Some(&'/') {
            out.push_str("<wbr>");
            run = 0;
        }
    }
}

fn escaped(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    s.chars().for_each(|c| push(&mut out, c));
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_is_shown_and_tags_stay_text() {
        let m = text("<b>\u{202E}", 99).to_string();
        assert!(m.starts_with("&lt;b&gt;<b class=\"sign\"") && m.contains(">[U+202E]</b>"), "{m}");
    }

    #[test]
    fn only_http_becomes_a_link() {
        assert!(
            page("https://a.example/", "https://a.example/x")
                .to_string()
                .contains("href=\"https://a.example/x\"")
        );
        assert!(!page("https://a.example/", "javascript:alert(1)").to_string().contains("href"));
    }

    proptest! {
        #[test]
        fn no_text_can_open_a_tag(s in any::<String>()) {
            for m in [text(&s, 80), address(&s), page("https://a.example/", &s)] {
                let m = m.to_string();
                let mut rest = m.as_str();
                while let Some(at) = rest.find('<') {
                    rest = &rest[at..];
                    let known = ["<b class=\"sign\"", "</b>", "<wbr>", "<span class=\"url\">", "</span>", "<a class=\"out\"", "</a>"];
                    prop_assert!(known.iter().any(|k| rest.starts_with(k)), "{}", rest);
                    rest = &rest[1..];
                }
            }
        }
    }
}
