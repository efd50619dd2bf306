//! Execution contexts: in which frame each is, and which is the page's own world there. Others need them; nothing is
//! written of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::session::observer::Observer;
use crate::session::shared::{Shared, State};

pub(crate) const OBSERVER: Observer = Observer { event, detach, ..Observer::IDLE };

/// The contexts that live.
#[derive(Default)]
pub(crate) struct Contexts {
    /// (target, context) → frame.
    frames: HashMap<(String, i64), String>,
    /// (target, frame) → execution context of the page's own world.
    pages: HashMap<(String, String), i64>,
    /// (target, context) → origin, as the browser has it.
    origins: HashMap<(String, i64), String>,
}

impl Contexts {
    /// Whether it lives.
    pub(crate) fn has(&self, target: &str, context: i64) -> bool {
        self.frames.contains_key(&(target.to_owned(), context))
    }

    /// The frame that it is in; empty for a worker's.
    pub(crate) fn frame(&self, target: &str, context: i64) -> Option<&String> {
        self.frames.get(&(target.to_owned(), context))
    }

    /// Its origin; an empty document has its opener's.
    pub(crate) fn origin(&self, target: &str, context: i64) -> Option<&str> {
        self.origins.get(&(target.to_owned(), context)).map(String::as_str)
    }

    /// The page's own world in a frame.
    pub(crate) fn page(&self, target: &str, frame: &str) -> Option<i64> {
        self.pages.get(&(target.to_owned(), frame.to_owned())).copied()
    }

    /// Whether it is another world than the page's own, which is there as well.
    pub(crate) fn is_isolated(&self, target: &str, context: i64) -> bool {
        let page = self.frame(target, context).and_then(|frame| self.page(target, frame));
        page.is_some_and(|page| page != context)
    }

    /// Every page's own world: target, frame, context.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        self.pages.iter().map(|((target, frame), context)| (target.as_str(), frame.as_str(), *context))
    }
}

/// Takes `Runtime.executionContext*`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    match event.method.as_str() {
        "Runtime.executionContextCreated" => {
            let c = &p["context"];
            let (id, frame) = (c["id"].as_i64().unwrap_or(0), c["auxData"].text("frameId"));
            let contexts = &mut shared.lock().tab.contexts;
            contexts.frames.insert((event.target.clone(), id), frame.clone());
            contexts.origins.insert((event.target.clone(), id), c.text("origin"));
            if c["auxData"].flag("isDefault") {
                contexts.pages.insert((event.target.clone(), frame), id);
            }
        }
        "Runtime.executionContextDestroyed" => {
            let id = p["executionContextId"].as_i64().unwrap_or(0);
            let mut state = shared.lock();
            let contexts = &mut state.tab.contexts;
            contexts.frames.remove(&(event.target.clone(), id));
            contexts.origins.remove(&(event.target.clone(), id));
            contexts.pages.retain(|(t, _), c| !(*t == event.target && *c == id));
            state.visit.timers.forget(&event.target, Some(id));
        }
        "Runtime.executionContextsCleared" => {
            let mut state = shared.lock();
            detach(&mut state, &event.target);
            state.visit.timers.forget(&event.target, None);
        }
        _ => return false,
    }
    true
}

fn detach(state: &mut State, target: &str) {
    let contexts = &mut state.tab.contexts;
    contexts.frames.retain(|(t, _), _| t != target);
    contexts.origins.retain(|(t, _), _| t != target);
    contexts.pages.retain(|(t, _), _| t != target);
}
