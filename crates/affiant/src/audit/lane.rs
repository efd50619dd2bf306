//! One session of an audit: it opens a fresh profile, makes the choice on the first page, and visits its share.

use affiant_gather::{GatherError, Session, SessionOptions, VisitOutcome, VisitRequest};
use affiant_record::{Digest, Outcome, VisitEntry};

use super::browsers::Lease;
use super::lanes::{Audit, tool};
use super::manifest::{lock, path};
use super::role::Role;
use super::script::{Step, Todo, left_of, script};

/// Why pages are not visited where the first one could not be opened.
const UNOPENED: &str = "the session's first page could not be opened";

/// One session.
pub(crate) struct Lane {
    pub(crate) role: Role,
    pub(crate) name: String,
    live: Option<(Session, Lease)>,
    /// The visit of the latest choice.
    choice_visit: Option<Digest>,
}

/// A session that ended before it had visited all its pages.
pub(crate) struct Ended {
    /// The first place in the session that was not visited.
    pub(crate) from: u32,
    /// Visits that were not made.
    pub(crate) steps: Vec<Step>,
    /// What another session would have to do.
    pub(crate) left: Todo,
    /// Why.
    pub(crate) why: String,
    /// Whether another session may do better.
    pub(crate) again: bool,
}

impl Lane {
    pub(crate) fn new(role: Role, name: String) -> Lane {
        Lane { role, name, live: None, choice_visit: None }
    }

    fn steps(&self, audit: &Audit, todo: &Todo) -> Vec<Step> {
        script(self.role.scenario, audit.start(), todo)
    }

    /// The first visit. Gives the pages of the audit as far as this page tells, or why it could not be opened.
    pub(crate) async fn arrive(&mut self, audit: &Audit) -> Result<Vec<String>, Unopened> {
        let Some(first) = self.steps(audit, &Todo::default()).into_iter().next() else {
            return Err(Unopened { why: UNOPENED.to_owned(), again: false });
        };
        let mut failed = None;
        // A browser that dies under the first page gets a second try: nothing of the session is lost by it.
        for suffix in ["", "-again"] {
            match self.first(audit, &first, suffix).await {
                Err(e @ GatherError::BrowserGone { .. }) => {
                    self.close(audit).await;
                    failed = Some(e);
                }
                Err(e) => {
                    failed = Some(e);
                    break;
                }
                Ok(v) => {
                    return match &v.final_url {
                        Some(end) => Ok(audit.pages_from(end, &v.links)),
                        None => Err(Unopened { why: UNOPENED.to_owned(), again: true }),
                    };
                }
            }
        }
        let why = failed.as_ref().map_or_else(|| UNOPENED.to_owned(), GatherError::to_string);
        self.unmade(audit, 0, &first, &why);
        let again = !matches!(failed, Some(GatherError::Record(_)));
        if let Some(e) = failed {
            audit.keep(e);
        }
        Err(Unopened { why: UNOPENED.to_owned(), again })
    }

    async fn first(&mut self, audit: &Audit, step: &Step, suffix: &str) -> Result<VisitOutcome, GatherError> {
        self.open(audit).await?;
        self.visit(audit, 0, step, suffix).await
    }

    async fn open(&mut self, audit: &Audit) -> Result<(), GatherError> {
        let lease = audit.browsers.lease().await?;
        let options = SessionOptions {
            session: self.name.clone(),
            scenario: self.role.scenario,
            vantage: self.role.vantage(&audit.plan.vantage),
            settings: audit.settings.clone(),
            plan: audit.plan_digest,
            tool: tool(),
            blobs: lock(&audit.manifest).blobs(),
            headers: audit.headers.clone(),
            header_origin: audit.origin.clone(),
            progress: Some(audit.progress.clone()),
        };
        match Session::open(lease.browser(), options, audit.stop.clone()).await {
            Ok(session) => {
                self.live = Some((session, lease));
                Ok(())
            }
            Err(e) => {
                audit.browsers.give_back(lease).await;
                Err(e)
            }
        }
    }

    /// The further visits. Tells what is left if the session ended early.
    pub(crate) async fn rest(&mut self, audit: &Audit, todo: &Todo) -> Option<Ended> {
        let steps = self.steps(audit, todo);
        for (at, step) in steps.iter().enumerate().skip(1) {
            if audit.stop.is_stopped() {
                return None;
            }
            let ordinal = u32::try_from(at).unwrap_or(u32::MAX);
            let (done, again) = match self.visit(audit, ordinal, step, "").await {
                Ok(_) => (at + 1, true),
                Err(GatherError::BrowserGone { .. }) => (at, true),
                Err(e @ GatherError::Record(_)) => {
                    self.unmade(audit, ordinal, step, &e.to_string());
                    let why = e.to_string();
                    audit.keep(e);
                    return Some(ended(audit, &steps, at + 1, why, false));
                }
                Err(e) => {
                    self.unmade(audit, ordinal, step, &e.to_string());
                    (at + 1, true)
                }
            };
            if self.live.as_ref().is_none_or(|(_, lease)| lease.is_gone()) {
                let why = "the browser went away earlier in the session".to_owned();
                return Some(ended(audit, &steps, done, why, again));
            }
        }
        None
    }

    /// Ends the session: its profile is gone afterwards.
    pub(crate) async fn close(&mut self, audit: &Audit) {
        if let Some((session, lease)) = self.live.take() {
            session.close().await;
            audit.browsers.give_back(lease).await;
        }
    }

    async fn visit(
        &mut self,
        audit: &Audit,
        ordinal: u32,
        step: &Step,
        suffix: &str,
    ) -> Result<VisitOutcome, GatherError> {
        let path = path(&self.name, ordinal) + suffix;
        let request = VisitRequest {
            url: step.url.clone(),
            dir: lock(&audit.manifest).dir().join(&path),
            ordinal,
            leg: step.leg,
            choice: step.choice,
            choice_visit: if ordinal == 0 { None } else { self.choice_visit },
        };
        // The manifest names the visit before it begins: a killed audit's last record is found again.
        self.enter(audit, ordinal, step, &path, None, None);
        let Some((session, lease)) = &mut self.live else {
            return Err(GatherError::BrowserGone { doing: "visiting a page".to_owned() });
        };
        let visit = session.visit(request).await?;
        lease.served();
        if ordinal == 0 || step.choice.is_some() {
            self.choice_visit = Some(visit.digest);
        }
        self.enter(audit, ordinal, step, &path, Some(visit.digest), Some(visit.outcome.clone()));
        Ok(visit)
    }

    fn unmade(&self, audit: &Audit, ordinal: u32, step: &Step, why: &str) {
        let outcome = Outcome::Failed { reason: why.to_owned() };
        self.enter(audit, ordinal, step, &path(&self.name, ordinal), None, Some(outcome));
    }

    /// Says of pages that they were not visited, and why.
    pub(crate) fn unvisited(&self, audit: &Audit, left: &Ended) {
        for (ordinal, step) in (left.from..).zip(&left.steps) {
            self.unmade(audit, ordinal, step, &format!("not visited: {}", left.why));
        }
    }

    fn enter(
        &self,
        audit: &Audit,
        ordinal: u32,
        step: &Step,
        path: &str,
        digest: Option<Digest>,
        outcome: Option<Outcome>,
    ) {
        lock(&audit.manifest).enter(VisitEntry {
            path: path.to_owned(),
            session: self.name.clone(),
            ordinal,
            scenario: self.role.scenario,
            leg: Some(step.leg),
            control: self.role.control,
            url: step.url.clone(),
            digest,
            outcome,
            extra: Default::default(),
        });
    }
}

/// Why a first page could not be opened.
pub(crate) struct Unopened {
    pub(crate) why: String,
    /// Whether another session may do better.
    pub(crate) again: bool,
}

impl Unopened {
    /// Nothing beyond the first page was done.
    pub(crate) fn ends(self, audit: &Audit, lane: &Lane, todo: &Todo) -> Ended {
        ended(audit, &lane.steps(audit, todo), 1, self.why, self.again)
    }
}

fn ended(audit: &Audit, steps: &[Step], done: usize, why: String, again: bool) -> Ended {
    let from = u32::try_from(done).unwrap_or(u32::MAX);
    let steps = steps.get(done..).unwrap_or_default().to_vec();
    Ended { from, left: left_of(audit.start(), &steps), steps, why, again }
}
