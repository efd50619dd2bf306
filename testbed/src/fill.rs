//! Bodies that are made instead of kept: text, code or noise of any length, and pictures.
//!
//! A body of any length repeats one block that is built once, so that 200 MB cost no memory here.

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use futures_util::stream;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// How long a repeated block is, in bytes.
const BLOCK: usize = 16 << 10;

/// A body of exactly `bytes` bytes that begins with `head` (cut where it is longer), and its `Content-Length`.
///
/// JavaScript and CSS stay valid: what does not fill a whole line of code is filled with line breaks.
pub(crate) fn body(head: &str, bytes: u64, content_type: &str) -> (Body, HeaderValue) {
    let block = block(content_type);
    let head = Bytes::from(head.to_owned());
    let head =
        if head.len() as u64 > bytes { head.slice(..usize::try_from(bytes).unwrap_or(0)) } else { head };
    let rest = bytes - head.len() as u64;
    let tail = usize::try_from(rest % BLOCK as u64).unwrap_or(0);
    let tail = if is_noise(content_type) { block.slice(..tail) } else { Bytes::from(vec![b'\n'; tail]) };
    let parts = std::iter::once(head)
        .chain((0..rest / BLOCK as u64).map(move |_| block.clone()))
        .chain(std::iter::once(tail))
        .filter(|part| !part.is_empty())
        .map(Ok::<_, Infallible>);
    (Body::from_stream(stream::iter(parts)), HeaderValue::from(bytes))
}

fn is_noise(content_type: &str) -> bool {
    !["text/", "application/json"].iter().any(|text| content_type.starts_with(text))
}

fn block(content_type: &str) -> Bytes {
    static SCRIPT: OnceLock<Bytes> = OnceLock::new();
    static STYLE: OnceLock<Bytes> = OnceLock::new();
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    let kind = content_type.split(';').next().unwrap_or_default();
    match kind {
        "text/javascript" => SCRIPT.get_or_init(|| {
            lines(|line, text| {
                let _ = writeln!(
                    text,
                    "function fill{line}(a, b) {{ var c = {{ k{line}: a, v: [b, {line}, \"w{line}\"] }}; \
                     return c.v.map(function (x) {{ return x + c.k{line}; }}).join(\"-\"); }}"
                );
            })
        }),
        "text/css" => STYLE.get_or_init(|| {
            lines(|line, text| {
                let _ = writeln!(
                    text,
                    ".part-{line} > .cell-{line} {{ margin: {}px; color: #{:06x}; padding: 0 1em; }}",
                    line % 40,
                    line * 7919 % 0xff_ffff
                );
            })
        }),
        _ if is_noise(kind) => NOISE.get_or_init(|| noise(BLOCK)),
        // Blanks are valid in JSON too.
        "application/json" => TEXT.get_or_init(|| Bytes::from(vec![b' '; BLOCK])),
        _ => TEXT.get_or_init(|| Bytes::from(vec![b'\n'; BLOCK])),
    }
    .clone()
}

/// Whole lines, then line breaks up to a block.
fn lines(write: impl Fn(u32, &mut String)) -> Bytes {
    let mut text = String::with_capacity(BLOCK);
    for line in 0.. {
        let before = text.len();
        write(line, &mut text);
        if text.len() > BLOCK {
            text.truncate(before);
            break;
        }
    }
    let missing = BLOCK - text.len();
    text.extend(std::iter::repeat_n('\n', missing));
    Bytes::from(text)
}

/// Bytes that do not compress, the same ones each time.
fn noise(len: usize) -> Bytes {
    let mut state = 0x2545_f491_u32;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_be_bytes()[0]
        })
        .collect()
}

/// An uncompressed bitmap (BMP, 24 bits) of noise: a picture that a browser really decodes.
pub(crate) fn picture(width: u16, height: u16) -> Bytes {
    let row = (usize::from(width) * 3).div_ceil(4) * 4;
    let pixels = row * usize::from(height);
    let mut bytes = Vec::with_capacity(54 + pixels);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    bytes.extend(b"BM");
    bytes.extend(number(54 + pixels));
    bytes.extend([0; 4]);
    bytes.extend(number(54));
    bytes.extend(number(40));
    bytes.extend(u32::from(width).to_le_bytes());
    bytes.extend(u32::from(height).to_le_bytes());
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    bytes.extend(noise(pixels));
    Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::{body, picture};

    #[tokio::test]
    async fn a_body_has_its_length_and_its_head() {
        for (bytes, kind) in [
            (0, "text/css"),
            (3, "text/javascript"),
            (40_000, "text/javascript; charset=utf-8"),
            (70_001, "video/mp4"),
        ] {
            let (body, length) = body("head();", bytes, kind);
            let got = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            assert_eq!(got.len() as u64, bytes);
            assert_eq!(length, bytes.to_string().as_str());
            assert!(got.starts_with(&b"head();"[..got.len().min(7)]));
        }
    }

    #[test]
    fn a_picture_says_how_long_it_is() {
        let made = picture(5, 2);
        assert_eq!(made.len(), 54 + 2 * 16);
        assert_eq!(made[2..6], (54_u32 + 32).to_le_bytes());
    }
}
