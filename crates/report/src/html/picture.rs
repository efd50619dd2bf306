//! Width and height of a picture, from its own bytes; nothing is decoded.

/// In pixels; none where the format is another one or the bytes are not those of a picture.
pub(crate) fn size(mime: &str, bytes: &[u8]) -> Option<(u32, u32)> {
    let (w, h) = match mime {
        "image/png" => png(bytes),
        "image/jpeg" => jpeg(bytes),
        "image/webp" => webp(bytes),
        _ => None,
    }?;
    (w > 0 && h > 0 && w <= 65_535 && h <= 65_535).then_some((w, h))
}

fn png(b: &[u8]) -> Option<(u32, u32)> {
    let n = |at: usize| Some(u32::from_be_bytes(b.get(at..at + 4)?.try_into().ok()?));
    if !b.starts_with(b"\x89PNG\r\n\x1a\n") {
        return None;
    }
    Some((n(16)?, n(20)?))
}

fn jpeg(b: &[u8]) -> Option<(u32, u32)> {
    let n = |at: usize| Some(u32::from(u16::from_be_bytes(b.get(at..at + 2)?.try_into().ok()?)));
    if !b.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut at = 2;
    loop {
        let (mark, kind) = (*b.get(at)?, *b.get(at + 1)?);
        match (mark, kind) {
            (0xFF, 0xFF) => at += 1,
            (0xFF, 0xC0..=0xCF) if !matches!(kind, 0xC4 | 0xC8 | 0xCC) => {
                return Some((n(at + 7)?, n(at + 5)?));
            }
            (0xFF, _) => at += 2 + n(at + 2)? as usize,
            _ => return None,
        }
    }
}

fn webp(b: &[u8]) -> Option<(u32, u32)> {
    let n16 = |at: usize| Some(u32::from(u16::from_le_bytes(b.get(at..at + 2)?.try_into().ok()?)));
    let n24 = |at: usize| Some(n16(at)? | u32::from(*b.get(at + 2)?) << 16);
    if !b.starts_with(b"RIFF") || b.get(8..12)? != b"WEBP" {
        return None;
    }
    match b.get(12..16)? {
        b"VP8X" => Some((n24(24)? + 1, n24(27)? + 1)),
        b"VP8 " => Some((n16(26)? & 0x3FFF, n16(28)? & 0x3FFF)),
        b"VP8L" => {
            let bits = n16(21)? | n16(23)? << 16;
            Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_tells_its_size_and_anything_else_does_not() {
        assert_eq!(size("image/png", &crate::testing::picture::page(true, 0)), Some((320, 200)));
        let jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 17, 8, 0, 20, 0, 30, 3];
        assert_eq!(size("image/jpeg", &jpeg), Some((30, 20)));
        for mime in ["image/png", "image/jpeg", "image/webp", "image/svg+xml"] {
            assert_eq!(size(mime, b"<svg onload=x>"), None);
            assert_eq!(size(mime, b""), None);
        }
    }
}
