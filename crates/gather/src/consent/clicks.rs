//! Makes the clicks that autoconsent asks for with real input events, and writes each of them down.

use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::consent::ConsentAction;
use serde_json::json;

use super::autoconsent;
use super::reader::{Place, press};
use crate::cdp::json::{Read as _, bounded};
use crate::recorder::When;
use crate::session::shared::{ConsentMessage, Shared};

/// One click; autoconsent waits for it, so that they come one after another.
pub(super) fn make(shared: &Arc<Shared>, m: ConsentMessage) {
    let Some(at) = m.message["at"].as_u64() else { return };
    let label = bounded(&m.message.text("label"), 80);
    let real = m.message.flag("real");
    shared.lock().consent_clicks += 1;
    if !real {
        // Its script has clicked already: no pointer reaches the element.
        record(shared, &label, "by script: a pointer does not reach it");
        return;
    }
    let me = Arc::clone(shared);
    tokio::spawn(async move {
        let place = Place { session: m.session.clone(), context: m.context.into() };
        let made = press(&me, &place, &format!("globalThis.__affiantClick({at})"), &label).await;
        match &made {
            Ok(()) => record(&me, &label, ""),
            Err(why) => record(&me, &label, &format!("by script: {why}")),
        }
        // Where that did not do, it clicks as it would.
        let ok = made.is_ok();
        me.client.post(
            &m.session,
            "Runtime.evaluate",
            json!({ "expression": format!("__affiantClicked({at}, {ok}); undefined"), "contextId": m.context }),
        );
    });
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
