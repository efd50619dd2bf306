//! Takes the session's events in order and hands each to its collector.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use super::attach;
use super::shared::Shared;
use crate::cdp::client::{Event, MARK};
use crate::{collectors, consent};

/// Runs until the subscription ends.
pub(crate) async fn observe(shared: Arc<Shared>, mut events: UnboundedReceiver<Event>) {
    while let Some(event) = events.recv().await {
        if event.method == MARK {
            shared.meet(event.params.as_u64().unwrap_or_default());
            continue;
        }
        let _taken = attach::event(&shared, &event)
            || collectors::network::event(&shared, &event)
            || collectors::websockets::event(&shared, &event)
            || collectors::storage::event(&shared, &event)
            || collectors::frames::event(&shared, &event)
            || collectors::console::event(&shared, &event)
            || collectors::issues::event(&shared, &event)
            || collectors::listeners::event(&shared, &event)
            || collectors::faults::event(&shared, &event)
            || collectors::hooks::event(&shared, &event)
            || consent::watcher::event(&shared, &event)
            || consent::autoconsent::event(&shared, &event);
    }
}
