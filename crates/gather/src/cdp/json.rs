//! Reading the browser's JSON tolerantly: what is absent or of another type reads as empty.

use serde_json::Value;

/// Shorthands for reading fields that may be absent.
pub(crate) trait Read {
    /// A string, or empty.
    fn text(&self, key: &str) -> String;
    /// A string, if there is one.
    fn opt_text(&self, key: &str) -> Option<String>;
    /// A number, or 0.
    fn num(&self, key: &str) -> f64;
    /// A boolean, or false.
    fn flag(&self, key: &str) -> bool;
    /// An array, or empty.
    fn list(&self, key: &str) -> &[Value];
}

impl Read for Value {
    fn text(&self, key: &str) -> String {
        self[key].as_str().unwrap_or_default().to_owned()
    }
    fn opt_text(&self, key: &str) -> Option<String> {
        self[key].as_str().map(str::to_owned)
    }
    fn num(&self, key: &str) -> f64 {
        self[key].as_f64().unwrap_or_default()
    }
    fn flag(&self, key: &str) -> bool {
        self[key].as_bool().unwrap_or_default()
    }
    fn list(&self, key: &str) -> &[Value] {
        self[key].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

/// Cuts a text to at most `max` bytes, at a character.
pub(crate) fn bounded(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_cuts_at_a_character() {
        assert_eq!(bounded("aéb", 2), "a");
        assert_eq!(bounded("aéb", 3), "aé");
        assert_eq!(bounded("", 0), "");
    }
}
