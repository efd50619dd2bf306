//! Web storage, IndexedDB and Cache Storage: what was written, and by which script.
//!
//! Changes of web storage are told by the browser, the script behind them by a hook in the page just before: the
//! two are put together. A write that changes nothing is told by the hook alone, one that goes round the hook
//! (`localStorage.x = 1`) by the browser alone. IndexedDB and Cache Storage are told by the hooks.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::footer::collectors::STORAGE;
use affiant_record::storage::StorageWrite;
use serde_json::json;

use super::hooks::Report;
use super::network;
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;
use crate::session::visit::state::Visit;

/// Largest value that is kept whole, in bytes.
const MAX_VALUE: usize = 64 * 1024;
/// How long a script's report waits for the browser's, which comes once the page's main thread is free.
const WAIT: Duration = Duration::from_secs(5);

pub(crate) const OBSERVER: Observer = Observer { attach, event, status, ..Observer::IDLE };

/// Writes to web storage that a script told and the browser has not yet, in order.
#[derive(Default)]
pub(crate) struct Reports(VecDeque<(Instant, Report)>);

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if target.has_documents() {
        shared.enable(STORAGE, target, "DOMStorage.enable", json!({}));
    }
}

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((STORAGE, visit.failed(STORAGE).unwrap_or_else(|| network::seen(visit, reach))))
}

/// Takes `DOMStorage.*`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
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
    let area = if local { "local" } else { "session" };
    let mut line = StorageWrite {
        area: area.to_owned(),
        origin,
        change: change.to_owned(),
        key: bounded(&key, 4096),
        cut_from: value.as_ref().filter(|v| v.len() > MAX_VALUE).map(|v| v.chars().count() as u64),
        value: value.as_ref().map(|v| bounded(v, MAX_VALUE)),
        told_by: "browser".to_owned(),
        ..Default::default()
    };
    let by = {
        let waiting = &mut shared.lock().visit.storage.0;
        let at = waiting.iter().position(|(_, r)| is_of(r, &line));
        at.and_then(|i| waiting.remove(i))
    };
    let when = by.as_ref().map_or(When::Now, |(_, r)| r.when);
    if let Some((_, r)) = by {
        line.told_by = "browser+script".to_owned();
        (line.document_url, line.frame, line.stack) = (Some(r.url), r.frame, r.stack);
    }
    let t = shared.recorder.record(when, Observation::StorageWrite(line));
    if let Some(value) = value {
        let source = format!("{}:{key}", if local { "local" } else { "session" });
        shared.lock().visit.stored.note(t, source, bounded(&value, MAX_VALUE));
        shared.changed.notify_waiters();
    }
    true
}

/// Whether a script's report is of this change.
fn is_of(r: &Report, line: &StorageWrite) -> bool {
    let change = match line.change.as_str() {
        "added" | "updated" => "put",
        other => other,
    };
    let same_value = || match (&line.value, r.field(3).strip_prefix('=')) {
        (Some(now), Some(told)) => now.starts_with(told) || told.starts_with(now.as_str()),
        (now, told) => now.is_none() && told.is_none(),
    };
    // The browser tells no keys when all is cleared.
    r.field(0) == line.area
        && r.field(1) == change
        && (change == "cleared" || r.field(2) == line.key)
        && same_value()
}

/// A script writes. Web storage waits for the browser's word.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    if !matches!(r.field(0), "local" | "session") {
        write(shared, r);
        return;
    }
    shared.lock().visit.storage.0.push_back((Instant::now(), r));
    flush(shared, WAIT);
}

/// Writes the reports that have waited for so long without a word of the browser: nothing changed by them.
pub(crate) fn flush(shared: &Arc<Shared>, waited: Duration) {
    loop {
        let next = {
            let waiting = &mut shared.lock().visit.storage.0;
            let old = waiting.front().is_some_and(|(at, _)| at.elapsed() >= waited);
            if old { waiting.pop_front() } else { None }
        };
        let Some((_, r)) = next else { return };
        write(shared, r);
    }
}

/// Writes what a script alone has told.
fn write(shared: &Arc<Shared>, r: Report) {
    let known =
        |word: &str, of: &[&'static str]| of.iter().copied().find(|w| *w == word).unwrap_or("unknown");
    let origin = url::Url::parse(&r.url).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    let line = StorageWrite {
        area: known(r.field(0), &["local", "session", "indexed-db", "cache"]).to_owned(),
        change: known(r.field(1), &["put", "added", "updated", "removed", "cleared"]).to_owned(),
        origin,
        key: bounded(r.field(2), 16_384),
        value: r.field(3).strip_prefix('=').map(|v| bounded(v, MAX_VALUE)),
        told_by: "script".to_owned(),
        document_url: Some(r.url),
        frame: r.frame,
        stack: r.stack,
        ..Default::default()
    };
    shared.recorder.record(r.when, Observation::StorageWrite(line));
}
