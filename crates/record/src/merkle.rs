//! The Merkle tree hash of RFC 6962, section 2.1, over salted leaves.
//!
//! A leaf is `SHA-256(0x00 ‖ salt ‖ line)` with `salt = SHA-256("affiant record salt v1" ‖ seed ‖ index)`: so one line
//! can be shown and proven alone, and a withheld line cannot be guessed from its leaf hash.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// SHA-256 of bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    /// The first 12 hex digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Not 64 lower-case hex digits.
#[derive(Debug, thiserror::Error)]
#[error("not a SHA-256 digest (64 lower-case hex digits): '{0}'")]
pub struct NotADigest(String);

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || NotADigest(s.chars().take(80).collect());
        if s.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad());
        }
        let mut out = [0; 32];
        hex::decode_to_slice(s, &mut out).map_err(|_| bad())?;
        Ok(Digest(out))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> Cow<'static, str> {
        "Digest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A SHA-256 digest; written as 64 lower-case hex digits.",
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
        })
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The salt of the leaf with this index.
pub fn salt(seed: &[u8; 32], index: u64) -> [u8; 32] {
    let mut h = Sha256::new();
    h.update(b"affiant record salt v1");
    h.update(seed);
    h.update(index.to_be_bytes());
    h.finalize().into()
}

/// The hash of a leaf.
pub fn leaf(salt: &[u8], line: &[u8]) -> Digest {
    let mut h = Sha256::new();
    h.update([0]);
    h.update(salt);
    h.update(line);
    Digest(h.finalize().into())
}

fn node(left: &Digest, right: &Digest) -> Digest {
    let mut h = Sha256::new();
    h.update([1]);
    h.update(left.0);
    h.update(right.0);
    Digest(h.finalize().into())
}

/// A tree that grows leaf by leaf and holds only the roots of its complete subtrees.
#[derive(Debug, Clone, Default)]
pub struct GrowingTree {
    size: u64,
    roots: Vec<Digest>,
}

impl GrowingTree {
    /// Adds a leaf hash at the end.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        let mut n = self.size;
        while n & 1 == 1 {
            if let Some(left) = self.roots.pop() {
                hash = node(&left, &hash);
            }
            n >>= 1;
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The tree hash. Of no leaves: SHA-256 of nothing.
    pub fn root(&self) -> Digest {
        let mut rest = self.roots.iter().rev();
        match rest.next() {
            None => Digest::of(b""),
            Some(last) => rest.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// The largest power of two that is smaller than `n` (for `n` of 2 and more).
fn split(n: usize) -> usize {
    1 << (usize::BITS - 1 - (n - 1).leading_zeros())
}

fn tree(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [one] => *one,
        many => {
            let (l, r) = many.split_at(split(many.len()));
            node(&tree(l), &tree(r))
        }
    }
}

/// The audit path (RFC 6962, 2.1.1) of leaf `index`; `None` if there is no such leaf.
pub fn inclusion_path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut span, mut at) = (leaves, index);
    while span.len() > 1 {
        let (l, r) = span.split_at(split(span.len()));
        if at < l.len() {
            path.push(tree(r));
            span = l;
        } else {
            path.push(tree(l));
            at -= l.len();
            span = r;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether the path leads from this leaf to this root (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest], root: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s, mut hash) = (index, size - 1, leaf);
    for p in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            hash = node(p, &hash);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            hash = node(&hash, p);
        }
        f >>= 1;
        s >>= 1;
    }
    s == 0 && hash == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The eight inputs and roots of the certificate-transparency reference tests, unsalted.
    const INPUTS: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_equal_the_published_vectors() {
        let mut t = GrowingTree::default();
        assert_eq!(t.root(), Digest::of(b""));
        for (input, root) in INPUTS.iter().zip(ROOTS) {
            t.push(leaf(&[], &hex::decode(input).unwrap()));
            assert_eq!(t.root().to_string(), root);
        }
    }

    proptest! {
        #[test]
        fn every_leaf_is_provable_and_no_other(n in 1usize..70, pick in 0usize..70, other in any::<[u8; 32]>()) {
            let leaves: Vec<Digest> = (0..n).map(|i| leaf(b"s", &[u8::try_from(i).unwrap()])).collect();
            let mut t = GrowingTree::default();
            for l in &leaves { t.push(*l); }
            prop_assert_eq!(t.root(), tree(&leaves));
            let i = pick % n;
            let path = inclusion_path(&leaves, i).unwrap();
            prop_assert!(verify_inclusion(leaves[i], i as u64, n as u64, &path, &t.root()));
            prop_assert!(!verify_inclusion(Digest(other), i as u64, n as u64, &path, &t.root()));
            prop_assert!(!verify_inclusion(leaves[i], ((i + 1) % n) as u64, n as u64, &path, &t.root()) || n == 1);
            prop_assert!(inclusion_path(&leaves, n).is_none());
        }
    }
}
