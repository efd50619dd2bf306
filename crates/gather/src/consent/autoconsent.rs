//! DuckDuckGo's autoconsent, embedded unmodified: it recognises platforms and makes the choice.
//!
//! Its content script runs in an isolated world of every frame and talks over a binding. Its success means that
//! its steps ran, not that a choice was stored: that is for [`super::state`] and [`super::outcome`] to find out.

use std::sync::{Arc, LazyLock};

use affiant_record::Observation;
use affiant_record::consent::{Banner, ConsentAction};
use regex::Regex;
use serde_json::{Value, json};

use super::{AUTOCONSENT_VERSION, clicks};
use crate::cdp::client::Event;
use crate::cdp::json::{Read as _, bounded};
use crate::cdp::lenient;
use crate::recorder::When;
use crate::session::observer::Observer;
use crate::session::shared::Shared;
use crate::session::tab::AttachedTarget;

const WORLD: &str = "affiant-consent";
const SCRIPT: &str = include_str!("../../../../third_party/autoconsent/autoconsent.playwright.js");
/// Takes over its clicks; comes before it.
const CLICKS: &str = include_str!("js/clicks.js");
const RULES: &str = include_str!("../../../../third_party/autoconsent/rules.json");

/// What its snippets call in order to choose.
static CHOOSES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let calls = r"(?i)\b(acceptAllConsents|denyAllConsents|closeCMP|respondAll|declineAllCategories|submitAllCategories|handleAcceptAllClick|setConsentValue|setDnsState|changeAll|saveAndApplyConsents|rejectAll|allowAll|setUser(Dis)?AgreeToAll|openCurrentUserStatusTransaction|submitCustomConsent|withdraw|Cookiebot\.hide)\s*\(|\(\W?setConsent\b";
    Regex::new(calls).ok()
});

/// For frames: only the rules that are made for frames; all 797 in each of dozens of frames would cost seconds.
static FRAME_RULES: LazyLock<String> = LazyLock::new(|| {
    let mut all: Value = serde_json::from_str(RULES).unwrap_or_default();
    if let Some(list) = all["autoconsent"].as_array_mut() {
        list.retain(|r| r["runContext"]["frame"] == true);
    }
    all.to_string()
});

pub(crate) const OBSERVER: Observer = Observer { attach, event, ..Observer::IDLE };

/// A message of its, with where it came from.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) target: String,
    pub(super) context: i64,
    pub(super) message: Value,
}

/// What it has said and done in a visit.
#[derive(Debug, Default)]
pub(crate) struct Autoconsent {
    /// Its messages.
    pub(super) messages: Vec<Message>,
    /// Clicks that were made with real input.
    pub(super) clicks: u32,
    /// Clicks that only its script made.
    pub(super) by_script: u32,
    /// Clicks that are being made.
    pub(super) clicking: u32,
    /// Whether it wanted to call a platform's own interface in order to choose.
    pub(super) by_interface: bool,
    /// Whether it wanted to hide something instead.
    pub(super) hides: bool,
    /// Whether it wanted to click what something else stands before.
    pub(super) covered: bool,
}

impl Autoconsent {
    /// Whether it has found an open banner.
    pub(crate) fn has_found(&self) -> bool {
        self.messages.iter().any(|m| m.message.text("type") == "popupFound")
    }
}

/// Where it is put in.
#[derive(Default)]
pub(crate) struct PutIn {
    /// Whether it is to look at pages that load now.
    pub(crate) wanted: bool,
    /// Where it was put in: target, and the browser's name for the script.
    scripts: Vec<(String, String)>,
}

/// The driver's name in records.
pub(crate) fn driver() -> String {
    format!("autoconsent {AUTOCONSENT_VERSION}")
}

/// Puts it into a target with documents, where a choice is to be made.
fn attach(shared: &Arc<Shared>, target: &AttachedTarget) {
    if !target.has_documents() || !shared.lock().tab.autoconsent.wanted {
        return;
    }
    let binding = &shared.options.binding;
    let source = format!(
        "({CLICKS})((m) => window[{binding:?}]?.(JSON.stringify({{ kind: 'consent', message: {{ type: 'click', ...m }} }})));\n\
         window.autoconsentSendMessage = (m) => window[{binding:?}]?.(JSON.stringify({{ kind: 'consent', message: m }}));\n{SCRIPT}"
    );
    let reports = json!({ "name": binding, "executionContextName": WORLD });
    shared.client.post(&target.handle, "Runtime.addBinding", reports);
    let added = shared.client.request(
        &target.handle,
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": source, "worldName": WORLD, "runImmediately": true }),
    );
    let (me, target) = (Arc::clone(shared), target.handle.clone());
    tokio::spawn(async move {
        if let Ok(v) = added.await {
            me.lock().tab.autoconsent.scripts.push((target, v.text("identifier")));
        }
    });
}

/// Switches it off for the pages to come: on them no choice is made, and its script is a large one.
pub(crate) fn disable(shared: &Arc<Shared>) {
    let scripts = std::mem::take(&mut shared.lock().tab.autoconsent.scripts);
    for (target, identifier) in scripts {
        let params = json!({ "identifier": identifier });
        shared.client.post(&target, "Page.removeScriptToEvaluateOnNewDocument", params);
    }
}

/// Takes its messages.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let p = &event.params;
    if event.method != "Runtime.bindingCalled" || p.text("name") != shared.options.binding {
        return false;
    }
    let Some(mut said) = lenient::read(&p.text("payload")).map(|told| told.value) else { return true };
    if said.text("kind") != "consent" {
        return false;
    }
    let context = p["executionContextId"].as_i64().unwrap_or(0);
    let m = Message { target: event.target.clone(), context, message: said["message"].take() };
    let frame = shared.lock().tab.contexts.frame(&m.target, context).cloned();
    match m.message.text("type").as_str() {
        "init" => answer_init(shared, &m, frame.as_deref()),
        "eval" => evaluate(shared, m, frame),
        "click" => clicks::make(shared, m),
        "cmpDetected" => {
            step(shared, "detected", &m.message, None);
            shared.lock().visit.autoconsent.messages.push(m);
        }
        "popupFound" => {
            shared.recorder.record(
                When::Now,
                Observation::Banner(Banner {
                    seen_by: "autoconsent".to_owned(),
                    frame,
                    rule: m.message.opt_text("cmp"),
                    ..Default::default()
                }),
            );
            step(shared, "popup-found", &m.message, None);
            shared.lock().visit.autoconsent.messages.push(m);
        }
        "optInResult" | "optOutResult" => {
            step(shared, "driver-result", &m.message, m.message["result"].as_bool());
            shared.lock().visit.autoconsent.messages.push(m);
        }
        "selfTestResult" => {
            step(shared, "self-test", &m.message, m.message["result"].as_bool());
            shared.lock().visit.autoconsent.messages.push(m);
        }
        "autoconsentDone" | "autoconsentError" => shared.lock().visit.autoconsent.messages.push(m),
        _ => {}
    }
    shared.changed.notify_waiters();
    true
}

fn step(shared: &Arc<Shared>, step: &str, message: &Value, ok: Option<bool>) {
    shared.recorder.record(
        When::Now,
        Observation::ConsentAction(ConsentAction {
            driver: driver(),
            step: step.to_owned(),
            rule: message.opt_text("cmp").map(|c| bounded(&c, 200)),
            ok,
            ..Default::default()
        }),
    );
}

fn answer_init(shared: &Arc<Shared>, m: &Message, frame: Option<&str>) {
    let main = {
        let state = shared.lock();
        if !state.tab.autoconsent.wanted {
            return;
        }
        frame == Some(state.tab.main_frame.as_str())
    };
    let rules = if main { RULES } else { &FRAME_RULES };
    let off = json!({ "lifecycle": false, "rulesteps": false, "detectionsteps": false, "evals": false, "errors": false, "messages": false, "waits": false });
    let config = json!({
        "enabled": true, "autoAction": null, "disabledCmps": [], "enablePrehide": false, "enableCosmeticRules": false,
        "enableGeneratedRules": true, "enableHeuristicDetection": true, "heuristicMode": "reject",
        "detectRetries": 20, "isMainWorld": false, "logs": off,
    });
    let expression = format!(
        "autoconsentReceiveMessage({{ type: 'initResp', config: {config}, rules: {rules} }}); undefined"
    );
    shared.client.post(
        &m.target,
        "Runtime.evaluate",
        json!({ "expression": expression, "contextId": m.context }),
    );
}

/// Sends it a message.
pub(crate) fn send(shared: &Arc<Shared>, target: &str, context: i64, kind: &str) {
    shared.client.post(
        target,
        "Runtime.evaluate",
        json!({ "expression": format!("autoconsentReceiveMessage({{ type: {kind:?} }}); undefined"), "contextId": context }),
    );
}

/// Whether a snippet makes the choice by the platform's own interface, where a visitor would have to click.
fn chooses(code: &str) -> bool {
    CHOOSES.as_ref().is_some_and(|r| r.is_match(code))
}

/// Evaluates one of its snippets in the page's own world and tells it the result. One that makes the choice itself
/// is not run: that an interface can refuse does not show that a visitor can.
fn evaluate(shared: &Arc<Shared>, m: Message, frame: Option<String>) {
    let refused = chooses(&m.message.text("code"));
    if refused {
        shared.lock().visit.autoconsent.by_interface = true;
    }
    let world = frame.and_then(|f| shared.lock().tab.contexts.page(&m.target, &f));
    let me = Arc::clone(shared);
    tokio::spawn(async move {
        let mut result = false;
        if let Some(world) = world.filter(|_| !refused) {
            let answer = me
                .client
                .call(
                    &m.target,
                    "Runtime.evaluate",
                    json!({
                        "expression": m.message.text("code"), "contextId": world, "returnByValue": true,
                        "awaitPromise": true, "allowUnsafeEvalBlockedByCSP": true, "userGesture": true,
                    }),
                )
                .await;
            result = answer.is_ok_and(|a| truthy(&a["result"]["value"]));
        }
        let id = &m.message["id"];
        me.client.post(
            &m.target,
            "Runtime.evaluate",
            json!({
                "expression": format!("autoconsentReceiveMessage({{ type: 'evalResp', id: {id}, result: {result} }}); undefined"),
                "contextId": m.context,
            }),
        );
    });
}

fn truthy(v: &Value) -> bool {
    match v {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(s) => !s.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_are_whole_and_frames_get_few() {
        let all: Value = serde_json::from_str(RULES).unwrap();
        assert_eq!(all["autoconsent"].as_array().unwrap().len(), 797);
        let few: Value = serde_json::from_str(&FRAME_RULES).unwrap();
        let n = few["autoconsent"].as_array().unwrap().len();
        assert!((1..200).contains(&n), "{n}");
        assert!(SCRIPT.contains("autoconsentReceiveMessage"));
        assert!(SCRIPT.contains("this.domActions = new DomActions(this)"), "js/clicks.js waits for this");
    }

    #[test]
    fn snippets_that_choose_are_told_from_those_that_look() {
        for code in [
            "(() => window.Cookiebot.withdraw() || true)()",
            "(() => __cmp(\"setConsent\", 0))()",
            "(() => tarteaucitron.userInterface.respondAll(false) || true)()",
            "(() => !!UC_UI.denyAllConsents())()",
            "klaro.getManager().changeAll(false)",
            "(() => cmpUi.showPurposes() || cmpUi.rejectAll() || true)()",
        ] {
            assert!(chooses(code), "{code}");
        }
        for code in [
            "(() => window.Cookiebot.declined === true)()",
            "(() => __cmp(\"consentStatus\").userChoiceExists)()",
            "(() => UC_UI.areAllConsentsAccepted() === false)()",
            "(() => typeof UC_UI === \"object\")()",
            "(() => Array.from(document.querySelectorAll(\"div > button\"))[0].click() || true)()",
            "(() => !!document.querySelector(\"#reject-all\"))()",
        ] {
            assert!(!chooses(code), "{code}");
        }
    }
}
