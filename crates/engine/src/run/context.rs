//! A running audit, as its sessions share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use affiant_gather::{SessionOptions, Stop, Tell};
use affiant_plan::Role;
use affiant_record::Digest;
use affiant_record::audit::Plan;
use affiant_record::header::Settings;
use tokio::sync::mpsc::UnboundedSender;

use super::browsers::Browsers;
use crate::event::{Event, Teller};
use crate::{EngineError, Prepared, VisitLog, tool};

/// First pages that could not be opened, and none that could, after which nothing more is tried.
const TRIES: u32 = 2;

/// A running audit.
pub(crate) struct Context<L> {
    pub(crate) log: Arc<L>,
    pub(crate) browsers: Browsers,
    pub(crate) plan: Plan,
    pub(crate) stop: Stop,
    pub(crate) teller: Arc<Teller>,
    plan_digest: Digest,
    settings: Settings,
    headers: Vec<(String, String)>,
    /// The origin that the extra headers go to, and no other.
    origin: String,
    arrivals: Mutex<Arrivals>,
    error: Mutex<Option<EngineError>>,
}

/// How many sessions could open their first page.
#[derive(Default)]
struct Arrivals {
    opened: u32,
    unopened: u32,
}

impl<L: VisitLog> Context<L> {
    pub(crate) fn new(
        audit: Prepared,
        log: Arc<L>,
        browsers: Browsers,
        stop: Stop,
        events: UnboundedSender<Event>,
    ) -> Result<Context<L>, EngineError> {
        let origin = url::Url::parse(&audit.plan.start).map(|u| u.origin().ascii_serialization());
        Ok(Context {
            log,
            browsers,
            plan_digest: audit.plan.digest()?,
            plan: audit.plan,
            stop,
            teller: Arc::new(Teller::new(events)),
            settings: audit.settings,
            headers: audit.headers,
            origin: origin.unwrap_or_default(),
            arrivals: Mutex::default(),
            error: Mutex::default(),
        })
    }

    /// The page on which every session begins.
    pub(crate) fn start(&self) -> &str {
        self.plan.pages.first().unwrap_or(&self.plan.start)
    }

    /// How a session of this role and name is lived.
    pub(crate) fn options(&self, role: Role, session: &str) -> SessionOptions {
        let (teller, name) = (Arc::clone(&self.teller), session.to_owned());
        SessionOptions {
            session: session.to_owned(),
            scenario: role.scenario,
            vantage: role.vantage(&self.plan.vantage),
            settings: self.settings.clone(),
            plan: self.plan_digest,
            tool: tool(),
            blobs: self.log.blobs(),
            headers: self.headers.clone(),
            header_origin: self.origin.clone(),
            tell: Some(Tell::new(move |progress| teller.progress(&name, role, progress))),
        }
    }

    /// Keeps the first error that ended a session.
    pub(crate) fn keep(&self, e: impl Into<EngineError>) {
        lock(&self.error).get_or_insert(e.into());
    }

    /// Where no session could open its first page, none will: those that wait are not begun.
    pub(crate) fn note_arrival(&self, opened: bool) {
        let mut arrivals = lock(&self.arrivals);
        *(if opened { &mut arrivals.opened } else { &mut arrivals.unopened }) += 1;
    }

    pub(crate) fn is_hopeless(&self) -> bool {
        let arrivals = lock(&self.arrivals);
        arrivals.opened == 0 && arrivals.unopened >= TRIES
    }

    /// What it leaves: the first error, and the browsers.
    pub(crate) fn end(self) -> (Option<EngineError>, Browsers) {
        (self.error.into_inner().unwrap_or_else(PoisonError::into_inner), self.browsers)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
