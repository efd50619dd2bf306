//! How numbers, lists and other people's text are written in sentences.

use affiant_record::Scenario;

/// A time in a unit that suits it: `412 ms`, `1.3 s`, `75 s`.
pub(crate) fn ms(x: f64) -> String {
    let x = x.max(0.0);
    if !x.is_finite() {
        "an unknown time".to_owned()
    } else if x < 999.5 {
        format!("{x:.0} ms")
    } else if x < 59_950.0 {
        format!("{:.1} s", x / 1000.0)
    } else {
        format!("{:.0} s", x / 1000.0)
    }
}

/// An amount of bytes: `312 bytes`, `12.3 kB`, `4.5 MB`.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        1 => "1 byte".to_owned(),
        0..=999 => format!("{n} bytes"),
        1_000..=999_949 => format!("{:.1} kB", n as f64 / 1e3),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

/// A count with its noun: `1 request`, `14 requests`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {}", plural(noun)) }
}

/// Out of how many: `9 of 12 pages`, `1 of 1 page`.
pub(crate) fn of(k: usize, n: usize, noun: &str) -> String {
    if n == 1 { format!("{k} of 1 {noun}") } else { format!("{k} of {n} {}", plural(noun)) }
}

/// `1 value was`, `3 values were`.
pub(crate) fn these(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// `a`, `a and b`, `a, b and c`, `a, b and 4 more`.
pub(crate) fn list<S: AsRef<str>>(items: &[S], most: usize) -> String {
    let most = most.max(1);
    let shown: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    let last = match items.len().saturating_sub(most) {
        0 => None,
        more => Some(format!("{more} more")),
    };
    match (shown.split_last(), last) {
        (None, _) => "none".to_owned(),
        (Some(_), Some(more)) => format!("{} and {more}", shown.join(", ")),
        (Some((only, [])), None) => (*only).to_owned(),
        (Some((end, rest)), None) => format!("{} and {end}", rest.join(", ")),
    }
}

/// Scenarios, listed.
pub(crate) fn scenarios(all: &[Scenario]) -> String {
    let names: Vec<String> = all.iter().map(Scenario::to_string).collect();
    list(&names.iter().map(String::as_str).collect::<Vec<_>>(), names.len())
}

/// With a capital.
pub(crate) fn capitalised(s: &str) -> String {
    let mut chars = s.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Text from outside, on one line, bounded, without characters that change how a line is shown.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (i, c) in text.trim().chars().enumerate() {
        if i == most {
            out.push('…');
            break;
        }
        let hostile = c.is_control()
            || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        out.push(if c.is_whitespace() && !hostile {
            ' '
        } else if hostile {
            '\u{fffd}'
        } else {
            c
        });
    }
    out
}

/// An address for a sentence: without its query, bounded.
pub(crate) fn address(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (kept, rest) = url.split_at(end);
    let mut out = plain(kept, 120);
    if rest.starts_with('?') {
        out.push_str("?…");
    }
    out
}

/// The path of an address, for naming a page of a known site.
pub(crate) fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find(['/', '?', '#']) {
        Some(i) if rest[i..].starts_with('/') => address(&rest[i..]),
        Some(i) => format!("/{}", address(&rest[i..])),
        None => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_units_that_suit_them() {
        assert_eq!([ms(411.6), ms(1310.0), ms(75_000.0), ms(-3.0)], ["412 ms", "1.3 s", "75 s", "0 ms"]);
        assert_eq!(ms(f64::INFINITY), "an unknown time");
        assert_eq!(
            [bytes(1), bytes(312), bytes(12_345), bytes(999_950)],
            ["1 byte", "312 bytes", "12.3 kB", "1.0 MB"]
        );
        assert_eq!([count(1, "request"), count(2, "entry")], ["1 request", "2 entries"]);
        assert_eq!(
            [count(2, "first page"), count(3, "day"), count(2, "third party")],
            ["2 first pages", "3 days", "2 third parties"]
        );
        assert_eq!([of(1, 1, "page"), of(9, 12, "page")], ["1 of 1 page", "9 of 12 pages"]);
    }

    #[test]
    fn lists_are_bounded() {
        assert_eq!(list(&["a"], 3), "a");
        assert_eq!(list(&["a", "b"], 3), "a and b");
        assert_eq!(list(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(list::<&str>(&[], 2), "none");
    }

    #[test]
    fn hostile_text_is_bounded_and_visibly_neutralised() {
        assert_eq!(plain("a\u{202e}b\x1b[31m", 99), "a\u{fffd}b\u{fffd}[31m");
        assert_eq!(plain("abcdef", 3), "abc…");
        assert_eq!(address("https://a.example/x?secret=1"), "https://a.example/x?…");
        assert_eq!(path("https://a.example"), "/");
        assert_eq!(path("https://a.example/b/c?d#e"), "/b/c?…");
        assert_eq!(path("https://a.example?q"), "/?…");
    }
}
