//! The TC string (IAB Europe, "Transparency and Consent String with Global Vendor & CMP List Formats", version 2).
//!
//! Read here, field by field as the format lists them: iab_gpp 0.1.2 takes publisher restrictions for another shape than
//! the format's and so refuses strings that are right, and it writes every range out, so that one cookie of ranges over
//! all vendors costs minutes.

use crate::{Said, Standard, Unreadable, unreadable, within};

/// Purposes of the framework's policy version 4 and later; before, there were ten.
const PURPOSES: u32 = 11;
/// The base64 alphabet for addresses (RFC 4648, section 5), six bits a sign.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Purposes, legitimate interests, vendors, and by which platform and when.
pub fn tc_string(text: &str) -> Result<Said, Unreadable> {
    within("TCF", text)?;
    let mut segments = text.split('.');
    let core = segments.next().unwrap_or_default();
    let said = Bits::of(core).and_then(|mut bits| read(&mut bits)).map_err(|e| unreadable("TCF", e))?;
    for other in segments {
        Bits::of(other).and_then(|mut bits| bits.take(3)).map_err(|e| unreadable("TCF", e))?;
    }
    Ok(said)
}

/// The core segment.
fn read(bits: &mut Bits) -> Result<Said, &'static str> {
    if bits.take(6)? != 2 {
        return Err("its version is not 2");
    }
    let _created = bits.take(36)?;
    let updated = bits.take(36)? / 10;
    let platform = bits.take(12)?;
    let _platform_version_and_screen = bits.take(12 + 6)?;
    let language: String = bits.letters()?;
    let list = bits.take(12)?;
    let policy = bits.take(6)?;
    let _service_specific_and_stacks = bits.take(2)?;
    let _special_features = bits.take(12)?;
    let consents = bits.take(24)?;
    let interests = bits.take(24)?;
    let _one_treatment = bits.take(1)?;
    let _country: String = bits.letters()?;
    let vendors = bits.vendors()?;
    let by_interest = bits.vendors()?;
    for _ in 0..bits.take(12)? {
        let _purpose_and_kind = bits.take(6 + 2)?;
        bits.ranges()?;
    }

    let all = if policy >= 4 { PURPOSES } else { PURPOSES - 1 };
    // The first purpose is the leftmost of 24 bits.
    let has = |set: u64, purpose: u32| set >> (24 - purpose) & 1 == 1;
    let list_of = |set| {
        let those: Vec<String> = (1..=all).filter(|p| has(set, *p)).map(|p| p.to_string()).collect();
        if those.is_empty() { "none".to_owned() } else { those.join(" ") }
    };
    let mut said = Said::new(Standard::Tcf);
    said.put("purposes with consent", list_of(consents));
    said.put("purposes by legitimate interest", list_of(interests));
    said.put("vendors with consent", vendors);
    said.put("vendors by legitimate interest", by_interest);
    said.put("platform id", platform);
    said.put("vendor list version", list);
    said.put("policy version", policy);
    said.put("language", language);
    said.put("last updated (Unix time in seconds)", updated);
    for p in 1..=all {
        said.count(has(consents, p));
    }
    Ok(said)
}

/// The bits of a segment, from the first to the last.
struct Bits<'a> {
    text: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn of(segment: &str) -> Result<Bits<'_>, &'static str> {
        let text = segment.trim_end_matches('=').as_bytes();
        if text.iter().all(|sign| ALPHABET.contains(sign)) {
            Ok(Bits { text, at: 0 })
        } else {
            Err("it has signs that are not of base64")
        }
    }

    /// The next so many as one number, at most 64.
    fn take(&mut self, many: usize) -> Result<u64, &'static str> {
        let mut out = 0;
        for at in self.at..self.at + many {
            let sign = self.text.get(at / 6).ok_or("it ends too early")?;
            let value = ALPHABET.iter().position(|s| s == sign).unwrap_or_default() as u64;
            out = out << 1 | (value >> (5 - at % 6) & 1);
        }
        self.at += many;
        Ok(out)
    }

    fn letters(&mut self) -> Result<String, &'static str> {
        (0..2).map(|_| self.take(6).map(|n| char::from(b'A' + n as u8))).collect()
    }

    /// How many vendors a section lists, a bit each or in ranges.
    fn vendors(&mut self) -> Result<u64, &'static str> {
        let last = self.take(16)?;
        if self.take(1)? == 1 {
            return self.ranges();
        }
        let mut out = 0;
        for _ in 0..last {
            out += self.take(1)?;
        }
        Ok(out)
    }

    /// How many vendors ranges list, each counted once.
    fn ranges(&mut self) -> Result<u64, &'static str> {
        let mut all = Vec::new();
        for _ in 0..self.take(12)? {
            let range = self.take(1)? == 1;
            let first = self.take(16)?;
            all.push((first, if range { self.take(16)? } else { first }));
        }
        all.sort_unstable();
        let (mut out, mut next) = (0, 0);
        for (first, last) in all {
            out += (last + 1).saturating_sub(first.max(next));
            next = next.max(last + 1);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: purposes 1 to 3, and vendors 2, 6 and 8.
    #[test]
    fn the_specifications_example_is_read() {
        let s = tc_string("COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw").unwrap();
        assert_eq!(s.fields["purposes with consent"], "1 2 3");
        assert_eq!(s.fields["vendors with consent"], "3");
        assert_eq!((s.granted, s.denied), (3, 7));
        for bad in
            ["", "C", "xyz", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAA!"]
        {
            assert!(tc_string(bad).is_err(), "{bad}");
        }
    }

    /// Bits as a string has them, filled up with zeros.
    fn written(bits: &str) -> String {
        let whole = bits.to_owned() + &"0".repeat(bits.len().next_multiple_of(6) - bits.len());
        let value = |six: &[u8]| six.iter().fold(0, |n, bit| n << 1 | usize::from(bit - b'0'));
        whole.as_bytes().chunks(6).map(|six| char::from(ALPHABET[value(six)])).collect()
    }

    /// A core segment up to its vendors: purposes 1 to 4, updated at 1,700,000,000 seconds.
    fn core() -> String {
        let numbers = [(6, 2), (36, 0), (36, 17_000_000_000_u64), (12, 31), (12, 1), (6, 1), (6, 3), (6, 4)];
        let rest = [(12, 200), (6, 4), (2, 0), (12, 0), (24, 0b1111 << 20), (24, 0), (1, 0), (12, 0)];
        numbers.iter().chain(&rest).map(|(width, n)| format!("{n:0width$b}")).collect()
    }

    #[test]
    fn ranges_and_publisher_restrictions_are_read() {
        let range = |first: u16, last: u16| format!("1{first:016b}{last:016b}");
        // Three ranges of which two overlap: 10 to 24, and 30. Then no interests, and one restriction of two vendors.
        let consents = format!("{:016b}1{:012b}{}{}0{:016b}", 800, 3, range(10, 20), range(15, 24), 30);
        let restriction = format!("{:012b}{:06b}01{:012b}{}", 1, 3, 1, range(7, 8));
        let s = tc_string(&written(&format!("{}{consents}{:016b}0{restriction}", core(), 0))).unwrap();
        assert_eq!((s.fields["vendors with consent"].as_str(), s.granted, s.denied), ("16", 4, 7));
        assert_eq!(s.fields["vendors by legitimate interest"], "0");
        assert_eq!(s.fields["last updated (Unix time in seconds)"], "1700000000");
        assert_eq!((s.fields["platform id"].as_str(), s.fields["language"].as_str()), ("31", "DE"));
    }

    /// As many ranges over all vendors as a string may have: each is counted, none is written out.
    #[test]
    fn a_string_of_nothing_but_ranges_is_soon_read() {
        let all = format!("1{:016b}{:016b}", 0, u16::MAX).repeat(2_700);
        let text = written(&format!("{}{:016b}1{:012b}{all}{:016b}0{:012b}", core(), u16::MAX, 2_700, 0, 0));
        assert!(text.len() > 14_000 && text.len() < crate::LONGEST);
        assert_eq!(tc_string(&text).unwrap().fields["vendors with consent"], "65536");
    }
}
