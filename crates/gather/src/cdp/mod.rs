//! A thin client of the Chrome DevTools Protocol over a pipe.
//!
//! Messages stay JSON. One that is malformed is read as far as it can be; what is lost of it is told to whom it may have
//! concerned, and is never fatal.

pub(crate) mod client;
pub(crate) mod json;
pub(crate) mod lenient;
mod message;
