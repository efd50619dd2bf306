//! Where the visits of a set are: made once, so that no visit is looked for among all others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use affiant_record::{Choice, Scenario};

use crate::judgement::Gap;
use crate::visit_set::AuditFacts;

/// What is looked up in a visit set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    /// The visits of a session in which a choice is made: their ordinals and places in the set, in order.
    deciding: BTreeMap<String, BTreeMap<Choice, Vec<(u32, usize)>>>,
    /// Visits of which there are no facts: unreadable, or planned and never made.
    pub(crate) missing: Vec<Missing>,
}

/// A visit of which there are no facts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Missing {
    /// Its place in the session, where the plan tells it.
    pub(crate) ordinal: Option<u32>,
    /// Which and why.
    pub(crate) gap: Gap,
}

impl Index {
    pub(crate) fn of(facts: &AuditFacts) -> Index {
        let mut deciding: BTreeMap<String, BTreeMap<Choice, Vec<(u32, usize)>>> = BTreeMap::new();
        for (nth, v) in facts.visits.iter().enumerate() {
            let Some(choice) = v.decides else { continue };
            if !deciding.contains_key(&v.session) {
                deciding.insert(v.session.clone(), BTreeMap::new());
            }
            if let Some(session) = deciding.get_mut(&v.session) {
                session.entry(choice).or_default().push((v.ordinal, nth));
            }
        }
        deciding.values_mut().flat_map(BTreeMap::values_mut).for_each(|all| all.sort());
        Index { deciding, missing: missing(facts) }
    }

    /// Where the last visit of the session is that makes this choice and comes before this ordinal.
    pub(crate) fn decided(&self, session: &str, choice: Choice, before: u32) -> Option<usize> {
        let all = self.deciding.get(session)?.get(&choice)?;
        let earlier = all.partition_point(|(ordinal, _)| *ordinal < before);
        Some(all.get(earlier.checked_sub(1)?)?.1)
    }
}

/// A planned visit without facts takes the first unreadable record of its scenario and page that none before it took.
fn missing(facts: &AuditFacts) -> Vec<Missing> {
    let there: BTreeSet<(&str, u32)> = facts.visits.iter().map(|v| (v.session.as_str(), v.ordinal)).collect();
    let mut unexplained: BTreeMap<(Scenario, &str), VecDeque<usize>> = BTreeMap::new();
    for (nth, g) in facts.unreadable.iter().enumerate() {
        unexplained.entry((g.scenario, &g.page)).or_default().push_back(nth);
    }
    let mut told = vec![false; facts.unreadable.len()];
    let mut out = Vec::new();
    for p in facts.planned.iter().filter(|p| !there.contains(&(p.session.as_str(), p.ordinal))) {
        let nth = unexplained.get_mut(&(p.scenario, p.page.as_str())).and_then(VecDeque::pop_front);
        let known = nth.and_then(|nth| {
            told[nth] = true;
            facts.unreadable.get(nth).cloned()
        });
        let gap = known.unwrap_or_else(|| Gap {
            scenario: p.scenario,
            page: p.page.clone(),
            record: None,
            reason: "the visit was planned and never made".to_owned(),
        });
        out.push(Missing { ordinal: Some(p.ordinal), gap });
    }
    let rest = facts.unreadable.iter().zip(told).filter(|(_, told)| !told);
    out.extend(rest.map(|(g, _)| Missing { ordinal: None, gap: g.clone() }));
    out
}

#[cfg(test)]
mod tests {
    use affiant_detect::facts::VisitFacts;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::standing::{decided, standing};
    use crate::testing::{set, visit};
    use crate::visit_set::{PlannedVisit, VisitSet};

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
        let reasons: Vec<&str> = s.index().missing.iter().map(|m| m.gap.reason.as_str()).collect();
        assert_eq!(reasons, ["damaged", "the visit was planned and never made"]);
        assert_eq!(s.scenarios(), [Scenario::NoChoice, Scenario::RejectAll]);
    }

    #[test]
    fn a_set_that_was_changed_is_looked_at_again() {
        let mut s = set([visit(Scenario::RejectAll), visit(Scenario::RejectAll).page("/two", 1)]);
        assert_eq!((s.index().missing.len(), decided(&s, &s.visits[1]).is_some()), (0, true));
        let text = serde_json::to_string(&s).unwrap();
        assert_eq!(serde_json::from_str::<VisitSet>(&text).unwrap(), s);
        s.visits.remove(0);
        assert_eq!((s.index().missing.len(), decided(&s, &s.visits[0]).is_some()), (1, false));
    }

    /// The same, told by looking at every visit each time.
    mod plainly {
        use super::*;

        pub(super) fn decided<'a>(set: &'a VisitSet, v: &VisitFacts) -> Option<&'a VisitFacts> {
            let wanted = standing(v)?;
            let earlier = |x: &&VisitFacts| {
                x.session == v.session && x.ordinal < v.ordinal && x.decides == Some(wanted)
            };
            set.visits.iter().filter(earlier).max_by_key(|x| x.ordinal)
        }

        pub(super) fn missing(set: &VisitSet) -> Vec<Missing> {
            let mut unexplained: Vec<&Gap> = set.unreadable.iter().collect();
            let mut out = Vec::new();
            for p in &set.planned {
                if set.visits.iter().any(|v| v.session == p.session && v.ordinal == p.ordinal) {
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

    /// Sessions, ordinals, scenarios and pages of which there are few, so that they meet; also twice at one place.
    fn places(most: usize) -> impl Strategy<Value = Vec<(&'static str, u32, Scenario, &'static str)>> {
        let scenario = select(vec![Scenario::RejectAll, Scenario::Withdraw, Scenario::Unknown]);
        vec((select(vec!["a", "b"]), 0..4u32, scenario, select(vec!["/", "/two"])), 0..most)
    }

    proptest! {
        #[test]
        fn as_if_every_visit_was_looked_at(
            visits in places(9), planned in places(9), unreadable in places(6), choices in vec(0..4usize, 9)
        ) {
            let mut s = set([]);
            for ((session, ordinal, scenario, page), choice) in visits.into_iter().zip(choices) {
                let mut v = visit(scenario).page(page, ordinal).session(session).done();
                v.decides = [None, scenario.first_choice(), Some(Choice::Withdraw), Some(Choice::Accept)][choice];
                s.visits.push(v);
            }
            s.planned.extend(planned.into_iter().map(|(session, ordinal, scenario, page)| PlannedVisit {
                session: session.into(),
                scenario,
                page: page.into(),
                ordinal,
            }));
            s.unreadable.extend(unreadable.into_iter().map(|(session, ordinal, scenario, page)| Gap {
                scenario,
                page: page.into(),
                record: None,
                reason: format!("{session} {ordinal}"),
            }));
            prop_assert_eq!(&s.index().missing, &plainly::missing(&s));
            for v in &s.visits {
                let place = |x: Option<&VisitFacts>| x.map(std::ptr::from_ref);
                prop_assert_eq!(place(decided(&s, v)), place(plainly::decided(&s, v)));
            }
        }
    }
}
