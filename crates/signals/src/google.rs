//! Google consent mode on the wire: `gcs` and `gcd`.
//!
//! `gcs` is documented by Google. `gcd` is not: the way of writing it was read from Google's own gtag.js, and its end
//! is kept as it is.

use crate::{Said, Standard, Unreadable, unreadable, within};

const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
const TYPES: [&str; 4] = ["ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"];

/// `G1` and one sign each for ad and analytics storage: 1 granted, 0 denied, - not set.
pub fn gcs(text: &str) -> Result<Said, Unreadable> {
    within("gcs", text)?;
    let [b'G', b'1', ad, analytics] = text.as_bytes() else {
        return Err(unreadable("gcs", "it is not G1 and two signs"));
    };
    let mut said = Said::new(Standard::Gcs);
    for (name, sign) in [("ad_storage", ad), ("analytics_storage", analytics)] {
        match sign {
            b'1' => (said.put(name, "granted"), said.count(true)).0,
            b'0' => (said.put(name, "denied"), said.count(false)).0,
            b'-' => said.put(name, "not set"),
            _ => return Err(unreadable("gcs", "a sign is none of 0, 1 and -")),
        }
    }
    Ok(said)
}

/// Four types, each with its default and its update, and which of them is in force.
pub fn gcd(text: &str) -> Result<Said, Unreadable> {
    within("gcd", text)?;
    let digit = |i: usize| {
        let byte = text.as_bytes().get(i).ok_or_else(|| unreadable("gcd", "it ends too early"))?;
        DIGITS.iter().position(|d| d == byte).ok_or_else(|| unreadable("gcd", "a sign is no digit of it"))
    };
    if !text.starts_with('1') {
        return Err(unreadable("gcd", "it does not begin with 1"));
    }
    let mut said = Said::new(Standard::Gcd);
    for (k, name) in TYPES.iter().enumerate() {
        let (first, second) = (digit(1 + 2 * k)?, digit(2 + 2 * k)?);
        let value = |bits: usize| match bits & 3 {
            2 => Some(false),
            3 => Some(true),
            _ => None,
        };
        let (implicit, declared) = (value(first), value(second >> 4));
        let (default, update) = (value(second >> 2), value(second));
        let word = |v: Option<bool>| v.map_or("not set", |g| if g { "granted" } else { "denied" });
        let effective = update.or(default).or(declared).or(implicit);
        said.put(*name, format!("{} (default {}, update {})", word(effective), word(default), word(update)));
        if let Some(granted) = effective {
            said.count(granted);
        }
    }
    if let Some(rest) = text.get(9..).filter(|r| !r.is_empty()) {
        said.put("not decoded", rest);
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gcs_says_both() {
        let s = gcs("G101").unwrap();
        assert_eq!((s.granted, s.denied), (1, 1));
        assert_eq!(s.fields["ad_storage"], "denied");
        assert_eq!((gcs("G1--").unwrap().granted, gcs("G1--").unwrap().denied), (0, 0));
        for bad in ["", "G1", "G1é", "G2xx", "G1112", "g100"] {
            assert!(gcs(bad).is_err(), "{bad}");
        }
    }

    /// Strings that Google's own gtag.js has written, with the commands that were given to it.
    #[test]
    fn gcd_says_default_and_update() {
        for (text, fields, granted, denied) in [
            ("13l3l3l3l1l1", ["granted (default not set, update not set)"; 4], 4, 0),
            ("13p3p3p2p5l1", ["denied (default denied, update not set)"; 4], 0, 4),
            ("13q3q3q2q5l1", ["denied (default denied, update denied)"; 4], 0, 4),
            ("13r3r3r2r5l1", ["granted (default denied, update granted)"; 4], 4, 0),
            ("13v3v3v2v5l1", ["granted (default granted, update granted)"; 4], 4, 0),
        ] {
            let s = gcd(text).unwrap();
            let seen: Vec<&str> = TYPES.iter().map(|t| s.fields[*t].as_str()).collect();
            assert_eq!(
                (seen.as_slice(), s.granted, s.denied),
                (fields.as_slice(), granted, denied),
                "{text}"
            );
        }
        for bad in ["", "1", "13l3l3l", "23l3l3l3l1l1", "1é"] {
            assert!(gcd(bad).is_err(), "{bad}");
        }
    }
}
