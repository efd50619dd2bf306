//! WebSockets: every frame is logged, text frames may get a canned reply, all frames may be sent back.

use crate::log::{Direction, Log, LogEntry, LogKind, Opcode};
use axum::extract::ws::{Message, WebSocket};
use std::sync::Arc;

/// What a socket says.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// This, to every text frame; nothing where it is empty.
    Canned(String),
    /// What came.
    Echo,
}

/// Lives a socket until the browser closes it.
pub(crate) async fn live(mut socket: WebSocket, log: Arc<Log>, opened: LogEntry, reply: Reply) {
    while let Some(Ok(message)) = socket.recv().await {
        let (opcode, body) = match &message {
            Message::Text(text) => (Opcode::Text, text.as_bytes().to_vec()),
            Message::Binary(bytes) => (Opcode::Binary, bytes.to_vec()),
            Message::Close(_) => return,
            Message::Ping(_) | Message::Pong(_) => continue,
        };
        let answer = match &reply {
            Reply::Echo => Some((opcode, body.clone(), message)),
            Reply::Canned(text) if !text.is_empty() && opcode == Opcode::Text => {
                Some((opcode, text.clone().into_bytes(), Message::text(text.clone())))
            }
            Reply::Canned(_) => None,
        };
        log.push(frame(&opened, opcode, Direction::FromBrowser, body));
        if let Some((opcode, body, message)) = answer {
            log.push(frame(&opened, opcode, Direction::ToBrowser, body));
            if socket.send(message).await.is_err() {
                return;
            }
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
