//! Use of interfaces that tell one browser from another, or that listen to the visitor: the first use of each by
//! each script of a document.

use std::collections::HashSet;
use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::behaviour::ApiCall;
use affiant_record::footer::collectors::API_CALLS;

use super::hooks::Report;
use super::network;
use crate::cdp::json::bounded;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Lines of one visit at most.
const MAX_LINES: usize = 3000;

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

/// The uses of a visit.
#[derive(Default)]
pub(crate) struct Uses {
    /// Which document, script and interface were told.
    told: HashSet<(String, String, String)>,
    dropped: u64,
}

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    let whole = network::seen(visit, reach);
    Some((API_CALLS, visit.status(API_CALLS, visit.api_calls.dropped, "uses", whole)))
}

/// A script used one.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    // Without a frame of the page it was a script of ours that asked.
    let Some(script) = r.stack.iter().flat_map(|s| &s.frames).find(|f| !f.url.is_empty()) else { return };
    let (api, detail) = (bounded(r.field(0), 200), bounded(r.field(1), 500));
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
