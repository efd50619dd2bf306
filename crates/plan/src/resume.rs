//! What a killed audit left undone: for fresh sessions, since a profile dies with its machine.

use std::collections::BTreeMap;

use affiant_record::VisitEntry;
use affiant_record::audit::Plan;

use crate::{Role, Share, Step, Todo, left_of};

/// What is to be done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remains {
    /// Not every role had its sessions yet: the pages are to be dealt anew.
    All,
    /// These parts of sessions; nothing where the audit was done.
    Parts(Vec<Part>),
}

/// What a session left undone, for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The session.
    pub session: String,
    /// The first place in it that was not visited to its end.
    pub from: u32,
    /// What it was for.
    pub role: Role,
    /// The page on which sessions begin.
    pub start: String,
    /// What is left.
    pub todo: Todo,
    /// Whether the one that does it leaves nothing to a third.
    pub second: bool,
}

impl Part {
    /// What the session of this name does.
    pub fn share(&self, session: String) -> Share {
        Share {
            role: self.role,
            session,
            start: self.start.clone(),
            todo: self.todo.clone(),
            second: self.second,
        }
    }
}

/// What remains of these visits, planned and made. A visit is made once it has an outcome.
pub fn remains(plan: &Plan, visits: &[VisitEntry]) -> Remains {
    let mut sessions: BTreeMap<(Role, &str), Vec<&VisitEntry>> = BTreeMap::new();
    for v in visits {
        let role = Role { scenario: v.scenario, control: v.control };
        sessions.entry((role, v.session.as_str())).or_default().push(v);
    }
    let is_dealt = |role: &Role| sessions.keys().any(|(r, _)| r == role);
    if !Role::of(plan).iter().all(is_dealt) {
        return Remains::All;
    }
    Remains::Parts(sessions.into_values().filter_map(|visits| left(plan, visits)).collect())
}

/// What remains of one session's visits; nothing where all were made.
pub fn left(plan: &Plan, mut visits: Vec<&VisitEntry>) -> Option<Part> {
    visits.sort_by_key(|v| v.ordinal);
    let at = visits.iter().position(|v| v.outcome.is_none())?;
    let first = visits.get(at)?;
    // The first visit is made anew by whoever goes on.
    let steps: Vec<Step> = visits.iter().skip(at.max(1)).map(|v| step(v)).collect();
    let start = plan.pages.first().unwrap_or(&plan.start);
    Some(Part {
        session: first.session.clone(),
        from: first.ordinal,
        role: Role { scenario: first.scenario, control: first.control },
        start: start.clone(),
        todo: left_of(start, &steps),
        second: false,
    })
}

fn step(v: &VisitEntry) -> Step {
    Step { url: v.url.clone(), leg: v.leg.unwrap_or_default(), choice: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Names, deal};
    use affiant_record::{Outcome, Scenario};

    fn plan(scenarios: &[Scenario]) -> Plan {
        Plan {
            start: "/".to_owned(),
            pages: vec!["/".to_owned()],
            max_pages: 100,
            scenarios: scenarios.to_vec(),
            controls: Vec::new(),
            returns: true,
            repeat: 1,
            vantage: Default::default(),
            extra: Default::default(),
        }
    }

    /// All visits of an audit, of which the first so many of each session were made.
    fn visits(plan: &Plan, pages: usize, made: usize) -> Vec<VisitEntry> {
        let pages: Vec<String> =
            (0..pages).map(|n| if n == 0 { "/".to_owned() } else { format!("/{n}") }).collect();
        let mut out = Vec::new();
        for share in deal(plan, &pages, 2, &mut Names::default()) {
            for (ordinal, step) in (0u32..).zip(share.steps()) {
                out.push(VisitEntry {
                    path: String::new(),
                    session: share.session.clone(),
                    ordinal,
                    scenario: share.role.scenario,
                    leg: Some(step.leg),
                    control: share.role.control,
                    url: step.url,
                    digest: None,
                    outcome: ((ordinal as usize) < made).then_some(Outcome::Complete),
                    extra: Default::default(),
                });
            }
        }
        out
    }

    fn parts(plan: &Plan, visits: &[VisitEntry]) -> Vec<Part> {
        match remains(plan, visits) {
            Remains::Parts(parts) => parts,
            Remains::All => panic!("parts remain"),
        }
    }

    #[test]
    fn what_was_not_visited_goes_to_fresh_sessions() {
        let plan = plan(&[Scenario::NoChoice, Scenario::RejectAll]);
        let visits = visits(&plan, 4, 2);
        let left = parts(&plan, &visits);
        assert_eq!(left.len(), 2);
        assert_eq!((left[0].session.as_str(), left[0].from), ("no-choice", 2));
        assert_eq!(left[0].todo, Todo { pages: vec!["/2".to_owned(), "/3".to_owned()], returns: true });
        assert_eq!(left[1].session, "reject-all");
    }

    #[test]
    fn nothing_remains_of_what_was_done_and_all_of_what_was_not_begun() {
        let plan = plan(&[Scenario::NoChoice, Scenario::Withdraw]);
        assert!(parts(&plan, &visits(&plan, 4, usize::MAX)).is_empty());
        let left = parts(&plan, &visits(&plan, 4, 0));
        for one in &left {
            assert_eq!(one.from, 0);
            let again = crate::script(one.role.scenario, "/", &one.todo);
            let before: Vec<Step> =
                visits(&plan, 4, 0).iter().filter(|v| v.session == one.session).map(step).collect();
            let urls = |steps: &[Step]| {
                steps.iter().map(|s| s.url.clone()).collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(urls(&again), urls(&before));
        }
    }

    #[test]
    fn an_audit_whose_pages_were_not_known_begins_anew() {
        let plan = plan(&[Scenario::NoChoice, Scenario::RejectAll]);
        let visits: Vec<VisitEntry> =
            visits(&plan, 1, 0).into_iter().filter(|v| v.scenario == Scenario::NoChoice).collect();
        assert_eq!(remains(&plan, &visits), Remains::All);
        assert_eq!(remains(&plan, &[]), Remains::All);
    }

    #[test]
    fn no_name_is_given_twice() {
        let plan = plan(&[Scenario::NoChoice]);
        let mut all = visits(&plan, 2, 1);
        all.extend(
            visits(&plan, 2, 1).into_iter().map(|v| VisitEntry { session: "no-choice-7".to_owned(), ..v }),
        );
        let mut names = Names::after(&Role::of(&plan), all.iter().map(|v| &v.session));
        let next: Vec<String> = parts(&plan, &all).iter().map(|p| names.next(p.role)).collect();
        assert_eq!(next, ["no-choice-8", "no-choice-9"]);
    }
}
