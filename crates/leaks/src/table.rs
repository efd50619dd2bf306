//! Finds any of very many strings in a text in one pass, also where only the beginning of one is there.

use std::collections::HashMap;

/// Every pattern has at least so many bytes.
const KEY: usize = 6;
/// Bits of the filter: few enough to stay in a processor's cache.
const BITS: u32 = 20;

/// Something to find.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// So many of them are enough.
    pub(crate) enough: usize,
    /// Only where no digit stands beside it.
    pub(crate) number: bool,
    /// What it is, for whoever made it.
    pub(crate) what: u32,
}

/// A pattern that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// What it is.
    pub(crate) what: u32,
    /// Where it begins.
    pub(crate) at: usize,
    /// Bytes of it that are there.
    pub(crate) len: usize,
    /// Bytes of it in all.
    pub(crate) of: usize,
}

/// The patterns.
#[derive(Debug)]
pub(crate) struct Table {
    filter: Vec<u64>,
    by_key: HashMap<[u8; KEY], Vec<Pattern>, ByKey>,
}

/// For keys that nobody can choose so that they fall together at a cost: patterns of ours, and digests, bounded in number.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ByKey;

impl std::hash::BuildHasher for ByKey {
    type Hasher = KeyHasher;
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(0)
    }
}

#[derive(Debug)]
pub(crate) struct KeyHasher(u64);

impl std::hash::Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26)
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*b);
        }
    }
}

fn slot(key: [u8; KEY]) -> usize {
    let n = u64::from_le_bytes([key[0], key[1], key[2], key[3], key[4], key[5], 0, 0]);
    (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

fn key(bytes: &[u8]) -> Option<[u8; KEY]> {
    bytes.first_chunk().copied()
}

impl Table {
    /// Of these patterns; shorter ones than the key are left out.
    pub(crate) fn new(patterns: impl IntoIterator<Item = Pattern>) -> Table {
        let mut table = Table { filter: vec![0; 1 << (BITS - 6)], by_key: HashMap::default() };
        for p in patterns {
            let Some(k) = key(&p.bytes).filter(|_| p.enough >= KEY) else { continue };
            let list = table.by_key.entry(k).or_default();
            if list.iter().any(|o| o.bytes == p.bytes) {
                continue;
            }
            list.push(p);
            let s = slot(k);
            table.filter[s / 64] |= 1 << (s % 64);
        }
        table
    }

    /// Every place where enough of a pattern stands: the longest one at each place.
    pub(crate) fn find(&self, text: &[u8], mut met: impl FnMut(Match)) {
        let mut from = 0;
        for at in 0..text.len().saturating_sub(KEY - 1) {
            if at < from {
                continue;
            }
            let Some(k) = text.get(at..).and_then(key) else { break };
            let s = slot(k);
            if self.filter[s / 64] & (1 << (s % 64)) == 0 {
                continue;
            }
            let Some(list) = self.by_key.get(&k) else { continue };
            let here = &text[at..];
            let best = list
                .iter()
                .filter_map(|p| {
                    let len = p.bytes.iter().zip(here).take_while(|(a, b)| a == b).count();
                    let alone = !p.number || {
                        let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
                        !digit(at.checked_sub(1).and_then(|i| text.get(i))) && !digit(here.get(len))
                    };
                    (len >= p.enough && alone).then_some(Match { what: p.what, at, len, of: p.bytes.len() })
                })
                .max_by_key(|m| (m.len, std::cmp::Reverse((m.of, m.what))));
            if let Some(m) = best {
                met(m);
                from = at + m.len;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str, enough: usize, number: bool, what: u32) -> Pattern {
        Pattern { bytes: text.into(), enough, number, what }
    }

    fn all(table: &Table, text: &str) -> Vec<(u32, usize, usize)> {
        let mut out = vec![];
        table.find(text.as_bytes(), |m| out.push((m.what, m.at, m.len)));
        out
    }

    #[test]
    fn whole_and_beginnings_and_numbers() {
        let t = Table::new([
            pattern("tovanelk@mail.example", 8, false, 0),
            pattern("tovanelk", 8, false, 1),
            pattern("4155550132", 10, true, 2),
        ]);
        assert_eq!(all(&t, "x tovanelk@mail.example y"), [(0, 2, 21)]);
        assert_eq!(all(&t, "x tovanelk y"), [(1, 2, 8)]);
        assert_eq!(all(&t, "tovanelk@ma"), [(0, 0, 11)]);
        assert_eq!(all(&t, "a4155550132b 41555501329 14155550132"), [(2, 1, 10)]);
        assert_eq!(all(&t, "tovane"), []);
    }

    proptest! {
        #[test]
        fn what_is_there_is_met(before in "[a-z]{0,20}", p in "[A-Z]{6,20}", after in "[a-z]{0,20}") {
            let t = Table::new([pattern(&p, p.len(), false, 7)]);
            let text = format!("{before}{p}{after}");
            prop_assert_eq!(all(&t, &text), vec![(7, before.len(), p.len())]);
        }
    }
}
