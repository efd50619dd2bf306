//! Collectors: each watches one thing and writes what it saw. None of them acts on a page.

pub(crate) mod api_calls;
pub(crate) mod bodies;
pub(crate) mod calls;
pub(crate) mod console;
pub(crate) mod contexts;
pub(crate) mod cookies;
pub(crate) mod device;
pub(crate) mod dns;
pub(crate) mod faults;
pub(crate) mod frames;
pub(crate) mod gpc;
pub(crate) mod headers_only;
pub(crate) mod issues;
pub(crate) mod listeners;
pub(crate) mod network;
pub(crate) mod objects;
pub(crate) mod page;
pub(crate) mod place;
pub(crate) mod screenshot;
pub(crate) mod scripts;
pub(crate) mod stack;
pub(crate) mod storage;
pub(crate) mod timers;
pub(crate) mod websockets;
