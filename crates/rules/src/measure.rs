//! A finding in numbers: what was counted, how often, when first, how much, and on how much of what was looked at.
//!
//! Titles are made from these numbers (see `title`), and whatever sorts, compares or alerts takes them from here. What
//! has no meaning for a finding, or was not observed, is absent: no number is a guess.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::occurrence::Occurrence;
use crate::scope::Scope;
use crate::visit_set::{banner_at, banner_from};

/// What a finding measures. *The first* is the occurrence that the title speaks of: it leads the evidence and the chain.
/// Times are in milliseconds, amounts of data in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// What one occurrence is.
    pub of: Counted,
    /// How many occurrences were observed, over all visits.
    pub count: u32,
    /// Out of how many that were looked at and could have been one; where visits or sessions are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_of: Option<u32>,
    /// How many of `count` lie where it is not certain which choice was in force. A title that states a choice speaks of
    /// the others, if there are any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unconfirmed: u32,
    /// When the first one was: ms since its page began. Absent where its moment was not observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_ms: Option<f64>,
    /// How many ms after the first one the banner was visible, where it surely came later in that visit and before any
    /// choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_banner_ms: Option<f64>,
    /// How many ms after the choice the first one was: after it was stored, or, where that was not seen, operated.
    /// Only in the visit in which the choice was made: clocks of other visits do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_choice_ms: Option<f64>,
    /// How many ms after the visitor went on, and left the banner alone, the first one was; in that visit only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_going_on_ms: Option<f64>,
    /// How many ms after the first key of what it holds the first one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_first_key_ms: Option<f64>,
    /// How many ms after the last key of it; negative: while it was being typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_last_key_ms: Option<f64>,
    /// How many of the requests carried data in a body or over a channel made for sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrying_data: Option<u32>,
    /// Bytes of the bodies that were sent, added up as far as their lengths are known; absent where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How many different cookies, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<u32>,
    /// How many fields, by page and selector, whose values were received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<u32>,
    /// Out of how many fields that something was typed into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields_typed_into: Option<u32>,
    /// Clicks that accepting takes, where the clicks of another choice are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicks_to_accept: Option<u32>,
    /// On how many pages (distinct addresses).
    pub pages: u32,
    /// Out of how many pages that were looked at.
    pub pages_looked_at: u32,
    /// In how many sessions.
    pub sessions: u32,
    /// Out of how many sessions that were looked at.
    pub sessions_looked_at: u32,
}

/// What one occurrence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// A request that left the browser.
    Request,
    /// A cookie that was set: one name can be set several times.
    CookieWrite,
    /// A visit, or the session that it stands for.
    Visit,
    /// A script's listener on a field, or on what is around it.
    Listener,
    /// A box or switch of the banner.
    Box,
    /// A click that a choice takes.
    Click,
}

impl Measure {
    /// So many of these, and nothing more is known. What is known is added.
    pub fn new(of: Counted, count: u32) -> Measure {
        Measure {
            of,
            count,
            out_of: None,
            unconfirmed: 0,
            first_ms: None,
            before_banner_ms: None,
            after_choice_ms: None,
            after_going_on_ms: None,
            after_first_key_ms: None,
            after_last_key_ms: None,
            carrying_data: None,
            bytes: None,
            cookies: None,
            fields: None,
            fields_typed_into: None,
            clicks_to_accept: None,
            pages: 0,
            pages_looked_at: 0,
            sessions: 0,
            sessions_looked_at: 0,
        }
    }

    /// What can be said of any occurrences, in their order. Numbers about the first one need that its moment was seen.
    pub(crate) fn of(of: Counted, scope: &Scope<'_>, all: &[Occurrence<'_>]) -> Measure {
        let first = all.first().filter(|o| o.timed);
        let since = |chosen: bool| first.filter(|o| o.window.after.is_some() == chosen);
        let after_ms = |o: &Occurrence<'_>| time(o.t - o.window.from?);
        let pages: BTreeSet<&str> = all.iter().map(|o| o.visit.url.as_str()).collect();
        let sessions: BTreeSet<&str> = all.iter().map(|o| o.visit.session.as_str()).collect();
        Measure {
            unconfirmed: number(all.iter().filter(|o| o.window.unconfirmed.is_some()).count()),
            first_ms: first.and_then(|o| o.visit.marks.page_began.and_then(|_| time(o.ms()))),
            before_banner_ms: first.and_then(before_banner_ms),
            after_choice_ms: since(true).and_then(after_ms),
            after_going_on_ms: since(false).and_then(after_ms),
            pages: number(pages.len()),
            pages_looked_at: number(scope.pages()),
            sessions: number(sessions.len()),
            sessions_looked_at: number(scope.sessions()),
            ..Measure::new(of, number(all.len()))
        }
    }

    /// Counts something else than the occurrences that show it, so that no moment is the first one's.
    pub(crate) fn counting(self, count: usize, out_of: Option<usize>) -> Measure {
        Measure {
            count: number(count),
            out_of: out_of.map(number),
            first_ms: None,
            before_banner_ms: None,
            after_choice_ms: None,
            after_going_on_ms: None,
            ..self
        }
    }

    /// Of these visits, where every one looked at could have been one.
    pub(crate) fn out_of(self, all: usize) -> Measure {
        Measure { out_of: Some(number(all)), ..self }
    }
}

/// From the occurrence to the banner, where it surely came first and nothing had been chosen.
fn before_banner_ms(o: &Occurrence<'_>) -> Option<f64> {
    let undecided = o.window.after.is_none() && o.window.from.is_none();
    let first = banner_from(o.visit).is_some_and(|banner| o.t < banner);
    banner_at(o.visit).filter(|_| undecided && first).and_then(|banner| time(banner - o.t))
}

/// To the microsecond: what a difference of two times adds below it is noise.
pub(crate) fn time(ms: f64) -> Option<f64> {
    ms.is_finite().then(|| (ms * 1e3).round() / 1e3)
}

pub(crate) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::occurrence::{self, Order};
    use crate::scope::Scope;
    use crate::testing::{set, visit};
    use crate::visit_set::VisitSet;
    use crate::window;
    use affiant_record::Scenario;

    fn requests(s: &VisitSet) -> Measure {
        let scope = Scope::over(s, &[], |_, _| true, window::whole);
        let mut all: Vec<Occurrence<'_>> = scope
            .looks
            .iter()
            .flat_map(|l| {
                (1..l.visit.requests.len()).filter_map(|i| Occurrence::request(l, i, &l.windows[0]))
            })
            .collect();
        occurrence::sort(&mut all, Order::Time);
        Measure::of(Counted::Request, &scope, &all)
    }

    #[test]
    fn what_was_not_seen_has_no_number() {
        let m = requests(&set([visit(Scenario::NoChoice).banner(900.25).send(100.1, "Meta Pixel")]));
        assert_eq!((m.first_ms, m.before_banner_ms, m.after_choice_ms), (Some(100.1), Some(800.15), None));
        let mut s = set([visit(Scenario::NoChoice).banner(900.0).send(100.0, "Meta Pixel")]);
        s.visits[0].marks.banner_uncertainty_ms = 850.0;
        assert_eq!(requests(&s).before_banner_ms, None, "it may have been visible before");
        s.visits[0].marks.page_began = None;
        assert_eq!(requests(&s).first_ms, None, "nobody saw the page begin");
        let m = serde_json::to_value(requests(&s)).unwrap();
        let told: Vec<&str> = m.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(told, ["count", "of", "pages", "pages_looked_at", "sessions", "sessions_looked_at"]);
    }

    #[test]
    fn pages_and_sessions_are_out_of_those_looked_at() {
        let m = requests(&set([
            visit(Scenario::NoChoice).send(1.0, "Hotjar").send(2.0, "Hotjar"),
            visit(Scenario::NoChoice).page("/two", 1).send(3.0, "Hotjar"),
            visit(Scenario::RejectAll).page("/three", 1),
        ]));
        assert_eq!((m.count, m.pages, m.pages_looked_at), (3, 2, 3));
        assert_eq!((m.sessions, m.sessions_looked_at), (1, 2));
    }
}
