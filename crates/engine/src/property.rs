//! What a property is called in addresses.

/// A name for addresses, of a property's name for people or its address: letters, digits, dots within words, dashes between them.
pub fn property_id(name: &str) -> String {
    let name = name.trim_start_matches("https://").trim_start_matches("http://").to_lowercase();
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').map(|w| w.trim_matches('.')).filter(|w| !w.is_empty()).collect();
    let id: String = words.join("-").chars().take(60).collect();
    match id.trim_matches(['-', '.']) {
        "" => format!("property-{:08x}", rand::random::<u32>()),
        // The address of the page that makes one.
        "new" => "new-property".to_owned(),
        id => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_addresses() {
        for (name, expected) in [
            ("The Shop", "the-shop"),
            ("https://www.example.com/", "www.example.com"),
            ("shop.test", "shop.test"),
            ("../../etc/passwd", "etc-passwd"),
            ("<script>", "script"),
            ("new", "new-property"),
            ("a..-..b", "a-b"),
        ] {
            assert_eq!(property_id(name), expected, "{name}");
        }
        for name in ["日本", "", "…", "///"] {
            assert!(property_id(name).starts_with("property-"), "{name}");
        }
        let long = property_id(&"a-".repeat(200));
        assert!(long.len() <= 60 && long.ends_with('a'), "{long}");
    }
}
