//! Compressed bytes, known by how they begin, or tried. Bounded: what a page sends must not grow without end.

use std::io::Read;

/// Most bytes that one packed text may grow to.
pub(crate) const MOST: usize = 4 << 20;

/// What is packed in these bytes, with the name of the packing. `whole`: nothing tells it, so that all are tried.
pub(crate) fn unpack(bytes: &[u8], whole: bool) -> Option<(&'static str, Vec<u8>)> {
    let read = |name: &'static str, from: &mut dyn Read| {
        let mut out = Vec::new();
        // What was read before a fault counts: bodies may be cut.
        let _ = from.take(MOST as u64).read_to_end(&mut out);
        (!out.is_empty()).then_some((name, out))
    };
    match bytes {
        [0x1f, 0x8b, 8, ..] => read("gzip", &mut flate2::read::MultiGzDecoder::new(bytes)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => read("zstd", &mut zstd::Decoder::new(bytes).ok()?),
        [0x78, flags, ..] if (0x7800 | u16::from(*flags)).is_multiple_of(31) => {
            read("zlib", &mut flate2::read::ZlibDecoder::new(bytes))
        }
        [0xff, 6, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..] => {
            read("snappy", &mut snap::read::FrameDecoder::new(bytes))
        }
        _ if !whole || bytes.len() < 4 => None,
        _ => {
            deflate(bytes).or_else(|| snappy(bytes)).or_else(|| brotli(bytes)).filter(|(_, b)| makes_sense(b))
        }
    }
}

/// Whether bytes can begin a deflate stream that holds text: a decoder costs far more than this look.
fn may_be_deflate(bytes: &[u8]) -> bool {
    let mut at = 3;
    let mut bit = || {
        let b = bytes.get(at / 8).map_or(0, |b| u32::from(b >> (at % 8) & 1));
        at += 1;
        b
    };
    match bytes[0] >> 1 & 3 {
        // Stored: a length, and the same turned over.
        0 => bytes.len() > 5 && bytes[1] == !bytes[3] && bytes[2] == !bytes[4],
        // The fixed code: it begins with letters, or with letters in yEnc.
        1 => (0..3).all(|n| {
            let mut code = (0..8).fold(0u32, |c, _| c << 1 | bit());
            match code {
                0..0x30 => n > 0,
                0x30..0xc0 => matches!(code - 0x30, 9 | 10 | 13 | 32..127 | 139..=143),
                0xc0..0xc8 => n > 0,
                _ => {
                    code = code << 1 | bit();
                    matches!(code - 0x190 + 144, 144..=164 | 0xc2..=0xf4)
                }
            }
        }),
        // A code of its own: the code that it is written in has to be whole.
        2 => {
            let mut number = |n: u32| (0..n).fold(0, |v, i| v | bit() << i);
            let (literals, distances, lengths) = (number(5), number(5), number(4));
            let whole: u32 = (0..lengths + 4).map(|_| number(3)).filter(|l| *l > 0).map(|l| 128 >> l).sum();
            literals < 30 && distances < 30 && whole == 128
        }
        _ => false,
    }
}

/// Deflate without a wrapping: all of it, and nothing behind it.
fn deflate(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    may_be_deflate(bytes).then_some(())?;
    let mut decoder = flate2::read::DeflateDecoder::new(bytes);
    let mut out = Vec::new();
    (&mut decoder).take(MOST as u64).read_to_end(&mut out).ok()?;
    (decoder.total_in() == bytes.len() as u64 || out.len() == MOST).then_some(("deflate", out))
}

/// What a few bytes hold by deflate, whatever that is.
pub(crate) fn small(bytes: &[u8]) -> Option<Vec<u8>> {
    (bytes.len() <= 80).then(|| deflate(bytes)).flatten().map(|(_, b)| b)
}

fn brotli(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    // No script in a page makes it without carrying its own encoder: for a few bytes nobody does.
    (bytes.len() >= 64).then_some(())?;
    let mut out = Vec::new();
    brotli_decompressor::Decompressor::new(bytes, 4096).take(MOST as u64).read_to_end(&mut out).ok()?;
    Some(("brotli", out))
}

/// Text, something packed, or text in yEnc.
fn makes_sense(bytes: &[u8]) -> bool {
    let shifted = || {
        let undone: Vec<u8> = bytes.iter().take(64).map(|b| b.wrapping_sub(42)).collect();
        undone.iter().filter(|b| (32..127).contains(*b)).count() * 10 >= undone.len() * 9
    };
    bytes.len() >= 6 && (is_text(bytes) || has_sign(bytes) || shifted())
}

/// Whether bytes begin as a packing does.
pub(crate) fn has_sign(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0x1f, 0x8b, 8, ..]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x78, 1 | 0x5e | 0x9c | 0xda, ..]
            | [0xff, 6, 0, 0, b's', ..]
    )
}

/// Snappy without frames, as databases and metrics write it.
fn snappy(bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let len = snap::raw::decompress_len(bytes).ok().filter(|n| (1..=MOST).contains(n))?;
    // Nothing grows by more than this; and it begins with letters as they are.
    let tag = bytes.iter().position(|b| *b < 128).and_then(|i| bytes.get(i + 1))?;
    (len <= bytes.len().saturating_mul(64) && tag & 3 == 0).then_some(())?;
    Some(("snappy", snap::raw::Decoder::new().decompress_vec(bytes).ok()?))
}

/// Whether bytes read as text: no control characters, and whole characters only.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let control = |b: &u8| *b < 9 || (14..32).contains(b) || *b == 127;
    !bytes.iter().take(4096).any(control)
        && match std::str::from_utf8(bytes) {
            Ok(_) => true,
            // Cut in the middle of a character.
            Err(e) => e.error_len().is_none(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    #[test]
    fn each_is_read() {
        let text = b"{\"v\":\"tovanelk\"}".as_slice();
        let zstd = zstd::encode_all(text, 3).unwrap();
        assert_eq!(unpack(&zstd, false), Some(("zstd", text.to_vec())));
        let mut w = flate2::write::DeflateEncoder::new(vec![], flate2::Compression::best());
        w.write_all(text).unwrap();
        assert_eq!(unpack(&w.finish().unwrap(), true), Some(("deflate", text.to_vec())));
        let raw = snap::raw::Encoder::new().compress_vec(text).unwrap();
        assert_eq!(unpack(&raw, true), Some(("snappy", text.to_vec())));
        let mut framed = snap::write::FrameEncoder::new(vec![]);
        framed.write_all(text).unwrap();
        assert_eq!(unpack(&framed.into_inner().unwrap(), false), Some(("snappy", text.to_vec())));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut w = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
        w.write_all(&vec![b'a'; MOST * 3]).unwrap();
        assert_eq!(unpack(&w.finish().unwrap(), false).map(|(_, b)| b.len()), Some(MOST));
    }

    proptest! {
        #[test]
        fn anything_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(&bytes, true);
        }
    }
}
