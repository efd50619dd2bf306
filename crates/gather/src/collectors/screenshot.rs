//! A picture of the viewport at each phase.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::footer::collectors::SCREENSHOTS;
use affiant_record::page::Screenshot;
use affiant_record::{BlobRef, Observation};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Taking a picture can hang: bounded.
const PATIENCE: Duration = Duration::from_secs(8);

pub(crate) const OBSERVER: Observer = Observer { status, ..Observer::IDLE };

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((SCREENSHOTS, reach.looked(visit, SCREENSHOTS)))
}

/// Takes the picture.
pub(crate) async fn take(shared: &Arc<Shared>, phase: &str) {
    let target = shared.lock().tab.main_target.clone();
    let asked = shared
        .client
        .call_within(
            &target,
            "Page.captureScreenshot",
            json!({ "format": "jpeg", "quality": 80, "optimizeForSpeed": true }),
            PATIENCE,
        )
        .await
        .map_err(|e| e.to_string())
        .and_then(|v| BASE64_STANDARD.decode(v.text("data")).map_err(|e| e.to_string()));
    match asked {
        Ok(bytes) => {
            // Pictures are kept whole, whatever the limit for bodies.
            match shared.recorder.blobs.keep(&bytes, usize::MAX) {
                Ok(image) => picture(shared, phase, image),
                Err(e) => {
                    shared.lock().visit.fail(SCREENSHOTS, e.to_string());
                }
            }
        }
        Err(e) => {
            shared.lock().visit.fail(SCREENSHOTS, format!("no picture in phase {phase}: {e}"));
        }
    }
}

fn picture(shared: &Arc<Shared>, phase: &str, image: BlobRef) {
    shared.recorder.record(
        When::Now,
        Observation::Screenshot(Screenshot {
            phase: phase.to_owned(),
            image,
            mime: "image/jpeg".to_owned(),
            ..Default::default()
        }),
    );
}
