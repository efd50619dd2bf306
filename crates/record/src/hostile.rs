//! What a page says may be made to mislead a reader: control characters, reversed text, invisible letters, 10 kB titles.
//!
//! Nothing is dropped silently: a character that would act or hide is shown as a sign (`␛`, `[U+202E]`), a text that
//! is too long says how much of it is missing. The result is inert in a terminal, and as a text in any format.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// More combining marks than this on one letter are told, not drawn: real scripts need fewer.
const MOST_MARKS: usize = 4;

/// A piece of a neutralised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it was.
    Text(&'a str),
    /// The sign that stands for a character that would act or hide.
    Sign(String),
}

/// The pieces of a text: what may be shown as it is, and the signs for what may not.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let (mut from, mut marks, mut before) = (0, 0, None);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let sign = if is_mark(c) {
            marks += 1;
            (marks > MOST_MARKS).then(|| tag(c))
        } else {
            marks = 0;
            sign(c, before, chars.peek().map(|(_, c)| *c))
        };
        before = Some(c);
        if let Some(sign) = sign {
            if from < at {
                out.push(Piece::Text(&text[from..at]));
            }
            out.push(Piece::Sign(sign));
            from = at + c.len_utf8();
        }
    }
    if from < text.len() {
        out.push(Piece::Text(&text[from..]));
    }
    out
}

/// The text with signs in place of what would act or hide.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for p in pieces(text) {
        match p {
            Piece::Text(t) => out.push_str(t),
            Piece::Sign(s) => out.push_str(&s),
        }
    }
    out
}

/// At most `max` characters of a text, and how many more there were.
pub fn cut(text: &str, max: usize) -> (&str, usize) {
    match text.char_indices().nth(max) {
        None => (text, 0),
        Some((at, _)) => (&text[..at], text[at..].chars().count()),
    }
}

/// `… (12 more characters)`, or nothing.
pub fn more(n: usize) -> String {
    match n {
        0 => String::new(),
        1 => "… (1 more character)".to_owned(),
        n => format!("… ({} more characters)", number(n)),
    }
}

/// `10,482`.
fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A text as one line: neutralised, and at most `max` characters of it.
pub fn line(text: &str, max: usize) -> String {
    let (kept, rest) = cut(text, max);
    let mut out = visible(kept);
    out.push_str(&more(rest));
    out
}

fn tag(c: char) -> String {
    let mut s = String::new();
    let _ = write!(s, "[U+{:04X}]", c as u32);
    s
}

/// A mark that is drawn on the letter before it.
fn is_mark(c: char) -> bool {
    c.width() == Some(0) && !is_hidden(c) && !matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

fn sign(c: char, before: Option<char>, after: Option<char>) -> Option<String> {
    match c {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + c as u32).map(String::from),
        '\u{7F}' => Some("␡".to_owned()),
        // Joiners make emoji and the letters of many scripts; next to ASCII they only hide.
        '\u{200C}' | '\u{200D}' => {
            let plain = |c: Option<char>| c.is_none_or(|c| c.is_ascii() || is_hidden(c));
            (plain(before) || plain(after)).then(|| tag(c))
        }
        c if c.is_control() || is_hidden(c) => Some(tag(c)),
        _ => None,
    }
}

/// Characters that turn the direction of text, break lines, or show nothing at all.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || (c as u32) & 0xFFFE == 0xFFFE
        || matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_or_hides_is_shown_as_a_sign() {
        assert_eq!(visible("a\x1b[31mb\r\n\tc\x7f\u{9b}"), "a␛[31mb␍␊␉c␡[U+009B]");
        assert_eq!(visible("invoice\u{202E}fdp.exe"), "invoice[U+202E]fdp.exe");
        assert_eq!(visible("pay\u{200D}pal \u{E0041}"), "pay[U+200D]pal [U+E0041]");
    }

    #[test]
    fn honest_text_stays_as_it_is() {
        for t in ["Zürich – Größe 12 €", "می‌خواهم", "👨‍👩‍👧 ❤️", "日本語", "नमस्ते", "שלום"]
        {
            assert_eq!(visible(t), t);
        }
    }

    #[test]
    fn a_tower_of_marks_is_told() {
        let tower = format!("a{}", "\u{301}".repeat(9));
        assert_eq!(visible(&tower), format!("a{}{}", "\u{301}".repeat(4), "[U+0301]".repeat(5)));
    }

    #[test]
    fn what_is_cut_is_counted() {
        assert_eq!(line("abc", 3), "abc");
        assert_eq!(line("abcd", 3), "abc… (1 more character)");
        assert_eq!(line(&"é".repeat(10_000), 1), "é… (9,999 more characters)");
    }

    proptest! {
        #[test]
        fn nothing_that_acts_survives_and_nothing_is_lost(s in any::<String>()) {
            let v = visible(&s);
            prop_assert!(!v.chars().any(|c| c.is_control() || is_hidden(c)));
            prop_assert_eq!(visible(&v), v.clone());
            let kept: usize = pieces(&s).iter().map(|p| match p {
                Piece::Text(t) => t.chars().count(),
                Piece::Sign(_) => 1,
            }).sum();
            prop_assert_eq!(kept, s.chars().count());
        }

        #[test]
        fn a_line_is_bounded(s in any::<String>(), max in 0usize..50) {
            prop_assert!(line(&s, max).chars().count() <= max * 9 + 40);
        }
    }
}
