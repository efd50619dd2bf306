//! A running audit, as its sessions share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use affiant_gather::{SessionOptions, Stop, Tell};
use affiant_plan::Role;
use affiant_record::Digest;
use affiant_record::audit::Plan;
use affiant_record::header::Settings;
use tokio::sync::mpsc::UnboundedSender;

use super::shared::Shared;
use crate::event::{Event, Teller};
use crate::{EngineError, Prepared, VisitLog, tool};

/// A running audit.
pub(crate) struct Context<L> {
    pub(crate) log: Arc<L>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) plan: Plan,
    pub(crate) stop: Stop,
    pub(crate) teller: Arc<Teller>,
    plan_digest: Digest,
    settings: Settings,
    headers: Vec<(String, String)>,
    /// The origin that the extra headers go to, and no other.
    origin: String,
    error: Mutex<Option<EngineError>>,
}

impl<L: VisitLog> Context<L> {
    pub(crate) fn new(
        audit: &Prepared,
        log: Arc<L>,
        shared: Arc<Shared>,
        stop: Stop,
        events: UnboundedSender<Event>,
    ) -> Result<Context<L>, EngineError> {
        let origin = url::Url::parse(&audit.plan.start).map(|u| u.origin().ascii_serialization());
        Ok(Context {
            log,
            shared,
            plan_digest: audit.plan.digest()?,
            plan: audit.plan.clone(),
            stop,
            teller: Arc::new(Teller::new(events)),
            settings: audit.settings.clone(),
            headers: audit.headers.clone(),
            origin: origin.unwrap_or_default(),
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

    /// Whether nothing can be written down any more: sessions end, and say no word.
    pub(crate) fn is_mute(&self) -> bool {
        lock(&self.error).as_ref().is_some_and(EngineError::is_of_the_log)
    }

    /// The first error that ended a session.
    pub(crate) fn into_error(self) -> Option<EngineError> {
        self.error.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
