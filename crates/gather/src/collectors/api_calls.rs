//! Use of interfaces that tell one browser from another, or that listen to the visitor: the first use of each by
//! each script of a document.

use std::collections::HashSet;
use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::behaviour::ApiCall;
use affiant_record::footer::collectors::API_CALLS;

use super::calls::Report;
use super::network;
use crate::cdp::json::{Read as _, bounded};
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Lines of one visit at most.
const MAX_LINES: usize = 3000;

/// Calls that others watch.
const OTHERS: &[&str] =
    &["document.cookie", "CookieStore.", "Storage.", "IDB", "Cache", "setTimeout", "setInterval", "clear"];

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

/// The uses of a visit.
#[derive(Default)]
pub(crate) struct Uses {
    /// Which document, script and interface were told.
    told: HashSet<(String, String, String)>,
    dropped: u64,
}

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    let whole = visit.calls.status_of_others(OTHERS, network::seen(visit, reach));
    Some((API_CALLS, visit.status(API_CALLS, visit.api_calls.dropped, "uses", whole)))
}

/// A script used one.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    let (api, detail) = (r.field(0).to_owned(), shown(&r));
    noted(shared, r, &api, &detail);
}

/// What was asked for: the argument, or what the object holds that was handed over.
fn shown(r: &Report) -> String {
    if let Some(text) = r.field(1).strip_prefix('=') {
        return text.to_owned();
    }
    let all = r.object["preview"].list("properties");
    if let Some(name) = all.iter().find(|p| p.text("name") == "name") {
        return name.text("value");
    }
    let items = all.iter().filter(|p| p.text("name").parse::<u32>().is_ok());
    items.map(|p| p.text("value")).collect::<Vec<_>>().join(",")
}

/// Writes down that a script used one, once a document, script and detail.
pub(crate) fn noted(shared: &Arc<Shared>, r: Report, api: &str, detail: &str) {
    // Without a frame of the page it was a script of ours that asked.
    let Some(script) = r.stack.iter().flat_map(|s| &s.frames).find(|f| !f.url.is_empty()) else { return };
    let (api, detail) = (bounded(api, 200), bounded(detail, 500));
    let key = (r.url.clone(), script.url.clone(), format!("{api} {detail}"));
    {
        let uses = &mut shared.lock().visit.api_calls;
        if uses.told.len() >= MAX_LINES {
            uses.dropped += u64::from(!uses.told.contains(&key));
            return;
        }
        if !uses.told.insert(key) {
            return;
        }
    }
    shared.recorder.record(
        r.when,
        Observation::ApiCall(ApiCall {
            api,
            detail: (!detail.is_empty()).then_some(detail),
            document_url: r.url,
            frame: r.frame,
            stack: r.stack,
            ..Default::default()
        }),
    );
}
