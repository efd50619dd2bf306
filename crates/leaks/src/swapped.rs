//! Texts whose letters were exchanged after they had been encoded: every exchange, and every two, is undone on the
//! first letters; what then begins as an encoding of text is read whole.

use std::sync::LazyLock;

use crate::forms::Swap;
use crate::lz;
use crate::unpack::has_sign;

/// One exchange, or two, the outer first: what it was is `map` of each letter, from the last to the first where `reversed`.
pub(crate) struct Chain {
    /// Its formula's name: `rot13`, `reverse(rot1`.
    pub(crate) names: Vec<String>,
    map: [u8; 256],
    reversed: bool,
    /// Values of the letters, after `map`, in base64, hexadecimal and base32; 255: none.
    base64: [u8; 256],
    hex: [u8; 256],
    base32: [u8; 256],
}

/// Bytes of text, and of text in yEnc.
const TEXT: u8 = 1;
const YENC: u8 = 2;
static CLASS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut out = [0; 256];
    for b in 0..=255u8 {
        let text = u8::from((32..127).contains(&b)) * TEXT;
        let yenc = u8::from((32..127).contains(&b.wrapping_sub(42)) || b == b'=') * YENC;
        out[usize::from(b)] = text | yenc;
    }
    out
});

/// All of them, the single ones first, each effect once.
static CHAINS: LazyLock<Vec<Chain>> = LazyLock::new(|| {
    let mut out: Vec<Chain> = vec![];
    let one = |s: Swap| vec![s];
    let two = |a: Swap| Swap::all().map(move |b| vec![a, b]);
    for swaps in Swap::all().map(one).chain(Swap::all().flat_map(two)) {
        let every: Vec<u8> = (0..=255).collect();
        let undone = swaps.iter().fold(every.clone(), |bytes, s| match s {
            Swap::Reverse => bytes,
            s => s.undo(&bytes),
        });
        let reversed = swaps.iter().filter(|s| **s == Swap::Reverse).count() == 1;
        let Ok(map) = <[u8; 256]>::try_from(undone) else { continue };
        let nothing = !reversed && map[..] == every[..];
        if !nothing && !out.iter().any(|c| c.map == map && c.reversed == reversed) {
            let after = |value: fn(u8) -> u8| {
                let mut of = [255; 256];
                for (v, m) in of.iter_mut().zip(map) {
                    *v = value(m);
                }
                of
            };
            out.push(Chain {
                names: swaps.iter().map(|s| s.name()).collect(),
                base64: after(|b| BASE64[usize::from(b)]),
                hex: after(|b| (b as char).to_digit(16).map_or(255, |d| d as u8)),
                base32: after(|b| match b {
                    b'A'..=b'Z' => b - b'A',
                    b'a'..=b'z' => b - b'a',
                    b'2'..=b'7' => b - b'2' + 26,
                    _ => 255,
                }),
                map,
                reversed,
            });
        }
    }
    out
});

/// Values of base64's letters; 255: none.
static BASE64: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut out = [255; 256];
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9');
    for (n, c) in letters.enumerate() {
        out[usize::from(c)] = n as u8;
    }
    (out[usize::from(b'+')], out[usize::from(b'-')]) = (62, 62);
    (out[usize::from(b'/')], out[usize::from(b'_')]) = (63, 63);
    out
});

impl Chain {
    /// Its name in a formula.
    pub(crate) fn name(&self) -> String {
        self.names.join(" of ")
    }

    /// What the text was.
    pub(crate) fn undo(&self, text: &[u8]) -> Vec<u8> {
        let mapped = |b: &u8| self.map[usize::from(*b)];
        if self.reversed {
            text.iter().rev().map(mapped).collect()
        } else {
            text.iter().map(mapped).collect()
        }
    }
}

/// Single exchanges.
pub(crate) fn single() -> impl Iterator<Item = &'static Chain> {
    CHAINS.iter().filter(|c| c.names.len() == 1)
}

/// Exchanges after whose undoing a text is hexadecimal.
pub(crate) fn to_hex(text: &[u8]) -> impl Iterator<Item = &'static Chain> {
    CHAINS.iter().filter(|c| text.iter().all(|b| c.map[usize::from(*b)].is_ascii_hexdigit()))
}

/// Exchanges after whose undoing a text begins as an encoding of something does.
pub(crate) fn likely(text: &[u8]) -> impl Iterator<Item = &'static Chain> {
    let (mut ahead, mut behind) = ([0; 16], [0; 16]);
    let n = text.len().min(16);
    for i in 0..n {
        (ahead[i], behind[i]) = (text[i], text[text.len() - 1 - i]);
    }
    let two = ahead[..n].iter().collect::<std::collections::BTreeSet<_>>().len() <= 2;
    let class = &*CLASS;
    CHAINS.iter().filter(move |c| {
        let from = if c.reversed { &behind[..n] } else { &ahead[..n] };
        base64(from, c, class)
            || hex(from, c, class)
            || base32(from, c, class)
            || two && n == 16 && from.iter().all(|b| matches!(c.map[usize::from(*b)], b'0' | b'1'))
            || c.names.len() == 1 && lz(from, c)
    })
}

/// Text, yEnc of text, or something packed.
fn sense(plain: &[u8], class: &[u8; 256]) -> bool {
    plain.iter().fold(TEXT | YENC, |all, b| all & class[usize::from(*b)]) != 0 || has_sign(plain)
}

fn base64(from: &[u8], c: &Chain, class: &[u8; 256]) -> bool {
    let mut plain = [0; 9];
    let mut all = TEXT | YENC;
    let groups = (from.len() / 4).min(3);
    for (g, four) in from.chunks_exact(4).take(groups).enumerate() {
        let mut v = 0u32;
        for b in four {
            let d = c.base64[usize::from(*b)];
            if d == 255 {
                return false;
            }
            v = v << 6 | u32::from(d);
        }
        let [_, a, b, d] = v.to_be_bytes();
        plain[g * 3..g * 3 + 3].copy_from_slice(&[a, b, d]);
        all &= class[usize::from(a)] & class[usize::from(b)] & class[usize::from(d)];
        if all == 0 && !(g == 0 && has_sign(&[a, b, d])) {
            return g > 0 && has_sign(&plain);
        }
    }
    groups > 1
}

fn hex(from: &[u8], c: &Chain, class: &[u8; 256]) -> bool {
    let mut plain = [0; 8];
    for (p, two) in plain.iter_mut().zip(from.chunks_exact(2)) {
        let (a, b) = (c.hex[usize::from(two[0])], c.hex[usize::from(two[1])]);
        if a == 255 || b == 255 {
            return false;
        }
        *p = a << 4 | b;
    }
    from.len() > 7 && sense(&plain[..from.len() / 2], class)
}

fn base32(from: &[u8], c: &Chain, class: &[u8; 256]) -> bool {
    let Some(eight) = from.get(..8) else { return false };
    let (mut value, mut upper, mut lower) = (0u64, false, false);
    for b in eight {
        let d = c.base32[usize::from(*b)];
        if d == 255 {
            return false;
        }
        let m = c.map[usize::from(*b)];
        upper |= m.is_ascii_uppercase();
        lower |= m.is_ascii_lowercase();
        if upper && lower {
            return false;
        }
        value = value << 5 | u64::from(d);
    }
    sense(&value.to_be_bytes()[3..], class)
}

fn lz(from: &[u8], c: &Chain) -> bool {
    let mut first = [0; 16];
    for (f, b) in first.iter_mut().zip(from) {
        *f = c.map[usize::from(*b)];
    }
    lz::begins(&first[..from.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_undone() {
        let text = b"dG92YW5lbGs3cTM=";
        let sent = Swap::Reverse.apply(&Swap::Rot(7).apply(text));
        let found: Vec<Vec<u8>> = likely(&sent[1..]).map(|c| c.undo(&sent)).collect();
        assert!(found.iter().any(|f| f == text));
        assert!(CHAINS.len() > 100 && single().count() == 27);
    }
}
