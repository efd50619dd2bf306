//! Running an audit: shares out of a queue, sessions side by side, visit after visit.

mod begin;
mod browsers;
mod capacity;
mod context;
mod live;
mod memory;
mod scheduler;
mod session;

use std::sync::Arc;

use affiant_gather::Stop;
use affiant_plan::Part;
use tokio::sync::mpsc::UnboundedSender;

use crate::{EngineError, Event, Prepared, VisitLog};
use browsers::Browsers;
use capacity::Worn;
use context::Context;

pub use capacity::slots;

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
    let browsers = Browsers::new(audit.browser.clone(), Worn::with(slots));
    let context = Arc::new(Context::new(audit, log, browsers, stop, events)?);
    scheduler::side_by_side(&context, slots, parts).await;
    let context = Arc::into_inner(context).ok_or(EngineError::Fault("a session is still running"))?;
    let (error, browsers) = context.end();
    Ok(Ran { error, browsers: browsers.close().await })
}
