//! lz-string (pieroxy.net, MIT) read with bounds: what a page sends must not grow without end, and text that is none
//! is given up at once.

use std::sync::LazyLock;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const COMPONENT: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-";

/// Values of letters; 255: none.
static OF_BASE64: LazyLock<[u8; 256]> = LazyLock::new(|| values(BASE64));
static OF_COMPONENT: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut of = values(COMPONENT);
    // A space is what a form makes of a plus.
    of[usize::from(b' ')] = 62;
    of
});

fn values(alphabet: &[u8; 64]) -> [u8; 256] {
    let mut of = [255; 256];
    for (i, c) in alphabet.iter().enumerate() {
        of[usize::from(*c)] = i as u8;
    }
    of
}

/// `compressToEncodedURIComponent` (ends with `$` as filler at most) or `compressToBase64`.
pub(crate) fn letters(text: &[u8], most: usize) -> Option<(&'static str, String)> {
    decoded(text, most, true)
}

/// Whether a text that begins so may be one of these.
pub(crate) fn begins(text: &[u8]) -> bool {
    decoded(text, 64, false).is_some()
}

fn decoded(text: &[u8], most: usize, whole: bool) -> Option<(&'static str, String)> {
    let end = text.iter().rposition(|b| !matches!(b, b'=' | b'$' | b' ')).map_or(0, |i| i + 1);
    let text = &text[..end];
    let (name, of) = if text.contains(&b'/') { ("lz_base64", &*OF_BASE64) } else { ("lz", &*OF_COMPONENT) };
    // The first character is of eight bits, and text: most letters are sent away here.
    let value = |i: usize| text.get(i).map_or(255, |b| of[usize::from(*b)]);
    let (a, b) = (value(0), value(1));
    if !matches!(a, 0..=15 | 32..=47) || b == 255 {
        return None;
    }
    if a < 16 && !printable(u16::from((a << 4 | b >> 2 & 15).reverse_bits())) {
        return None;
    }
    if text.iter().any(|b| of[usize::from(*b)] == 255) {
        return None;
    }
    let text = read(text.len(), 32, most, whole, |i| u32::from(of[usize::from(text[i])]))?;
    Some((name, text))
}

/// `compressToUTF16`, and `compress` itself, of a text that is in a page's own code units.
pub(crate) fn units(text: &str, most: usize) -> Option<(&'static str, String)> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let utf16 = || {
        let shifted = |i: usize| u32::from(units[i]).wrapping_sub(32);
        units.iter().all(|u| *u >= 32).then(|| read(units.len(), 16_384, most, true, shifted))?
    };
    if let Some(text) = utf16() {
        return Some(("lz_utf16", text));
    }
    read(units.len(), 32_768, most, true, |i| u32::from(units[i])).map(|text| ("lz_raw", text))
}

/// Reads bits, the highest of each unit first.
struct Bits<F> {
    unit: F,
    len: usize,
    reset: u32,
    at: usize,
    mask: u32,
    now: u32,
}

impl<F: Fn(usize) -> u32> Bits<F> {
    /// The next `n` bits, the lowest first.
    fn take(&mut self, n: u32) -> Option<u32> {
        let mut out = 0;
        for i in 0..n {
            let bit = self.now & self.mask;
            self.mask >>= 1;
            if self.mask == 0 {
                self.mask = self.reset;
                if self.at > self.len {
                    return None;
                }
                self.now = if self.at < self.len { (self.unit)(self.at) } else { 0 };
                self.at += 1;
            }
            if bit != 0 {
                out |= 1 << i;
            }
        }
        Some(out)
    }
}

/// Entries hold where their text stands in the output: nothing is copied twice. `whole`: it ends where it should.
fn read(len: usize, reset: u32, most: usize, whole: bool, unit: impl Fn(usize) -> u32) -> Option<String> {
    if len < 2 {
        return None;
    }
    let now = unit(0);
    let mut bits = Bits { unit, len, reset, at: 1, mask: reset, now };
    let mut out: Vec<u16> = Vec::new();
    // Where the text of each entry begins in `out`, and its length; characters have their own.
    let mut entries: Vec<(usize, usize, Option<u16>)> = vec![(0, 0, None); 3];
    let first = match bits.take(2)? {
        0 => bits.take(8)?,
        1 => bits.take(16)?,
        _ => return None,
    };
    let first = u16::try_from(first).ok()?;
    entries.push((0, 1, Some(first)));
    out.push(first);
    let (mut width, mut enlarge) = (3u32, 4u32);
    let mut before = (0usize, 1usize);
    loop {
        if out.len() > most || width > 24 {
            return None;
        }
        if !whole && bits.at >= len {
            return (out.len() >= 4).then(|| String::from_utf16_lossy(&out));
        }
        let mut code = bits.take(width)?;
        match code {
            0 | 1 => {
                let c = u16::try_from(bits.take(if code == 0 { 8 } else { 16 })?).ok()?;
                entries.push((0, 1, Some(c)));
                code = u32::try_from(entries.len() - 1).ok()?;
                enlarge -= 1;
            }
            // The end; what is read by chance ends somewhere.
            2 if bits.at + 2 < len => return None,
            2 => break,
            _ => {}
        }
        if enlarge == 0 {
            enlarge = 1 << width;
            width += 1;
        }
        let start = out.len();
        match entries.get(code as usize) {
            Some((_, _, Some(c))) => out.push(*c),
            Some((at, n, None)) => {
                let (at, n) = (*at, *n);
                if out.len() + n > most {
                    return None;
                }
                for i in at..at + n {
                    let c = *out.get(i)?;
                    out.push(c);
                }
            }
            None if code as usize == entries.len() => {
                let (at, n) = before;
                for i in at..at + n {
                    let c = *out.get(i)?;
                    out.push(c);
                }
                let c = *out.get(at)?;
                out.push(c);
            }
            None => return None,
        }
        // The entry before and the first character of this one stand side by side in the output.
        entries.push((before.0, before.1 + 1, None));
        enlarge -= 1;
        before = (start, out.len() - start);
        if enlarge == 0 {
            enlarge = 1 << width;
            width += 1;
        }
        // What is text begins as text.
        if out.len() >= 4 && out.iter().take(8).any(|c| !printable(*c)) {
            return None;
        }
    }
    String::from_utf16(&out).ok()
}

fn printable(c: u16) -> bool {
    matches!(c, 9 | 10 | 13) || (32..0xD800).contains(&c) && c != 127
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(text in "[ -~äö€]{4,300}") {
            let uri = lz_str::compress_to_encoded_uri_component(text.as_str());
            prop_assert_eq!(letters(uri.as_bytes(), 1000).map(|r| r.1), Some(text.clone()));
            let b64 = lz_str::compress_to_base64(text.as_str());
            prop_assert_eq!(letters(b64.as_bytes(), 1000).map(|r| r.1), Some(text.clone()));
            let units_of: Vec<u16> = lz_str::compress_to_utf16(text.as_str()).encode_utf16().collect();
            prop_assert_eq!(units(&String::from_utf16(&units_of).unwrap(), 1000), Some(("lz_utf16", text)));
        }

        #[test]
        fn anything_ends(text in "[A-Za-z0-9+-]{0,400}", other in "\\PC{0,200}") {
            let _ = letters(text.as_bytes(), 10_000);
            let _ = units(&other, 10_000);
        }
    }

    #[test]
    fn a_beginning_is_known() {
        let text = lz_str::compress_to_encoded_uri_component("tovanelk7q3@mail-x4k9.example.com");
        assert!(begins(&text.as_bytes()[..16]), "{text}");
    }

    #[test]
    fn repetition_is_bounded() {
        let text = "a".repeat(100_000);
        let packed = lz_str::compress_to_encoded_uri_component(text.as_str());
        assert_eq!(letters(packed.as_bytes(), 10_000), None);
        assert_eq!(letters(packed.as_bytes(), 200_000).map(|r| r.1.len()), Some(100_000));
    }
}
