//! Nothing is submitted: the submit events of forms are stopped before the page hears of them, and while fields are typed
//! into, the network layer lets no document through that a form, or a script, would leave the page for.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Observation;
use affiant_record::probe::SubmitPrevented;
use serde_json::{Value, json};

use crate::GatherError;
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::consent::controls;
use crate::recorder::When;
use crate::session::isolated_world::isolated_world;
use crate::session::shared::Shared;

const SCRIPT: &str = include_str!("js/guard.js");
const PATIENCE: Duration = Duration::from_secs(4);
/// Most that are told of in one visit.
const TOLD: usize = 200;

/// Puts both guards up; what is in force then, in words. The network guard must stand, or nothing is typed.
pub(super) async fn raise(shared: &Arc<Shared>) -> Result<Vec<String>, GatherError> {
    let targets: Vec<String> = {
        let mut state = shared.lock();
        state.visit.guarding = true;
        let documents = state.tab.targets.iter().filter(|t| t.has_documents()).map(|t| t.handle.clone());
        documents.collect()
    };
    let main = shared.lock().tab.main_target.clone();
    for target in targets {
        let asked = shared.client.call_within(&target, "Fetch.enable", patterns(shared), PATIENCE).await;
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

/// For a target that came while fields are typed into: it is held until this is answered.
pub(crate) fn attached(shared: &Arc<Shared>, target: &str) {
    if shared.lock().visit.guarding {
        shared.client.post(target, "Fetch.enable", patterns(shared));
    }
}

/// Whether it is up.
pub(crate) fn guards(shared: &Shared) -> bool {
    shared.lock().visit.guarding
}

fn patterns(shared: &Shared) -> Value {
    let mut patterns = vec![json!({ "resourceType": "Document", "requestStage": "Request" })];
    if !shared.options.headers.is_empty() {
        patterns.push(json!({ "urlPattern": shared.options.header_pattern, "requestStage": "Request" }));
    }
    json!({ "patterns": patterns })
}

/// Takes the network guard down: the page may be left.
pub(super) async fn lower(shared: &Arc<Shared>) {
    let targets: Vec<String> = {
        let mut state = shared.lock();
        if !std::mem::take(&mut state.visit.guarding) {
            return;
        }
        state.visit.forms_going.clear();
        state.tab.targets.iter().filter(|t| t.has_documents()).map(|t| t.handle.clone()).collect()
    };
    for target in targets {
        let (method, params) = if shared.options.headers.is_empty() {
            ("Fetch.disable", json!({}))
        } else {
            let pattern = json!({ "urlPattern": shared.options.header_pattern, "requestStage": "Request" });
            ("Fetch.enable", json!({ "patterns": [pattern] }))
        };
        let _ = shared.client.call_within(&target, method, params, PATIENCE).await;
    }
}

/// A frame is about to go somewhere: remembered where a form asked for it.
pub(crate) fn navigation(shared: &Arc<Shared>, event: &Event) {
    if event.params.text("reason").starts_with("formSubmission") {
        let mut state = shared.lock();
        if state.visit.guarding {
            state.visit.forms_going.insert(event.params.text("frameId"));
        }
    }
}

/// A request that the network layer holds. Whether it was stopped.
pub(crate) fn paused(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    let frame = p.text("frameId");
    let request = &p["request"];
    let beside = {
        let state = shared.lock();
        if !state.visit.guarding || p.text("resourceType") != "Document" {
            return false;
        }
        let target = state.tab.targets.iter().find(|t| t.handle == event.target);
        // The page itself, or one that it opens; a frame's own process is named after its frame.
        let top = target.is_some_and(|t| t.kind == "page" && t.id == frame);
        if !top && request.text("method") != "POST" && !state.visit.forms_going.contains(&frame) {
            return false;
        }
        top && frame != state.tab.main_frame
    };
    if let Some(id) = p.opt_text("networkId") {
        shared.lock().visit.kept_back.insert(id);
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
