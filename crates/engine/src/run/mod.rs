//! Running an audit: shares out of a queue, sessions side by side, visit after visit.

mod begin;
mod browsers;
mod capacity;
mod context;
mod live;
mod memory;
mod scheduler;
mod session;
mod shared;

use std::sync::Arc;

use affiant_gather::Stop;
use affiant_plan::Part;
use tokio::sync::mpsc::UnboundedSender;

use crate::{EngineError, Event, Prepared, VisitLog};

pub(crate) use begin::{Begun, begin};
pub use capacity::slots;
pub(crate) use context::Context;
pub(crate) use live::{end, live};
pub(crate) use shared::Shared;

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    /// The first error that ended a session, if one did.
    pub error: Option<EngineError>,
    /// Browsers that were started.
    pub browsers: u32,
}

/// Lives all sessions of an audit, or those that do the parts that earlier ones left undone. What they do is in the log.
pub async fn run<L: VisitLog>(
    audit: Prepared,
    log: Arc<L>,
    parts: Option<Vec<Part>>,
    stop: Stop,
    events: UnboundedSender<Event>,
) -> Result<Ran, EngineError> {
    let slots = audit.parallel.max(1);
    let shared = Arc::new(Shared::new(audit.browser.clone(), slots));
    let context = Arc::new(Context::new(&audit, log, Arc::clone(&shared), stop, events)?);
    scheduler::side_by_side(&context, slots, parts).await;
    let context = Arc::into_inner(context).ok_or(EngineError::Fault("a session is still running"))?;
    let error = context.into_error();
    let shared = Arc::into_inner(shared).ok_or(EngineError::Fault("a session still has a browser"))?;
    Ok(Ran { error, browsers: shared.browsers.close().await })
}
