//! Running an audit: pages × scenarios, session by session, into an audit folder.
//!
//! Serves until the engine comes; the only place where gathering meets the folder.

pub(crate) mod address;
mod browsers;
pub(crate) mod lanes;
mod pages;
pub(crate) mod progress;

pub(crate) use lanes::{Job, Ran, run};
