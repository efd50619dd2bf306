//! One session of an audit: it opens a fresh profile, makes the choice on the first page, and visits its share.

use affiant_gather::{GatherError, Session, VisitOutcome, VisitRequest};
use affiant_plan::{Role, Share, Step, Todo, left_of};
use affiant_record::{Digest, Outcome};

use super::browsers::Lease;
use super::context::Context;
use crate::{EngineError, Made, ToVisit, VisitLog};

/// Why pages are not visited where the first one could not be opened.
const UNOPENED: &str = "the session's first page could not be opened";

/// A session that lives.
pub(crate) struct Living {
    pub(crate) role: Role,
    pub(crate) name: String,
    live: Option<(Session, Lease)>,
    /// The visit of the latest choice.
    choice_visit: Option<Digest>,
}

/// The first page, opened.
pub(crate) struct Arrived {
    /// Where it led.
    pub(crate) end: String,
    /// Its links.
    pub(crate) links: Vec<String>,
}

/// Why a first page could not be opened.
pub(crate) struct Unopened {
    why: String,
    /// Whether another session may do better.
    again: bool,
}

/// What a session left undone.
pub(crate) struct Left {
    /// The first place in the session that was not visited.
    pub(crate) from: u32,
    /// Visits that were not made.
    steps: Vec<Step>,
    /// What another session would have to do.
    pub(crate) todo: Todo,
    /// Why.
    pub(crate) why: String,
    /// Whether another session may do better.
    pub(crate) again: bool,
}

impl Unopened {
    /// Nothing beyond the first page was done.
    pub(crate) fn leaves(self, share: &Share) -> Left {
        left(share, 1, self.why, self.again)
    }
}

fn left(share: &Share, done: usize, why: String, again: bool) -> Left {
    let from = u32::try_from(done).unwrap_or(u32::MAX);
    let steps = share.steps().get(done..).unwrap_or_default().to_vec();
    Left { from, todo: left_of(&share.start, &steps), steps, why, again }
}

impl Living {
    pub(crate) fn new(role: Role, name: String) -> Living {
        Living { role, name, live: None, choice_visit: None }
    }

    /// The first visit. Gives what the page tells of others, or why it could not be opened.
    pub(crate) async fn arrive<L: VisitLog>(
        &mut self,
        context: &Context<L>,
        first: &Step,
    ) -> Result<Arrived, Unopened> {
        let mut failed = None;
        // A browser that dies under the first page gets a second try: nothing of the session is lost by it.
        for again in [false, true] {
            match self.first(context, first, again).await {
                Err(e @ EngineError::Gather(GatherError::BrowserGone { .. })) => {
                    self.close(context).await;
                    failed = Some(e);
                }
                Err(e) => {
                    failed = Some(e);
                    break;
                }
                Ok(VisitOutcome { final_url: Some(end), links, .. }) => return Ok(Arrived { end, links }),
                Ok(_) => return Err(Unopened { why: UNOPENED.to_owned(), again: true }),
            }
        }
        let why = failed.as_ref().map_or_else(|| UNOPENED.to_owned(), EngineError::to_string);
        let again = failed.as_ref().is_none_or(may_do_better);
        if let Some(e) = failed {
            context.keep(e);
        }
        self.unmade(context, 0, first, &why).await;
        Err(Unopened { why: UNOPENED.to_owned(), again })
    }

    async fn first<L: VisitLog>(
        &mut self,
        context: &Context<L>,
        step: &Step,
        again: bool,
    ) -> Result<VisitOutcome, EngineError> {
        let lease = context.shared.browsers.lease().await?;
        let options = context.options(self.role, &self.name);
        match Session::open(lease.browser(), options, context.stop.clone()).await {
            Ok(session) => self.live = Some((session, lease)),
            Err(e) => {
                context.shared.browsers.give_back(lease).await;
                return Err(e.into());
            }
        }
        self.visit(context, self.to_visit(0, step, again)).await
    }

    /// The further visits. Tells what is left if the session ended early.
    pub(crate) async fn rest<L: VisitLog>(&mut self, context: &Context<L>, share: &Share) -> Option<Left> {
        let steps = share.steps();
        for (at, step) in steps.iter().enumerate().skip(1) {
            if context.stop.is_stopped() {
                return None;
            }
            let ordinal = u32::try_from(at).unwrap_or(u32::MAX);
            let done = match self.visit(context, self.to_visit(ordinal, step, false)).await {
                Ok(_) => at + 1,
                Err(EngineError::Gather(GatherError::BrowserGone { .. })) => at,
                Err(e) if may_do_better(&e) => {
                    self.unmade(context, ordinal, step, &e.to_string()).await;
                    at + 1
                }
                Err(e) => {
                    let why = e.to_string();
                    context.keep(e);
                    self.unmade(context, ordinal, step, &why).await;
                    return Some(left(share, at + 1, why, false));
                }
            };
            if self.live.as_ref().is_none_or(|(_, lease)| lease.is_gone()) {
                let why = "the browser went away earlier in the session".to_owned();
                return Some(left(share, done, why, true));
            }
        }
        None
    }

    /// Ends the session: its profile is gone afterwards.
    pub(crate) async fn close<L: VisitLog>(&mut self, context: &Context<L>) {
        if let Some((session, lease)) = self.live.take() {
            session.close().await;
            context.shared.browsers.give_back(lease).await;
        }
    }

    async fn visit<L: VisitLog>(
        &mut self,
        context: &Context<L>,
        to: ToVisit,
    ) -> Result<VisitOutcome, EngineError> {
        let request = VisitRequest {
            url: to.step.url.clone(),
            dir: context.log.begin(&to).await?,
            ordinal: to.ordinal,
            leg: to.step.leg,
            choice: to.step.choice,
            choice_visit: if to.ordinal == 0 { None } else { self.choice_visit },
        };
        let Some((session, lease)) = &mut self.live else {
            return Err(GatherError::BrowserGone { doing: "visiting a page".to_owned() }.into());
        };
        let visit = session.visit(request).await?;
        lease.served();
        if to.ordinal == 0 || to.step.choice.is_some() {
            self.choice_visit = Some(visit.digest);
        }
        let made = Made { digest: Some(visit.digest), outcome: visit.outcome.clone() };
        context.log.end(&to, made).await?;
        Ok(visit)
    }

    fn to_visit(&self, ordinal: u32, step: &Step, again: bool) -> ToVisit {
        ToVisit { session: self.name.clone(), role: self.role, ordinal, step: step.clone(), again }
    }

    async fn unmade<L: VisitLog>(&self, context: &Context<L>, ordinal: u32, step: &Step, why: &str) {
        if context.is_mute() {
            return;
        }
        let made = Made { digest: None, outcome: Outcome::Failed { reason: why.to_owned() } };
        if let Err(e) = context.log.end(&self.to_visit(ordinal, step, false), made).await {
            context.keep(e);
        }
    }

    /// Says of pages that they were not visited, and why.
    pub(crate) async fn unvisited<L: VisitLog>(&self, context: &Context<L>, left: &Left) {
        for (ordinal, step) in (left.from..).zip(&left.steps) {
            self.unmade(context, ordinal, step, &format!("not visited: {}", left.why)).await;
        }
    }
}

/// Whether another visit, or another session, may do better: not where nothing can be kept any more.
fn may_do_better(e: &EngineError) -> bool {
    matches!(e, EngineError::Gather(g) if !matches!(g, GatherError::Record(_)))
}
