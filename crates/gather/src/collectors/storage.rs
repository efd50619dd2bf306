//! localStorage and sessionStorage.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::storage::StorageWrite;
use serde_json::json;

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::shared::{Shared, Stored};

/// Largest value that is kept whole, in bytes.
const MAX_VALUE: usize = 64 * 1024;

/// Switches the collector on for a target.
pub(crate) fn enable(shared: &Arc<Shared>, session: &str) {
    shared.enable(affiant_record::footer::collectors::STORAGE, session, "DOMStorage.enable", json!({}));
}

/// Handles `DOMStorage.*`. Tells whether the event was one of its own.
pub(crate) fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let change = match event.method.as_str() {
        "DOMStorage.domStorageItemAdded" => "added",
        "DOMStorage.domStorageItemUpdated" => "updated",
        "DOMStorage.domStorageItemRemoved" => "removed",
        "DOMStorage.domStorageItemsCleared" => "cleared",
        _ => return false,
    };
    let p = &event.params;
    let id = &p["storageId"];
    let local = id.flag("isLocalStorage");
    let value = p.opt_text("newValue");
    let key = p.text("key");
    let origin =
        id.opt_text("storageKey").filter(|s| !s.is_empty()).unwrap_or_else(|| id.text("securityOrigin"));
    let t = shared.recorder.record(
        When::Now,
        Observation::StorageWrite(StorageWrite {
            area: if local { "local" } else { "session" }.to_owned(),
            origin,
            change: change.to_owned(),
            key: bounded(&key, 4096),
            cut_from: value.as_ref().filter(|v| v.len() > MAX_VALUE).map(|v| v.chars().count() as u64),
            value: value.as_ref().map(|v| bounded(v, MAX_VALUE)),
            ..Default::default()
        }),
    );
    if let Some(value) = value {
        let source = format!("{}:{key}", if local { "local" } else { "session" });
        shared.lock().stored.push(Stored { t, source, value: bounded(&value, MAX_VALUE) });
        shared.changed.notify_waiters();
    }
    true
}
