//! Frames, and the load of the main document.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::page::Frame;
use serde_json::json;

use super::stack;
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::{Shared, State};
use crate::session::tab::AttachedTarget;

pub(crate) const OBSERVER: Observer = Observer { attach, event, detach, ..Observer::IDLE };

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if target.has_documents() {
        shared.client.post(&target.handle, "Page.enable", json!({}));
    }
}

fn detach(state: &mut State, target: &str) {
    state.tab.frames.retain(|_, t| t != target);
}

/// Takes `Page.frame*` and the load.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    let mut line = Frame::default();
    match event.method.as_str() {
        "Page.frameAttached" => {
            line.frame = p.text("frameId");
            line.parent = p.opt_text("parentFrameId");
            line.event = "attached".to_owned();
            line.stack = stack::segments(&p["stack"], &shared.options.binding);
            shared.lock().tab.frames.insert(line.frame.clone(), event.target.clone());
        }
        "Page.frameNavigated" => {
            let f = &p["frame"];
            line.frame = f.text("id");
            line.parent = f.opt_text("parentId");
            line.event = "navigated".to_owned();
            line.url =
                Some(bounded(&(f.text("url") + f["urlFragment"].as_str().unwrap_or_default()), 65_536));
            let mut state = shared.lock();
            state.tab.frames.insert(line.frame.clone(), event.target.clone());
            if line.frame == state.tab.main_frame {
                state.tab.main_url = f.text("url");
            }
            drop(state);
            shared.changed.notify_waiters();
        }
        "Page.frameDetached" => {
            line.frame = p.text("frameId");
            line.event = "gone".to_owned();
            if p.text("reason") == "remove" {
                shared.lock().tab.frames.remove(&line.frame);
            }
        }
        "Page.loadEventFired" => {
            let mut state = shared.lock();
            if state.tab.main_target == event.target {
                state.visit.loaded = true;
            }
            drop(state);
            shared.changed.notify_waiters();
            return true;
        }
        m if m.starts_with("Page.frame") || m == "Page.domContentEventFired" => return true,
        _ => return false,
    }
    line.target = shared.lock().tab.target_id(&event.target);
    shared.recorder.record(When::Now, Observation::Frame(line));
    true
}
