//! JSON as makers of HARs write it, and not as it should be: halves of characters, numbers beyond every bound, keys twice, a text
//! where an object belongs. What can be read of it is.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads it as it stands; where that fails, what is sound of it. An error says in short what is wrong.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text)
        .or_else(|_| {
            // Of keys that come twice, a `Value` keeps the last, as browsers do.
            let mut value: Value = serde_json::from_str(&mended(text))?;
            keep_sound(&mut value);
            serde_json::from_value(value)
        })
        .map_err(|e| crate::hostile::line(&e.to_string(), 200))
}

/// What must be an object, and is left out where it is not.
const OBJECTS: [&str; 4] = ["/request", "/request/postData", "/response", "/response/content"];
/// Lists of objects.
const LISTS: [&str; 6] = [
    "/request/headers",
    "/request/cookies",
    "/request/postData/params",
    "/response/headers",
    "/response/cookies",
    "/_webSocketMessages",
];

fn keep_sound(entry: &mut Value) {
    for path in OBJECTS {
        if let Some(v) = entry.pointer_mut(path).filter(|v| !v.is_object()) {
            *v = Value::Null;
        }
    }
    for path in LISTS {
        if let Some(Value::Array(all)) = entry.pointer_mut(path) {
            all.retain(Value::is_object);
        }
    }
    // Two names of one field.
    if let Some(Value::Object(post)) = entry.pointer_mut("/request/postData")
        && post.contains_key("_encoding")
    {
        post.remove("encoding");
    }
}

/// Halves of characters become U+FFFD; numbers that no double holds become `null`.
fn mended(text: &str) -> String {
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
