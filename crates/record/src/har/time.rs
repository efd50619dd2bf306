//! Moments as HARs write them, and as ours are written.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Milliseconds since the Unix epoch of a `startedDateTime`. A moment without an offset is taken for UTC.
pub(super) fn read(text: &str) -> Option<f64> {
    let text = text.trim();
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds since 1970 stay exact in a double until 2255"
    )]
    let ms = at.as_microsecond() as f64 / 1000.0;
    Some(ms)
}

/// A cookie's `Expires`, in milliseconds since the Unix epoch.
pub(super) fn cookie_date(text: &str) -> Option<f64> {
    let spaced = text.trim().replace('-', " ");
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 stay exact in a double")]
    let rfc = |t: Timestamp| t.as_millisecond() as f64;
    jiff::fmt::rfc2822::parse(&spaced).ok().map(|z| rfc(z.timestamp())).or_else(|| read(text))
}

/// RFC 3339 in UTC, to the microsecond, of milliseconds since the Unix epoch.
pub(super) fn write(ms: f64) -> String {
    let ms = if ms.is_finite() { ms.clamp(-6e13, 2.5e14) } else { 0.0 };
    #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
    let at = Timestamp::from_microsecond((ms * 1000.0).round() as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_every_flavour() {
        for (text, ms) in [
            ("2024-05-02T10:00:00.123Z", 1_714_644_000_123.0),
            ("2024-05-02T12:00:00.123456+02:00", 1_714_644_000_123.456),
            ("2024-05-02T05:00:00-05:00", 1_714_644_000_000.0),
            ("2024-05-02T10:00:00", 1_714_644_000_000.0),
        ] {
            assert_eq!(read(text), Some(ms), "{text}");
        }
        for bad in ["", "yesterday", "1714644000", "2024-13-02T10:00:00Z"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(cookie_date("Thu, 02 May 2024 10:00:00 GMT"), Some(1_714_644_000_000.0));
        assert_eq!(cookie_date("Thu, 02-May-2024 10:00:00 GMT"), Some(1_714_644_000_000.0));
    }

    #[test]
    fn what_is_written_reads_back() {
        for ms in [0.0, 1_714_644_000_123.456, -5.5] {
            assert_eq!(read(&write(ms)), Some(ms));
        }
        assert_eq!(read(&write(f64::NAN)), Some(0.0));
    }
}
