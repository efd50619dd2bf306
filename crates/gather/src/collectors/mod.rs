//! Collectors: each watches one thing and writes what it saw. None of them acts on a page.

pub(crate) mod console;
pub(crate) mod cookies;
pub(crate) mod faults;
pub(crate) mod frames;
pub(crate) mod network;
pub(crate) mod page;
pub(crate) mod screenshot;
pub(crate) mod stack;
pub(crate) mod storage;
pub(crate) mod websockets;
