//! Texts whose letters were exchanged after they had been encoded: every exchange, and every two, is undone on the
//! first letters; what then begins as an encoding of text is read whole.

use std::sync::LazyLock;

use super::forms::Swap;
use super::lz;
use super::unpack::has_sign;

/// One exchange, or two, the outer first: what it was is `map` of each letter, from the last to the first where `reversed`.
pub(super) struct Chain {
    /// Its formula's name: `rot13`, `reverse(rot1`.
    pub(super) names: Vec<String>,
    map: [u8; 256],
    reversed: bool,
}

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
            out.push(Chain { names: swaps.iter().map(|s| s.name()).collect(), map, reversed });
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
    pub(super) fn name(&self) -> String {
        self.names.join(" of ")
    }

    /// What the text was.
    pub(super) fn undo(&self, text: &[u8]) -> Vec<u8> {
        let mapped = |b: &u8| self.map[usize::from(*b)];
        if self.reversed {
            text.iter().rev().map(mapped).collect()
        } else {
            text.iter().map(mapped).collect()
        }
    }
}

/// Single exchanges.
pub(super) fn single() -> impl Iterator<Item = &'static Chain> {
    CHAINS.iter().filter(|c| c.names.len() == 1)
}

/// Exchanges after whose undoing a text is hexadecimal.
pub(super) fn to_hex(text: &[u8]) -> impl Iterator<Item = &'static Chain> {
    CHAINS.iter().filter(|c| text.iter().all(|b| c.map[usize::from(*b)].is_ascii_hexdigit()))
}

/// Exchanges after whose undoing a text begins as an encoding of something does.
pub(super) fn likely(text: &[u8]) -> impl Iterator<Item = &'static Chain> {
    let (mut ahead, mut behind) = ([0; 16], [0; 16]);
    let n = text.len().min(16);
    for i in 0..n {
        (ahead[i], behind[i]) = (text[i], text[text.len() - 1 - i]);
    }
    CHAINS.iter().filter(move |c| {
        let from = if c.reversed { &behind[..n] } else { &ahead[..n] };
        let at = |i: usize| c.map[usize::from(from[i])];
        base64(n, at)
            || hex(n, at)
            || base32(n, at)
            || bits(n, at)
            || c.names.len() == 1
                && lz::begins(&from.iter().map(|b| c.map[usize::from(*b)]).collect::<Vec<_>>())
    })
}

/// Text, yEnc of text, or something packed.
fn sense(plain: &[u8]) -> bool {
    plain.iter().all(|b| (32..127).contains(b))
        || has_sign(plain)
        || plain.iter().all(|b| (32..127).contains(&b.wrapping_sub(42)) || *b == b'=')
}

fn base64(n: usize, at: impl Fn(usize) -> u8) -> bool {
    let mut plain = [0; 9];
    let groups = (n / 4).min(3);
    for g in 0..groups {
        let mut v = 0u32;
        for i in 0..4 {
            let d = BASE64[usize::from(at(g * 4 + i))];
            if d == 255 {
                return false;
            }
            v = v << 6 | u32::from(d);
        }
        plain[g * 3..g * 3 + 3].copy_from_slice(&v.to_be_bytes()[1..]);
        if !sense(&plain[..g * 3 + 3]) {
            return false;
        }
    }
    groups > 1
}

fn hex(n: usize, at: impl Fn(usize) -> u8) -> bool {
    let digit = |i: usize| (at(i) as char).to_digit(16).map(|d| d as u8);
    let mut plain = [0; 8];
    for (i, p) in plain.iter_mut().take(n / 2).enumerate() {
        let (Some(a), Some(b)) = (digit(i * 2), digit(i * 2 + 1)) else { return false };
        *p = a << 4 | b;
    }
    n > 7 && sense(&plain[..n / 2])
}

fn base32(n: usize, at: impl Fn(usize) -> u8) -> bool {
    let (mut value, mut upper, mut lower) = (0u64, false, false);
    for i in 0..8 {
        let b = if i < n { at(i) } else { return false };
        let d = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a',
            b'2'..=b'7' => b - b'2' + 26,
            _ => return false,
        };
        upper |= b.is_ascii_uppercase();
        lower |= b.is_ascii_lowercase();
        if upper && lower {
            return false;
        }
        value = value << 5 | u64::from(d);
    }
    sense(&value.to_be_bytes()[3..])
}

fn bits(n: usize, at: impl Fn(usize) -> u8) -> bool {
    n == 16 && (0..n).all(|i| matches!(at(i), b'0' | b'1'))
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
