//! A world of our own in a document: scripts there see the page's document and nothing that the page has replaced.

use std::time::Duration;

use serde_json::{Value, json};

use super::shared::Shared;
use crate::GatherError;

/// Its name. There is one in every frame: the banner watcher lives in it.
pub(crate) const WORLD: &str = "affiant-watcher";

/// The execution context of the world in this frame; made if it is not there yet.
pub(crate) async fn isolated_world(
    shared: &Shared,
    target: &str,
    frame: &str,
    at_most: Duration,
) -> Result<Value, GatherError> {
    let params = json!({ "frameId": frame, "worldName": WORLD });
    let mut world = shared.client.call_within(target, "Page.createIsolatedWorld", params, at_most).await?;
    Ok(world["executionContextId"].take())
}
