//! Tells every page, frame and worker which device it is on, by the browser's own emulation: what its headers, its client hints
//! and its scripts say agrees. The rest is said by switches ([`crate::browser::device`]).

use std::sync::Arc;

use affiant_record::device::Brand;
use serde_json::{Value, json};

use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

pub(crate) const OBSERVER: Observer = Observer { attach, ..Observer::IDLE };

fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    let Some((user_agent, device)) = &shared.options.device else { return };
    let (client, handle) = (&shared.client, target.handle.as_str());
    let h = &device.hints;
    let brands = |all: &[Brand]| -> Value {
        all.iter().map(|b| json!({ "brand": b.brand, "version": b.version })).collect()
    };
    client.post(
        handle,
        "Emulation.setUserAgentOverride",
        json!({
            "userAgent": user_agent,
            "userAgentMetadata": {
                "brands": brands(&h.brands), "fullVersionList": brands(&h.full_versions),
                "fullVersion": h.full_versions.iter().find(|b| b.brand == "Chromium").map(|b| &b.version),
                "platform": h.platform, "platformVersion": h.platform_version, "architecture": h.architecture,
                "bitness": h.bitness, "model": h.model, "mobile": h.mobile, "wow64": false,
                "formFactors": [if h.mobile { "Mobile" } else { "Desktop" }],
            },
        }),
    );
    if !device.touch || !target.has_documents() {
        return;
    }
    client.post(
        handle,
        "Emulation.setTouchEmulationEnabled",
        json!({ "enabled": true, "maxTouchPoints": 5 }),
    );
    if target.kind == "page" {
        let v = &shared.options.vantage;
        let [width, height] = device.screen;
        client.post(
            handle,
            "Emulation.setDeviceMetricsOverride",
            json!({
                "width": v.width, "height": v.height, "deviceScaleFactor": device.scale, "mobile": true,
                "screenWidth": width, "screenHeight": height, "positionX": 0, "positionY": 0,
                "screenOrientation": { "type": "portraitPrimary", "angle": 0 },
            }),
        );
        // What the visitor does is done with a finger.
        let touch = json!({ "enabled": true, "configuration": "mobile" });
        client.post(handle, "Emulation.setEmitTouchEventsForMouse", touch);
    }
}
