//! One visit: arrive, see the banner, make the choice if the scenario asks for one here, look, leave, seal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use affiant_record::consent::{Achieved, AchievedChoice};
use affiant_record::footer::collectors as names;
use affiant_record::header::{Header, SCHEMA};
use affiant_record::page::{Phase, phase};
use affiant_record::{CollectorStatus, Digest, Footer, Observation, Outcome, Scenario};
use serde_json::json;

use super::settle::{Halt, Patience, halted, settle};
use super::{Progress, Session};
use crate::GatherError;
use crate::cdp::json::Read as _;
use crate::clock::VisitClock;
use crate::collectors::{page, screenshot};
use crate::consent::state::StateItem;
use crate::consent::{achieved, choice, state};
use crate::recorder::When;

/// What to visit.
#[derive(Debug, Clone)]
pub struct VisitRequest {
    /// Address.
    pub url: String,
    /// Folder for the record; made new.
    pub dir: PathBuf,
    /// Place in the session, from 0. The choice is made on 0.
    pub ordinal: u32,
    /// Digest of the visit in which the choice was made, for later ones.
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

/// The dwell after a load or a choice: many tags send only then.
const DWELL: Duration = Duration::from_millis(2500);
/// How long after a choice its consequences are waited for at most.
const AFTER_CHOICE: Duration = Duration::from_secs(15);
/// How long bodies and other follow-ups are waited for at the end.
const FOLLOW_UP: Duration = Duration::from_secs(6);

/// What was found out on the way.
#[derive(Default)]
struct Seen {
    links: Vec<String>,
    final_url: Option<String>,
    before: Vec<StateItem>,
    after: Vec<StateItem>,
    why_no_choice: Option<String>,
    looked: bool,
}

impl Session {
    /// Makes one visit. An error means that there is no sealed record: the record could not be written, or there
    /// was no browser to begin with.
    pub async fn visit(&mut self, request: VisitRequest) -> Result<VisitOutcome, GatherError> {
        let began = Instant::now();
        self.tell(Progress::VisitBegan { session: self.options.session.clone(), url: request.url.clone() });
        let unread = self.shared.client.unread();
        let clock = self.begin(&request).await?;
        self.shared.recorder.begin(&request.dir, self.header(&request, &clock), clock)?;
        let mut seen = Seen::default();
        let lived = self.live(&request, began, &mut seen).await;
        let outcome = self.end(lived, &request, &mut seen).await;
        let achieved = achieved::achieved(
            self.options.scenario,
            &seen.before,
            &seen.after,
            self.carried,
            seen.why_no_choice.as_deref().or(self.why_no_choice.as_deref()),
        );
        let (footer, requests) = self.footer(outcome, achieved, &seen, unread);
        let outcome = footer.outcome.clone();
        let choice = footer.consent.choice;
        if request.ordinal == 0 {
            self.why_no_choice = seen.why_no_choice.clone();
            self.carried = Some(choice);
        }
        let digest = self.shared.recorder.seal(footer)?;
        self.tell(Progress::VisitEnded {
            session: self.options.session.clone(),
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
    async fn begin(&mut self, request: &VisitRequest) -> Result<VisitClock, GatherError> {
        for attempt in 0..2 {
            if self.shared.lock().main_session.is_empty() {
                self.new_tab().await?;
            }
            {
                let mut state = self.shared.lock();
                state.next_visit();
                state.consent_wanted = request.ordinal == 0;
            }
            let session = self.shared.lock().main_session.clone();
            let short = Duration::from_secs(5);
            // Answers may overtake each other: the domain must be on before it is asked.
            let _ = self.shared.client.call_within(&session, "Performance.enable", json!({}), short).await;
            let before = Instant::now();
            let answer =
                self.shared.client.call_within(&session, "Performance.getMetrics", json!({}), short).await;
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
            choice_visit: request.choice_visit,
            url: request.url.clone(),
            vantage: o.vantage.clone(),
            settings: o.settings.clone(),
            clock: clock.describe(),
            extra: Default::default(),
        }
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
        let until = began + ms(s.visit_timeout_ms);
        self.mark(phase::ARRIVE);
        self.step("opening the page");
        self.navigate(&request.url, until).await?;
        self.step("waiting until the page is at rest");
        let patience = Patience { quiet: ms(s.quiet_ms), dwell: DWELL, until };
        let mut rest = settle(&self.shared, &self.stop, phase::ARRIVE, patience).await?;
        let first = request.ordinal == 0;
        let mut waited = began.elapsed();
        if first {
            self.step("waiting for a consent banner");
            let end = (Instant::now() + ms(s.banner_wait_ms)).min(until.max(Instant::now() + ms(1000)));
            self.wait_for_banner(end).await?;
            waited = began.elapsed();
        }
        self.step("looking at the page");
        seen.before = state::read(&self.shared, &self.context, phase::ARRIVE).await;
        screenshot::take(&self.shared, phase::ARRIVE).await;
        self.look(seen).await;
        if let Some(halt) = halted(&self.shared, &self.stop) {
            return Err(halt.into());
        }
        if first && self.options.scenario != Scenario::NoChoice {
            self.step("making the choice");
            let chosen = choice::make(&self.shared, self.options.scenario, waited).await;
            seen.why_no_choice = chosen.why_not;
            if chosen.acted {
                self.mark(phase::AFTER_CHOICE);
                self.step("watching what follows the choice");
                let patience = Patience { until: Instant::now() + AFTER_CHOICE, ..patience };
                rest &= settle(&self.shared, &self.stop, phase::AFTER_CHOICE, patience).await?;
                screenshot::take(&self.shared, phase::AFTER_CHOICE).await;
            }
        }
        seen.after = state::read(&self.shared, &self.context, phase::LEAVE).await;
        Ok(rest)
    }

    /// Asks for the page. A page that cannot be opened ends the visit.
    async fn navigate(&self, url: &str, until: Instant) -> Result<(), Stopped> {
        let session = self.shared.lock().main_session.clone();
        let patience = until.saturating_duration_since(Instant::now());
        let call = self.shared.client.call_within(&session, "Page.navigate", json!({ "url": url }), patience);
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
                Some(e) => Err(Stopped::Failed(explain(&e))),
            },
            Err(GatherError::NoAnswer { .. }) => {
                self.shared.client.post(&session, "Page.stopLoading", json!({}));
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
        while self.shared.lock().crashed.is_none() {
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
                state.banner_at.is_some()
                    || state.consent.iter().any(|m| m.message.text("type") == "popupFound")
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
            self.step("leaving the page");
            if matches!(lived, Err(Stopped::Halted(Halt::Stopped))) && seen.after.is_empty() {
                seen.after = state::read(&self.shared, &self.context, phase::LEAVE).await;
            }
            self.mark(phase::LEAVE);
            let usable = match &lived {
                Err(Stopped::Halted(Halt::Crashed(_))) => false,
                _ => self.leave().await,
            };
            if !self.shared.followed_up(FOLLOW_UP).await {
                self.shared
                    .lock()
                    .failures
                    .insert(names::BODIES, "some bodies were not answered in time".to_owned());
            }
            if !usable && let Err(e) = self.new_tab().await {
                tracing::debug!(error = %e, url = request.url, "no new tab after a broken page");
                self.shared.lock().main_session.clear();
            }
        }
        let status = self.shared.lock().main_status;
        match (lived, status) {
            (Err(Stopped::Failed(reason)), _) => Outcome::Failed { reason },
            (Err(Stopped::TimedOut(reason)), _) => Outcome::TimedOut { reason },
            (Err(Stopped::Halted(Halt::Crashed(reason))), _) => Outcome::Crashed { reason },
            (Err(Stopped::Halted(Halt::Gone)), _) => {
                Outcome::Crashed { reason: "the browser went away".to_owned() }
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

    fn footer(&self, outcome: Outcome, consent: Achieved, seen: &Seen, unread: u64) -> (Footer, u64) {
        use CollectorStatus::{Failed, Gathered, NotRun, Truncated};
        let state = self.shared.lock();
        let failed = |name: &str| state.failures.get(name).map(|r| Failed { reason: r.clone() });
        let lost = self.shared.client.unread() - unread;
        let lost = lost + self.shared.recorder.dropped();
        let network = if let Some(f) = failed(names::NETWORK) {
            f
        } else if lost > 0 {
            Truncated { reason: format!("{lost} messages of the browser could not be read or kept") }
        } else {
            Gathered
        };
        let bodies = match (failed(names::BODIES), state.bodies_missing) {
            (Some(Failed { reason }), _) => Truncated { reason },
            (_, 0) => Gathered,
            (_, n) => Truncated { reason: format!("{n} bodies could not be fetched any more") },
        };
        let console = match (failed(names::CONSOLE), state.console_dropped) {
            (Some(f), _) => f,
            (None, 0) => Gathered,
            (None, n) => Truncated { reason: format!("{n} console lines were left out") },
        };
        let page = match (failed(names::PAGE), seen.looked) {
            (Some(f), _) => f,
            (None, true) => Gathered,
            (None, false) => NotRun,
        };
        let consent_status = match failed(names::CONSENT) {
            Some(f) => f,
            None if seen.looked => Gathered,
            None => NotRun,
        };
        let collectors: BTreeMap<String, CollectorStatus> = [
            (names::NETWORK, network.clone()),
            (names::BODIES, bodies),
            (names::COOKIES, failed(names::COOKIES).unwrap_or_else(|| network.clone())),
            (names::STORAGE, failed(names::STORAGE).unwrap_or_else(|| network.clone())),
            (names::WEB_SOCKETS, network),
            (names::CONSOLE, console),
            (
                names::SCREENSHOTS,
                failed(names::SCREENSHOTS).unwrap_or(if seen.looked { Gathered } else { NotRun }),
            ),
            (names::PAGE, page),
            (names::CONSENT, consent_status),
        ]
        .into_iter()
        .map(|(n, s)| (n.to_owned(), s))
        .collect();
        let requests = state.requests;
        drop(state);
        let footer = Footer {
            outcome,
            final_url: seen.final_url.clone(),
            consent,
            collectors,
            extra: Default::default(),
        };
        (footer, requests)
    }

    fn mark(&self, phase: &str) {
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
        "net::ERR_INVALID_AUTH_CREDENTIALS" => "the server asks for a login",
        e if e.starts_with("net::ERR_CERT") || e.starts_with("net::ERR_SSL") => {
            "the certificate or the TLS handshake is not accepted: for a staging host, --insecure ignores that"
        }
        e if e.contains("PROXY") || e.contains("TUNNEL") => "the proxy did not work",
        _ => return error.to_owned(),
    };
    format!("{error}: {hint}")
}
