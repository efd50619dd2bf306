//! Values for fields: valid to look at, unlike anything else on the page, and nobody's.
//!
//! Addresses are under `example.com` (RFC 2606), telephone numbers are 555-01xx (reserved for fiction by the North American
//! Numbering Plan), cards begin with 400000 (used for tests, given to nobody), and social security numbers with 9 and a
//! group below 50 (never issued, and no ITIN: SSA, IRS).

use affiant_record::page::Input;
use affiant_signals::InputKind;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;

/// The word for a kind in a record.
pub(super) fn word(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Password => "password",
        InputKind::Card => "card",
        InputKind::NationalId => "national-id",
        InputKind::Email => "email",
        InputKind::Phone => "phone",
        InputKind::Name => "name",
        InputKind::Address => "address",
        InputKind::BirthDate => "birth-date",
        InputKind::Search => "search",
        InputKind::Message => "message",
        InputKind::Other => "other",
    }
}

/// A value for a field.
pub(super) fn value(input: &Input, kind: InputKind) -> String {
    let words = format!("{} {} {}", input.name, input.autocomplete, input.label).to_lowercase();
    let says = |all: &[&str]| all.iter().any(|w| words.contains(w));
    let mut rng = rand::rng();
    let mut digits =
        |n: usize| -> String { (0..n).map(|_| char::from(b'0' + rng.random_range(0..10u8))).collect() };
    match (input.kind.as_str(), kind) {
        ("date", _) => birth_date(),
        ("number", InputKind::Other | InputKind::Message | InputKind::Search) => format!("7{}", digits(7)),
        (_, InputKind::Email) => {
            format!("{}{}@mail-{}.example.com", name().to_lowercase(), digits(3), digits(5))
        }
        (_, InputKind::Phone) => format!("{}55501{}", area(), digits(2)),
        (_, InputKind::Card) if says(&["exp", "mm", "valid"]) => "1231".to_owned(),
        (_, InputKind::Card) if says(&["cvc", "cvv", "csc", "code"]) => digits(3),
        (_, InputKind::Card) if says(&["holder", "owner", "cc-name", "name on"]) => {
            format!("{} {}", name(), name())
        }
        (_, InputKind::Card) => card(&digits(9)),
        (_, InputKind::NationalId) => format!("9{}-0{}-{}", digits(2), 1 + digits(1).len(), digits(4)),
        (_, InputKind::Password) => format!("Tq{}!{}", digits(4), name()),
        (_, InputKind::BirthDate) => birth_date(),
        (_, InputKind::Name) if says(&["first", "given", "vorname", "prenom", "nombre"]) => name(),
        (_, InputKind::Name) if says(&["last", "family", "sur", "nachname", "apellido", "cognome"]) => name(),
        (_, InputKind::Name) => format!("{} {}", name(), name()),
        (_, InputKind::Address) if says(&["zip", "postal", "postcode", "plz", "cep"]) => {
            format!("9{}", digits(4))
        }
        (_, InputKind::Address) if says(&["city", "town", "locality", "ort", "ville", "ciudad"]) => name(),
        (_, InputKind::Address) => format!("{} {} Street", digits(4), name()),
        (_, InputKind::Search) => format!("{} {}", name().to_lowercase(), name().to_lowercase()),
        (_, InputKind::Message) => format!("{} {} is what I ask about", name(), name().to_lowercase()),
        ("url", _) => format!("{}-{}.example.com", name().to_lowercase(), digits(4)),
        _ => format!("{}{}", name(), digits(4)),
    }
}

/// Two such words: nobody looks for them, and nothing is called so.
pub fn words_of_nobody() -> String {
    format!("{} {}", name(), name()).to_lowercase()
}

/// A word that no language has: nine letters, of hundreds of millions.
fn name() -> String {
    let mut rng = rand::rng();
    let mut letter = |of: &[u8]| char::from(of.choose(&mut rng).copied().unwrap_or(b'a'));
    let mut out: String = (0..4).flat_map(|_| [letter(b"bdfgklmnprstvz"), letter(b"aeiou")]).collect();
    out.push(letter(b"bdfgklmnprstvz"));
    let first = out.remove(0).to_ascii_uppercase();
    format!("{first}{out}")
}

/// An area code of the North American Numbering Plan.
fn area() -> String {
    let mut rng = rand::rng();
    let (a, b) = (rng.random_range(2..10u32), rng.random_range(0..9u32));
    let mut c = rng.random_range(0..10u32);
    if (b, c) == (1, 1) {
        c = 2;
    }
    format!("{a}{b}{c}")
}

fn card(middle: &str) -> String {
    let body = format!("400000{middle}");
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0');
            if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn birth_date() -> String {
    let mut rng = rand::rng();
    format!("{}-{:02}-{:02}", rng.random_range(1950..1999), rng.random_range(1..13), rng.random_range(1..29))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, kind: InputKind) -> String {
        value(&Input { name: name.into(), ..Input::default() }, kind)
    }

    #[test]
    fn cards_pass_the_check_of_forms() {
        for _ in 0..50 {
            let card = of("cardnumber", InputKind::Card);
            let sum: u32 = card
                .bytes()
                .rev()
                .enumerate()
                .map(|(i, b)| {
                    let d = u32::from(b - b'0');
                    if i % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d }
                })
                .sum();
            assert!(card.len() == 16 && sum.is_multiple_of(10), "{card}");
        }
    }

    #[test]
    fn they_differ_and_are_nobodys() {
        let names: std::collections::HashSet<String> =
            (0..500).map(|_| of("first_name", InputKind::Name)).collect();
        assert_eq!(names.len(), 500);
        assert!(of("email", InputKind::Email).ends_with(".example.com"));
        let phone = of("phone", InputKind::Phone);
        assert!(phone.len() == 10 && &phone[3..8] == "55501", "{phone}");
        assert!(of("ssn", InputKind::NationalId).starts_with('9'));
    }
}
