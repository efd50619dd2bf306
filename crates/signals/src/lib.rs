//! What consent strings say, wherever they stand: in a platform's answer, in a cookie, in a request. And what a form
//! field asks for and what kind of page one is, by the words that the document gives.
//!
//! Pure: text in, meaning out. Each decoder follows its standard, named in its module. A string that is not whole is
//! an error, never half an answer.

mod commands;
mod fields;
mod google;
mod gpp;
mod pages;
mod tcf;
mod us_privacy;
mod words;

use std::panic::UnwindSafe;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use commands::{meta_commands, mode_commands};
pub use fields::{Field, InputKind, classify};
pub use google::{gcd, gcs};
pub use gpp::gpp;
pub use pages::{PageKind, PageSigns, SearchTerm, page_kinds, search_terms};
pub use tcf::tc_string;
pub use us_privacy::us_privacy;

/// Strings longer than this are not decoded, in bytes.
pub const LONGEST: usize = 16_384;

/// A standard for saying consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standard {
    /// IAB Europe's Transparency and Consent Framework, version 2.
    Tcf,
    /// IAB Tech Lab's Global Privacy Platform.
    Gpp,
    /// IAB Tech Lab's U.S. Privacy String.
    UsPrivacy,
    /// Google consent mode, the two states of `gcs`.
    Gcs,
    /// Google consent mode version 2, the history of `gcd`.
    Gcd,
    /// Google consent mode, the commands of the page.
    GoogleCommands,
    /// Microsoft UET consent mode, the commands of the page.
    MicrosoftCommands,
    /// Microsoft UET, `asc` on the wire.
    Asc,
    /// Meta, the commands of the page.
    MetaCommands,
    /// Meta, data processing options on the wire.
    Dpo,
}

/// What a string says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// By which standard.
    pub standard: Standard,
    /// Field and value, in words, in the standard's order.
    pub fields: IndexMap<String, String>,
    /// Purposes (or uses that can be opted out of) that are granted.
    pub granted: u32,
    /// And denied.
    pub denied: u32,
}

impl Said {
    fn new(standard: Standard) -> Said {
        Said { standard, fields: IndexMap::new(), granted: 0, denied: 0 }
    }

    fn put(&mut self, field: impl Into<String>, value: impl ToString) {
        self.fields.insert(field.into(), value.to_string());
    }

    fn count(&mut self, granted: bool) {
        *(if granted { &mut self.granted } else { &mut self.denied }) += 1;
    }

    /// Whether it denies everything that it speaks of.
    pub fn denies_all(&self) -> bool {
        self.denied > 0 && self.granted == 0
    }

    /// Whether it grants everything that it speaks of.
    pub fn grants_all(&self) -> bool {
        self.granted > 0 && self.denied == 0
    }
}

/// Why a string cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a readable {standard} string: {why}")]
pub struct Unreadable {
    standard: &'static str,
    why: String,
}

fn unreadable(standard: &'static str, why: impl ToString) -> Unreadable {
    Unreadable { standard, why: why.to_string() }
}

fn within(standard: &'static str, text: &str) -> Result<(), Unreadable> {
    match text.len() {
        0 => Err(unreadable(standard, "it is empty")),
        n if n > LONGEST => Err(unreadable(standard, format!("{n} bytes are more than is read"))),
        _ => Ok(()),
    }
}

/// What a decoder makes of it. One that gives up half-way, as iab_gpp does where a number is larger than its type holds,
/// could not read it: no string from a page ends an audit.
fn whole<T, E: ToString>(
    standard: &'static str,
    decode: impl FnOnce() -> Result<T, E> + UnwindSafe,
) -> Result<T, Unreadable> {
    match std::panic::catch_unwind(decode) {
        Ok(read) => read.map_err(|e| unreadable(standard, e)),
        Err(_) => Err(unreadable(standard, "a number in it is larger than can be")),
    }
}

/// What a request's parameter of this name says, if it is one that carries consent by a standard.
pub fn parameter(name: &str, value: &str) -> Option<Result<Said, Unreadable>> {
    // A macro that nobody has filled in says nothing.
    let filled = !value.is_empty() && !value.contains(['{', '[', '$', '%']);
    filled.then_some(())?;
    Some(match name {
        "gcs" => gcs(value),
        "gcd" => gcd(value),
        "gdpr_consent" | "gdpr_consent_string" | "consent_string" if value.len() > 20 => tc_string(value),
        "us_privacy" | "usprivacy" => us_privacy(value),
        "gpp" | "gpp_string" => gpp(value),
        "dpo" => commands::dpo(value),
        // A short name that others use too: the caller knows the host.
        "asc" if matches!(value, "G" | "D") => commands::asc(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_told_by_their_names() {
        assert!(parameter("gcs", "G100").unwrap().unwrap().denies_all());
        assert!(parameter("us_privacy", "1YNN").unwrap().unwrap().grants_all());
        assert!(parameter("gcd", "oops").unwrap().is_err());
        for (name, value) in
            [("gcs", ""), ("us_privacy", "${US_PRIVACY}"), ("gdpr_consent", "0"), ("id", "G100")]
        {
            assert!(parameter(name, value).is_none(), "{name}={value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,120}", dna in "D[A-Za-z0-9_~.-]{0,80}") {
            for t in [&text, &dna] {
                let _ = (tc_string(t), gpp(t), us_privacy(t), gcs(t), gcd(t));
            }
        }

        #[test]
        fn strings_that_begin_rightly_do_not_panic(rest in "[A-Za-z0-9_.-]{0,200}") {
            let _ = (tc_string(&format!("C{rest}")), gpp(&format!("DBABLA~{rest}")), gpp(&format!("DBABBg~{rest}")));
        }
    }
}
