//! Web storage, IndexedDB and Cache Storage: what was written, and by which script.
//!
//! Changes of web storage are told by the browser, the script behind them by the call just before: the two are put
//! together. A write that changes nothing is told by its call alone, one without a call (`localStorage.x = 1`) by the
//! browser alone. Writes to IndexedDB and Cache Storage are told by their calls.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::footer::collectors::STORAGE;
use affiant_record::storage::StorageWrite;
use serde_json::json;

use super::calls::Report;
use super::{network, objects};
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
    let whole = visit.calls.status(&["Storage.", "IDB", "Cache"], network::seen(visit, reach));
    Some((STORAGE, visit.failed(STORAGE).unwrap_or(whole)))
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
    // A value that is no text is told by the browser alone.
    let same = |told: &str, now: Option<&str>| match (now, told.strip_prefix('=')) {
        _ if told == "?" => true,
        (Some(now), Some(told)) => now.starts_with(told) || told.starts_with(now),
        (now, told) => now.is_none() && told.is_none(),
    };
    // The browser tells no keys when all is cleared.
    r.field(0) == line.area
        && r.field(1) == change
        && (change == "cleared"
            || r.field(2) == "?"
            || r.field(2).strip_prefix('=').is_some_and(|k| bounded(k, 4096) == line.key))
        && same(r.field(3), line.value.as_deref())
}

/// A script writes to web storage. That waits for the browser's word.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    shared.lock().visit.storage.0.push_back((Instant::now(), r));
    flush(shared, WAIT);
}

/// A script writes to IndexedDB or Cache Storage, of which nothing else tells.
pub(crate) fn reported_alone(shared: &Arc<Shared>, area: &'static str, r: Report) {
    if r.object["objectId"].is_null() {
        let value = Some(r.field(3).to_owned()).filter(|v| !v.is_empty());
        let key = r.field(1).to_owned();
        return write(shared, r, area, key, value);
    }
    let me = Arc::clone(shared);
    shared.follow_up(async move {
        let value = objects::whole(&me, &r.target, &r.object).await;
        let mut key = r.field(1).to_owned();
        if area == "cache" {
            for one in value.as_array().into_iter().flatten() {
                write(&me, r.clone(), area, format!("{key}{}", one.as_str().unwrap_or_default()), None);
            }
            return;
        }
        if let Some(in_value) = Some(r.field(2)).filter(|p| !p.is_empty()).and_then(|p| value.get(p)) {
            key += &in_value.to_string();
        }
        write(&me, r, area, key, Some(value.to_string()));
    });
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
        let key = r.field(2).strip_prefix('=').unwrap_or_default().to_owned();
        let value = r.field(3).strip_prefix('=').map(str::to_owned);
        let area = if r.field(0) == "local" { "local" } else { "session" };
        write(shared, r, area, key, value);
    }
}

/// Writes what a call alone has told.
fn write(shared: &Arc<Shared>, r: Report, area: &str, key: String, value: Option<String>) {
    let change = if matches!(area, "local" | "session") { r.field(1) } else { r.field(0) };
    let origin = url::Url::parse(&r.url).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    let line = StorageWrite {
        area: area.to_owned(),
        change: change.to_owned(),
        origin,
        key: bounded(&key, 16_384),
        cut_from: value.as_ref().filter(|v| v.len() > MAX_VALUE).map(|v| v.chars().count() as u64),
        value: value.map(|v| bounded(&v, MAX_VALUE)),
        told_by: "script".to_owned(),
        document_url: Some(r.url),
        frame: r.frame,
        stack: r.stack,
        ..Default::default()
    };
    shared.recorder.record(r.when, Observation::StorageWrite(line));
}
