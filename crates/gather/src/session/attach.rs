//! Attaches to every target of the session before its first byte: pages, frame processes, workers.
//!
//! All commands are pipelined and the target is let go last, so nothing runs unwatched.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::page::Target;
use serde_json::json;

use super::observer::ALL;
use super::shared::Shared;
use super::tab::AttachedTarget;
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::collectors::faults;
use crate::probe::guard;
use crate::recorder::When;

/// Pop-ups that are let live in one visit; more are closed at once.
const MAX_POPUPS: u32 = 10;

/// Handles `Target.*`. Tells whether the event was one of its own.
pub(crate) fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    match event.method.as_str() {
        "Target.attachedToTarget" => attached(shared, event),
        "Target.detachedFromTarget" => detached(shared, event),
        "Target.targetCrashed" => {
            let target = event.params.text("targetId");
            let state = shared.lock();
            let ours = state.tab.targets.iter().any(|t| t.id == target);
            drop(state);
            if ours {
                faults::crashed(shared, &target, &event.params.text("status"));
            }
        }
        m if m.starts_with("Target.") => {}
        _ => return false,
    }
    true
}

fn attached(shared: &Arc<Shared>, event: &Event) {
    let info = &event.params["targetInfo"];
    let target = AttachedTarget {
        id: info.text("targetId"),
        kind: info.text("type"),
        handle: event.params.text("sessionId"),
        opener: info.opt_text("openerId"),
    };
    let parent = if event.target.is_empty() {
        target.opener.clone()
    } else {
        Some(shared.lock().tab.target_id(&event.target))
    };
    shared.recorder.record(
        When::Now,
        Observation::Target(Target {
            target: target.id.clone(),
            kind: target.kind.clone(),
            url: bounded(&info.text("url"), 8192),
            parent,
            event: "attached".to_owned(),
            ..Default::default()
        }),
    );
    let flood = {
        let mut state = shared.lock();
        let popup = target.kind == "page" && !state.tab.main_target.is_empty();
        if popup {
            state.visit.popups += 1;
        }
        state.tab.targets.push(target.clone());
        if target.has_documents() {
            // A frame process is named after the frame that it holds.
            state.tab.frames.insert(target.id.clone(), target.handle.clone());
        }
        popup && state.visit.popups > MAX_POPUPS
    };
    watch(shared, &target);
    {
        // Only now may the driver use it: commands are answered in the order of sending.
        let mut state = shared.lock();
        if target.kind == "page" && state.tab.main_target.is_empty() {
            state.tab.main_target = target.handle.clone();
        }
    }
    // While fields are typed into, what it asks for is held, and would be let go if it were closed before that is stopped.
    if flood && !guard::is_up(shared) {
        shared.client.post("", "Target.closeTarget", json!({ "targetId": target.id }));
    }
    shared.changed.notify_waiters();
}

/// Switches everything on and lets the target run.
fn watch(shared: &Arc<Shared>, target: &AttachedTarget) {
    let (client, handle) = (&shared.client, target.handle.as_str());
    for observer in &ALL {
        (observer.attach)(shared, target);
    }
    client.post(handle, "Runtime.setAsyncCallStackDepth", json!({ "maxDepth": 32 }));
    if target.kind == "page" {
        client.post(handle, "Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
    }
    client.post(
        handle,
        "Target.setAutoAttach",
        json!({
            "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
            "filter": [{"type": "service_worker", "exclude": true}, {"type": "iframe"}, {"type": "worker"}, {"type": "worklet"}],
        }),
    );
    client.post(handle, "Runtime.runIfWaitingForDebugger", json!({}));
}

fn detached(shared: &Arc<Shared>, event: &Event) {
    let target = event.params.text("sessionId");
    let gone = {
        let mut state = shared.lock();
        let at = state.tab.targets.iter().position(|t| t.handle == target);
        for observer in &ALL {
            (observer.detach)(&mut state, &target);
        }
        at.map(|i| state.tab.targets.remove(i))
    };
    if let Some(target) = gone {
        shared.recorder.record(
            When::Now,
            Observation::Target(Target {
                target: target.id,
                kind: target.kind,
                event: "gone".to_owned(),
                ..Default::default()
            }),
        );
    }
    shared.changed.notify_waiters();
}
