//! One field out of a request's body: JSON, a form, or either of them in base64. Bounded; what is neither gives nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Largest body that is looked into, in bytes.
const LOOKED_AT: usize = 1 << 20;
/// Most values of a JSON text that are looked at.
const MAX_VALUES: usize = 20_000;

/// The first value of this name, as text.
pub(crate) fn field(bytes: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(bytes.get(..LOOKED_AT.min(bytes.len()))?).ok()?.trim();
    if let Some(v) = in_json(text, name) {
        return Some(v);
    }
    for (key, value) in url::form_urlencoded::parse(text.as_bytes()).take(64) {
        if key == name && !value.is_empty() {
            return Some(value.into_owned());
        }
        if key == "data"
            && let Some(v) = in_json(&value, name).or_else(|| in_base64(&value, name))
        {
            return Some(v);
        }
    }
    in_base64(text, name)
}

fn in_base64(text: &str, name: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.trim()).ok()?;
    in_json(std::str::from_utf8(&bytes).ok()?, name)
}

fn in_json(text: &str, name: &str) -> Option<String> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let json: Value = serde_json::from_str(text).ok()?;
    let mut todo = vec![&json];
    let mut seen = 0;
    while let Some(v) = todo.pop() {
        seen += 1;
        if seen > MAX_VALUES {
            return None;
        }
        match v {
            Value::Object(map) => {
                if let Some(found) = map.get(name).and_then(plain) {
                    return Some(found);
                }
                todo.extend(map.values().rev());
            }
            Value::Array(list) => todo.extend(list.iter().rev()),
            _ => {}
        }
    }
    None
}

fn plain(v: &Value) -> Option<String> {
    match v {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Array(list) => list.first().and_then(|v| match v {
            Value::String(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            _ => None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields() {
        let json = br#"[{"event":"x","properties":{"token":"abc"}}]"#;
        assert_eq!(field(json, "token").as_deref(), Some("abc"));
        let form =
            format!("data={}&verbose=1", url::form_urlencoded::byte_serialize(json).collect::<String>());
        assert_eq!(field(form.as_bytes(), "token").as_deref(), Some("abc"));
        let b64 = STANDARD.encode(json);
        assert_eq!(field(b64.as_bytes(), "token").as_deref(), Some("abc"));
        let form =
            format!("data={}", url::form_urlencoded::byte_serialize(b64.as_bytes()).collect::<String>());
        assert_eq!(field(form.as_bytes(), "token").as_deref(), Some("abc"));
        assert_eq!(field(b"id=12&ev=PageView", "id").as_deref(), Some("12"));
        assert_eq!(field(br#"{"pids":[17,18]}"#, "pids").as_deref(), Some("17"));
        assert_eq!(field(&[0x1f, 0x8b, 0xff], "token"), None);
        let deep = "[".repeat(100_000);
        assert_eq!(field(deep.as_bytes(), "token"), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = field(&bytes, "token");
        }
    }
}
