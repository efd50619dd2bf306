//! The lanes of an audit: one session a scenario, side by side, each visit after visit.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use affiant_gather::{BrowserOptions, GatherError, Progress, Session, SessionOptions, Stop, VisitRequest};
use affiant_record::audit::Plan;
use affiant_record::header::{Settings, Tool};
use affiant_record::{AuditFolder, Digest, Outcome, Scenario, VisitEntry};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::browsers::Browsers;
use super::pages;

/// What to run.
pub(crate) struct Job {
    pub(crate) folder: AuditFolder,
    pub(crate) plan: Plan,
    pub(crate) browser: BrowserOptions,
    pub(crate) settings: Settings,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) parallel: usize,
    pub(crate) stop: Stop,
    pub(crate) progress: UnboundedSender<Progress>,
}

/// What came of it.
pub(crate) struct Ran {
    pub(crate) folder: AuditFolder,
    /// The first error that ended a lane, if one did.
    pub(crate) error: Option<GatherError>,
}

struct Shared {
    folder: Mutex<AuditFolder>,
    browsers: Browsers,
    job: JobParts,
    error: Mutex<Option<GatherError>>,
}

struct JobParts {
    plan: Plan,
    plan_digest: Digest,
    settings: Settings,
    headers: Vec<(String, String)>,
    origin: String,
    stop: Stop,
    progress: UnboundedSender<Progress>,
}

/// Lives all sessions. The folder's manifest is saved after every visit.
pub(crate) async fn run(job: Job) -> anyhow::Result<Ran> {
    let plan_digest = job.plan.digest()?;
    let origin =
        url::Url::parse(&job.plan.start).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    let shared = Arc::new(Shared {
        folder: Mutex::new(job.folder),
        browsers: Browsers::new(job.browser),
        job: JobParts {
            plan: job.plan,
            plan_digest,
            settings: job.settings,
            headers: job.headers,
            origin,
            stop: job.stop,
            progress: job.progress,
        },
        error: Mutex::default(),
    });
    // The first scenario's first visit tells which pages there are; only then the others can begin.
    let mut scenarios = shared.job.plan.scenarios.clone().into_iter();
    let slots = Arc::new(Semaphore::new(job.parallel));
    let mut lanes = JoinSet::new();
    if let Some(first) = scenarios.next() {
        let permit = Arc::clone(&slots).acquire_owned().await?;
        let mut lane = Lane::new(&shared, first);
        let found = lane.first(&shared).await;
        let (pages, usable) = match found {
            Some(found) => (found, true),
            None => (shared.job.plan.pages.clone(), false),
        };
        let pages = Arc::new(pages);
        for scenario in std::iter::once(first).chain(scenarios) {
            plan_visits(&shared, scenario, &pages);
        }
        save(&shared)?;
        {
            let (shared, pages) = (Arc::clone(&shared), Arc::clone(&pages));
            lanes.spawn(async move {
                lane.rest(&shared, &pages).await;
                drop(permit);
            });
        }
        // A start page that cannot be opened at all will not open in another scenario either.
        let others: Vec<Scenario> = if usable { shared.job.plan.scenarios[1..].to_vec() } else { Vec::new() };
        for scenario in others {
            let (shared, pages, slots) = (Arc::clone(&shared), Arc::clone(&pages), Arc::clone(&slots));
            lanes.spawn(async move {
                let Ok(_permit) = slots.acquire_owned().await else { return };
                if shared.job.stop.is_stopped() {
                    return;
                }
                let mut lane = Lane::new(&shared, scenario);
                lane.first(&shared).await;
                lane.rest(&shared, &pages).await;
            });
        }
    }
    while let Some(done) = lanes.join_next().await {
        if let Err(e) = done {
            tracing::error!(error = %e, "a session ended unexpectedly");
        }
    }
    save(&shared)?;
    let shared = Arc::into_inner(shared).ok_or_else(|| anyhow::anyhow!("a session is still running"))?;
    shared.browsers.close().await;
    Ok(Ran {
        folder: shared.folder.into_inner().unwrap_or_else(PoisonError::into_inner),
        error: shared.error.into_inner().unwrap_or_else(PoisonError::into_inner),
    })
}

/// One session.
struct Lane {
    scenario: Scenario,
    name: String,
    dir: PathBuf,
    session: Option<Session>,
    choice_visit: Option<Digest>,
    usable: bool,
}

impl Lane {
    fn new(shared: &Shared, scenario: Scenario) -> Lane {
        let dir = lock(&shared.folder).dir.clone();
        Lane { scenario, name: scenario.to_string(), dir, session: None, choice_visit: None, usable: true }
    }

    fn path(&self, ordinal: u32) -> String {
        format!("visits/{}/{ordinal:03}", self.name)
    }

    /// The first visit; returns the pages of the session if the page could be opened.
    async fn first(&mut self, shared: &Shared) -> Option<Vec<String>> {
        let start = shared.job.plan.pages.first()?.clone();
        // A browser that dies under the first page gets a second try: nothing of the session is lost by it.
        for attempt in 0..2 {
            if let Err(e) = self.open(shared).await {
                self.usable = false;
                self.unmade(shared, 0, &start, &e.to_string());
                keep(shared, e);
                return None;
            }
            match self.visit(shared, 0, &start, if attempt == 0 { "" } else { "-again" }).await {
                Err(GatherError::BrowserGone { .. }) if attempt == 0 => self.session = None,
                Err(e) => {
                    self.usable = false;
                    self.unmade(shared, 0, &start, &e.to_string());
                    keep(shared, e);
                    return None;
                }
                Ok(v) => {
                    self.choice_visit = Some(v.digest);
                    let opened = v.final_url.is_some();
                    self.usable = opened;
                    let named = shared.job.plan.pages.len() > 1;
                    let end = v.final_url.as_deref().unwrap_or(&start);
                    let max = shared.job.plan.max_pages as usize;
                    return opened.then(|| {
                        if named {
                            shared.job.plan.pages.clone()
                        } else {
                            pages::choose(&start, end, &v.links, max)
                        }
                    });
                }
            }
        }
        None
    }

    async fn open(&mut self, shared: &Shared) -> Result<(), GatherError> {
        let browser = shared.browsers.get().await?;
        let j = &shared.job;
        let options = SessionOptions {
            session: self.name.clone(),
            scenario: self.scenario,
            vantage: j.plan.vantage.clone(),
            settings: j.settings.clone(),
            plan: j.plan_digest,
            tool: tool(),
            blobs: lock(&shared.folder).blobs(),
            headers: j.headers.clone(),
            header_origin: j.origin.clone(),
            progress: Some(j.progress.clone()),
        };
        self.session = Some(Session::open(&browser, options, j.stop.clone()).await?);
        Ok(())
    }

    /// The further visits.
    async fn rest(mut self, shared: &Shared, pages: &[String]) {
        for (ordinal, url) in (0u32..).zip(pages).skip(1) {
            if shared.job.stop.is_stopped() {
                break;
            }
            if !self.usable {
                self.unmade(
                    shared,
                    ordinal,
                    url,
                    "not visited: the session's first page could not be opened",
                );
                continue;
            }
            if let Err(e) = self.visit(shared, ordinal, url, "").await {
                let fatal = matches!(e, GatherError::BrowserGone { .. } | GatherError::Record(_));
                self.unmade(shared, ordinal, url, &e.to_string());
                if fatal {
                    self.usable = false;
                    keep(shared, e);
                }
            }
        }
        if let Some(session) = self.session {
            session.close().await;
        }
    }

    async fn visit(
        &mut self,
        shared: &Shared,
        ordinal: u32,
        url: &str,
        suffix: &str,
    ) -> Result<affiant_gather::VisitOutcome, GatherError> {
        let path = self.path(ordinal) + suffix;
        let dir = self.dir.join(&path);
        let request = VisitRequest {
            url: url.to_owned(),
            dir,
            ordinal,
            choice_visit: if ordinal == 0 { None } else { self.choice_visit },
        };
        // The manifest names the visit before it begins: a killed audit's last record is found again.
        self.enter(shared, ordinal, url, &path, None, None);
        let Some(session) = &mut self.session else {
            return Err(GatherError::BrowserGone { doing: "visiting a page".to_owned() });
        };
        let visit = session.visit(request).await?;
        self.enter(shared, ordinal, url, &path, Some(visit.digest), Some(visit.outcome.clone()));
        Ok(visit)
    }

    fn unmade(&self, shared: &Shared, ordinal: u32, url: &str, why: &str) {
        let outcome = Outcome::Failed { reason: why.to_owned() };
        self.enter(shared, ordinal, url, &self.path(ordinal), None, Some(outcome));
    }

    fn enter(
        &self,
        shared: &Shared,
        ordinal: u32,
        url: &str,
        path: &str,
        digest: Option<Digest>,
        outcome: Option<Outcome>,
    ) {
        let entry = VisitEntry {
            path: path.to_owned(),
            session: self.name.clone(),
            ordinal,
            scenario: self.scenario,
            url: url.to_owned(),
            digest,
            outcome,
            extra: Default::default(),
        };
        let mut folder = lock(&shared.folder);
        let at = folder.manifest.visits.iter().position(|v| v.session == self.name && v.ordinal == ordinal);
        match at {
            Some(i) => folder.manifest.visits[i] = entry,
            None => folder.manifest.visits.push(entry),
        }
        if let Err(e) = folder.save() {
            drop(folder);
            keep(shared, e.into());
        }
    }
}

/// Names the visits that are to be made, so that those that never were are missed.
fn plan_visits(shared: &Shared, scenario: Scenario, pages: &[String]) {
    let mut folder = lock(&shared.folder);
    let name = scenario.to_string();
    for (ordinal, url) in (0u32..).zip(pages) {
        if !folder.manifest.visits.iter().any(|v| v.session == name && v.ordinal == ordinal) {
            folder.manifest.visits.push(VisitEntry {
                path: format!("visits/{name}/{ordinal:03}"),
                session: name.clone(),
                ordinal,
                scenario,
                url: url.clone(),
                digest: None,
                outcome: None,
                extra: Default::default(),
            });
        }
    }
}

fn save(shared: &Shared) -> anyhow::Result<()> {
    let mut folder = lock(&shared.folder);
    folder.manifest.visits.sort_by_key(|v| (v.scenario, v.ordinal));
    Ok(folder.save()?)
}

fn keep(shared: &Shared, e: GatherError) {
    shared.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
}

fn lock(folder: &Mutex<AuditFolder>) -> std::sync::MutexGuard<'_, AuditFolder> {
    folder.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This program.
pub(crate) fn tool() -> Tool {
    Tool { name: "affiant".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Where an audit goes if the user names no folder.
pub(crate) fn default_out(name: &str) -> PathBuf {
    Path::new("affiant-audits").join(name)
}
