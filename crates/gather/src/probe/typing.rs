//! Real key events with a person's timing.

use std::sync::Arc;
use std::time::Duration;

use affiant_record::page::Input;
use rand::Rng as _;
use serde_json::json;

use crate::consent::controls::{self, Place};
use crate::session::shared::Shared;

const PATIENCE: Duration = Duration::from_secs(5);
/// How the word begins that the page took no key.
pub(super) const NO_KEY: &str = "a key could not be pressed";

/// What is pressed for a value. A date field of the browser's own takes month, day and year one after the other.
pub(super) fn as_keys(value: &str, kind: &str) -> String {
    match (kind, value.split('-').collect::<Vec<_>>().as_slice()) {
        ("date", [year, month, day]) => format!("{month}{day}{year}"),
        _ => value.to_owned(),
    }
}

/// Puts the cursor into a field: with a click, as people do; where something stands before it, as the Tab key would.
pub(super) async fn focus(
    shared: &Arc<Shared>,
    place: &Place,
    element: &str,
    field: &Input,
) -> Result<(), String> {
    // A click into a date field would begin in its middle.
    let clicked = match field.kind.as_str() {
        "date" => Ok(()),
        _ => controls::press(shared, place, element, &field.label).await,
    };
    let ask = json!({
        "expression": format!(
            "(() => {{ const e = {element}; if (!e) return false; const has = () => e.getRootNode().activeElement === e \
             || e.matches(':focus'); if (!has()) e.focus(); return has(); }})()"
        ),
        "contextId": place.context, "returnByValue": true, "silent": true, "timeout": 2000,
    });
    let answer = shared.client.call_within(&place.target, "Runtime.evaluate", ask, PATIENCE).await;
    match answer {
        Ok(a) if a["result"]["value"] == true => Ok(()),
        Ok(_) => Err(clicked.err().unwrap_or_else(|| "it does not take the cursor".to_owned())),
        Err(e) => Err(e.to_string()),
    }
}

/// Presses the keys one by one; when the first went down and the last had gone up, on the visit's clock.
pub(super) async fn keys(shared: &Arc<Shared>, text: &str) -> Result<(f64, f64), String> {
    let began = shared.recorder.now();
    for c in text.chars() {
        let (held, between) = {
            let mut rng = rand::rng();
            (rng.random_range(20..45), rng.random_range(25..55))
        };
        let (code, virtual_key) = key_of(c);
        let text = c.to_string();
        let mut event = json!({
            "type": "keyDown", "key": text, "text": text, "unmodifiedText": text, "code": code,
            "windowsVirtualKeyCode": virtual_key, "nativeVirtualKeyCode": virtual_key,
        });
        if c.is_uppercase() || "!@#$%^&*()_+:?\"".contains(c) {
            event["modifiers"] = 8.into();
        }
        send(shared, event.clone()).await?;
        tokio::time::sleep(Duration::from_millis(held)).await;
        event["type"] = "keyUp".into();
        if let Some(event) = event.as_object_mut() {
            event.remove("text");
            event.remove("unmodifiedText");
        }
        send(shared, event).await?;
        tokio::time::sleep(Duration::from_millis(between)).await;
    }
    Ok((began, shared.recorder.now()))
}

/// Leaves the field as the Tab key does; when.
pub(super) async fn tab(shared: &Arc<Shared>) -> Result<f64, String> {
    let at = shared.recorder.now();
    for kind in ["rawKeyDown", "keyUp"] {
        let event = json!({
            "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9, "nativeVirtualKeyCode": 9,
        });
        send(shared, event).await?;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    Ok(at)
}

async fn send(shared: &Shared, event: serde_json::Value) -> Result<(), String> {
    let target = shared.lock().tab.main_target.clone();
    let sent = shared.client.call_within(&target, "Input.dispatchKeyEvent", event, PATIENCE).await;
    sent.map(drop).map_err(|e| format!("{NO_KEY}: {e}"))
}

/// The key's place on a keyboard of the United States, and its virtual code.
fn key_of(c: char) -> (String, u32) {
    let shifted = |digit: char| (format!("Digit{digit}"), u32::from(digit));
    match c {
        'a'..='z' | 'A'..='Z' => {
            (format!("Key{}", c.to_ascii_uppercase()), u32::from(c.to_ascii_uppercase()))
        }
        '0'..='9' => shifted(c),
        '!' => shifted('1'),
        '@' => shifted('2'),
        ' ' => ("Space".to_owned(), 32),
        '.' => ("Period".to_owned(), 190),
        ',' => ("Comma".to_owned(), 188),
        '-' => ("Minus".to_owned(), 189),
        '+' => ("Equal".to_owned(), 187),
        '/' | '?' => ("Slash".to_owned(), 191),
        _ => (String::new(), 0),
    }
}
