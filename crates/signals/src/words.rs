//! Words of names, labels, titles and paths, written alike: by these fields and pages are known in seven languages.

/// At most so many bytes of a text, in whole characters.
pub(crate) fn bounded(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether a text has these words in a row.
pub(crate) fn has(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, found)| {
        let before = text.get(..at).is_some_and(|b| b.ends_with(' '));
        let after = text.get(at + found.len()..).is_some_and(|a| a.starts_with(' '));
        before && after
    })
}

/// Words in lower case without accents, a space before and after each: `firstName`, `first-name` and `First
/// name*` are the same.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::from(" ");
    let mut lower = false;
    for c in text.chars() {
        if c.is_alphabetic() || c.is_numeric() {
            if c.is_uppercase() && lower && !out.ends_with(' ') {
                out.push(' ');
            }
            lower = c.is_lowercase();
            for c in c.to_lowercase() {
                match c {
                    'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => out.push('a'),
                    'é' | 'è' | 'ê' | 'ë' => out.push('e'),
                    'í' | 'ì' | 'î' | 'ï' => out.push('i'),
                    'ö' | 'ó' | 'ò' | 'ô' | 'õ' => out.push('o'),
                    'ü' | 'ú' | 'ù' | 'û' => out.push('u'),
                    'ç' => out.push('c'),
                    'ñ' => out.push('n'),
                    'ß' => out.push_str("ss"),
                    c => out.push(c),
                }
            }
        } else {
            lower = false;
            if !out.ends_with(' ') {
                out.push(' ');
            }
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_without_accents() {
        assert_eq!(words("firstName first-name Prénom*"), " first name first name prenom ");
        assert!(has(&words("Passwort zurücksetzen"), "passwort zurucksetzen"));
        assert!(!has(&words("carta"), "cart"));
        assert_eq!(bounded("aé", 2), "a");
    }
}
