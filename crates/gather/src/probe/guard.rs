//! Nothing is submitted: the submit events of forms are stopped before the page hears of them, and while fields are typed
//! into, the network layer lets no document through that a form, or a script, would leave the page for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::probe::SubmitPrevented;
use serde_json::json;

use super::interception;
use crate::GatherError;
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::consent::controls;
use crate::recorder::When;
use crate::session::isolated_world::isolated_world;
use crate::session::observer::Observer;
use crate::session::shared::Shared;

const SCRIPT: &str = include_str!("js/guard.js");
const PATIENCE: Duration = Duration::from_secs(4);
/// Most that are told of in one visit.
const TOLD: usize = 200;

pub(crate) const OBSERVER: Observer = Observer { event, ..Observer::IDLE };

/// The guard in a visit.
#[derive(Default)]
pub(crate) struct Guarding {
    /// Whether fields are typed into: nothing may be submitted.
    up: bool,
    /// Requests that were kept from leaving, by the browser's id.
    kept_back: HashSet<String>,
    /// Frames that a form is about to take elsewhere.
    forms_going: HashSet<String>,
}

impl Guarding {
    /// Whether this request was kept from leaving; it has failed now.
    pub(crate) fn kept_back(&mut self, id: &str) -> bool {
        self.kept_back.remove(id)
    }
}

/// Puts both guards up; what is in force then, in words. The network guard must stand, or nothing is typed.
pub(super) async fn raise(shared: &Arc<Shared>) -> Result<Vec<String>, GatherError> {
    let (targets, main) = {
        let mut state = shared.lock();
        state.visit.guard.up = true;
        (state.tab.with_documents(), state.tab.main_target.clone())
    };
    for target in targets {
        let asked = interception::hold(shared, &target, true, PATIENCE).await;
        if target == main {
            asked?;
        }
    }
    let (mut documents, mut without) = (0, 0);
    for (frame, target) in controls::frames(shared) {
        let watched = async {
            let context = isolated_world(shared, &target, &frame, PATIENCE).await?;
            let ask = json!({ "expression": SCRIPT, "contextId": context, "silent": true, "timeout": 2000 });
            shared.client.call_within(&target, "Runtime.evaluate", ask, PATIENCE).await
        };
        match watched.await {
            Ok(_) => documents += 1,
            Err(_) => without += 1,
        }
    }
    let mut out = vec![
        "the network layer stops every document that would replace the page, open beside it, or take a form in a frame".to_owned(),
        format!("submit events are stopped in {documents} documents"),
        "no key is pressed and nothing is clicked that submits a form".to_owned(),
    ];
    if without > 0 {
        out.push(format!("in {without} frames submit events could not be watched"));
    }
    Ok(out)
}

/// Whether it is up.
pub(crate) fn is_up(shared: &Shared) -> bool {
    shared.lock().visit.guard.up
}

/// Takes the network guard down: the page may be left.
pub(super) async fn lower(shared: &Arc<Shared>) {
    let targets = {
        let mut state = shared.lock();
        if !std::mem::take(&mut state.visit.guard.up) {
            return;
        }
        state.visit.guard.forms_going.clear();
        state.tab.with_documents()
    };
    for target in targets {
        let _ = interception::hold(shared, &target, false, PATIENCE).await;
    }
}

/// A frame is about to go somewhere: remembered where a form asked for it.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    if event.method != "Page.frameRequestedNavigation" {
        return false;
    }
    if event.params.text("reason").starts_with("formSubmission") {
        let guard = &mut shared.lock().visit.guard;
        if guard.up {
            guard.forms_going.insert(event.params.text("frameId"));
        }
    }
    true
}

/// A request that the network layer holds. Whether it was stopped.
pub(super) fn stops(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    let frame = p.text("frameId");
    let request = &p["request"];
    let beside = {
        let state = shared.lock();
        if !state.visit.guard.up || p.text("resourceType") != "Document" {
            return false;
        }
        let target = state.tab.targets.iter().find(|t| t.handle == event.target);
        // The page itself, or one that it opens; a frame's own process is named after its frame.
        let top = target.is_some_and(|t| t.kind == "page" && t.id == frame);
        if !top && request.text("method") != "POST" && !state.visit.guard.forms_going.contains(&frame) {
            return false;
        }
        top && frame != state.tab.main_frame
    };
    if let Some(id) = p.opt_text("networkId") {
        shared.lock().visit.guard.kept_back.insert(id);
    }
    shared.client.post(
        &event.target,
        "Fetch.failRequest",
        json!({ "requestId": p.text("requestId"), "errorReason": "Aborted" }),
    );
    if beside {
        // It was opened for this.
        shared.client.post("", "Target.closeTarget", json!({ "targetId": frame }));
    }
    shared.recorder.record(
        When::Now,
        Observation::SubmitPrevented(SubmitPrevented {
            frame,
            how: "navigation".to_owned(),
            url: bounded(&request.text("url"), 8192),
            method: request.text("method"),
            ..Default::default()
        }),
    );
    true
}

/// Writes down the submit events that were stopped since this was last asked.
pub(super) async fn stopped(shared: &Arc<Shared>) {
    for (frame, target) in controls::frames(shared) {
        let Ok(context) = isolated_world(shared, &target, &frame, PATIENCE).await else { continue };
        let ask = json!({
            "expression": "globalThis.__affiantGuard?.stopped.splice(0) ?? []", "contextId": context,
            "returnByValue": true, "silent": true, "timeout": 2000,
        });
        let Ok(answer) = shared.client.call_within(&target, "Runtime.evaluate", ask, PATIENCE).await else {
            continue;
        };
        for s in answer["result"]["value"].as_array().into_iter().flatten().take(TOLD) {
            let when = s["t"].as_f64().map_or(When::Now, When::Wall);
            shared.recorder.record(
                when,
                Observation::SubmitPrevented(SubmitPrevented {
                    frame: frame.clone(),
                    how: "event".to_owned(),
                    url: bounded(&s.text("url"), 8192),
                    method: s.text("method"),
                    ..Default::default()
                }),
            );
        }
    }
}
