//! Makes the clicks that autoconsent asks for with real input events, and writes each of them down.

use std::sync::Arc;
use std::time::{Duration, Instant};

use affiant_record::Observation;
use affiant_record::consent::ConsentAction;
use serde_json::json;

use super::autoconsent::Message;
use super::controls::{Place, press};
use super::{autoconsent, layer};
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::shared::Shared;

/// One click; autoconsent waits for it, so that they come one after another.
pub(super) fn make(shared: &Arc<Shared>, m: Message) {
    if m.message.flag("hides") {
        shared.lock().visit.autoconsent.hides = true;
        return;
    }
    let label = bounded(&m.message.text("label"), 80);
    if m.message.flag("covered") {
        shared.lock().visit.autoconsent.covered = true;
        record(shared, &label, "not clicked: covered by something else");
        return;
    }
    let Some(at) = m.message["at"].as_u64() else { return };
    if !m.message.flag("real") {
        // Its script has clicked already: no pointer reaches the element.
        shared.lock().visit.autoconsent.by_script += 1;
        record(shared, &label, "by script: a pointer does not reach it");
        return;
    }
    let opened = {
        let mut state = shared.lock();
        state.visit.autoconsent.clicking += 1;
        state.visit.autoconsent.clicks == 1
    };
    let me = Arc::clone(shared);
    tokio::spawn(async move {
        if opened {
            // Its first click may have led to a further layer, on which it goes on.
            layer::observe(&me, 2).await;
        }
        let place = Place { target: m.target.clone(), context: m.context.into() };
        let made = press(&me, &place, &format!("globalThis.__affiantClick({at})"), &label).await;
        let ok = made.is_ok();
        {
            let mut state = me.lock();
            state.visit.autoconsent.clicking = state.visit.autoconsent.clicking.saturating_sub(1);
            *(if ok {
                &mut state.visit.autoconsent.clicks
            } else {
                &mut state.visit.autoconsent.by_script
            }) += 1;
        }
        record(&me, &label, &made.err().map(|why| format!("by script: {why}")).unwrap_or_default());
        // Where that did not do, it clicks as it would.
        let answer = format!("__affiantClicked({at}, {ok}); undefined");
        me.client.post(
            &m.target,
            "Runtime.evaluate",
            json!({ "expression": answer, "contextId": m.context }),
        );
        me.changed.notify_waiters();
    });
}

/// Waits until every click that was asked for is made.
pub(super) async fn made(shared: &Arc<Shared>) {
    let end = Instant::now() + Duration::from_secs(5);
    while shared.lock().visit.autoconsent.clicking > 0 && Instant::now() < end {
        shared.change(Duration::from_millis(50)).await;
    }
}

/// Undoes what it has hidden by a style of its own, and remembers that it had.
pub(super) async fn shown_again(shared: &Arc<Shared>, target: &str, context: i64) {
    const UNDO: &str = "(() => { const s = document.getElementById('autoconsent-css-rules'); if (s) s.remove(); return !!(s && s.innerText); })()";
    let ask = json!({ "expression": UNDO, "contextId": context, "returnByValue": true, "silent": true });
    let answer = shared.client.call_within(target, "Runtime.evaluate", ask, Duration::from_secs(2)).await;
    if answer.is_ok_and(|a| a["result"]["value"] == true) {
        shared.lock().visit.autoconsent.hides = true;
    }
}

fn record(shared: &Shared, label: &str, how: &str) {
    let how = if how.is_empty() { String::new() } else { format!(" ({how})") };
    shared.recorder.record(
        When::Now,
        Observation::ConsentAction(ConsentAction {
            driver: autoconsent::driver(),
            step: "operated".to_owned(),
            note: Some(format!("'{label}'{how}")),
            ..Default::default()
        }),
    );
}
