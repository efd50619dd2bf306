//! Values that were searched for in what left: in what they were met, and how far could be looked.

use crate::words::count;

/// In what a value was met: `in the body`.
pub(crate) fn channel(name: &str) -> &'static str {
    match name {
        "address" => "in the address",
        "referer" => "in the referrer",
        "cookie" => "in a cookie",
        "header" => "in a header",
        "websocket" => "over a WebSocket",
        _ => "in the body",
    }
}

/// Why silence is no answer: not everything that was sent could be searched.
pub(crate) fn unsearched(bodies_missing: u64, cut: bool) -> Option<String> {
    match (bodies_missing, cut) {
        (0, false) => None,
        (0, true) => Some("more was sent than could be searched".to_owned()),
        (n, _) => Some(format!("{} could not be searched", count(n as usize, "body"))),
    }
}
