//! Almost JSON, mended: what browsers and pages write, and a strict reader refuses as a whole. JavaScript's strings may hold half
//! of a character (an emoji that was cut in two), and its JSON writes that as `\ud83d`.

/// The text with halves of characters as U+FFFD, and numbers that no double holds as `null`. What is sound JSON stays as it is.
pub fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        rest = if from.starts_with('"') { string(from, &mut out) } else { number(from, &mut out) };
    }
    out.push_str(rest);
    out
}

/// Copies the string that `text` begins with; gives what follows.
fn string<'t>(text: &'t str, out: &mut String) -> &'t str {
    out.push('"');
    let mut rest = text.get(1..).unwrap_or_default();
    while let Some(at) = rest.find(['"', '\\']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if from.starts_with('"') {
            out.push('"');
            return from.get(1..).unwrap_or_default();
        }
        let taken = match (half(from), from.get(6..).and_then(half)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(_), _) => {
                out.push_str("\\ufffd");
                rest = from.get(6..).unwrap_or_default();
                continue;
            }
            // A backslash and what it escapes, which may be of several bytes in text that is no JSON.
            (None, _) => 1 + from.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = from.split_at(taken);
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    ""
}

/// The half of a character that `text` begins with, if it does.
fn half(text: &str) -> Option<u16> {
    let hex = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(hex, 16).ok().filter(|n| (0xd800..=0xdfff).contains(n))
}

/// Copies the number that `text` begins with; gives what follows.
fn number<'t>(text: &'t str, out: &mut String) -> &'t str {
    let end =
        text.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let beyond = number.parse::<f64>().is_ok_and(f64::is_infinite);
    out.push_str(if beyond { "null" } else { number });
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_unsound_is_mended_and_the_rest_stays() {
        for (text, mends) in [
            (r#"{"a":"\ud800"}"#, r#"{"a":"\ufffd"}"#),
            (r#""\udc00x\uD83D\uDE00\ud83d""#, r#""\ufffdx\uD83D\uDE00\ufffd""#),
            (r#"["\\ud800","\"\ud800"]"#, r#"["\\ud800","\"\ufffd"]"#),
            (
                r#"{"a":1e999,"b":-1e999,"c":1e308,"1e999":"1e999"}"#,
                r#"{"a":null,"b":null,"c":1e308,"1e999":"1e999"}"#,
            ),
            (r#""\"#, r#""\"#),
            ("\"\\ü", "\"\\ü"),
        ] {
            assert_eq!(mended(text), mends, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_json_stays_as_it_is(text in "\\PC{0,40}", n in any::<f64>()) {
            let json = serde_json::json!({ text.clone(): [text, n] }).to_string();
            prop_assert_eq!(mended(&json), json);
        }

        #[test]
        fn any_text_is_mended_without_a_panic(text in "(\\\\u[dD][89a-f][0-9]{2}|[\"\\\\{}:,\\[\\]e0-9-]|ü){0,30}") {
            let once = mended(&text);
            prop_assert_eq!(mended(&once), once);
        }
    }
}
