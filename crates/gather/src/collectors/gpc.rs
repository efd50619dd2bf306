//! Global Privacy Control: the header with every request and the property in every document and worker.
//!
//! Chromium 156 has the signal only behind a switch that does not work in this build, and for a whole browser at once;
//! so it is put in target by target. `Sec-` headers cause no CORS preflight. What the browser sends for itself,
//! without a target (a prefetch of its own), lacks the header.
//! Source: <https://www.w3.org/TR/gpc/>.

use std::sync::Arc;

use serde_json::json;

use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

/// The property.
const SCRIPT: &str = include_str!("js/gpc.js");

pub(crate) const OBSERVER: Observer = Observer { attach, ..Observer::IDLE };

/// Switches the signal on.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if !shared.options.gpc {
        return;
    }
    let (client, handle) = (&shared.client, target.handle.as_str());
    client.post(handle, "Network.setExtraHTTPHeaders", json!({ "headers": { "Sec-GPC": "1" } }));
    if target.has_documents() {
        let put = json!({ "source": SCRIPT, "runImmediately": true });
        client.post(handle, "Page.addScriptToEvaluateOnNewDocument", put);
    } else {
        client.post(handle, "Runtime.evaluate", json!({ "expression": SCRIPT, "silent": true }));
    }
}
