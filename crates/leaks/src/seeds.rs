//! What sites make of a value before they write or hash it: lower case, digits alone, the local part.

use affiant_signals::InputKind;

/// A value to look for, in one of the shapes that a site may give it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seed {
    /// What was done to the value; empty: nothing.
    pub(crate) how: &'static str,
    /// The result.
    pub(crate) bytes: Vec<u8>,
    /// So many of its first bytes are enough to know it again.
    pub(crate) enough: usize,
    /// Digits alone: it counts only where no other digit stands beside it.
    pub(crate) number: bool,
    /// Whether it is among the few that everything is tried on.
    pub(crate) plain: bool,
    /// Which part of the value it is, from 0 to 1.
    pub(crate) share: f64,
}

/// Shorter values are met by chance.
pub(crate) const SHORTEST: usize = 7;
/// So many first bytes of a text are enough.
const ENOUGH: usize = 8;

/// The shapes of a value, each once; none where it is too short to be told from chance.
pub(crate) fn seeds(value: &str, kind: InputKind) -> Vec<Seed> {
    let mut out: Vec<Seed> = vec![];
    let mut add = |how: &'static str, text: String, plain: bool| {
        let number = text.bytes().all(|b| b.is_ascii_digit());
        if text.len() < SHORTEST || out.iter().any(|s| s.bytes == text.as_bytes()) {
            return;
        }
        // The first digits of a card or of a telephone number are many people's.
        let mostly_digits = text.bytes().filter(u8::is_ascii_digit).count() * 2 > text.len();
        let enough = if mostly_digits { text.len() } else { ENOUGH.min(text.len()) };
        let part = matches!(how, "local_part" | "domain");
        let share = if part { text.len() as f64 / value.trim().len().max(1) as f64 } else { 1.0 };
        out.push(Seed { how, enough, number, plain, share, bytes: text.into_bytes() });
    };
    let value = value.trim();
    let lower = value.to_lowercase();
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    add("", value.to_owned(), true);
    add("lowercase", lower.clone(), true);
    add("uppercase", value.to_uppercase(), false);
    match kind {
        InputKind::Email => {
            if let Some((local, domain)) = lower.rsplit_once('@') {
                let bare = local.split('+').next().unwrap_or(local).replace('.', "");
                add("without_dots_and_tag", format!("{bare}@{domain}"), true);
                add("local_part", local.to_owned(), false);
                add("local_part", value.rsplit_once('@').map_or("", |(l, _)| l).to_owned(), false);
                add("domain", domain.to_owned(), false);
            }
        }
        InputKind::Phone => {
            let national = digits.strip_prefix('1').filter(|d| d.len() == 10).unwrap_or(&digits).to_owned();
            add("e164", format!("+1{national}"), true);
            add("digits", format!("1{national}"), false);
            add("national_digits", national.clone(), true);
            if let (Some(a), Some(b), Some(c)) = (national.get(..3), national.get(3..6), national.get(6..)) {
                add("written", format!("({a}) {b}-{c}"), false);
                add("written", format!("{a}-{b}-{c}"), false);
                add("written", format!("{a}.{b}.{c}"), false);
                add("written", format!("+1 {a}-{b}-{c}"), false);
            }
        }
        InputKind::Card | InputKind::NationalId => {
            add("digits", digits.clone(), true);
            let fours: Vec<&str> = (0..digits.len())
                .step_by(4)
                .filter_map(|i| digits.get(i..(i + 4).min(digits.len())))
                .collect();
            add("written", fours.join(" "), false);
            add("written", fours.join("-"), false);
        }
        InputKind::BirthDate => {
            if let [y, m, d] = value.split('-').collect::<Vec<_>>()[..] {
                for a in ["/", "-", "."] {
                    add("written", format!("{m}{a}{d}{a}{y}"), false);
                    add("written", format!("{d}{a}{m}{a}{y}"), false);
                }
                add("digits", format!("{y}{m}{d}"), false);
            }
        }
        _ => {
            let squeezed: String = lower.chars().filter(|c| !c.is_whitespace()).collect();
            add("without_spaces", squeezed, true);
            add("plus_for_space", value.replace(' ', "+"), false);
            add("dash_for_space", lower.replace(' ', "-"), false);
            add("underscore_for_space", lower.replace(' ', "_"), false);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let of = |value, kind| {
            let all = seeds(value, kind);
            all.into_iter().map(|s| (s.how, String::from_utf8(s.bytes).unwrap())).collect::<Vec<_>>()
        };
        let email = of("Tova.Nelk+x4@Mail.example.com", InputKind::Email);
        assert!(email.contains(&("without_dots_and_tag", "tovanelk@mail.example.com".into())));
        assert!(email.contains(&("local_part", "tova.nelk+x4".into())));
        let phone = of("(415) 555-0132", InputKind::Phone);
        assert!(phone.contains(&("e164", "+14155550132".into())), "{phone:?}");
        assert_eq!(of("94103", InputKind::Address), []);
    }
}
