//! One visit: arrive, see the banner, make the choice if the scenario asks for one here, look, leave, seal.

pub(crate) mod state;

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use affiant_record::consent::AchievedChoice;
use affiant_record::footer::collectors as names;
use affiant_record::header::{Header, SCHEMA};
use affiant_record::page::{Phase, phase};
use affiant_record::{Choice, Digest, Leg, Observation, Outcome, Scenario};
use serde_json::json;

use self::state::Visit;
use super::settle::{Halt, Patience, halted, settle};
use super::{Progress, Session};
use crate::GatherError;
use crate::cdp::json::Read as _;
use crate::clock::VisitClock;
use crate::collectors::{cookies, dns, guarded, headers_only, listeners, page, screenshot, storage};
use crate::consent::state::{self as consent_state, StateItem};
use crate::consent::{autoconsent, choice, declaration, ignore, layer, outcome, watcher};
use crate::recorder::When;
use crate::{guard, probe};

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

/// How long after a choice its consequences are waited for at most.
const AFTER_CHOICE: Duration = Duration::from_secs(15);
/// How long what reads fields is given to send, after the last key: recorders send in batches.
const AFTER_TYPING: Duration = Duration::from_secs(5);
/// How long bodies and other follow-ups are waited for at the end.
const FOLLOW_UP: Duration = Duration::from_secs(6);

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

impl Session {
    /// Makes one visit. An error means that there is no sealed record: the record could not be written, or there
    /// was no browser to begin with.
    pub async fn visit(&mut self, request: VisitRequest) -> Result<VisitOutcome, GatherError> {
        let began = Instant::now();
        self.tell(Progress::VisitBegan { url: request.url.clone() });
        let unread = self.shared.client.unread();
        // Autoconsent works where a choice is made on a banner, and tells the platform on the first page.
        self.shared.lock().tab.autoconsent.wanted =
            request.leg == Leg::First || request.choice.is_some_and(|c| c != Choice::Withdraw);
        if request.leg == Leg::Return && self.leg != Some(Leg::Return) {
            self.come_back().await?;
        }
        self.leg = Some(request.leg);
        let clock = self.begin().await?;
        self.shared.recorder.begin(&request.dir, self.header(&request, &clock), clock)?;
        let mut seen = Seen::default();
        self.chosen = request.choice.or(self.chosen);
        let lived = self.live(&request, began, &mut seen).await;
        let outcome = self.end(lived, &request, &mut seen).await;
        let done = outcome::Done {
            choice: self.chosen,
            went_on: matches!(self.options.scenario, Scenario::Ignore | Scenario::Dismiss),
            carried: self.carried,
            written: self.shared.lock().visit.stored.by_platform,
            why_not: seen.why_no_choice.as_deref().or(self.why_no_choice.as_deref()),
        };
        let achieved = outcome::of(done, &seen.before, &seen.after);
        let (footer, requests) = self.footer(outcome, achieved, &seen, unread);
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

    /// Fits the clock on a living tab.
    async fn begin(&mut self) -> Result<VisitClock, GatherError> {
        for attempt in 0..2 {
            if self.shared.lock().tab.main_target.is_empty() {
                self.new_tab().await?;
            }
            self.shared.lock().visit = Visit::default();
            if !self.shared.lock().tab.autoconsent.wanted {
                autoconsent::disable(&self.shared);
            }
            let target = self.shared.lock().tab.main_target.clone();
            let short = Duration::from_secs(5);
            // Answers may overtake each other: the domain must be on before it is asked.
            let _ = self.shared.client.call_within(&target, "Performance.enable", json!({}), short).await;
            let before = Instant::now();
            let answer =
                self.shared.client.call_within(&target, "Performance.getMetrics", json!({}), short).await;
            let (after, wall) = (Instant::now(), SystemTime::now());
            match answer {
                Ok(metrics) => {
                    let at = metrics
                        .list("metrics")
                        .iter()
                        .find(|m| m.text("name") == "Timestamp")
                        .map(|m| m.num("value"));
                    if let Some(at) = at.filter(|t| *t > 0.0) {
                        return Ok(VisitClock::fit(at, before, after, wall));
                    }
                }
                Err(e @ GatherError::BrowserGone { .. }) => return Err(e),
                Err(e) => tracing::debug!(error = %e, attempt, "the tab does not answer; opening another"),
            }
            self.new_tab().await?;
        }
        Err(GatherError::NoAnswer { doing: "beginning a visit".to_owned(), after: Duration::from_secs(10) })
    }

    fn header(&self, request: &VisitRequest, clock: &VisitClock) -> Header {
        let o = &self.options;
        Header {
            schema: SCHEMA,
            tool: o.tool.clone(),
            browser: self.browser.clone(),
            plan: o.plan,
            session: o.session.clone(),
            ordinal: request.ordinal,
            scenario: o.scenario,
            leg: Some(request.leg),
            choice: request.choice,
            choice_visit: request.choice_visit,
            url: request.url.clone(),
            vantage: o.vantage.clone(),
            settings: self.settings(),
            clock: clock.describe(),
            extra: Default::default(),
        }
    }

    fn settings(&self) -> affiant_record::header::Settings {
        let mut settings = self.options.settings.clone();
        settings.extra.insert("dns".to_owned(), self.names.describe().into());
        if self.shared.options.guard.is_some() {
            settings.extra.insert("guard".to_owned(), guard::DESCRIPTION.into());
        }
        settings
    }

    /// Lives through the phases until the page has been looked at. `Ok(rest)`: whether it came to rest.
    async fn live(
        &mut self,
        request: &VisitRequest,
        began: Instant,
        seen: &mut Seen,
    ) -> Result<bool, Stopped> {
        let ms = Duration::from_millis;
        let s = self.options.settings.clone();
        let dwell = ms(s.dwell_ms);
        let until = began + ms(s.visit_timeout_ms) + dwell;
        self.mark(phase::ARRIVE);
        self.step("opening the page");
        self.navigate(&request.url, until).await?;
        let arrived = Instant::now();
        self.step("waiting until the page is at rest");
        let patience = Patience { quiet: ms(s.quiet_ms), dwell, until };
        let mut rest = settle(&self.shared, &self.stop, phase::ARRIVE, patience).await?;
        if self.shared.lock().visit.hung {
            // Nothing can be asked of it; the jar is the browser's.
            cookies::jar(&self.shared, &self.context, phase::ARRIVE).await;
            return Ok(false);
        }
        let first = request.leg == Leg::First;
        let mut waited = began.elapsed();
        if first {
            self.step("waiting for a consent banner");
            // From the arrival: what holds a banner back longer than this has held the page from its rest too.
            let end =
                (arrived + ms(s.banner_wait_ms) + dwell).min(until).max(Instant::now() + ms(s.quiet_ms));
            self.wait_for_banner(end).await?;
            watcher::look_into_closed(&self.shared).await;
            waited = began.elapsed();
        }
        self.step("looking at the page");
        seen.before = consent_state::read(&self.shared, &self.context, phase::ARRIVE).await;
        screenshot::take(&self.shared, phase::ARRIVE).await;
        if first && self.shared.lock().visit.banners.first.is_some() {
            layer::observe(&self.shared, 1).await;
        }
        if first {
            declaration::observe(&self.shared).await;
        }
        self.look(seen).await;
        if request.choice.is_some() {
            listeners::collect(&self.shared, phase::ARRIVE).await;
        }
        if let Some(halt) = halted(&self.shared, &self.stop) {
            return Err(halt.into());
        }
        let mut touched = false;
        if let Some(decision) = request.choice {
            touched = true;
            self.step("making the choice");
            let chosen = choice::make(&self.shared, decision, waited).await;
            seen.why_no_choice = chosen.why_not;
            if chosen.acted {
                self.mark(phase::AFTER_CHOICE);
                self.step("watching what follows the choice");
                let patience = Patience { until: Instant::now() + AFTER_CHOICE + dwell, ..patience };
                rest &= settle(&self.shared, &self.stop, phase::AFTER_CHOICE, patience).await?;
                screenshot::take(&self.shared, phase::AFTER_CHOICE).await;
            }
        }
        if first && self.options.scenario == Scenario::Ignore {
            touched = true;
            self.step("going on without an answer");
            let v = &self.options.vantage;
            ignore::ignore(&self.shared, v.width, v.height).await;
            let patience = Patience { until: Instant::now() + AFTER_CHOICE + dwell, ..patience };
            rest &= settle(&self.shared, &self.stop, phase::IGNORED, patience).await?;
            screenshot::take(&self.shared, phase::IGNORED).await;
        } else if self.may_scroll(seen) {
            touched = true;
            self.step("scrolling to the end of the page");
            rest &= self.scroll(patience).await?;
        }
        if self.may_probe(request) {
            self.step("typing into the page's fields");
            let limits = probe::Limits { leave_out: s.probe_leave_out.clone() };
            seen.probed = true;
            if probe::probe(&self.shared, &limits, &mut self.probed, &self.stop).await {
                touched = true;
                screenshot::take(&self.shared, phase::PROBE).await;
                let patience = Patience {
                    dwell: AFTER_TYPING,
                    until: Instant::now() + AFTER_CHOICE + dwell,
                    ..patience
                };
                rest &= settle(&self.shared, &self.stop, phase::PROBE, patience).await?;
            }
            probe::end(&self.shared).await;
        }
        if touched {
            seen.after = consent_state::read(&self.shared, &self.context, phase::LEAVE).await;
        } else {
            // Nothing was done since: the platform is not asked twice.
            cookies::jar(&self.shared, &self.context, phase::LEAVE).await;
            seen.after = seen.before.clone();
        }
        listeners::collect(&self.shared, phase::LEAVE).await;
        seen.lived = true;
        Ok(rest)
    }

    /// Whether fields may be typed into here.
    fn may_probe(&self, request: &VisitRequest) -> bool {
        let s = &self.options.settings;
        s.probe && !s.probe_not_on.iter().any(|text| request.url.contains(text.as_str()))
    }

    /// Whether scrolling may be done here. It could count as a choice: only after one was made, or where there is
    /// no banner that asks for one.
    fn may_scroll(&self, seen: &Seen) -> bool {
        let open = self.shared.lock().banner_open();
        let scenario = self.options.scenario;
        // To ignore the banner is to go on in spite of it.
        scenario == Scenario::Ignore
            || scenario != Scenario::NoChoice
                && (!open || seen.why_no_choice.is_none() && self.why_no_choice.is_none())
    }

    /// Asks for the page. A page that cannot be opened ends the visit.
    async fn navigate(&self, url: &str, until: Instant) -> Result<(), Stopped> {
        let target = self.shared.lock().tab.main_target.clone();
        let patience = until.saturating_duration_since(Instant::now());
        let call = self.shared.client.call_within(&target, "Page.navigate", json!({ "url": url }), patience);
        let answer = tokio::select! {
            answer = call => answer,
            () = self.stop.stopped() => return Err(Halt::Stopped.into()),
            () = self.crashed() => return Err(Halt::Crashed("the renderer crashed while the page was opened".to_owned()).into()),
        };
        match answer {
            Ok(v) => match v.opt_text("errorText").filter(|e| !e.is_empty()) {
                None => Ok(()),
                Some(_) if v.flag("isDownload") => {
                    Err(Stopped::Failed("the address is a download, not a page".to_owned()))
                }
                Some(e) => {
                    // The guard knows why, and of which address in a chain of redirects.
                    self.shared.caught_up(Duration::from_secs(1)).await;
                    let last = self.shared.lock().tab.hops.last(&v.text("loaderId")).cloned();
                    let trouble = guarded::trouble(&self.shared, last.as_deref().unwrap_or(url), Some(&e));
                    Err(Stopped::Failed(trouble.map_or_else(|| explain(&e), |t| t.to_string())))
                }
            },
            Err(GatherError::NoAnswer { .. }) => {
                self.shared.client.post(&target, "Page.stopLoading", json!({}));
                Err(Stopped::TimedOut(format!(
                    "the server did not answer within {:.0} s",
                    patience.as_secs_f64()
                )))
            }
            Err(GatherError::BrowserGone { .. }) => Err(Halt::Gone.into()),
            Err(e) => Err(Stopped::Failed(e.to_string())),
        }
    }

    async fn crashed(&self) {
        while self.shared.lock().visit.crashed.is_none() {
            self.shared.change(Duration::from_millis(200)).await;
        }
    }

    async fn wait_for_banner(&self, end: Instant) -> Result<(), Stopped> {
        loop {
            if let Some(halt) = halted(&self.shared, &self.stop) {
                return Err(halt.into());
            }
            let found = {
                let state = self.shared.lock();
                state.visit.banners.first.is_some() || state.visit.autoconsent.has_found()
            };
            if found || Instant::now() >= end {
                return Ok(());
            }
            self.shared.change(Duration::from_millis(100)).await;
        }
    }

    async fn look(&self, seen: &mut Seen) {
        if let Some(page) = page::collect(&self.shared).await {
            seen.final_url = Some(page.url.clone());
            seen.links = page.links;
            seen.looked = true;
        }
    }

    /// Leaves the page and waits for what is still being fetched.
    async fn end(
        &mut self,
        lived: Result<bool, Stopped>,
        request: &VisitRequest,
        seen: &mut Seen,
    ) -> Outcome {
        let alive = !self.shared.client.is_gone() && !self.shared.recorder.has_failed();
        if alive {
            probe::end(&self.shared).await;
            self.step("leaving the page");
            if matches!(lived, Err(Stopped::Halted(Halt::Stopped))) && seen.after.is_empty() {
                seen.after = consent_state::read(&self.shared, &self.context, phase::LEAVE).await;
            }
            self.mark(phase::LEAVE);
            dns::collect(&self.shared, &self.names, seen.final_url.as_deref().unwrap_or(&request.url));
            let usable = match &lived {
                Err(Stopped::Halted(Halt::Crashed(_))) => false,
                _ => self.leave().await,
            };
            if !self.shared.followed_up(FOLLOW_UP).await {
                self.shared
                    .lock()
                    .visit
                    .fail(names::BODIES, "some bodies were not answered in time".to_owned());
            }
            if !usable && let Err(e) = self.new_tab().await {
                tracing::debug!(error = %e, url = request.url, "no new tab after a broken page");
                self.shared.lock().tab.main_target.clear();
            }
        }
        storage::flush(&self.shared, Duration::ZERO);
        headers_only::flush(&self.shared);
        let status = self.shared.lock().visit.requests.main_status;
        match (lived, status) {
            (Err(Stopped::Failed(reason)), _) => Outcome::Failed { reason },
            (Err(Stopped::TimedOut(reason)), _) => Outcome::TimedOut { reason },
            (Err(Stopped::Halted(Halt::Crashed(reason))), _) => Outcome::Crashed { reason },
            (Err(Stopped::Halted(Halt::Gone)), _) => {
                let reason = match &self.browser.remote {
                    Some(address) => format!("the connection to the browser at {address} was lost"),
                    None => "the browser went away".to_owned(),
                };
                Outcome::Crashed { reason }
            }
            (Err(Stopped::Halted(Halt::Stopped | Halt::CannotWrite)), _) => Outcome::Interrupted,
            (Ok(_), Some(status @ 400..)) => {
                Outcome::Failed { reason: format!("the server answered HTTP {status}") }
            }
            (Ok(false), _) => {
                Outcome::TimedOut { reason: "the page did not come to rest within its bound".to_owned() }
            }
            (Ok(true), _) if !seen.looked => Outcome::TimedOut {
                reason: "the page did not answer when it was asked what it holds".to_owned(),
            },
            (Ok(true), _) => Outcome::Complete,
        }
    }

    pub(super) fn mark(&self, phase: &str) {
        self.tell(Progress::Phase(phase.to_owned()));
        self.shared
            .recorder
            .record(When::Now, Observation::Phase(Phase { phase: phase.to_owned(), ..Default::default() }));
    }
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

/// The browser's error with what it means and what to do.
fn explain(error: &str) -> String {
    let hint = match error {
        "net::ERR_NAME_NOT_RESOLVED" => {
            "the host name is not known: check its spelling, or give --resolve HOST:PORT:ADDR"
        }
        "net::ERR_CONNECTION_REFUSED" => "nothing answers at that address and port",
        "net::ERR_CONNECTION_TIMED_OUT" | "net::ERR_TIMED_OUT" => "the server did not answer in time",
        "net::ERR_INTERNET_DISCONNECTED" => "this machine has no network",
        "net::ERR_TOO_MANY_REDIRECTS" => "the page redirects in a circle",
        "net::ERR_ABORTED" => "the browser gave up the navigation (a download, or an empty answer)",
        "net::ERR_EMPTY_RESPONSE" => "the server closed the connection without an answer",
        "net::ERR_INVALID_AUTH_CREDENTIALS" => "the server, or the proxy, asks for a login",
        e if e.starts_with("net::ERR_CERT") || e.starts_with("net::ERR_SSL") => {
            "the certificate or the TLS handshake is not accepted: for a staging host, --insecure ignores that"
        }
        e if e.contains("PROXY") || e.contains("TUNNEL") => "the proxy did not work",
        _ => return error.to_owned(),
    };
    format!("{error}: {hint}")
}
