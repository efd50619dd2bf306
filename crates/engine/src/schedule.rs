//! When an audit is due: a cron line, meant in a time zone.
//!
//! The hour that a clock skips in spring and the one that it repeats in autumn: what is due in them is due once, at the first moment
//! that a wall clock would agree with. Times are counted from *after* a moment, so that a run that was missed is made up for once.

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What is wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The line says no times.
    #[error(
        "'{line}' is no cron line ({why}): five fields are needed, minute hour day month weekday, \
         as in '0 3 * * *' for every day at 03:00"
    )]
    Cron {
        /// The line.
        line: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such time zone.
    #[error("there is no time zone '{0}': name one as Europe/Vienna, America/Los_Angeles or UTC")]
    Zone(String),
    /// A time that no calendar has.
    #[error("{0} ms is no time that a schedule can be counted from")]
    Time(i64),
}

/// The next time after this one, ms since the Unix epoch; none where the line names no time that is to come.
pub fn next(cron: &str, zone: &str, after_ms: i64) -> Result<Option<i64>, ScheduleError> {
    let line = read(cron)?;
    let zone = time_zone(zone)?;
    let mut from =
        Timestamp::from_millisecond(after_ms).map_err(|_| ScheduleError::Time(after_ms))?.to_zoned(zone);
    loop {
        match line.find_next_occurrence(&from, false) {
            Ok(next) if next.timestamp().as_millisecond() > after_ms => {
                return Ok(Some(next.timestamp().as_millisecond()));
            }
            // Never the same again: a schedule would be due for ever.
            Ok(next) if next > from => from = next,
            Ok(_) | Err(CronError::TimeSearchLimitExceeded | CronError::InvalidDate) => return Ok(None),
            Err(e) => return Err(wrong(cron, &e)),
        }
    }
}

/// The next few times, for whoever types a line and wants to see what it means.
pub fn coming(cron: &str, zone: &str, after_ms: i64, most: usize) -> Result<Vec<i64>, ScheduleError> {
    let mut all = Vec::new();
    let mut after = after_ms;
    while all.len() < most {
        match next(cron, zone, after)? {
            Some(at) => all.push(at),
            None => break,
        }
        after = *all.last().unwrap_or(&after);
    }
    Ok(all)
}

/// A line of five fields: audits do not begin by the second.
fn read(cron: &str) -> Result<Cron, ScheduleError> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(cron.trim()).map_err(|e| wrong(cron, &e))
}

fn time_zone(name: &str) -> Result<TimeZone, ScheduleError> {
    TimeZone::get(name.trim()).map_err(|_| ScheduleError::Zone(shown(name)))
}

fn wrong(cron: &str, e: &CronError) -> ScheduleError {
    let why = match e {
        CronError::EmptyPattern => "it is empty".to_owned(),
        CronError::InvalidPattern(why)
        | CronError::IllegalCharacters(why)
        | CronError::ComponentError(why) => shown(why.trim_end_matches('.')),
        other => other.to_string(),
    };
    ScheduleError::Cron { line: shown(cron), why }
}

fn shown(text: &str) -> String {
    affiant_record::hostile::line(text, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(time: &str) -> i64 {
        time.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn times(cron: &str, zone: &str, after: &str, most: usize) -> Vec<String> {
        let all = coming(cron, zone, ms(after), most).unwrap();
        all.into_iter().map(|t| Timestamp::from_millisecond(t).unwrap().to_string()).collect()
    }

    #[test]
    fn a_line_is_meant_in_its_zone() {
        assert_eq!(times("0 3 * * *", "UTC", "2026-11-30T03:00:00Z", 1), ["2026-12-01T03:00:00Z"]);
        assert_eq!(times("0 3 * * *", "Europe/Vienna", "2026-11-30T00:00:00Z", 1), ["2026-11-30T02:00:00Z"]);
        let angeles = times("30 22 * * 1", "America/Los_Angeles", "2026-11-30T00:00:00Z", 2);
        assert_eq!(angeles, ["2026-12-01T06:30:00Z", "2026-12-08T06:30:00Z"]);
        assert_eq!(times("@daily", "Asia/Kolkata", "2026-11-30T00:00:00Z", 1), ["2026-11-30T18:30:00Z"]);
        // Sunday is 0, and 7.
        assert_eq!(
            times("0 0 * * 0", "UTC", "2026-11-30T00:00:00Z", 1),
            times("0 0 * * 7", "UTC", "2026-11-30T00:00:00Z", 1)
        );
    }

    /// 2027-03-28 has no 02:30 in Vienna.
    #[test]
    fn the_hour_that_is_skipped_in_spring_is_not_left_out() {
        let all = times("30 2 * * *", "Europe/Vienna", "2027-03-26T12:00:00Z", 3);
        assert_eq!(all[0], "2027-03-27T01:30:00Z");
        assert!(all[1].starts_with("2027-03-28T01:"), "{all:?}");
        assert_eq!(all[2], "2027-03-29T00:30:00Z");
    }

    /// 2026-10-25 has 02:30 twice in Vienna.
    #[test]
    fn the_hour_that_comes_twice_in_autumn_counts_once() {
        let all = times("30 2 * * *", "Europe/Vienna", "2026-10-24T12:00:00Z", 2);
        assert_eq!(all, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        // From between the two.
        let between = times("30 2 * * *", "Europe/Vienna", "2026-10-25T00:30:00Z", 1);
        assert_eq!(between, ["2026-10-26T01:30:00Z"]);
        // By the hour, each of them.
        let hourly = times("0 * * * *", "Europe/Vienna", "2026-10-24T23:30:00Z", 4);
        assert_eq!(
            hourly,
            ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"]
        );
    }

    #[test]
    fn a_time_that_never_comes_is_none() {
        assert_eq!(next("0 0 30 2 *", "UTC", ms("2026-11-30T00:00:00Z")), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (cron, zone, says) in [
            ("", "UTC", "it is empty"),
            ("every day", "UTC", "five fields are needed"),
            ("61 3 * * *", "UTC", "61"),
            ("0 3 * *", "UTC", "five fields"),
            ("0 0 3 * * *", "UTC", "five fields"),
            ("0 3 * * *", "Europe/Wien", "there is no time zone 'Europe/Wien'"),
            ("0 3 * * *", "../../etc/passwd", "there is no time zone"),
            ("0 3 * * *", "", "there is no time zone"),
            ("\u{202e}0 3", "UTC", "[U+202E]"),
        ] {
            let e = next(cron, zone, 0).unwrap_err().to_string();
            assert!(e.contains(says), "{cron:?} {zone:?}: {e}");
        }
        let e = next(&"0 ".repeat(50_000), "UTC", 0).unwrap_err().to_string();
        assert!(e.len() < 1_000, "{}", e.len());
    }
}
