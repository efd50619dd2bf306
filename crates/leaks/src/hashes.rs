//! Digests and checksums that sites make of what a visitor types.
//!
//! The published detectors' list (Leaky Forms, USENIX Security 2022) and the digests named beside it.

use adler2::adler32_slice;
use blake2::{Blake2b512, Blake2s256};
use md2::Md2;
use md4::Md4;
use md5::Md5;
use ripemd::Ripemd160;
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use whirlpool::Whirlpool;

/// One algorithm.
pub(crate) struct Hash {
    /// Its name in a formula.
    pub(crate) name: &'static str,
    /// Bytes of its result.
    pub(crate) len: usize,
    /// The digest: numbers with their highest byte first.
    pub(crate) of: fn(&[u8]) -> Vec<u8>,
}

macro_rules! digest {
    ($name:literal, $len:literal, $of:ty) => {
        Hash { name: $name, len: $len, of: |b| <$of>::digest(b).to_vec() }
    };
}

/// A salt that a vendor's script was seen to use (leaky-forms, `LeakDetector.py`: `sha_salted_1`).
const SALT: &[u8] = b"QX4QkKEU";

/// All algorithms.
pub(crate) static HASHES: &[Hash] = &[
    digest!("md5", 16, Md5),
    digest!("sha1", 20, Sha1),
    digest!("sha256", 32, Sha256),
    digest!("sha512", 64, Sha512),
    digest!("sha224", 28, Sha224),
    digest!("sha384", 48, Sha384),
    digest!("sha3_224", 28, Sha3_224),
    digest!("sha3_256", 32, Sha3_256),
    digest!("sha3_384", 48, Sha3_384),
    digest!("sha3_512", 64, Sha3_512),
    digest!("md2", 16, Md2),
    digest!("md4", 16, Md4),
    digest!("ripemd160", 20, Ripemd160),
    digest!("whirlpool", 64, Whirlpool),
    digest!("blake2b", 64, Blake2b512),
    digest!("blake2s", 32, Blake2s256),
    Hash { name: "sha256_salted", len: 32, of: |b| Sha256::digest([b, SALT].concat()).to_vec() },
    Hash { name: "mmh3_128", len: 16, of: |b| mmh3(b).to_be_bytes().to_vec() },
    // The two halves in the order in which scripts write them.
    Hash { name: "mmh3_x64_128", len: 16, of: |b| mmh3(b).rotate_left(64).to_be_bytes().to_vec() },
    Hash { name: "mmh3_64_1", len: 8, of: |b| (mmh3(b) as u64).to_be_bytes().to_vec() },
    Hash { name: "mmh3_64_2", len: 8, of: |b| ((mmh3(b) >> 64) as u64).to_be_bytes().to_vec() },
    Hash { name: "mmh3_32", len: 4, of: |b| mmh3_32(b).to_be_bytes().to_vec() },
    Hash { name: "mmh2_32", len: 4, of: |b| mmh2_32(b).to_be_bytes().to_vec() },
    Hash { name: "crc32", len: 4, of: |b| crc32fast::hash(b).to_be_bytes().to_vec() },
    Hash { name: "adler32", len: 4, of: |b| adler32_slice(b).to_be_bytes().to_vec() },
];

/// Whether digests have this many bytes; the short ones only where they stand alone.
pub(crate) fn is_length(n: usize) -> bool {
    matches!(n, 4 | 8 | 16 | 20 | 28 | 32 | 48 | 64)
}

/// Whether a digest, and no checksum, has this many bytes.
pub(crate) fn is_digest(n: usize) -> bool {
    n >= 8 && is_length(n)
}

fn mmh3(mut bytes: &[u8]) -> u128 {
    // Reading from memory does not fail.
    murmur3::murmur3_x64_128(&mut bytes, 0).unwrap_or_default()
}

fn mmh3_32(mut bytes: &[u8]) -> u32 {
    murmur3::murmur3_32(&mut bytes, 0).unwrap_or_default()
}

/// MurmurHash2, 32 bits, seed 0 (Austin Appleby, public domain).
fn mmh2_32(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut h = bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for w in &mut words {
        let mut k = u32::from_le_bytes([w[0], w[1], w[2], w[3]]).wrapping_mul(M);
        k ^= k >> 24;
        h = h.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (i, b) in rest.iter().enumerate() {
            h ^= u32::from(*b) << (8 * i);
        }
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    h ^ (h >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the algorithms' own test vectors; Murmur's from the `mmh3` package's documentation and SMHasher.
    #[test]
    fn known_answers() {
        for (name, text, want) in [
            ("md2", "abc", "da853b0d3f88d99b30283a69e6ded6bb"),
            ("md4", "abc", "a448017aaf21d8525fc10ae87aa6729d"),
            ("md5", "abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("ripemd160", "abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            ("sha3_256", "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
            ("blake2s", "abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"),
            ("crc32", "123456789", "cbf43926"),
            ("adler32", "Wikipedia", "11e60398"),
            ("mmh3_32", "foo", "f6a5c420"),
        ] {
            let hash = HASHES.iter().find(|h| h.name == name).unwrap();
            assert_eq!(data_encoding::HEXLOWER.encode(&(hash.of)(text.as_bytes())), want, "{name}");
        }
        for h in HASHES {
            assert_eq!((h.of)(b"some text").len(), h.len, "{}", h.name);
            assert!(is_length(h.len), "{}", h.name);
        }
        // mmh3.hash64("foo") and hash128 of the Python package.
        let half = HASHES.iter().find(|h| h.name == "mmh3_64_1").unwrap();
        let signed = i64::from_be_bytes((half.of)(b"foo").try_into().unwrap());
        assert_eq!(signed, -2_129_773_440_516_405_919);
    }
}
