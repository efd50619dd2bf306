//! Ways in which a text is written before it is sent or hashed. Their inverses, where there are any, are in `peel`.

use std::io::Write as _;

use data_encoding::{
    BASE32, BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXUPPER,
};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// One way.
pub(crate) struct Form {
    /// Its name in a formula.
    pub(crate) name: &'static str,
    /// The text written so; nothing where that is not defined.
    pub(crate) of: fn(&[u8]) -> Option<Vec<u8>>,
}

/// What JavaScript's `encodeURIComponent` leaves alone beside letters and digits.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

macro_rules! encoded {
    ($name:literal, $with:ident) => {
        Form { name: $name, of: |b| Some($with.encode(b).into_bytes()) }
    };
}

/// All that are made the same way by everybody.
pub(crate) static FORMS: &[Form] = &[
    encoded!("base64", BASE64),
    encoded!("base64", BASE64_NOPAD),
    encoded!("base64url", BASE64URL_NOPAD),
    encoded!("base64url", BASE64URL),
    encoded!("hex", HEXLOWER),
    encoded!("HEX", HEXUPPER),
    encoded!("base32", BASE32),
    encoded!("base32", BASE32_NOPAD),
    Form { name: "base32_lower", of: |b| Some(BASE32_NOPAD.encode(b).to_ascii_lowercase().into_bytes()) },
    Form { name: "base32_lower", of: |b| Some(BASE32.encode(b).to_ascii_lowercase().into_bytes()) },
    Form { name: "base58", of: |b| (b.len() <= 256).then(|| bs58::encode(b).into_vec()) },
    Form {
        name: "percent",
        of: |b| Some(utf8_percent_encode(std::str::from_utf8(b).ok()?, COMPONENT).to_string().into_bytes()),
    },
    Form { name: "entity", of: |b| Some(entity(std::str::from_utf8(b).ok()?).into_bytes()) },
    Form { name: "json", of: |b| serde_json::to_vec(std::str::from_utf8(b).ok()?).ok() },
    Form { name: "bits", of: |b| Some(b.iter().flat_map(|b| format!("{b:08b}").into_bytes()).collect()) },
    Form { name: "upper", of: |b| Some(b.to_ascii_uppercase()) },
    Form { name: "reverse", of: |b| Some(b.iter().rev().copied().collect()) },
    Form { name: "custom_map", of: |b| Some(b.iter().map(|b| mapped(*b)).collect()) },
    Form {
        name: "lz",
        of: |b| Some(lz_str::compress_to_encoded_uri_component(std::str::from_utf8(b).ok()?).into_bytes()),
    },
    Form {
        name: "lz_base64",
        of: |b| Some(lz_str::compress_to_base64(std::str::from_utf8(b).ok()?).into_bytes()),
    },
    Form { name: "yenc", of: |b| Some(yenc(b)) },
    Form {
        name: "deflate",
        of: |b| {
            let mut w = DeflateEncoder::new(vec![], Compression::default());
            w.write_all(b).ok()?;
            w.finish().ok()
        },
    },
    Form {
        name: "zlib",
        of: |b| {
            let mut w = ZlibEncoder::new(vec![], Compression::default());
            w.write_all(b).ok()?;
            w.finish().ok()
        },
    },
    Form { name: "gzip", of: |b| gzip(b, 255) },
    // As zlib on Unix writes it.
    Form { name: "gzip", of: |b| gzip(b, 3) },
];

fn gzip(bytes: &[u8], system: u8) -> Option<Vec<u8>> {
    let mut w = GzEncoder::new(vec![], Compression::default());
    w.write_all(bytes).ok()?;
    let mut out = w.finish().ok()?;
    *out.get_mut(9)? = system;
    Some(out)
}

fn entity(text: &str) -> String {
    // As Python's `html.escape` and most templates write it.
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            c => out.push(c),
        }
    }
    out
}

/// yEnc: every byte 42 further, critical ones escaped (yenc.org, draft 1.3).
fn yenc(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    for b in bytes {
        let e = b.wrapping_add(42);
        if matches!(e, 0 | b'\n' | b'\r' | b'=') {
            out.extend([b'=', e.wrapping_add(64)]);
        } else {
            out.push(e);
        }
    }
    out
}

/// An alphabet that a vendor's script was seen to use (leaky-forms, `LeakDetector.py`: `custom_map_1`).
const MAP_FROM: &[u8; 62] = b"kibp8A4EWRMKHa7gvyz1dOPt6UI5xYD3nqhVwZBXfCcFeJmrLN20lS9QGsjTuo";
const MAP_TO: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn mapped(b: u8) -> u8 {
    MAP_FROM.iter().position(|c| *c == b).map_or(b, |at| MAP_TO[at])
}

fn unmapped(b: u8) -> u8 {
    MAP_TO.iter().position(|c| *c == b).map_or(b, |at| MAP_FROM[at])
}

/// A letter `by` places further, around the alphabet.
fn rotated(b: u8, by: u8) -> u8 {
    match b {
        b'a'..=b'z' => b'a' + (b - b'a' + by) % 26,
        b'A'..=b'Z' => b'A' + (b - b'A' + by) % 26,
        b => b,
    }
}

/// How letters are exchanged for others, byte by byte, or turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swap {
    /// Each letter so many places further: 1 to 25.
    Rot(u8),
    /// By the alphabet above.
    Map,
    /// From the last to the first.
    Reverse,
}

impl Swap {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Swap> {
        (1..=25).map(Swap::Rot).chain([Swap::Map, Swap::Reverse])
    }

    /// Its name in a formula.
    pub(crate) fn name(self) -> String {
        match self {
            Swap::Rot(n) => format!("rot{n}"),
            Swap::Map => "custom_map".to_owned(),
            Swap::Reverse => "reverse".to_owned(),
        }
    }

    /// The text written so.
    pub(crate) fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Swap::Rot(n) => bytes.iter().map(|b| rotated(*b, n)).collect(),
            Swap::Map => bytes.iter().map(|b| mapped(*b)).collect(),
            Swap::Reverse => bytes.iter().rev().copied().collect(),
        }
    }

    /// What the text was.
    pub(crate) fn undo(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Swap::Rot(n) => bytes.iter().map(|b| rotated(*b, 26 - n)).collect(),
            Swap::Map => bytes.iter().map(|b| unmapped(*b)).collect(),
            Swap::Reverse => self.apply(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn swaps_are_undone(text in "[ -~]{0,60}") {
            for s in Swap::all() {
                let swapped = s.apply(text.as_bytes());
                prop_assert_eq!(s.undo(&swapped), text.as_bytes());
            }
        }
    }
}
