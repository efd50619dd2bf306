//! Who observes a session: each is one entry in the list here, told of every target before that runs anything and of the
//! session's events in order, and asked at a visit's end how far it got.

use std::sync::Arc;

use affiant_record::CollectorStatus;
use tokio::sync::mpsc::UnboundedReceiver;

use super::attach;
use super::coverage::Reach;
use super::shared::{Shared, State};
use super::tab::AttachedTarget;
use super::visit::state::Visit;
use crate::cdp::client::{Event, MARK, UNREAD};
use crate::collectors::{
    api_calls, bodies, calls, console, contexts, cookies, device, dns, faults, frames, gpc, issues,
    listeners, network, page, place, screenshot, scripts, storage, timers, websockets,
};
use crate::consent::{self, autoconsent, watcher};
use crate::probe::{self, guard, interception};

/// One who observes. What it knows it keeps in a struct of its own, in [`super::tab::Tab`] or in [`Visit`].
pub(crate) struct Observer {
    /// Switches it on for a target, before that runs anything.
    pub(crate) attach: fn(&Arc<Shared>, &AttachedTarget),
    /// Takes an event; tells whether it was one of its own. Then nobody else is asked.
    pub(crate) event: fn(&Arc<Shared>, &Event) -> bool,
    /// Forgets a target that is gone, by its handle.
    pub(crate) detach: fn(&mut State, &str),
    /// Its name in the footer, if it has one, and how far it got in the visit.
    pub(crate) status: fn(&Visit, &Reach) -> Option<Status>,
}

/// A collector's name in the footer, and how far it got.
pub(crate) type Status = (&'static str, CollectorStatus);

impl Observer {
    /// One that does nothing.
    pub(crate) const IDLE: Observer =
        Observer { attach: |_, _| {}, event: |_, _| false, detach: |_, _| {}, status: |_, _| None };
}

/// All of them, in the order in which they are switched on for a target.
pub(super) static ALL: [Observer; 27] = [
    network::OBSERVER,
    device::OBSERVER,
    interception::OBSERVER,
    gpc::OBSERVER,
    place::OBSERVER,
    // Calls are told on the console: they come first.
    calls::OBSERVER,
    console::OBSERVER,
    issues::OBSERVER,
    // Before the frames: it takes one of their events.
    guard::OBSERVER,
    frames::OBSERVER,
    faults::OBSERVER,
    storage::OBSERVER,
    watcher::OBSERVER,
    autoconsent::OBSERVER,
    // For these nothing is switched on.
    websockets::OBSERVER,
    bodies::OBSERVER,
    cookies::OBSERVER,
    contexts::OBSERVER,
    scripts::OBSERVER,
    timers::OBSERVER,
    api_calls::OBSERVER,
    listeners::OBSERVER,
    page::OBSERVER,
    screenshot::OBSERVER,
    dns::OBSERVER,
    consent::state::OBSERVER,
    probe::OBSERVER,
];

/// Takes the session's events in order and hands each to whom it belongs, until the subscription ends.
pub(crate) async fn observe(shared: Arc<Shared>, mut events: UnboundedReceiver<Event>) {
    while let Some(event) = events.recv().await {
        if event.method == MARK {
            shared.meet(event.params.as_u64().unwrap_or_default());
            continue;
        }
        if event.method == UNREAD {
            shared.lock().tab.lost.count(event.params.as_str().unwrap_or_default());
            continue;
        }
        let _taken = attach::event(&shared, &event) || ALL.iter().any(|o| (o.event)(&shared, &event));
    }
}
