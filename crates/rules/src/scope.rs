//! The visits that a question is about, how far each can answer it, and the holes: coverage.

use std::collections::{BTreeSet, HashSet};

use affiant_detect::facts::VisitFacts;
use affiant_record::Scenario;
use indexmap::{IndexMap, IndexSet};

use crate::judgement::{Coverage, Gap};
use crate::visit_set::{VisitSet, why_unusable};
use crate::window::{NOT_KNOWN, Window, Within};

/// A visit that is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Look<'a> {
    /// Its index in the set.
    pub(crate) nth: usize,
    /// The visit.
    pub(crate) visit: &'a VisitFacts,
    /// The stretches of it that count.
    pub(crate) windows: Vec<Window>,
    /// Whether a negative can rest on it.
    pub(crate) usable: bool,
}

/// All visits that are looked at, and the gaps.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    /// Visits looked at, in the order of the set.
    pub(crate) looks: Vec<Look<'a>>,
    /// Holes.
    pub(crate) gaps: Vec<Gap>,
    /// Distinct addresses of the visits looked at: asked for with every finding.
    pages: usize,
    /// And their sessions.
    sessions: usize,
}

/// Which visits a question is about, by scenario and place in the session.
pub(crate) type Reach = fn(Scenario, u32) -> bool;

/// First pages, and every page where no choice is made, or where it is not known.
pub(crate) fn before_a_choice(scenario: Scenario, ordinal: u32) -> bool {
    ordinal == 0 || scenario.first_choice().is_none()
}

/// Those, and all in which something is refused, or not answered.
pub(crate) fn without_consent(scenario: Scenario, ordinal: u32) -> bool {
    before_a_choice(scenario, ordinal)
        || matches!(scenario, Scenario::RejectAll | Scenario::Dismiss | Scenario::Withdraw)
}

impl<'a> Scope<'a> {
    /// Looks at every visit within reach. An imported one may be of any scenario: it is in reach of every question,
    /// and where it cannot answer, that is a gap.
    pub(crate) fn over(
        set: &'a VisitSet,
        needs: &[&str],
        reach: Reach,
        within: fn(&VisitSet, &VisitFacts) -> Within,
    ) -> Scope<'a> {
        let (mut looks, mut gaps) = (Vec::new(), Vec::new());
        let unknown = |v: &VisitFacts| v.scenario == Scenario::Unknown;
        let in_reach = |v: &VisitFacts| unknown(v) || reach(v.scenario, v.ordinal);
        for (nth, visit) in set.visits.iter().enumerate().filter(|(_, v)| in_reach(v)) {
            let Within { windows, mut gap } = within(set, visit);
            if unknown(visit) && windows.is_empty() {
                gap.get_or_insert_with(|| NOT_KNOWN.to_owned());
            }
            let why = match (why_unusable(visit, needs), gap) {
                (Some(a), Some(b)) => Some(format!("{a}; {b}")),
                (a, b) => a.or(b),
            };
            let usable = why.is_none();
            if let Some(reason) = why {
                gaps.push(Gap {
                    scenario: visit.scenario,
                    page: visit.url.clone(),
                    record: Some(visit.record),
                    reason,
                });
            }
            if !windows.is_empty() {
                looks.push(Look { nth, visit, windows, usable });
            }
        }
        let missing = set.index().missing.iter().filter(|m| {
            m.ordinal.map_or_else(|| (0..=1).any(|o| reach(m.gap.scenario, o)), |o| reach(m.gap.scenario, o))
        });
        gaps.extend(missing.map(|m| m.gap.clone()));
        gaps.sort();
        Scope::of(looks, gaps)
    }

    /// Of these visits, in the order of the set, and these holes.
    pub(crate) fn of(looks: Vec<Look<'a>>, gaps: Vec<Gap>) -> Scope<'a> {
        let pages = looks.iter().map(|l| l.visit.url.as_str()).collect::<HashSet<_>>().len();
        let sessions = looks.iter().map(|l| l.visit.session.as_str()).collect::<HashSet<_>>().len();
        Scope { looks, gaps, pages, sessions }
    }

    /// Turns usable visits into gaps, for the reason that `why` gives.
    pub(crate) fn doubt(&mut self, why: impl Fn(&VisitFacts) -> Option<String>) {
        for l in self.looks.iter_mut().filter(|l| l.usable) {
            let Some(reason) = why(l.visit) else { continue };
            l.usable = false;
            self.gaps.push(Gap {
                scenario: l.visit.scenario,
                page: l.visit.url.clone(),
                record: Some(l.visit.record),
                reason,
            });
        }
        self.gaps.sort();
    }

    /// Visits on which a negative can rest.
    pub(crate) fn usable(&self) -> impl Iterator<Item = &Look<'a>> {
        self.looks.iter().filter(|l| l.usable)
    }

    /// How many distinct addresses were looked at.
    pub(crate) fn pages(&self) -> usize {
        self.pages
    }

    /// How many sessions were looked at.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions
    }

    /// Whether a negative can rest on the visit at this place in the set.
    pub(crate) fn is_usable(&self, nth: usize) -> bool {
        let at = self.looks.binary_search_by_key(&nth, |l| l.nth);
        at.ok().and_then(|at| self.looks.get(at)).is_some_and(|l| l.usable)
    }

    /// What a negative rests on.
    pub(crate) fn coverage(&self) -> Coverage {
        let mut runs: IndexMap<(&str, Scenario), IndexSet<&str>> = IndexMap::new();
        for l in self.usable() {
            runs.entry((&l.visit.url, l.visit.scenario)).or_default().insert(&l.visit.session);
        }
        let pages: IndexSet<&str> = runs.keys().map(|k| k.0).collect();
        Coverage {
            pages: pages.into_iter().map(str::to_owned).collect(),
            scenarios: runs.keys().map(|k| k.1).collect::<BTreeSet<Scenario>>().into_iter().collect(),
            visits: self.usable().count() as u32,
            runs: runs.values().map(IndexSet::len).min().unwrap_or(0) as u32,
            gaps: self.gaps.clone(),
        }
    }
}
