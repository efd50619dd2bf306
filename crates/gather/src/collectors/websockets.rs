//! WebSockets: who opened them, and every frame.

use std::collections::HashMap;
use std::sync::Arc;

use affiant_record::Observation;
use affiant_record::footer::collectors::WEB_SOCKETS;
use affiant_record::network::WebSocketEvent;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::network::{guarded, headers};
use super::{network, stack};
use crate::cdp::client::Event;
use crate::cdp::json::Read as _;
use crate::recorder::When;
use crate::session::coverage::Reach;
use crate::session::observer::{Observer, Status};
use crate::session::shared::Shared;
use crate::session::visit::state::Visit;

/// Sockets of one visit of which the address is remembered.
const SOCKETS: usize = 1000;

pub(crate) const OBSERVER: Observer = Observer { event, status, ..Observer::IDLE };

/// Addresses of a visit's WebSockets.
#[derive(Default)]
pub(crate) struct Sockets(HashMap<String, String>);

fn status(visit: &Visit, reach: &Reach) -> Option<Status> {
    Some((WEB_SOCKETS, network::seen(visit, reach)))
}

/// Takes `Network.webSocket*`.
fn event(shared: &Arc<Shared>, event: &Event) -> bool {
    let Some(what) = event.method.strip_prefix("Network.webSocket") else { return false };
    let p = &event.params;
    let mut line = WebSocketEvent {
        request_id: p.text("requestId"),
        target: shared.lock().tab.target_id(&event.target),
        ..Default::default()
    };
    let frame = |line: &mut WebSocketEvent| {
        let r = &p["response"];
        let opcode = r.num("opcode") as u8;
        let text = r.text("payloadData");
        let bytes = if opcode == 1 {
            text.into_bytes()
        } else {
            BASE64_STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes())
        };
        line.opcode = Some(opcode);
        line.payload = shared.recorder.keep(WEB_SOCKETS, &bytes);
    };
    line.event = match what {
        "Created" => {
            line.url = p.opt_text("url");
            let sockets = &mut shared.lock().visit.sockets.0;
            if sockets.len() < SOCKETS {
                sockets.insert(line.request_id.clone(), p.text("url"));
            }
            line.initiator = Some(stack::initiator(&p["initiator"], &shared.options.binding));
            "created"
        }
        "WillSendHandshakeRequest" => {
            line.headers = headers::read(&p["request"]["headers"]);
            "handshake"
        }
        "HandshakeResponseReceived" => {
            line.headers = headers::read(&p["response"]["headers"]);
            "handshake-answer"
        }
        "FrameSent" => {
            frame(&mut line);
            "sent"
        }
        "FrameReceived" => {
            frame(&mut line);
            "received"
        }
        "FrameError" => {
            line.error = p.opt_text("errorMessage");
            let url = shared.lock().visit.sockets.0.get(&line.request_id).cloned().unwrap_or_default();
            if let Some(trouble) = guarded::trouble(shared, &url, line.error.as_deref()) {
                line.extra.insert("guard".to_owned(), trouble.to_string().into());
            }
            "error"
        }
        "Closed" => "closed",
        _ => return false,
    }
    .to_owned();
    let when = p["timestamp"].as_f64().map_or(When::Now, When::Monotonic);
    shared.recorder.record(when, Observation::WebSocket(line));
    if what == "Created" || what == "FrameSent" {
        shared.touch();
    }
    true
}
