//! One time at which something was observed, and what can be said of all of them together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use affiant_detect::facts::VisitFacts;
use affiant_record::{Choice, Scenario};
use indexmap::IndexSet;

use crate::judgement::Shown;
use crate::scope::{Look, Scope};
use crate::standing::name;
use crate::visit_set::since_page_began;
use crate::window::Window;
use crate::words::{address, count, ms, path};

/// More than this tells a reader nothing new; the number of all is in the title.
const MOST_EVIDENCE: usize = 20;

/// One time at which it was observed.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence<'a> {
    /// The visit's index in the set.
    pub(crate) nth: usize,
    /// The visit.
    pub(crate) visit: &'a VisitFacts,
    /// When, on the visit's clock.
    pub(crate) t: f64,
    /// Whether that is the moment at which it happened, and not the one at which it was found.
    pub(crate) timed: bool,
    /// The request it is, or that led to it.
    pub(crate) request: Option<usize>,
    /// The stretch of the visit in which it lies.
    pub(crate) window: Window,
    /// The evidence.
    pub(crate) shown: Shown,
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The shortest time since the page began, over all visits.
    Time,
    /// The earliest page of a session, then time.
    Session,
}

impl<'a> Occurrence<'a> {
    /// A request.
    pub(crate) fn request(look: &Look<'a>, index: usize, window: &Window) -> Option<Occurrence<'a>> {
        let r = look.visit.requests.get(index)?;
        let shows =
            format!("{} {} {}", crate::words::plain(&r.method, 12), address(&r.url), when(look.visit, r.t));
        Some(Occurrence {
            nth: look.nth,
            visit: look.visit,
            t: r.t,
            timed: true,
            request: Some(index),
            window: window.clone(),
            shown: Shown { evidence: r.evidence.clone(), shows },
        })
    }

    /// Something that a visit shows: found at this moment, which is not the one at which it happened.
    pub(crate) fn found(look: &Look<'a>, t: f64, shown: Shown) -> Occurrence<'a> {
        Occurrence {
            nth: look.nth,
            visit: look.visit,
            t,
            timed: false,
            request: None,
            window: Window::WHOLE,
            shown,
        }
    }

    /// Milliseconds since the page began.
    pub(crate) fn ms(&self) -> f64 {
        since_page_began(self.visit, self.t)
    }
}

/// `at 412 ms on /checkout (no-choice)`.
pub(crate) fn when(visit: &VisitFacts, t: f64) -> String {
    format!("at {} on {} ({})", ms(since_page_began(visit, t)), path(&visit.url), visit.scenario)
}

/// Puts occurrences in order: the same for the same facts, whatever order they came in.
pub(crate) fn sort(all: &mut [Occurrence<'_>], order: Order) {
    let place = |o: &Occurrence<'_>| if order == Order::Session { o.visit.ordinal } else { 0 };
    all.sort_by(|a, b| -> Ordering {
        place(a)
            .cmp(&place(b))
            .then(a.ms().total_cmp(&b.ms()))
            .then(a.visit.scenario.cmp(&b.visit.scenario))
            .then(a.visit.session.cmp(&b.visit.session))
            .then(a.visit.ordinal.cmp(&b.visit.ordinal))
            .then(a.shown.cmp_place(&b.shown))
    });
}

impl Shown {
    fn cmp_place(&self, other: &Shown) -> Ordering {
        self.evidence.cmp(&other.evidence).then_with(|| self.shows.cmp(&other.shows))
    }
}

/// `3 requests before any choice, 2 after Reject, 1 after the opt-out`.
pub(crate) fn by_stage(all: &[Occurrence<'_>], thing: &str) -> String {
    let mut after: BTreeMap<Choice, usize> = BTreeMap::new();
    for choice in all.iter().filter_map(|o| o.window.after) {
        *after.entry(choice).or_default() += 1;
    }
    let before = all.len() - after.values().sum::<usize>();
    let mut parts = vec![format!("{} before any choice", count(before, thing))];
    parts.extend(after.into_iter().map(|(choice, n)| format!("{n} after {}", name(choice))));
    parts.join(", ")
}

/// Pages on which it was observed, in order.
pub(crate) fn pages(all: &[Occurrence<'_>]) -> Vec<String> {
    let pages: IndexSet<&str> = all.iter().map(|o| o.visit.url.as_str()).collect();
    pages.into_iter().map(str::to_owned).collect()
}

/// Scenarios in which it was observed.
pub(crate) fn scenarios(all: &[Occurrence<'_>]) -> Vec<Scenario> {
    let all: BTreeSet<Scenario> = all.iter().map(|o| o.visit.scenario).collect();
    all.into_iter().collect()
}

/// In how many visits of those that could have shown it.
pub(crate) fn seen_in(scope: &Scope<'_>, all: &[Occurrence<'_>]) -> (u32, u32) {
    let seen: IndexSet<usize> = all.iter().map(|o| o.nth).collect();
    let silent = scope.usable().count() - seen.iter().filter(|nth| scope.is_usable(**nth)).count();
    (seen.len() as u32, (seen.len() + silent) as u32)
}

/// Evidence: the first of each visit, then the others, bounded. Takes sorted occurrences; the earliest leads.
pub(crate) fn evidence(all: &[Occurrence<'_>]) -> Vec<Shown> {
    let mut seen = IndexSet::new();
    let (first, rest): (Vec<_>, Vec<_>) = all.iter().partition(|o| seen.insert(o.nth));
    first.into_iter().chain(rest).take(MOST_EVIDENCE).map(|o| o.shown.clone()).collect()
}
