//! Call stacks and initiators as the browser tells them.

use affiant_record::network::{Initiator, StackFrame, StackSegment};
use serde_json::Value;

use crate::cdp::json::{Read as _, bounded};

/// Frames and async parents kept at most.
const MAX_FRAMES: usize = 64;
const MAX_SEGMENTS: usize = 32;

/// A `Runtime.StackTrace` with its async parents, newest first; without the frames of our own script, which bears
/// the name `ours`.
pub(crate) fn segments(stack: &Value, ours: &str) -> Vec<StackSegment> {
    let mut out = Vec::new();
    let mut at = stack;
    while at.is_object() && out.len() < MAX_SEGMENTS {
        let frames: Vec<StackFrame> = at
            .list("callFrames")
            .iter()
            .filter(|f| f["url"].as_str() != Some(ours))
            .take(MAX_FRAMES)
            .map(|f| StackFrame {
                function: bounded(f["functionName"].as_str().unwrap_or_default(), 512),
                url: bounded(f["url"].as_str().unwrap_or_default(), 8192),
                line: f["lineNumber"].as_u64().unwrap_or_default(),
                column: f["columnNumber"].as_u64().unwrap_or_default(),
                script_id: f.text("scriptId"),
            })
            .collect();
        if !frames.is_empty() || at["description"].is_string() {
            out.push(StackSegment { description: at.opt_text("description"), frames });
        }
        at = &at["parent"];
    }
    out
}

/// A `Network.Initiator`.
pub(crate) fn initiator(i: &Value, ours: &str) -> Initiator {
    Initiator {
        kind: i.text("type"),
        url: i.opt_text("url").map(|u| bounded(&u, 8192)),
        line: i["lineNumber"].as_f64().map(|l| l as u64),
        column: i["columnNumber"].as_f64().map(|c| c as u64),
        stack: segments(&i["stack"], ours),
        request_id: i.opt_text("requestId"),
        ..Default::default()
    }
}
