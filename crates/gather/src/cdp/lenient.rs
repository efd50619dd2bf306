//! Reads JSON of the browser and of scripts in pages leniently: halves of characters become U+FFFD, and what is nested deeper
//! than can be read is left out, and said to be.

use std::borrow::Cow;

use affiant_record::mend::mended;
use serde_json::Value;

/// Nested deeper than this nothing is read. The parser's own bound is 128.
const DEEPEST: usize = 100;

/// A value, and whether it is all of what was told.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) value: Value,
    pub(crate) whole: bool,
}

/// Reads it as it stands, else what can be read of it.
pub(crate) fn read(text: &str) -> Option<Told> {
    if let Ok(value) = serde_json::from_str(text) {
        return Some(Told { value, whole: true });
    }
    let mended = mended(text);
    if let Ok(value) = serde_json::from_str(&mended) {
        return Some(Told { value, whole: true });
    }
    let value = serde_json::from_str(&pruned(&mended)?).ok()?;
    Some(Told { value, whole: false })
}

/// Bytes as text: what is no UTF-8 becomes U+FFFD.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// With `null` in the place of what is nested too deep; nothing, where nothing is.
fn pruned(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut depth, mut in_string, mut escaped, mut cut) = (0_usize, false, false, false);
    for c in text.chars() {
        let kept = depth < DEEPEST;
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            match c {
                '"' => in_string = true,
                '{' | '[' => {
                    depth += 1;
                    if depth == DEEPEST {
                        cut = true;
                        out.push_str("null");
                    }
                }
                '}' | ']' => {
                    depth = depth.checked_sub(1)?;
                    if depth + 1 == DEEPEST {
                        continue;
                    }
                }
                _ => {}
            }
        }
        if kept && depth < DEEPEST {
            out.push(c);
        }
    }
    cut.then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn halves_of_characters_are_read_and_escaped_backslashes_stay() {
        for (text, value) in [
            (r#"{"a":"\ud800"}"#, json!({"a": "\u{fffd}"})),
            (r#"{"\udfff":1}"#, json!({"\u{fffd}": 1})),
            (r#""\ud83d\ude00 \ud83d""#, json!("😀 \u{fffd}")),
            (r#""\ude00\ud83d""#, json!("\u{fffd}\u{fffd}")),
            (r#"["\\ud800","\\\ud800","\"\\"]"#, json!(["\\ud800", "\\\u{fffd}", "\"\\"])),
            (r#""\\\\ud800""#, json!("\\\\ud800")),
        ] {
            assert_eq!(read(text), Some(Told { value, whole: true }), "{text}");
        }
        for bad in ["", "{", r#"{"a":"#, r#""\ud800"#, "nothing", r#"{"a":"\ud800}"#] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_too_deep_is_left_out_and_said_to_be() {
        let deep = format!(r#"{{"a":"x]","b":{}1{},"c":"\ud800"}}"#, "[".repeat(500), "]".repeat(500));
        let told = read(&deep).unwrap();
        assert!(!told.whole);
        assert_eq!((&told.value["a"], &told.value["c"]), (&json!("x]"), &json!("\u{fffd}")));
        assert!(told.value["b"][0][0].is_array());
        let open = "[".repeat(100_000);
        assert_eq!(read(&open), None);
    }

    /// Pieces of which broken JSON is made.
    const PIECES: &str = "(\\\\u[dD][89a-f][0-9]{2}|[\"\\\\{}:,\\[\\]0-9]|ü|\\[{90}|\\]{90}){0,30}";

    proptest! {
        #[test]
        fn bytes_are_borne(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&text(&bytes));
        }

        #[test]
        fn broken_json_is_borne(text in PIECES) {
            let _ = read(&text);
        }

        /// As JavaScript writes any of its strings, which are sequences of 16-bit units.
        #[test]
        fn any_string_of_a_page_is_read(units in proptest::collection::vec(prop_oneof![any::<u16>(), 0xd7ff_u16..0xe001], 0..20)) {
            let escaped: String = units.iter().map(|u| format!("\\u{u:04x}")).collect();
            let told = read(&format!(r#"{{"a":"{escaped}","b":1}}"#)).unwrap();
            prop_assert!(told.whole);
            prop_assert_eq!(&told.value["b"], 1);
            let shown = String::from_utf16_lossy(&units);
            prop_assert_eq!(told.value["a"].as_str(), Some(shown.as_str()));
        }
    }
}
