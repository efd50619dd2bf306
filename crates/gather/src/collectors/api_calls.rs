//! Use of interfaces that tell one browser from another, or that listen to the visitor: the first use of each by
//! each script of a document.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::behaviour::ApiCall;

use super::hooks::Report;
use crate::cdp::json::bounded;
use crate::session::shared::Shared;

/// Lines of one visit at most.
const MAX_LINES: usize = 3000;

/// A script used one.
pub(crate) fn reported(shared: &Arc<Shared>, r: Report) {
    // Without a frame of the page it was a script of ours that asked.
    let Some(script) = r.stack.iter().flat_map(|s| &s.frames).find(|f| !f.url.is_empty()) else { return };
    let (api, detail) = (bounded(r.field(0), 200), bounded(r.field(1), 500));
    let key = (r.url.clone(), script.url.clone(), format!("{api} {detail}"));
    {
        let mut state = shared.lock();
        if state.visit.api_uses.len() >= MAX_LINES {
            state.visit.api_dropped += u64::from(!state.visit.api_uses.contains(&key));
            return;
        }
        if !state.visit.api_uses.insert(key) {
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
