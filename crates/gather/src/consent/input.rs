//! Real input events with a person's timing: moving the pointer, pressing, turning the wheel, a key.

use std::time::Duration;

use serde_json::{Value, json};

use crate::GatherError;
use crate::session::shared::Shared;

const PATIENCE: Duration = Duration::from_secs(5);

/// Moves the pointer there in a few steps, presses, and lets go.
pub(crate) async fn click(shared: &Shared, x: f64, y: f64) -> Result<(), GatherError> {
    for (near, pause) in [(0.6, 30), (0.9, 30), (1.0, 90)] {
        mouse(shared, "mouseMoved", x * near, y * near, pause).await?;
    }
    press(shared, x, y).await
}

/// Presses and lets go, where the pointer is already.
pub(crate) async fn press(shared: &Shared, x: f64, y: f64) -> Result<(), GatherError> {
    mouse(shared, "mousePressed", x, y, 80).await?;
    mouse(shared, "mouseReleased", x, y, 0).await
}

/// Moves the pointer there in a few steps, and stays as a hand does: never quite still. Pages that look at the pointer
/// only now and then see it too.
pub(crate) async fn hover(shared: &Shared, x: f64, y: f64) -> Result<(), GatherError> {
    for (near, pause) in [(0.6, 60), (0.9, 60), (1.0, 300)] {
        mouse(shared, "mouseMoved", x * near, y * near, pause).await?;
    }
    mouse(shared, "mouseMoved", x - 1.0, y, 60).await?;
    mouse(shared, "mouseMoved", x, y, 0).await
}

async fn mouse(shared: &Shared, kind: &str, x: f64, y: f64, pause: u64) -> Result<(), GatherError> {
    let moves = kind == "mouseMoved";
    let button = if moves { "none" } else { "left" };
    let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": u8::from(!moves) });
    send(shared, "Input.dispatchMouseEvent", event).await?;
    tokio::time::sleep(Duration::from_millis(pause)).await;
    Ok(())
}

/// Turns the wheel in the middle of the viewport.
pub(crate) async fn wheel(shared: &Shared, x: f64, y: f64, by: f64) -> Result<(), GatherError> {
    let event = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": by });
    send(shared, "Input.dispatchMouseEvent", event).await?;
    tokio::time::sleep(Duration::from_millis(120)).await;
    Ok(())
}

/// Presses Escape.
pub(crate) async fn escape(shared: &Shared) -> Result<(), GatherError> {
    for kind in ["keyDown", "keyUp"] {
        let event = json!({ "type": kind, "key": "Escape", "code": "Escape", "windowsVirtualKeyCode": 27 });
        send(shared, "Input.dispatchKeyEvent", event).await?;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    Ok(())
}

async fn send(shared: &Shared, method: &str, event: Value) -> Result<(), GatherError> {
    let target = shared.lock().tab.main_target.clone();
    shared.client.call_within(&target, method, event, PATIENCE).await.map(drop)
}
