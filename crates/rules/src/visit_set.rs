//! What is judged: the facts of an audit's visits, beside what was planned and what could not be read.
//!
//! *Not gathered* never reads as *clean*: a visit counts for a negative only if it came to rest, its record is whole
//! and every collector that the question needs watched to the end. What was seen counts from any visit.

use std::collections::BTreeSet;

use affiant_detect::facts::VisitFacts;
use affiant_record::{CollectorStatus, Outcome, Scenario};
use serde::{Deserialize, Serialize};

use crate::judgement::{Column, Gap};
use crate::words::plain;

/// The visits of one audit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitSet {
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

/// A visit of which there are no facts.
pub(crate) struct Missing {
    /// Its place in the session, where the plan tells it.
    pub(crate) ordinal: Option<u32>,
    /// Which and why.
    pub(crate) gap: Gap,
}

impl VisitSet {
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

    /// Visits of which there are no facts: unreadable, or planned and never made.
    pub(crate) fn missing(&self) -> Vec<Missing> {
        let mut unexplained: Vec<&Gap> = self.unreadable.iter().collect();
        let mut out = Vec::new();
        for p in &self.planned {
            if self.visits.iter().any(|v| v.session == p.session && v.ordinal == p.ordinal) {
                continue;
            }
            let known = unexplained.iter().position(|g| g.scenario == p.scenario && g.page == p.page);
            let gap = known.map(|i| unexplained.remove(i).clone()).unwrap_or_else(|| Gap {
                scenario: p.scenario,
                page: p.page.clone(),
                record: None,
                reason: "the visit was planned and never made".to_owned(),
            });
            out.push(Missing { ordinal: Some(p.ordinal), gap });
        }
        out.extend(unexplained.into_iter().map(|g| Missing { ordinal: None, gap: g.clone() }));
        out
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
    use crate::testing::{set, visit};

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

    #[test]
    fn what_was_planned_and_is_not_there_is_missing_once() {
        let mut s = set([visit(Scenario::NoChoice)]);
        let page = s.visits[0].url.clone();
        for session in ["gone-1", "gone-2"] {
            s.planned.push(PlannedVisit {
                session: session.into(),
                scenario: Scenario::RejectAll,
                page: page.clone(),
                ordinal: 0,
            });
        }
        s.unreadable.push(Gap {
            scenario: Scenario::RejectAll,
            page,
            record: None,
            reason: "damaged".into(),
        });
        let reasons: Vec<String> = s.missing().into_iter().map(|m| m.gap.reason).collect();
        assert_eq!(reasons, ["damaged", "the visit was planned and never made"]);
        assert_eq!(s.scenarios(), [Scenario::NoChoice, Scenario::RejectAll]);
    }
}
