//! One visit: arrive, see the banner, make the choice if the scenario asks for one here, look, leave, seal. A file a phase.

mod arrive;
mod banner;
mod begin;
mod choose;
mod end;
mod ignore;
mod leave;
mod look;
mod pace;
mod probe;
mod scroll;
pub(crate) mod state;

use std::path::PathBuf;
use std::time::Instant;

use affiant_record::consent::AchievedChoice;
use affiant_record::page::{Phase, phase};
use affiant_record::storage::CookieJar;
use affiant_record::{Choice, Digest, Leg, Observation, Outcome, Scenario};

use self::pace::Pace;
use super::settle::{Halt, halted};
use super::{Progress, Session};
use crate::GatherError;
use crate::collectors::cookies;
use crate::consent::outcome;
use crate::consent::state::StateItem;
use crate::recorder::When;

/// What to visit.
#[derive(Debug, Clone)]
pub struct VisitRequest {
    /// Address.
    pub url: String,
    /// Folder for the record; made new.
    pub dir: PathBuf,
    /// Place in the session, from 0.
    pub ordinal: u32,
    /// Where it stands in the session.
    pub leg: Leg,
    /// What the visitor decides in it.
    pub choice: Option<Choice>,
    /// Digest of the visit in which the latest choice was made, for later ones.
    pub choice_visit: Option<Digest>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct VisitOutcome {
    /// The sealed record's digest.
    pub digest: Digest,
    /// How it ended.
    pub outcome: Outcome,
    /// Consent as the site's own state shows.
    pub achieved: AchievedChoice,
    /// Address at the end.
    pub final_url: Option<String>,
    /// Links of the page, in order of the document.
    pub links: Vec<String>,
    /// Requests seen.
    pub requests: u64,
}

/// What was found out on the way.
#[derive(Default)]
pub(super) struct Seen {
    links: Vec<String>,
    pub(super) final_url: Option<String>,
    before: Vec<StateItem>,
    after: Vec<StateItem>,
    why_no_choice: Option<String>,
    pub(super) looked: bool,
    /// Whether the visit went all its way.
    pub(super) lived: bool,
    /// Whether fields were looked for, to type into.
    pub(super) probed: bool,
}

/// Why living ended early.
#[derive(Debug)]
enum Stopped {
    Halted(Halt),
    Failed(String),
    TimedOut(String),
}

impl From<Halt> for Stopped {
    fn from(halt: Halt) -> Stopped {
        Stopped::Halted(halt)
    }
}

impl Session {
    /// Makes one visit. An error means that there is no sealed record: the record could not be written, or there
    /// was no browser to begin with.
    pub async fn visit(&mut self, request: VisitRequest) -> Result<VisitOutcome, GatherError> {
        let began = Instant::now();
        self.tell(Progress::VisitBegan { url: request.url.clone() });
        // Autoconsent works where a choice is made on a banner, and tells the platform on the first page.
        self.shared.lock().tab.autoconsent.wanted =
            request.leg == Leg::First || request.choice.is_some_and(|c| c != Choice::Withdraw);
        if request.leg == Leg::Return && self.leg != Some(Leg::Return) {
            self.come_back().await?;
        }
        self.leg = Some(request.leg);
        let clock = self.begin().await?;
        self.shared.recorder.begin(&request.dir, self.header(&request, &clock), clock)?;
        if request.ordinal > 0 {
            cookies::jar(&self.shared, &self.context, CookieJar::BEFORE).await;
        }
        let mut seen = Seen::default();
        self.chosen = request.choice.or(self.chosen);
        let pace = Pace::of(&self.options.settings, began);
        let time = pace.end.saturating_duration_since(Instant::now());
        let lived = match tokio::time::timeout(time, self.live(&request, began, &pace, &mut seen)).await {
            Ok(lived) => lived,
            Err(_) => Err(self.cut_short(&seen)),
        };
        let outcome = self.end(lived, &request, &mut seen).await;
        let done = outcome::Done {
            choice: self.chosen,
            went_on: matches!(self.options.scenario, Scenario::Ignore | Scenario::Dismiss),
            carried: self.carried,
            written: self.shared.lock().visit.stored.by_platform,
            why_not: seen.why_no_choice.as_deref().or(self.why_no_choice.as_deref()),
        };
        let achieved = outcome::of(done, &seen.before, &seen.after);
        let (footer, requests) = self.footer(outcome, achieved, &seen);
        let outcome = footer.outcome.clone();
        let choice = footer.consent.choice;
        if request.ordinal == 0 || request.choice.is_some() {
            self.why_no_choice = seen.why_no_choice.clone();
            self.carried = Some(outcome::Carried::of(&footer.consent));
        }
        let digest = self.shared.recorder.seal(footer)?;
        self.tell(Progress::VisitEnded {
            url: request.url.clone(),
            outcome: outcome.word(),
            reason: outcome.reason().map(str::to_owned),
            requests,
            took: began.elapsed(),
        });
        Ok(VisitOutcome {
            digest,
            outcome,
            achieved: choice,
            final_url: seen.final_url,
            links: seen.links,
            requests,
        })
    }

    /// Lives through the phases until the page has been looked at. `Ok(rest)`: whether it came to rest.
    async fn live(
        &mut self,
        request: &VisitRequest,
        began: Instant,
        pace: &Pace,
        seen: &mut Seen,
    ) -> Result<bool, Stopped> {
        let (arrived, mut rest) = self.arrive(&request.url, pace).await?;
        if self.shared.lock().visit.hung {
            // Nothing can be asked of it; the jar is the browser's.
            cookies::jar(&self.shared, &self.context, phase::ARRIVE).await;
            return Ok(false);
        }
        let first = request.leg == Leg::First;
        if first {
            self.await_banner(arrived, pace).await?;
        }
        let waited = began.elapsed();
        self.look(first, request.choice.is_some(), seen).await;
        if let Some(halt) = halted(&self.shared, &self.stop) {
            return Err(halt.into());
        }
        let mut touched = false;
        if let Some(decision) = request.choice {
            touched = true;
            rest &= self.choose(decision, waited, pace, seen).await?;
        }
        if first && self.options.scenario == Scenario::Ignore {
            touched = true;
            rest &= self.ignore(pace).await?;
        } else if self.may_scroll(seen) {
            touched = true;
            self.step("scrolling to the end of the page");
            rest &= self.scroll(pace).await?;
        }
        if self.may_probe(request)
            && let Some(rested) = self.probe(pace, seen).await?
        {
            touched = true;
            rest &= rested;
        }
        self.look_again(touched, seen).await;
        seen.lived = true;
        Ok(rest)
    }

    pub(super) fn mark(&self, phase: &str) {
        self.tell(Progress::Phase(phase.to_owned()));
        self.shared
            .recorder
            .record(When::Now, Observation::Phase(Phase { phase: phase.to_owned(), ..Default::default() }));
    }
}
