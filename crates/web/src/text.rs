//! Texts of pages that were audited, and times, for templates.

use affiant_report::hostile;
use jiff::Timestamp;

/// One line, at most so many characters; what would act or hide is shown. The template escapes it.
pub(crate) fn line(text: &str, most: usize) -> String {
    hostile::line(text, most)
}

/// Several lines, at most so many characters; what would act or hide is shown, but that lines end.
pub(crate) fn lines(text: &str, most: usize) -> String {
    let (kept, _) = hostile::cut(text, most);
    kept.split('\n').map(hostile::visible).collect::<Vec<_>>().join("\n")
}

/// `2026-11-30 03:41`, UTC.
pub(crate) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| "?".to_owned(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

/// `1 page`, `2 pages`.
pub(crate) fn count(n: i64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
