//! The banner's first visible paint, seen by a script that hit-tests the viewport.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::consent::Banner;
use affiant_record::page::{Phase, phase};
use serde_json::{Value, json};

use super::standing::{Standing, StandingBanner};
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::cdp::lenient;
use crate::recorder::When;
use crate::session::isolated_world::{WORLD, isolated_world};
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

const SCRIPT: &str = include_str!("js/watcher.js");
/// The watcher looks every 50 ms at best, and tells how long ago it had looked before.
const UNCERTAINTY_MS: f64 = 50.0;

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// Puts the watcher into a target with documents.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if !target.has_documents() {
        return;
    }
    let binding = json!({ "name": shared.options.binding, "executionContextName": WORLD });
    shared.client.post(&target.handle, "Runtime.addBinding", binding);
    shared.client.post(
        &target.handle,
        "Page.addScriptToEvaluateOnNewDocument",
        json!({
            "source": SCRIPT.replace("__BINDING__", &shared.options.binding),
            "worldName": WORLD, "runImmediately": true,
        }),
    );
}

/// Takes reports of the script.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    if event.method != "Runtime.bindingCalled" || p.text("name") != shared.options.binding {
        return false;
    }
    let Some(said) = lenient::read(&p.text("payload")).map(|told| told.value) else { return false };
    if said.text("kind") != "banner" {
        return false;
    }
    let context = p["executionContextId"].as_i64().unwrap_or(0);
    let frame = {
        let state = shared.lock();
        let frame = state.tab.contexts.frame(&event.target, context).cloned();
        let own_world =
            frame.as_ref().is_some_and(|f| state.tab.contexts.page(&event.target, f) == Some(context));
        if own_world {
            // Only the isolated world may speak of banners.
            return true;
        }
        frame
    };
    let when = When::Wall(said.num("wall"));
    let id = said["id"].as_u64().unwrap_or_default();
    let this = StandingBanner { target: event.target.clone(), context, id };
    if said.text("event") == "gone" {
        shared.lock().visit.banners.standing.remove(&this);
        shared.changed.notify_waiters();
        return true;
    }
    if said.text("event") == "operable" {
        let first = !std::mem::replace(&mut shared.lock().visit.banners.operable, true);
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
    shared.lock().visit.banners.standing.insert(this);
    tell(shared, when, banner, "first seen in the viewport, hit-tested", Some(gap));
    true
}

/// Where the watcher saw nothing: a banner in a closed shadow tree, which only the browser's own view of the page
/// shows. When it became visible is not known, only that it was there now.
pub(crate) async fn look_into_closed(shared: &Arc<Shared>) {
    let seen = shared.lock().visit.banners.first.is_some();
    if seen {
        return;
    }
    let Some((text, buttons)) = super::controls::hidden_banner(shared).await else { return };
    let banner = Banner {
        seen_by: "reader".to_owned(),
        text: Some(bounded(&text, 16_384)),
        buttons: buttons.iter().map(|b| bounded(b, 200)).collect(),
        ..Default::default()
    };
    shared.lock().visit.banners.in_closed_tree = true;
    tell(shared, When::Now, banner, "found in a closed shadow tree; it may have been visible before", None);
}

/// What a person takes to read what has changed.
pub(super) const READING: Duration = Duration::from_millis(700);
/// How long a page is given to come to a stop after something was operated: some never do.
const STILL: Duration = Duration::from_secs(4);
/// How long a document's watcher may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until nothing in the page changes or moves any more, as far as that can be waited for: a banner that was
/// answered fades, another one comes, on a slow machine slowly.
pub(crate) async fn still(shared: &Arc<Shared>) {
    let began = Instant::now();
    let end = began + STILL;
    loop {
        let rests = ask(shared, "globalThis.__affiantBanner?.still()").await;
        let read = began.elapsed() >= READING;
        if (rests && read) || Instant::now() >= end || shared.client.is_gone() {
            // What the watchers have told by now is taken in.
            shared.caught_up(PATIENCE).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Turns the driver's eyes to a banner that was not answered, and that a pointer meets, if one stands there.
pub(crate) async fn turn(shared: &Arc<Shared>, answered: &Standing) {
    let mut by_context: BTreeMap<(String, i64), Vec<u64>> = BTreeMap::new();
    for b in shared.lock().standing() {
        by_context.entry((b.target, b.context)).or_default();
    }
    for b in answered {
        if let Some(ids) = by_context.get_mut(&(b.target.clone(), b.context)) {
            ids.push(b.id);
        }
    }
    for ((target, context), ids) in by_context {
        let turn = format!("globalThis.__affiantBanner?.turn({})", json!(ids));
        let ask = json!({ "expression": turn, "contextId": context, "silent": true });
        let _ = shared.client.call_within(&target, "Runtime.evaluate", ask, PATIENCE).await;
    }
}

/// Whether the watchers of the page, and of the frames in which a banner stands, all answer yes.
async fn ask(shared: &Arc<Shared>, question: &str) -> bool {
    let (target, frame, standing) = {
        let state = shared.lock();
        (state.tab.main_target.clone(), state.tab.main_frame.clone(), state.standing())
    };
    let mut places: Vec<(String, Value)> = Vec::new();
    if let Ok(context) = isolated_world(shared, &target, &frame, PATIENCE).await {
        places.push((target, context));
    }
    places.extend(standing.into_iter().map(|b| (b.target, b.context.into())));
    places.dedup();
    let asked = places.iter().map(|(target, context)| {
        let params = json!({
            "expression": question, "contextId": context, "awaitPromise": true, "returnByValue": true,
            "silent": true,
        });
        shared.client.call_within(target, "Runtime.evaluate", params, PATIENCE)
    });
    let answers = futures_util::future::join_all(asked).await;
    !answers.is_empty() && answers.iter().all(|a| a.as_ref().is_ok_and(|a| a["result"]["value"] == true))
}

/// `uncertainty` in ms; nothing: it may have been there since the visit began.
fn tell(shared: &Shared, when: When, banner: Banner, how: &str, uncertainty: Option<f64>) {
    let t = shared.recorder.record(when, Observation::Banner(banner));
    let first = {
        let mut state = shared.lock();
        let first = state.visit.banners.first.is_none();
        state.visit.banners.first.get_or_insert(t);
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
