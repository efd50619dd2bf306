//! The banner's first visible paint, seen by a script that hit-tests the viewport.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::consent::Banner;
use affiant_record::page::{Phase, phase};
use serde_json::{Value, json};

use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::shared::Shared;
use crate::session::world::WORLD;

const SCRIPT: &str = include_str!("js/watcher.js");
/// The watcher looks every 50 ms at best, and tells how long ago it had looked before.
const UNCERTAINTY_MS: f64 = 50.0;

/// Switches the watcher on for a target with documents.
pub(crate) fn enable(shared: &Arc<Shared>, session: &str) {
    shared.client.post(
        session,
        "Page.addScriptToEvaluateOnNewDocument",
        json!({
            "source": SCRIPT.replace("__BINDING__", &shared.options.binding),
            "worldName": WORLD, "runImmediately": true,
        }),
    );
}

/// Handles reports of the script. Tells whether the event was one of its own.
pub(crate) fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    if event.method != "Runtime.bindingCalled" || p.text("name") != shared.options.binding {
        return false;
    }
    let Ok(said) = serde_json::from_str::<Value>(&p.text("payload")) else { return false };
    if said.text("kind") != "banner" {
        return false;
    }
    let context = p["executionContextId"].as_i64().unwrap_or(0);
    let frame = {
        let state = shared.lock();
        let frame = state.contexts.get(&(event.session.clone(), context)).cloned();
        let own_world = frame
            .as_ref()
            .is_some_and(|f| state.main_worlds.get(&(event.session.clone(), f.clone())) == Some(&context));
        if own_world {
            // Only the isolated world may speak of banners.
            return true;
        }
        frame
    };
    let when = When::Wall(said.num("wall"));
    if said.text("event") == "gone" {
        shared.lock().banner_gone = true;
        shared.changed.notify_waiters();
        return true;
    }
    if said.text("event") == "operable" {
        let first = !std::mem::replace(&mut shared.lock().banner_operable, true);
        if first {
            let gap = said.num("gap").clamp(UNCERTAINTY_MS, 60_000.0);
            let operable = Phase {
                phase: phase::BANNER_OPERABLE.to_owned(),
                how: Some("a control was first met by a pointer's hit-test".to_owned()),
                uncertainty_ms: Some(gap),
                ..Default::default()
            };
            shared.recorder.record(when, Observation::Phase(operable));
        }
        return true;
    }
    let r = said.list("rect");
    let rect = (r.len() == 4).then(|| [0, 1, 2, 3].map(|i| r[i].as_f64().unwrap_or_default()));
    let banner = Banner {
        seen_by: "watcher".to_owned(),
        frame,
        selector: said.opt_text("selector"),
        rect,
        text: said.opt_text("text").map(|s| bounded(&s, 16_384)),
        buttons: said.list("buttons").iter().filter_map(|b| b.as_str()).map(|b| bounded(b, 200)).collect(),
        ..Default::default()
    };
    let gap = said.num("gap").clamp(UNCERTAINTY_MS, 60_000.0);
    tell(shared, when, banner, "first seen in the viewport, hit-tested", Some(gap));
    true
}

/// Where the watcher saw nothing: a banner in a closed shadow tree, which only the browser's own view of the page
/// shows. When it became visible is not known, only that it was there now.
pub(crate) async fn look_into_closed(shared: &Arc<Shared>) {
    let seen = shared.lock().banner_at.is_some();
    if seen {
        return;
    }
    let Some((text, buttons)) = super::reader::hidden_banner(shared).await else { return };
    let banner = Banner {
        seen_by: "reader".to_owned(),
        text: Some(bounded(&text, 16_384)),
        buttons: buttons.iter().map(|b| bounded(b, 200)).collect(),
        ..Default::default()
    };
    shared.lock().banner_closed_tree = true;
    tell(shared, When::Now, banner, "found in a closed shadow tree; it may have been visible before", None);
}

/// `uncertainty` in ms; nothing: it may have been there since the visit began.
fn tell(shared: &Shared, when: When, banner: Banner, how: &str, uncertainty: Option<f64>) {
    let t = shared.recorder.record(when, Observation::Banner(banner));
    let first = {
        let mut state = shared.lock();
        state.banner_gone = false;
        let first = state.banner_at.is_none();
        state.banner_at.get_or_insert(t);
        first
    };
    if first {
        shared.recorder.record(
            when,
            Observation::Phase(Phase {
                phase: phase::BANNER.to_owned(),
                how: Some(how.to_owned()),
                uncertainty_ms: Some(uncertainty.unwrap_or(t)),
                ..Default::default()
            }),
        );
    }
    shared.changed.notify_waiters();
}
