//! WebSockets: every frame is logged, every text frame may get a canned reply.

use crate::log::{Direction, Log, LogEntry, LogKind, Opcode};
use axum::extract::ws::{Message, WebSocket};
use std::sync::Arc;

/// Lives a socket until the browser closes it.
pub(crate) async fn live(mut socket: WebSocket, log: Arc<Log>, opened: LogEntry, reply: String) {
    while let Some(Ok(message)) = socket.recv().await {
        let (opcode, body) = match &message {
            Message::Text(text) => (Opcode::Text, text.as_bytes().to_vec()),
            Message::Binary(bytes) => (Opcode::Binary, bytes.to_vec()),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        log.push(frame(&opened, opcode, Direction::FromBrowser, body));
        if reply.is_empty() || opcode == Opcode::Binary {
            continue;
        }
        log.push(frame(&opened, Opcode::Text, Direction::ToBrowser, reply.clone().into_bytes()));
        if socket.send(Message::text(reply.clone())).await.is_err() {
            return;
        }
    }
}

fn frame(opened: &LogEntry, opcode: Opcode, direction: Direction, body: Vec<u8>) -> LogEntry {
    LogEntry {
        method: String::new(),
        headers: Vec::new(),
        body,
        kind: LogKind::WebSocketFrame { opcode, direction },
        status: 0,
        ..opened.clone()
    }
}
