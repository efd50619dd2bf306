//! What a page does to get in the way: dialogs, downloads, crashes. Answered so that nothing hangs, and noted.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::page::{Crash, Dialog, Download};
use serde_json::json;

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if target.has_documents() {
        shared.client.post(&target.handle, "Inspector.enable", json!({}));
    }
}

/// Takes dialogs, downloads and crashes.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    match event.method.as_str() {
        "Page.javascriptDialogOpening" => {
            let kind = p.text("type");
            // Leaving is ours to decide; everything else is refused, as a visitor in a hurry would.
            let accept = kind == "beforeunload";
            shared.client.post(&event.target, "Page.handleJavaScriptDialog", json!({ "accept": accept }));
            shared.recorder.record(
                When::Now,
                Observation::Dialog(Dialog {
                    kind,
                    text: bounded(&p.text("message"), 4096),
                    answer: if accept { "accepted" } else { "dismissed" }.to_owned(),
                    ..Default::default()
                }),
            );
        }
        "Page.javascriptDialogClosed" | "Browser.downloadProgress" => {}
        "Browser.downloadWillBegin" | "Page.downloadWillBegin" => {
            if !shared.lock().tab.frames.contains_key(&p.text("frameId")) {
                return false;
            }
            shared.recorder.record(
                When::Now,
                Observation::Download(Download {
                    url: bounded(&p.text("url"), 65_536),
                    file_name: bounded(&p.text("suggestedFilename"), 1024),
                    ..Default::default()
                }),
            );
        }
        "Inspector.targetCrashed" => {
            let target = shared.lock().tab.target_id(&event.target);
            crashed(shared, &target, "the renderer crashed");
        }
        _ => return false,
    }
    true
}

/// Notes that a target's process went away.
pub(crate) fn crashed(shared: &Arc<Shared>, target: &str, reason: &str) {
    let kind = {
        let mut state = shared.lock();
        let Some(t) = state.tab.targets.iter().find(|t| t.id == target).cloned() else { return };
        if t.handle == state.tab.main_target {
            if state.visit.crashed.is_some() {
                return;
            }
            state.visit.crashed = Some(reason.to_owned());
        }
        t.kind
    };
    shared.recorder.record(
        When::Now,
        Observation::Crash(Crash {
            what: if kind.contains("worker") { "worker" } else { "renderer" }.to_owned(),
            reason: format!("{reason} ({kind})"),
            ..Default::default()
        }),
    );
    shared.changed.notify_waiters();
}
