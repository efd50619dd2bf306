//! What happens in a running audit, as data: for bars on a terminal, a stream of server-sent events, a measurement.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use affiant_gather::Progress;
use affiant_plan::Role;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The session.
    pub session: String,
    /// What it is for.
    pub role: Role,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
    /// How far the audit is.
    pub counts: Counts,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum What {
    /// The session has a part of the audit now.
    Planned {
        /// Visits.
        visits: u64,
    },
    /// A visit began.
    VisitBegan {
        /// Address.
        page: String,
    },
    /// The visit is in another phase.
    Phase {
        /// Its name, as in the record.
        phase: String,
    },
    /// Something is done, or waited for, in the visit.
    Step {
        /// What, in words.
        doing: String,
        /// Requests seen so far in this visit.
        requests: u64,
    },
    /// A visit ended.
    VisitEnded {
        /// Address.
        page: String,
        /// How, in one word.
        outcome: String,
        /// Why, if not well.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Requests seen.
        requests: u64,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// What the session left undone goes to another one.
    HandedOver {
        /// That one.
        to: String,
        /// Why.
        why: String,
    },
}

/// How far an audit is. What is to be done is known step by step: the first page tells which others there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Visits of this role that have ended.
    pub role_done: u64,
    /// Visits of this role, as far as is known.
    pub role_planned: u64,
    /// Visits that have ended, of all roles.
    pub done: u64,
    /// Visits of all roles, as far as is known.
    pub planned: u64,
    /// Milliseconds until all have ended, judged by those that have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_ms: Option<u64>,
}

/// Tells events, and counts.
#[derive(Debug)]
pub(crate) struct Teller {
    to: UnboundedSender<Event>,
    began: Instant,
    /// Ended and planned, by role.
    roles: Mutex<BTreeMap<Role, (u64, u64)>>,
}

impl Teller {
    pub(crate) fn new(to: UnboundedSender<Event>) -> Teller {
        Teller { to, began: Instant::now(), roles: Mutex::default() }
    }

    /// Tells it. Nobody has to listen.
    pub(crate) fn tell(&self, session: &str, role: Role, what: What) {
        let counts = self.count(role, &what);
        let _ = self.to.send(Event { session: session.to_owned(), role, what, counts });
    }

    /// Tells what a session of the browser does.
    pub(crate) fn progress(&self, session: &str, role: Role, progress: Progress) {
        let what = match progress {
            Progress::VisitBegan { url } => What::VisitBegan { page: url },
            Progress::Phase(phase) => What::Phase { phase },
            Progress::Step { doing, requests } => What::Step { doing: doing.to_owned(), requests },
            Progress::VisitEnded { url, outcome, reason, requests, took } => What::VisitEnded {
                page: url,
                outcome: outcome.to_owned(),
                reason,
                requests,
                took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            },
            _ => return,
        };
        self.tell(session, role, what);
    }

    fn count(&self, role: Role, what: &What) -> Counts {
        let mut roles = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = roles.entry(role).or_default();
        match what {
            What::Planned { visits } => mine.1 += visits,
            // The other session visits the first page once more.
            What::HandedOver { .. } => mine.1 += 1,
            What::VisitEnded { .. } => mine.0 += 1,
            _ => {}
        }
        let (role_done, role_planned) = *mine;
        let (done, planned) = roles.values().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        Counts { role_done, role_planned, done, planned, left_ms: left_ms(self.began, done, planned) }
    }
}

fn left_ms(began: Instant, done: u64, planned: u64) -> Option<u64> {
    let each = u64::try_from(began.elapsed().as_millis()).ok()?.checked_div(done)?;
    Some(each * planned.saturating_sub(done))
}

#[cfg(test)]
mod tests {
    use super::*;
    use affiant_record::Scenario;

    #[test]
    fn events_carry_how_far_the_audit_is() {
        let (tx, mut rx) = tokio::sync::mpsc::unbounded_channel();
        let teller = Teller::new(tx);
        let role = |scenario| Role { scenario, control: false };
        let ended = || What::VisitEnded {
            page: "/".to_owned(),
            outcome: "complete".to_owned(),
            reason: None,
            requests: 1,
            took_ms: 7,
        };
        teller.tell("no-choice", role(Scenario::NoChoice), What::Planned { visits: 3 });
        teller.tell("reject-all", role(Scenario::RejectAll), What::Planned { visits: 2 });
        teller.tell("no-choice", role(Scenario::NoChoice), ended());
        teller.tell(
            "no-choice",
            role(Scenario::NoChoice),
            What::HandedOver { to: "no-choice-2".to_owned(), why: "it died".to_owned() },
        );
        let all: Vec<Event> = std::iter::from_fn(|| rx.try_recv().ok()).collect();
        let counts = |at: usize| {
            let c = all[at].counts;
            (c.role_done, c.role_planned, c.done, c.planned)
        };
        assert_eq!((counts(1), counts(2), counts(3)), ((0, 2, 0, 5), (1, 3, 1, 5), (1, 4, 1, 6)));
        assert!(all[1].counts.left_ms.is_none() && all[2].counts.left_ms.is_some());
        let json = serde_json::to_value(&all[2]).unwrap();
        assert_eq!((&json["event"], &json["page"]), (&"visit-ended".into(), &"/".into()), "{json}");
        assert_eq!(json["role"]["scenario"], "no-choice");
    }
}
