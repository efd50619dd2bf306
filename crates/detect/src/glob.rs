//! Globs over hosts, paths, queries and names: `*` is any run of bytes, letters match in either case.
//!
//! Patterns come from the catalogue, texts from pages. Matching takes time in the product of both lengths at
//! worst, so callers bound the text.

/// How a glob ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The whole text is matched.
    Whole,
    /// A beginning of the text is matched, and a word is not cut in two: `/tr` begins `/tr/` but not `/travel`.
    Prefix,
}

/// Whether a glob matches a text.
pub(crate) fn matches(glob: &str, text: &str, end: End) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let ended = |t: usize| match end {
        End::Whole => t == text.len(),
        End::Prefix => {
            let word = glob.last().is_some_and(u8::is_ascii_alphanumeric);
            !(word && text.get(t).is_some_and(u8::is_ascii_alphanumeric))
        }
    };
    let (mut g, mut t) = (0, 0);
    // Where to go on after the last `*`: its place in the glob, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match glob.get(g) {
            None if ended(t) => return true,
            Some(b'*') => {
                g += 1;
                star = Some((g, t));
                continue;
            }
            Some(c) if text.get(t).is_some_and(|x| x.eq_ignore_ascii_case(c)) => {
                g += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match star {
            Some((after, taken)) if taken < text.len() => {
                star = Some((after, taken + 1));
                (g, t) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

/// Number of bytes that are not `*`: how much a glob says.
pub(crate) fn weight(glob: &str) -> usize {
    glob.bytes().filter(|b| *b != b'*').count()
}

/// The first `max` bytes of a text, or a little less: never inside a character.
pub(crate) fn bounded(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn globs() {
        for (glob, text, end, yes) in [
            ("", "", End::Whole, true),
            ("*", "", End::Whole, true),
            ("a*c", "abbc", End::Whole, true),
            ("a*c", "abbcd", End::Whole, false),
            ("A*C", "abcbc", End::Whole, true),
            ("*b*b", "abab", End::Whole, true),
            ("/tr", "/tr/", End::Prefix, true),
            ("/tr", "/tr?id=1", End::Prefix, true),
            ("/tr", "/travel", End::Prefix, false),
            ("/c/hotjar-", "/c/hotjar-123.js", End::Prefix, true),
            ("*/x", "/x/y/xx/x", End::Prefix, true),
            ("*/x", "/xx", End::Prefix, false),
        ] {
            assert_eq!(matches(glob, text, end), yes, "{glob} on {text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(glob in "[*a-cä/]{0,12}", text in "\\PC{0,40}") {
            let _ = matches(&glob, &text, End::Whole);
            let _ = matches(&glob, &text, End::Prefix);
        }

        #[test]
        fn agrees_with_regex(glob in "[*ab]{0,8}", text in "[ab]{0,12}") {
            let re = regex::Regex::new(&format!("^{}$", glob.replace('*', ".*"))).unwrap();
            prop_assert_eq!(matches(&glob, &text, End::Whole), re.is_match(&text));
        }

        #[test]
        fn bounds_at_characters(text in "\\PC{0,40}", max in 0usize..60) {
            let b = bounded(&text, max);
            prop_assert!(b.len() <= max && text.starts_with(b));
        }
    }
}
