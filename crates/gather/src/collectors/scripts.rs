//! The scripts of each target as the debugger tells them: their addresses, and for those that a script made at run time
//! (`eval`, `new Function`, an inline script that was written into the page) who made them. Others need them; nothing is
//! written of them.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::session::observer::Observer;
use crate::session::shared::Shared;

/// Scripts of one target that are kept at most.
const MAX_SCRIPTS: usize = 50_000;

pub(crate) const OBSERVER: Observer = Observer {
    event,
    detach: |state, target| {
        state.tab.scripts.0.remove(target);
    },
    ..Observer::IDLE
};

/// Target → script id → address.
#[derive(Default)]
pub(crate) struct Scripts(HashMap<String, HashMap<String, String>>);

impl Scripts {
    /// The address of a script; empty for one that was made at run time.
    pub(crate) fn url(&self, target: &str, script: &str) -> Option<&str> {
        self.0.get(target)?.get(script).map(String::as_str)
    }
}

/// Takes `Debugger.*`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    match event.method.as_str() {
        "Debugger.scriptParsed" => {
            let p = &event.params;
            let mut state = shared.lock();
            let scripts = state.tab.scripts.0.entry(event.target.clone()).or_default();
            if scripts.len() < MAX_SCRIPTS {
                scripts.insert(p.text("scriptId"), bounded(&p.text("url"), 8192));
            }
        }
        // A `debugger` statement in the moment before it was told to skip them.
        "Debugger.paused" => shared.client.post(&event.target, "Debugger.resume", json!({})),
        m => return m.starts_with("Debugger."),
    }
    true
}
