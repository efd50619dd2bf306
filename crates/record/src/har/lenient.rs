//! JSON as makers of HARs write it, and not as it should be: halves of characters, numbers beyond every bound, keys twice, a text
//! where an object belongs. What can be read of it is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::mend::mended;

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
