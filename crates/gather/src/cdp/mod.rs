//! A thin client of the Chrome DevTools Protocol over a pipe.
//!
//! Messages stay JSON: a malformed or unknown one is counted and skipped, never fatal.

pub(crate) mod client;
pub(crate) mod json;
