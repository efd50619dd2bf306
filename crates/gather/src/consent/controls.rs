//! Reading a banner as a person would: its controls by role and name, in every frame and every shadow tree.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::Purpose;
use affiant_record::footer::collectors::CONSENT;
use serde_json::{Value, json};

use super::input;
use super::words::purpose;
use crate::GatherError;
use crate::cdp::json::{Read as _, bounded};
use crate::session::isolated_world::isolated_world;
use crate::session::shared::Shared;

const READ: &str = include_str!("js/controls.js");
const WAYS_BACK: &str = include_str!("js/ways_back.js");
/// How long one frame may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long something that slides in may take.
const SLIDE: Duration = Duration::from_millis(1200);
/// Frames and closed shadow trees that are read at most.
const MOST: usize = 30;

/// Something that a visitor can operate.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    place: Place,
    /// Its place among the elements that are kept in the frame.
    at: u64,
    /// `button`, `link`, `box` or `radio`.
    pub(crate) role: String,
    /// Its name.
    pub(crate) label: String,
    /// The words around a box.
    pub(crate) around: String,
    /// Whether a box is ticked.
    pub(crate) on: Option<bool>,
    /// Whether it cannot be operated.
    pub(crate) off: bool,
    /// Whether it is called like something that closes.
    pub(crate) close: bool,
    /// Whether it is a link to another address.
    pub(crate) leads_away: bool,
    /// Whether it stands over the page, small, and is a consent platform's.
    pub(crate) floating: bool,
}

impl Control {
    /// For which purpose a box stands: by its name, else by the words around it. `Ok(None)`: strictly necessary.
    pub(crate) fn purpose(&self) -> Result<Option<Purpose>, ()> {
        purpose_of(&self.label, &self.around)
    }

    /// Whether it is the same one, of the same reading.
    pub(crate) fn is(&self, other: &Control) -> bool {
        self.at == other.at && self.place.context == other.place.context
    }

    pub(crate) fn is_box(&self) -> bool {
        matches!(self.role.as_str(), "box" | "radio")
    }
}

/// For which purpose a box with this name, and these words around it, stands.
pub(super) fn purpose_of(label: &str, around: &str) -> Result<Option<Purpose>, ()> {
    purpose(label).or_else(|()| purpose(around))
}

/// A document in which scripts of ours run.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) target: String,
    pub(crate) context: Value,
}

/// Reads the controls of the banner; with `second` also those of dialogs that it has opened. Where nothing is found
/// elsewhere, closed shadow trees are looked into.
pub(crate) async fn read(shared: &Arc<Shared>, second: bool) -> Vec<Control> {
    let read = everywhere(shared, second, false).await;
    read.iter().flat_map(|(place, said)| listed(place, &said["controls"])).collect()
}

/// What the reader says of each document in which it found controls: as it says it, with how they look.
pub(super) async fn looks(shared: &Arc<Shared>, second: bool) -> Vec<Value> {
    everywhere(shared, second, true).await.into_iter().map(|(_, said)| said).collect()
}

async fn everywhere(shared: &Arc<Shared>, second: bool, looks: bool) -> Vec<(Place, Value)> {
    let mut out = Vec::new();
    let mut places = Vec::new();
    for (frame, target) in frames(shared) {
        let Ok(context) = isolated_world(shared, &target, &frame, PATIENCE).await else { continue };
        let place = Place { target, context };
        let ask = json!({
            "expression": format!("({READ}).call(undefined, {second}, {looks})"), "contextId": place.context,
            "returnByValue": true, "silent": true, "timeout": 3000,
        });
        let read = shared.client.call_within(&place.target, "Runtime.evaluate", ask, PATIENCE).await;
        out.extend(found(shared, &place, read));
        places.push(place);
    }
    if out.is_empty() {
        for place in places {
            out.extend(closed(shared, &place, second, looks).await);
        }
    }
    out
}

/// What the reader said, where it found something.
fn found(shared: &Shared, place: &Place, read: Result<Value, GatherError>) -> Option<(Place, Value)> {
    let mut answer = read.ok()?;
    if let Some(thrown) = answer["exceptionDetails"]["exception"].opt_text("description") {
        let why = format!("a document's controls could not be read: {}", bounded(&thrown, 200));
        shared.lock().visit.fail(CONSENT, why);
    }
    let said = answer["result"]["value"].take();
    (!said.list("controls").is_empty()).then(|| (place.clone(), said))
}

/// What is in the closed shadow trees of a document.
async fn closed(shared: &Arc<Shared>, place: &Place, second: bool, looks: bool) -> Vec<(Place, Value)> {
    let mut out = Vec::new();
    for root in closed_roots(shared, &place.target).await {
        let ask = json!({ "backendNodeId": root, "executionContextId": place.context });
        let Ok(node) = shared.client.call_within(&place.target, "DOM.resolveNode", ask, PATIENCE).await
        else {
            continue;
        };
        let call = json!({
            "objectId": node["object"]["objectId"], "functionDeclaration": READ,
            "arguments": [{ "value": second }, { "value": looks }], "returnByValue": true, "silent": true,
        });
        let read = shared.client.call_within(&place.target, "Runtime.callFunctionOn", call, PATIENCE).await;
        out.extend(found(shared, place, read));
    }
    out
}

/// Closed shadow roots of a target's documents, as the browser's own view of the tree tells them.
async fn closed_roots(shared: &Arc<Shared>, target: &str) -> Vec<i64> {
    let ask = json!({ "depth": -1, "pierce": true });
    let mut answer = match shared.client.call_within(target, "DOM.getDocument", ask, PATIENCE).await {
        Ok(answer) => answer,
        Err(e) => {
            let mut state = shared.lock();
            // A frame that is gone by then had no banner to be answered.
            if state.tab.main_target == target {
                state
                    .visit
                    .fail(CONSENT, format!("the page's closed shadow trees were not looked into: {e}"));
            }
            return Vec::new();
        }
    };
    let (mut out, mut left) = (Vec::new(), vec![answer["root"].take()]);
    while let Some(mut node) = left.pop() {
        if node["shadowRootType"] == "closed" {
            out.extend(node["backendNodeId"].as_i64());
        }
        for key in ["children", "shadowRoots"] {
            left.extend(node[key].as_array_mut().into_iter().flatten().map(Value::take));
        }
        left.extend(Some(node["contentDocument"].take()).filter(Value::is_object));
        if out.len() >= MOST {
            break;
        }
    }
    // Nobody listens to what the domain tells of the tree.
    shared.client.post(target, "DOM.disable", json!({}));
    out
}

/// The words of the closed shadow trees that talk of consent and can be seen: a banner that the watcher cannot see.
pub(crate) async fn hidden_banner(shared: &Arc<Shared>) -> Option<(String, Vec<String>)> {
    let (target, frame) = {
        let state = shared.lock();
        (state.tab.main_target.clone(), state.tab.main_frame.clone())
    };
    let context = isolated_world(shared, &target, &frame, PATIENCE).await.ok()?;
    let place = Place { target, context };
    for root in closed_roots(shared, &place.target).await {
        let ask = json!({ "backendNodeId": root, "executionContextId": place.context });
        let node = shared.client.call_within(&place.target, "DOM.resolveNode", ask, PATIENCE).await.ok()?;
        let call = json!({
            "objectId": node["object"]["objectId"], "returnByValue": true, "silent": true,
            "functionDeclaration": "function () { const s = globalThis.__affiantBanner; \
                const text = [...this.children].map((c) => c.innerText || '').join(' ').trim(); \
                const seen = s && [...this.children].some((c) => { const r = c.getBoundingClientRect(); \
                  return r.width > 100 && r.height > 20 && r.bottom > 0 && r.top < innerHeight && s.seen(c); }); \
                return seen && s.talks(text) && s.about(text) ? text.slice(0, 8000) : null; }",
        });
        let said = shared.client.call_within(&place.target, "Runtime.callFunctionOn", call, PATIENCE).await;
        let Some(text) = said.ok().and_then(|s| s["result"]["value"].as_str().map(str::to_owned)) else {
            continue;
        };
        let read = closed(shared, &place, false, false).await;
        let labels =
            read.iter().flat_map(|(at, said)| listed(at, &said["controls"])).map(|c| c.label).collect();
        return Some((text, labels));
    }
    None
}

/// Ways back to the preferences that the page shows, with their words.
pub(crate) async fn ways_back(shared: &Arc<Shared>) -> Vec<Control> {
    let mut out = Vec::new();
    for (frame, target) in frames(shared).into_iter().take(1) {
        let Ok(context) = isolated_world(shared, &target, &frame, PATIENCE).await else { continue };
        let place = Place { target, context };
        let ask = json!({
            "expression": WAYS_BACK, "contextId": place.context, "returnByValue": true, "silent": true,
            "timeout": 3000,
        });
        let read = shared.client.call_within(&place.target, "Runtime.evaluate", ask, PATIENCE).await;
        out.extend(read.map(|r| listed(&place, &r["result"]["value"])).unwrap_or_default());
    }
    out
}

/// Clicks on it with real input events, where it stands.
pub(crate) async fn operate(shared: &Arc<Shared>, control: &Control) -> Result<(), String> {
    let expression = format!("globalThis.__affiantFound[{}]", control.at);
    press(shared, &control.place, &expression, &control.label).await
}

/// Clicks on the element that this expression gives, with real input events, where it stands.
pub(crate) async fn press(
    shared: &Arc<Shared>,
    place: &Place,
    expression: &str,
    label: &str,
) -> Result<(), String> {
    let said = |e: GatherError| e.to_string();
    let find = json!({ "expression": expression, "contextId": place.context, "silent": true });
    let found =
        shared.client.call_within(&place.target, "Runtime.evaluate", find, PATIENCE).await.map_err(said)?;
    let object = &found["result"]["objectId"];
    if !object.is_string() {
        return Err(format!("'{label}' is not there any more"));
    }
    let there = json!({ "objectId": object });
    // What stands in the viewport already stays where it is.
    let _ =
        shared.client.call_within(&place.target, "DOM.scrollIntoViewIfNeeded", there.clone(), PATIENCE).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    if covered(shared, place, &there).await {
        return Err(format!("'{label}' is covered by something else"));
    }
    let (x, y) = stands(shared, place, &there, label).await?;
    // Some slide in when the pointer comes to the edge behind which they wait.
    if let Some((w, h)) = viewport(shared).await
        && !((0.0..w).contains(&x) && (0.0..h).contains(&y))
    {
        input::hover(shared, x.clamp(2.0, w - 3.0), y.clamp(2.0, h - 3.0)).await.map_err(said)?;
        tokio::time::sleep(SLIDE).await;
        let (x, y) = stands(shared, place, &there, label).await?;
        return input::press(shared, x, y).await.map_err(said);
    }
    input::click(shared, x, y).await.map_err(said)
}

/// Whether something else stands before an element: a click would meet that.
async fn covered(shared: &Arc<Shared>, place: &Place, element: &Value) -> bool {
    const LOOK: &str = "function () { const r = this.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2; if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return false; const root = this.getRootNode(), hit = (root.elementFromPoint ? root : document).elementFromPoint(x, y); return !!hit && hit !== this && !this.contains(hit) && !hit.contains(this); }";
    let ask = json!({
        "functionDeclaration": LOOK, "objectId": element["objectId"], "returnByValue": true, "silent": true,
    });
    let answer = shared.client.call_within(&place.target, "Runtime.callFunctionOn", ask, PATIENCE).await;
    answer.is_ok_and(|a| a["result"]["value"] == true)
}

/// The middle of an element, in the page's coordinates.
async fn stands(
    shared: &Arc<Shared>,
    place: &Place,
    element: &Value,
    label: &str,
) -> Result<(f64, f64), String> {
    let ask = shared.client.call_within(&place.target, "DOM.getContentQuads", element.clone(), PATIENCE);
    let quads = ask.await.map_err(|e| e.to_string())?;
    let (x, y) = centre(&quads["quads"][0]).ok_or_else(|| format!("'{label}' has no place"))?;
    let (dx, dy) = offset(shared, place).await;
    Ok((x + dx, y + dy))
}

/// Width and height of the page's viewport, in CSS pixels.
async fn viewport(shared: &Shared) -> Option<(f64, f64)> {
    let target = shared.lock().tab.main_target.clone();
    let ask = shared.client.call_within(&target, "Page.getLayoutMetrics", json!({}), PATIENCE);
    let v = &ask.await.ok()?["cssLayoutViewport"];
    Some((v["clientWidth"].as_f64()?, v["clientHeight"].as_f64()?)).filter(|(w, h)| *w > 10.0 && *h > 10.0)
}

/// Where a frame that has a process of its own, and coordinates of its own, begins in the page.
async fn offset(shared: &Arc<Shared>, place: &Place) -> (f64, f64) {
    let (mut x, mut y) = (0.0, 0.0);
    let mut target = place.target.clone();
    for _ in 0..4 {
        let (id, others) = {
            let state = shared.lock();
            if target == state.tab.main_target {
                break;
            }
            let others: Vec<String> = std::iter::once(state.tab.main_target.clone())
                .chain(state.tab.targets.iter().map(|t| t.handle.clone()))
                .collect();
            (state.tab.target_id(&target), others)
        };
        let Some((parent, dx, dy)) = owner(shared, &id, &target, others).await else { break };
        (x, y, target) = (x + dx, y + dy, parent);
    }
    (x, y)
}

/// The target whose document holds this frame, and where in it.
async fn owner(shared: &Shared, frame: &str, own: &str, targets: Vec<String>) -> Option<(String, f64, f64)> {
    for target in targets.into_iter().filter(|t| t != own).take(MOST) {
        let ask = json!({ "frameId": frame });
        let Ok(owner) = shared.client.call_within(&target, "DOM.getFrameOwner", ask, PATIENCE).await else {
            continue;
        };
        let ask = json!({ "backendNodeId": owner["backendNodeId"] });
        let quads = shared.client.call_within(&target, "DOM.getContentQuads", ask, PATIENCE).await.ok()?;
        return Some((target, quads["quads"][0][0].as_f64()?, quads["quads"][0][1].as_f64()?));
    }
    None
}

fn centre(quad: &Value) -> Option<(f64, f64)> {
    let q: Vec<f64> = quad.as_array()?.iter().filter_map(Value::as_f64).collect();
    let [x1, y1, x2, y2, x3, y3, x4, y4] = q.as_slice() else { return None };
    Some(((x1 + x2 + x3 + x4) / 4.0, (y1 + y2 + y3 + y4) / 4.0))
}

/// The main frame first, then the others.
pub(crate) fn frames(shared: &Arc<Shared>) -> Vec<(String, String)> {
    let state = shared.lock();
    let main = (state.tab.main_frame.clone(), state.tab.main_target.clone());
    let mut others: Vec<(String, String)> =
        state.tab.frames.iter().filter(|(f, _)| **f != main.0).map(|(f, s)| (f.clone(), s.clone())).collect();
    others.sort();
    std::iter::once(main).chain(others).take(MOST).collect()
}

fn listed(place: &Place, all: &Value) -> Vec<Control> {
    let text = |c: &Value, key: &str| c.text(key).chars().take(160).collect::<String>();
    all.as_array()
        .into_iter()
        .flatten()
        .filter_map(|c| {
            Some(Control {
                place: place.clone(),
                at: c["at"].as_u64()?,
                role: text(c, "role"),
                label: text(c, "label"),
                around: text(c, "around"),
                on: c["on"].as_bool(),
                off: c.flag("off"),
                close: c.flag("close"),
                floating: c.flag("floating"),
                leads_away: !matches!(c.text("href").chars().next(), None | Some('#'))
                    && !c.text("href").starts_with("javascript:"),
            })
        })
        .collect()
}
