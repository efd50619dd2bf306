//! What each form field asks for. The browser's own words count most (`type`, `autocomplete`), then names and
//! labels in English, German, French, Spanish, Italian, Dutch and Portuguese.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::words::{bounded, has, words};

/// How much of a name or a label is read, in bytes.
const READ: usize = 300;

/// A field, as its document describes it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    /// `input`, `textarea`, `select`, `contenteditable`.
    pub tag: &'a str,
    /// `type` attribute.
    pub kind: &'a str,
    /// `name` or `id`.
    pub name: &'a str,
    /// `autocomplete` attribute.
    pub autocomplete: &'a str,
    /// Label, `aria-label` or placeholder.
    pub label: &'a str,
}

/// What a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// Password.
    Password,
    /// Payment card.
    Card,
    /// Government or social security number.
    NationalId,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Name of a person.
    Name,
    /// Postal address.
    Address,
    /// Date of birth.
    BirthDate,
    /// Search terms.
    Search,
    /// Free text: message, question, chat.
    Message,
    /// Anything else.
    Other,
}

impl InputKind {
    /// In words: `e-mail address`.
    pub fn in_words(self) -> &'static str {
        match self {
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

    /// Whether it is a password, a card or a national id.
    pub fn is_gravest(self) -> bool {
        matches!(self, InputKind::Password | InputKind::Card | InputKind::NationalId)
    }

    /// Whether a page that asks for it counts as sensitive.
    pub fn is_sensitive(self) -> bool {
        !matches!(self, InputKind::Search | InputKind::Other)
    }
}

/// What a field asks for, and why that is believed.
pub fn classify(i: Field<'_>) -> (InputKind, String) {
    let kind = i.kind.trim().to_ascii_lowercase();
    if kind == "password" {
        return (InputKind::Password, "its type is password".to_owned());
    }
    let autocomplete = bounded(i.autocomplete, READ).to_ascii_lowercase();
    for token in autocomplete.split_ascii_whitespace() {
        if let Some((name, kind)) = AUTOCOMPLETE.iter().find(|(name, _)| *name == token) {
            return (*kind, format!("its autocomplete is {name}"));
        }
    }
    match kind.as_str() {
        "email" => return (InputKind::Email, "its type is email".to_owned()),
        "tel" => {
            return by_words(i)
                .filter(|(k, _)| *k == InputKind::Card)
                .unwrap_or((InputKind::Phone, "its type is tel".to_owned()));
        }
        "search" => return (InputKind::Search, "its type is search".to_owned()),
        "checkbox" | "radio" | "range" | "color" | "file" => {
            return (InputKind::Other, format!("its type is {kind}"));
        }
        _ => {}
    }
    if let Some(found) = by_words(i) {
        return found;
    }
    match i.tag {
        "textarea" => (InputKind::Message, "it is a text area".to_owned()),
        "contenteditable" => (InputKind::Message, "its text can be edited".to_owned()),
        _ => (InputKind::Other, "nothing says what it asks for".to_owned()),
    }
}

/// By the first table that has a word of its name or its label.
fn by_words(i: Field<'_>) -> Option<(InputKind, String)> {
    let name = words(bounded(i.name, READ));
    let label = words(bounded(i.label, READ));
    for (kind, table) in WORDS {
        for (text, whose) in [(&name, "name"), (&label, "label")] {
            if let Some(word) = table.iter().find(|w| has(text, w)) {
                let unless: &[&str] = match kind {
                    InputKind::Name => NOT_A_PERSON,
                    InputKind::Address => NOT_A_PLACE,
                    _ => &[],
                };
                if unless.iter().any(|w| has(&name, w) || has(&label, w)) {
                    continue;
                }
                return Some((*kind, format!("its {whose} says '{word}'")));
            }
        }
    }
    let w = SEARCH_NAMES.iter().find(|w| name == format!(" {w} "))?;
    Some((InputKind::Search, format!("its name is '{w}'")))
}

/// What the tokens of `autocomplete` ask for (HTML's own list).
const AUTOCOMPLETE: &[(&str, InputKind)] = &[
    ("cc-number", InputKind::Card),
    ("cc-name", InputKind::Card),
    ("cc-given-name", InputKind::Card),
    ("cc-family-name", InputKind::Card),
    ("cc-csc", InputKind::Card),
    ("cc-exp", InputKind::Card),
    ("cc-exp-month", InputKind::Card),
    ("cc-exp-year", InputKind::Card),
    ("cc-type", InputKind::Card),
    ("current-password", InputKind::Password),
    ("new-password", InputKind::Password),
    ("one-time-code", InputKind::Password),
    ("email", InputKind::Email),
    ("tel", InputKind::Phone),
    ("tel-national", InputKind::Phone),
    ("tel-local", InputKind::Phone),
    ("name", InputKind::Name),
    ("given-name", InputKind::Name),
    ("additional-name", InputKind::Name),
    ("family-name", InputKind::Name),
    ("street-address", InputKind::Address),
    ("address-line1", InputKind::Address),
    ("address-line2", InputKind::Address),
    ("address-line3", InputKind::Address),
    ("address-level1", InputKind::Address),
    ("address-level2", InputKind::Address),
    ("postal-code", InputKind::Address),
    ("bday", InputKind::BirthDate),
    ("bday-day", InputKind::BirthDate),
    ("bday-month", InputKind::BirthDate),
    ("bday-year", InputKind::BirthDate),
];

/// Words that tell, the most telling table first. Without accents, as [`words`] gives them.
#[rustfmt::skip]
const WORDS: &[(InputKind, &[&str])] = &[
    (InputKind::Password, &["password", "passwd", "passwort", "kennwort", "mot de passe", "contrasena", "wachtwoord", "senha", "palavra passe"]),
    (InputKind::NationalId, &[
        "ssn", "social security", "social security number", "national id", "national insurance", "tax id", "passport", "passport number",
        "driver license", "drivers license", "driving licence", "sozialversicherungsnummer", "steuer id", "steuernummer", "personalausweis",
        "ausweisnummer", "reisepass", "numero de securite sociale", "securite sociale", "passeport", "dni", "nie", "nif", "curp",
        "seguridad social", "pasaporte", "codice fiscale", "passaporto", "bsn", "burgerservicenummer", "paspoort", "cpf", "passaporte",
    ]),
    (InputKind::Card, &[
        "card number", "cardnumber", "credit card", "creditcard", "debit card", "cc number", "ccnumber", "cc num", "ccnum", "cvv", "cvc", "csc",
        "card code", "security code", "card expiry", "expiry date", "kartennummer", "kreditkarte", "kreditkartennummer", "kartenpruefnummer",
        "prufziffer", "numero de carte", "carte bancaire", "carte de credit", "cryptogramme", "numero de tarjeta", "tarjeta de credito", "tarjeta",
        "carta di credito", "numero carta", "kaartnummer", "creditcardnummer", "numero do cartao", "cartao de credito", "cartao", "iban",
    ]),
    (InputKind::Email, &[
        "email", "e mail", "mail", "emailaddress", "useremail", "email address", "courriel", "adresse electronique", "correo", "correo electronico",
        "posta elettronica", "emailadres", "mailadresse", "emailadresse", "newsletter",
    ]),
    (InputKind::BirthDate, &[
        "birthday", "birthdate", "birth date", "date of birth", "dateofbirth", "dob", "geburtsdatum", "geburtstag", "date de naissance", "naissance",
        "fecha de nacimiento", "nacimiento", "data di nascita", "nascita", "geboortedatum", "data de nascimento", "nascimento",
    ]),
    (InputKind::Phone, &[
        "phone", "phone number", "phonenumber", "telephone", "mobile", "mobile number", "cell phone", "tel", "telefon", "telefonnummer", "handynummer",
        "handy", "mobilnummer", "numero de telephone", "telefono", "movil", "cellulare", "telefoon", "telefoonnummer", "mobiel", "telefone",
        "telemovel", "celular",
    ]),
    (InputKind::Search, &["search", "search query", "searchterm", "suche", "suchen", "suchbegriff", "recherche", "rechercher", "buscar", "busqueda",
        "cerca", "ricerca", "zoeken", "zoekterm", "pesquisar", "pesquisa", "busca"]),
    (InputKind::Address, &[
        "address", "street", "street address", "address line", "address1", "address 1", "zip", "zip code", "zipcode", "postcode", "postal code", "city",
        "town", "anschrift", "adresse", "strasse", "hausnummer", "postleitzahl", "plz", "wohnort", "rue", "code postal", "ville", "direccion",
        "calle", "codigo postal", "ciudad", "indirizzo", "codice postale", "citta", "adres", "straat", "huisnummer", "woonplaats", "endereco",
        "morada", "rua", "cidade", "cep",
    ]),
    (InputKind::Message, &[
        "message", "your message", "comment", "comments", "question", "enquiry", "inquiry", "feedback", "chat", "nachricht", "mitteilung", "kommentar",
        "anmerkung", "frage", "commentaire", "mensaje", "comentario", "comentarios", "messaggio", "commento", "bericht", "opmerking",
        "opmerkingen", "vraag", "mensagem",
    ]),
    (InputKind::Name, &[
        "name", "first name", "firstname", "last name", "lastname", "full name", "fullname", "your name", "surname", "given name", "family name",
        "fname", "lname", "vorname", "nachname", "familienname", "prenom", "nom", "nombre", "apellido", "apellidos", "nome", "cognome", "naam",
        "voornaam", "achternaam", "sobrenome", "apelido",
    ]),
];

/// Beside a word for a name: it is no person's.
const NOT_A_PERSON: &[&str] = &[
    "company",
    "organisation",
    "organization",
    "business",
    "file",
    "user",
    "username",
    "product",
    "event",
    "domain",
    "project",
    "team",
    "list",
    "firma",
    "unternehmen",
    "societe",
    "entreprise",
    "empresa",
    "azienda",
    "bedrijf",
    "screen",
    "host",
    "website",
    "coupon",
    "nickname",
];

/// Beside a word for an address: it is no place.
const NOT_A_PLACE: &[&str] = &["ip", "mac", "web", "url", "wallet", "server"];

/// Names of search fields that say nothing else.
const SEARCH_NAMES: &[&str] = &["q", "s", "query", "keyword", "keywords"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field<'a>(kind: &'a str, name: &'a str, autocomplete: &'a str, label: &'a str) -> Field<'a> {
        Field { tag: "input", kind, name, autocomplete, label }
    }

    #[test]
    fn kinds() {
        use InputKind::*;
        for (kind, name, auto, label, want) in [
            ("password", "pw", "", "", Password),
            ("text", "x", "section-a shipping street-address", "", Address),
            ("text", "card", "cc-number", "", Card),
            ("text", "cardNumber", "", "", Card),
            ("tel", "cvv", "", "CVV", Card),
            ("tel", "contact", "", "", Phone),
            ("text", "subscribe", "", "Newsletter: E-Mail-Adresse", Email),
            ("email", "", "", "", Email),
            ("text", "adresse", "", "Adresse e-mail", Email),
            ("text", "ip_address", "", "", Other),
            ("text", "firstName", "", "", Name),
            ("text", "", "", "Vor- und Nachname", Name),
            ("text", "company_name", "", "", Other),
            ("text", "username", "", "", Other),
            ("text", "", "", "Prénom", Name),
            ("text", "", "", "Straße und Hausnummer", Address),
            ("text", "", "", "Codice fiscale", NationalId),
            ("text", "ssn", "", "", NationalId),
            ("text", "", "", "Fecha de nacimiento", BirthDate),
            ("date", "dob", "", "", BirthDate),
            ("text", "q", "", "", Search),
            ("search", "", "", "", Search),
            ("text", "", "", "Zoeken", Search),
            ("text", "", "", "Uw bericht", Message),
            ("checkbox", "email_me", "", "Send me e-mail", Other),
            ("text", "quantity", "", "Qty", Other),
            ("text", "mailbox_size", "", "", Other),
        ] {
            let got = classify(field(kind, name, auto, label));
            assert_eq!(got.0, want, "{name} {label}: {}", got.1);
        }
        assert_eq!(classify(Field { tag: "textarea", ..Field::default() }).0, Message);
    }

    proptest! {
        #[test]
        fn never_panics(kind in "\\PC{0,8}", name in "\\PC{0,40}", auto in "\\PC{0,20}", label in "\\PC{0,400}") {
            let _ = classify(field(&kind, &name, &auto, &label));
        }
    }
}
