//! What is judged: the facts of an audit's visits, beside what was planned and what could not be read.
//!
//! *Not gathered* never reads as *clean*: a visit counts for a negative only if it came to rest, its record is whole
//! and every collector that the question needs watched to the end. What was seen counts from any visit.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::OnceLock;

use affiant_detect::facts::VisitFacts;
use affiant_record::{CollectorStatus, Outcome, Scenario};
use serde::{Deserialize, Serialize};

use crate::index::Index;
use crate::judgement::{Column, Gap};
use crate::words::plain;

/// What is known of one audit's visits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditFacts {
    /// Registrable domain of the site: part of every fingerprint.
    pub site: String,
    /// The address that the user gave.
    pub start: String,
    /// Every visit that was planned.
    pub planned: Vec<PlannedVisit>,
    /// Facts of the visits whose records could be read.
    pub visits: Vec<VisitFacts>,
    /// Visits whose records could not be read, and why.
    pub unreadable: Vec<Gap>,
}

/// The visits of one audit, as rules ask about them. It does not change, so that what is looked up in it often is
/// looked for once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VisitSet {
    facts: AuditFacts,
    #[serde(skip)]
    index: OnceLock<Index>,
}

impl From<AuditFacts> for VisitSet {
    fn from(facts: AuditFacts) -> VisitSet {
        VisitSet { facts, index: OnceLock::new() }
    }
}

impl Deref for VisitSet {
    type Target = AuditFacts;

    fn deref(&self) -> &AuditFacts {
        &self.facts
    }
}

/// Tests change what they judge: what was known of it is forgotten.
#[cfg(test)]
impl std::ops::DerefMut for VisitSet {
    fn deref_mut(&mut self) -> &mut AuditFacts {
        self.index.take();
        &mut self.facts
    }
}

impl PartialEq for VisitSet {
    fn eq(&self, other: &VisitSet) -> bool {
        self.facts == other.facts
    }
}

/// A visit that the audit was asked to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedVisit {
    /// Session.
    pub session: String,
    /// Scenario.
    pub scenario: Scenario,
    /// Address.
    pub page: String,
    /// Place in the session, from 0.
    pub ordinal: u32,
}

impl VisitSet {
    /// The facts, given back.
    pub fn into_facts(self) -> AuditFacts {
        self.facts
    }

    /// Where its visits are, and which are missing.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.facts))
    }

    /// The scenarios that were asked for, in the order of [`Scenario`].
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all: BTreeSet<Scenario> = (self.planned.iter().map(|p| p.scenario))
            .chain(self.visits.iter().map(|v| v.scenario))
            .chain(self.unreadable.iter().map(|g| g.scenario))
            .collect();
        all.into_iter().collect()
    }

    /// Whether this scenario was asked for.
    pub fn asked_for(&self, scenario: Scenario) -> bool {
        self.planned.iter().any(|p| p.scenario == scenario)
            || self.visits.iter().any(|v| v.scenario == scenario)
            || self.unreadable.iter().any(|g| g.scenario == scenario)
    }

    /// The columns of the matrix: scenarios in the order of living, and the controls beside them.
    pub fn columns(&self) -> Vec<Column> {
        let asked = self.scenarios().into_iter().map(|scenario| Column { scenario, control: false });
        let signalled = self.signalled();
        let seen = self.visits.iter().map(|v| Column::of(v, signalled));
        asked.chain(seen).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether a privacy signal was sent in any visit: those without it are controls.
    pub fn signalled(&self) -> bool {
        self.visits.iter().any(|v| v.gpc)
    }
}

/// Why a visit cannot carry a negative that needs these collectors; nothing if it can.
pub(crate) fn why_unusable(visit: &VisitFacts, needs: &[&str]) -> Option<String> {
    let mut reasons = Vec::new();
    match &visit.outcome {
        Outcome::Complete => {}
        Outcome::TimedOut { reason } => reasons.push(format!("the visit timed out: {}", plain(reason, 160))),
        Outcome::Failed { reason } => {
            reasons.push(format!("the page could not be opened: {}", plain(reason, 160)));
        }
        Outcome::Crashed { reason } => reasons.push(format!("the browser went away: {}", plain(reason, 160))),
        Outcome::Interrupted => reasons.push("the audit was stopped during the visit".to_owned()),
    }
    if !visit.sealed {
        reasons.push("the record was cut off before it was sealed".to_owned());
    }
    for need in needs {
        match visit.collectors.get(*need) {
            Some(CollectorStatus::Gathered) => {}
            Some(CollectorStatus::Truncated { reason }) => {
                reasons.push(format!("collector '{need}' kept only a part: {}", plain(reason, 160)));
            }
            Some(CollectorStatus::Failed { reason }) => {
                reasons.push(format!("collector '{need}' failed: {}", plain(reason, 160)));
            }
            Some(CollectorStatus::NotRun) | None => reasons.push(format!("collector '{need}' was not run")),
        }
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// Milliseconds since the page began, never negative.
pub(crate) fn since_page_began(visit: &VisitFacts, t: f64) -> f64 {
    (t - visit.marks.page_began.unwrap_or(0.0)).max(0.0)
}

/// When the banner was first visible, on the visit's clock, where that was seen.
pub(crate) fn banner_at(visit: &VisitFacts) -> Option<f64> {
    visit.banner.as_ref().and_then(|b| b.visible).or(visit.marks.banner)
}

/// The earliest moment at which the banner can have been visible: only what came before it surely came first.
pub(crate) fn banner_from(visit: &VisitFacts) -> Option<f64> {
    banner_at(visit).map(|at| at - visit.marks.banner_uncertainty_ms)
}

/// Whether a banner was seen at all, its moment known or not.
pub(crate) fn banner_seen(visit: &VisitFacts) -> bool {
    visit.banner.is_some() || visit.marks.banner.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::visit;

    #[test]
    fn only_a_whole_complete_and_watched_visit_is_usable() {
        let good = visit(Scenario::NoChoice).done();
        assert_eq!(why_unusable(&good, &["network", "consent"]), None);
        let mut v = good.clone();
        v.outcome = Outcome::TimedOut { reason: "2 requests open".into() };
        assert!(why_unusable(&v, &[]).unwrap().contains("timed out: 2 requests open"));
        let mut v = good.clone();
        v.sealed = false;
        assert!(why_unusable(&v, &[]).unwrap().contains("cut off"));
        let mut v = good.clone();
        v.collectors.insert("network".into(), CollectorStatus::Truncated { reason: "10 lost".into() });
        assert!(why_unusable(&v, &["network"]).unwrap().contains("10 lost"));
        assert_eq!(why_unusable(&v, &["cookies"]), None);
        let mut v = good;
        v.collectors.shift_remove("network");
        assert!(why_unusable(&v, &["network"]).unwrap().contains("not run"));
    }
}
