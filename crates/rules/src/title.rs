//! The parts of titles that hold numbers, each made from the measure, so that a title and the numbers beside it agree.

use crate::measure::{Counted, Measure};
use crate::occurrence::Occurrence;
use crate::recipient::Recipient;
use crate::words::{bytes, count, ms, of};

/// `Microsoft Clarity received 14 requests`.
pub(crate) fn received(who: &Recipient, m: &Measure) -> String {
    format!("{} received {}", who.in_words(), occurrences(m))
}

/// `14 requests`.
pub(crate) fn occurrences(m: &Measure) -> String {
    let noun = match m.of {
        Counted::Request => "request",
        Counted::CookieWrite => "write",
        Counted::Visit => "visit",
        Counted::Listener => "listener",
        Counted::Box => "box",
        Counted::Click => "click",
    };
    count(m.count as usize, noun)
}

/// `3 of 4 later visits`, where visits are counted.
pub(crate) fn out_of(m: &Measure, noun: &str) -> String {
    of(m.count as usize, m.out_of.unwrap_or(m.count) as usize, noun)
}

/// `1 of 4 first pages`: those that are not counted.
pub(crate) fn the_others(m: &Measure, noun: &str) -> String {
    let all = m.out_of.unwrap_or(m.count);
    of(all.saturating_sub(m.count) as usize, all as usize, noun)
}

/// `9 of 12 pages`.
pub(crate) fn pages(m: &Measure, noun: &str) -> String {
    of(m.pages as usize, m.pages_looked_at as usize, noun)
}

/// `2 cookies`.
pub(crate) fn cookies(m: &Measure) -> String {
    count(m.cookies.unwrap_or(0) as usize, "cookie")
}

/// `2 of 5 fields`.
pub(crate) fn fields(m: &Measure) -> String {
    of(m.fields.unwrap_or(0) as usize, m.fields_typed_into.unwrap_or(0) as usize, "field")
}

/// `3 requests (34.1 kB)`: those that carried data.
pub(crate) fn data(m: &Measure) -> String {
    let size = m.bytes.map(|n| format!(" ({})", bytes(n))).unwrap_or_default();
    format!("{}{size}", count(m.carrying_data.unwrap_or(0) as usize, "request"))
}

/// `on 9 of 12 pages; first 412 ms after the page began`.
pub(crate) fn place(m: &Measure, all: &[Occurrence<'_>]) -> String {
    format!("on {}; {}", pages(m, "page"), first(m, all))
}

/// `first 412 ms after the page began, 1.3 s before the banner was visible`, or since the choice. What it is counted
/// from, and on which page of the session, is the first occurrence's.
pub(crate) fn first(m: &Measure, all: &[Occurrence<'_>]) -> String {
    let since = all.first().map_or("the page began", |o| o.window.since);
    if let Some(t) = m.after_choice_ms.or(m.after_going_on_ms) {
        return format!("first {} after {since}", ms(t));
    }
    let later = all.first().filter(|o| o.visit.ordinal > 0 && o.window.after.is_some());
    let began = later.map_or_else(
        || "the page began".to_owned(),
        |o| format!("page {} of the session began", u64::from(o.visit.ordinal) + 1),
    );
    let page = m.first_ms.map(|t| format!("{} after {began}", ms(t)));
    let banner = m.before_banner_ms.map(|t| format!("{} before the banner was visible", ms(t)));
    match (page, banner) {
        (Some(page), Some(banner)) => format!("first {page}, {banner}"),
        (Some(one), None) | (None, Some(one)) => format!("first {one}"),
        (None, None) => "the moment of the first was not seen".to_owned(),
    }
}

/// `first 159 ms after the last key`.
pub(crate) fn typed(m: &Measure) -> String {
    match (m.after_first_key_ms, m.after_last_key_ms) {
        (Some(first), Some(last)) if last < 0.0 => {
            format!("first {} after the first key, while it was being typed", ms(first))
        }
        (_, Some(last)) => format!("first {} after the last key", ms(last)),
        _ => "the moment of the first was not seen".to_owned(),
    }
}
