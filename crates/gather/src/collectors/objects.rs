//! What an object of the page's holds, as the browser shows it: none of its code runs, so the page does not notice. The
//! page goes on meanwhile, and may have changed it: what is shown is a claim.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cdp::json::{Read as _, bounded};
use crate::session::shared::Shared;

/// Properties of one object that are read at most, and how deep.
const MAX_PROPERTIES: usize = 40;
const MAX_DEPTH: u32 = 3;
/// Longest text of one value, in bytes.
const MAX_TEXT: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(3);

/// Its own properties: texts, numbers and truths as they are, objects as what they are called.
pub(crate) async fn properties(shared: &Shared, target: &str, object: &Value) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for (name, value) in own(shared, target, object).await {
        let shown = value.get("value").cloned().unwrap_or_else(|| value.text("description").into());
        out.insert(name, shown);
        release(shared, target, &value);
    }
    release(shared, target, object);
    out
}

/// The whole of it, as deep and as long as fits; what is no data is left out.
pub(crate) async fn whole(shared: &Shared, target: &str, object: &Value) -> Value {
    Box::pin(inner(shared, target, object, 0)).await
}

async fn inner(shared: &Shared, target: &str, object: &Value, depth: u32) -> Value {
    if object["objectId"].is_null() {
        return plain(object);
    }
    if depth >= MAX_DEPTH {
        release(shared, target, object);
        return "…".into();
    }
    let mut out = Map::new();
    for (name, value) in own(shared, target, object).await {
        if value["type"] != "function" {
            out.insert(name, Box::pin(inner(shared, target, &value, depth + 1)).await);
        }
    }
    let named = object.text("subtype");
    release(shared, target, object);
    if named == "array" {
        out.remove("length");
        return out.into_iter().map(|(_, v)| v).collect::<Vec<_>>().into();
    }
    if out.is_empty() && !named.is_empty() {
        // A date, a buffer: what the browser calls it.
        return bounded(&object.text("description"), MAX_TEXT).into();
    }
    out.into()
}

fn plain(object: &Value) -> Value {
    match &object["value"] {
        Value::String(s) => bounded(s, MAX_TEXT).into(),
        Value::Null => object.opt_text("unserializableValue").map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}

async fn own(shared: &Shared, target: &str, object: &Value) -> Vec<(String, Value)> {
    let params = json!({ "objectId": object["objectId"], "ownProperties": true });
    let answer = shared.client.call_within(target, "Runtime.getProperties", params, PATIENCE).await;
    let Ok(answer) = answer else { return Vec::new() };
    let all = answer.list("result").iter().filter(|p| p["value"].is_object() && p.flag("enumerable"));
    all.take(MAX_PROPERTIES).map(|p| (bounded(&p.text("name"), 200), p["value"].clone())).collect()
}

fn release(shared: &Shared, target: &str, object: &Value) {
    if let Some(id) = object["objectId"].as_str() {
        shared.client.post(target, "Runtime.releaseObject", json!({ "objectId": id }));
    }
}
