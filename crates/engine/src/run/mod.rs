//! Running an audit: shares out of a queue, sessions side by side, visit after visit.

mod browsers;
mod capacity;
mod context;
mod memory;
mod queue;
mod scheduler;
mod session;

use std::sync::Arc;

use affiant_gather::Stop;
use affiant_plan::{Left, Names};
use tokio::sync::mpsc::UnboundedSender;

use crate::{EngineError, Event, Prepared, VisitLog};
use browsers::Browsers;
use capacity::Worn;
use context::Context;

pub use capacity::slots;
pub use queue::{InMemory, Queue};

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    /// The first error that ended a session, if one did.
    pub error: Option<EngineError>,
    /// Browsers that were started.
    pub browsers: u32,
}

/// How an audit begins: anew, or where it stopped.
#[derive(Debug, Default)]
pub struct Begin {
    /// The names that sessions have already.
    pub names: Names,
    /// What earlier sessions left undone; none where the pages are to be dealt.
    pub parts: Option<Vec<Left>>,
}

/// Lives all sessions of an audit, or those that are left. What they do is in the log.
pub async fn run<L: VisitLog>(
    audit: Prepared,
    log: Arc<L>,
    begin: Begin,
    stop: Stop,
    events: UnboundedSender<Event>,
) -> Result<Ran, EngineError> {
    let slots = audit.parallel.max(1);
    let browsers = Browsers::new(audit.browser.clone(), Worn::with(slots));
    let context =
        Arc::new(Context::new(audit, log, InMemory::default(), begin.names, browsers, stop, events)?);
    scheduler::side_by_side(&context, slots, begin.parts).await;
    let context = Arc::into_inner(context).ok_or(EngineError::Fault("a session is still running"))?;
    let (error, browsers) = context.end();
    Ok(Ran { error, browsers: browsers.close().await })
}
