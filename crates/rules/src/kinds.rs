//! What a field asks for, in words.

use affiant_detect::facts::InputKind;

/// `e-mail address`.
pub(crate) fn in_words(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Password => "password",
        InputKind::Card => "payment card",
        InputKind::NationalId => "national id",
        InputKind::Email => "e-mail address",
        InputKind::Phone => "telephone number",
        InputKind::Name => "name",
        InputKind::Address => "postal address",
        InputKind::BirthDate => "date of birth",
        InputKind::Search => "search terms",
        InputKind::Message => "message",
        InputKind::Other => "other",
    }
}

/// Passwords, cards and national ids.
pub(crate) fn is_gravest(kind: InputKind) -> bool {
    matches!(kind, InputKind::Password | InputKind::Card | InputKind::NationalId)
}
