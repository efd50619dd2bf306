//! Running an audit: pages × scenarios, session by session, into an audit folder.
//!
//! Serves until the engine comes; the only place where gathering meets the folder.

pub(crate) mod address;
mod browsers;
pub(crate) mod canary;
pub(crate) mod fit;
pub(crate) mod found;
mod lane;
pub(crate) mod lanes;
pub(crate) mod list;
mod manifest;
mod memory;
mod pages;
pub(crate) mod progress;
pub(crate) mod role;
mod script;
mod shares;

pub(crate) use lanes::{Job, Ran, run};
