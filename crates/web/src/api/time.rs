//! Times, as the API writes them.

use jiff::Timestamp;

/// RFC 3339, UTC, of ms since the Unix epoch.
pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |t| t.to_string())
}
