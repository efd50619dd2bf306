//! The server's log: every request with its raw body and every WebSocket frame.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number, from 1, over the server's life.
    pub seq: u64,
    /// Milliseconds since the server started.
    pub at_ms: u64,
    /// `http`, `https`, `ws` or `wss`.
    pub scheme: &'static str,
    /// The request's method; empty for a frame.
    pub method: String,
    /// The host without its port, in lower case.
    pub host: String,
    /// Path and query as sent.
    pub path_and_query: String,
    /// The request's headers in their order.
    pub headers: Vec<(String, String)>,
    /// The request's body, or the frame's payload, as it was on the wire.
    pub body: Vec<u8>,
    /// Request or frame.
    pub kind: LogKind,
    /// What was answered; 0 while nothing was, and for frames.
    pub status: u16,
}

/// What a log entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// An HTTP request.
    Request,
    /// A WebSocket frame.
    WebSocketFrame {
        /// Text or binary.
        opcode: Opcode,
        /// Which way it went.
        direction: Direction,
    },
}

/// A frame's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// A text frame.
    Text,
    /// A binary frame.
    Binary,
}

/// A frame's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The browser sent it.
    FromBrowser,
    /// The server sent it.
    ToBrowser,
}

/// The log that all connections share.
#[derive(Debug)]
pub(crate) struct Log {
    started: Instant,
    entries: Mutex<(u64, Vec<LogEntry>)>,
}

impl Log {
    pub(crate) fn new() -> Log {
        Log { started: Instant::now(), entries: Mutex::new((0, Vec::new())) }
    }

    /// Appends an entry, numbers it and stamps it; gives the number.
    pub(crate) fn push(&self, mut entry: LogEntry) -> u64 {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.0 += 1;
        entry.seq = entries.0;
        entry.at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        entries.1.push(entry);
        entries.0
    }

    /// Notes what an entry was answered with.
    pub(crate) fn answered(&self, seq: u64, status: u16) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.1.iter_mut().rev().find(|entry| entry.seq == seq) {
            entry.status = status;
        }
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    pub(crate) fn take(&self) -> Vec<LogEntry> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.1.extract_if(.., |entry| entry.status != 0 || entry.kind != LogKind::Request).collect()
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).1.clear();
    }
}
