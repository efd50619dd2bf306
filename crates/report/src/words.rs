//! Numbers, times and lists in words, each with its unit.

use affiant_record::Scenario;
use affiant_record::consent::AchievedChoice;
use affiant_rules::judgement::{CellState, Confidence, Severity, Verdict};

/// `12,345`.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 request`, `14 requests`.
pub(crate) fn count(n: usize, one: &str) -> String {
    match (n, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (n, Some(stem)) => format!("{} {stem}ies", number(n as u64)),
        (n, None) => format!("{} {one}s", number(n as u64)),
    }
}

/// `412 ms`, `1.3 s`, `2 min 5 s`.
pub(crate) fn time(ms: f64) -> String {
    if !ms.is_finite() {
        return "at a time not known".to_owned();
    }
    let (sign, ms) = if ms < 0.0 { ("−", -ms) } else { ("", ms) };
    if ms < 999.5 {
        format!("{sign}{ms:.0} ms")
    } else if ms < 59_950.0 {
        format!("{sign}{:.1} s", ms / 1000.0)
    } else {
        let s = (ms / 1000.0).round();
        format!("{sign}{:.0} min {:.0} s", (s / 60.0).floor(), s % 60.0)
    }
}

/// How long a cookie lives.
pub(crate) fn lifetime(seconds: Option<f64>) -> String {
    match seconds {
        None => "session".to_owned(),
        Some(s) if s <= 0.0 => "deletes it".to_owned(),
        Some(s) if s < 90.0 => format!("{s:.0} s"),
        Some(s) if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        Some(s) if s < 129_600.0 => format!("{:.0} h", s / 3_600.0),
        Some(s) => format!("{} days", number((s / 86_400.0).round() as u64)),
    }
}

/// `512 B`, `1.2 kB`.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

/// `a, b and c`; `a, b and 3 more` beyond `most`.
pub(crate) fn list<S: AsRef<str>>(all: &[S], most: usize) -> String {
    let mut shown: Vec<String> = all.iter().take(most).map(|s| s.as_ref().to_owned()).collect();
    if all.len() > shown.len() {
        shown.push(format!("{} more", number((all.len() - shown.len()) as u64)));
    }
    match shown.pop() {
        None => String::new(),
        Some(last) if shown.is_empty() => last,
        Some(last) => format!("{} and {last}", shown.join(", ")),
    }
}

/// `2026-11-25 04:20:46 UTC` from RFC 3339; other texts stay as they are.
pub(crate) fn moment(rfc3339: &str) -> String {
    let Some((day, rest)) = rfc3339.split_once('T') else { return rfc3339.to_owned() };
    let clock: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ':').collect();
    let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.');
    match zone {
        "Z" | "+00:00" | "-00:00" => format!("{day} {clock} UTC"),
        other => format!("{day} {clock} {other}").trim_end().to_owned(),
    }
}

/// Host of an address.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.rsplit_once('@').map_or(host, |(_, h)| h)
}

/// An address as the reader of this audit would say it: the path on the audited host, else without its scheme.
pub(crate) fn place<'a>(start: &str, url: &'a str) -> &'a str {
    let Some((_, rest)) = url.split_once("://") else { return url };
    match rest.strip_prefix(host(start)) {
        Some("") => "/",
        Some(path) if path.starts_with(['/', '?', '#']) => path,
        _ => rest,
    }
}

/// What the visitor did, as a column's head.
pub(crate) fn lived(s: Scenario) -> &'static str {
    match s {
        Scenario::NoChoice => "no choice made",
        Scenario::Ignore => "banner ignored",
        Scenario::Dismiss => "banner dismissed",
        Scenario::RejectAll => "rejected all",
        Scenario::Custom(_) => "granted a part",
        Scenario::AcceptAll => "accepted all",
        Scenario::Withdraw => "accepted, then opted out",
        Scenario::Returning => "had accepted before",
        Scenario::Unknown => "choice not known",
        _ => "other",
    }
}

/// Achieved consent.
pub(crate) fn achieved(c: AchievedChoice) -> &'static str {
    match c {
        AchievedChoice::None => "no choice stored",
        AchievedChoice::AcceptAll => "everything granted",
        AchievedChoice::RejectAll => "everything denied",
        AchievedChoice::Partial => "some granted, some denied",
        AchievedChoice::Unknown => "not known",
    }
}

/// Severity.
pub(crate) fn severity(s: Severity) -> &'static str {
    match s {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Note => "note",
    }
}

/// The most severe first.
pub(crate) const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Note];

/// Confidence, with what it means.
pub(crate) fn confidence(c: Confidence) -> &'static str {
    match c {
        Confidence::High => "high (observed directly)",
        Confidence::Medium => "medium (some of it is inferred)",
        Confidence::Low => "low (a hint)",
    }
}

/// A rule's answer.
pub(crate) fn verdict(v: Verdict) -> &'static str {
    match v {
        Verdict::Fail => "observed",
        Verdict::Pass => "not observed",
        Verdict::Inconclusive => "inconclusive",
        Verdict::NotApplicable => "not applicable",
    }
}

/// A cell of the matrix.
pub(crate) fn cell(s: CellState) -> &'static str {
    match s {
        CellState::Nothing => "nothing",
        CellState::Sent => "sent",
        CellState::SentBeforeChoice => "sent before choice",
        CellState::SentBeforeBanner => "sent before banner",
        CellState::NotTested => "not tested",
        CellState::NotOffered => "not offered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_their_units() {
        assert_eq!(
            (count(1, "request"), count(10_482, "request")),
            ("1 request".into(), "10,482 requests".into())
        );
        assert_eq!(count(2, "entry"), "2 entries");
        let times: Vec<String> = [0.0, 411.6, 999.6, 1_349.0, 125_000.0, -3.0].map(time).into();
        assert_eq!(times, ["0 ms", "412 ms", "1.0 s", "1.3 s", "2 min 5 s", "−3 ms"]);
        assert_eq!(lifetime(Some(34_560_000.0)), "400 days");
        assert_eq!(list(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(moment("2026-11-25T04:20:46.123Z"), "2026-11-25 04:20:46 UTC");
    }

    #[test]
    fn an_address_is_told_from_the_audited_host() {
        assert_eq!(place("https://shop.example/", "https://shop.example/a?b"), "/a?b");
        assert_eq!(place("https://shop.example", "https://shop.example"), "/");
        assert_eq!(place("https://shop.example/", "https://shop.example.evil/a"), "shop.example.evil/a");
    }
}
