//! Takes apart what was sent, layer by layer: addresses, forms, JSON, packed and encoded parts; and hands every part
//! to whoever looks in it.

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER_PERMISSIVE};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::hashes::{is_digest, is_length};
use crate::trail::{Step, Trail};
use crate::{lz, swapped, unpack};

/// Layers that are undone, one in the other, and steps in all.
const LAYERS: usize = 6;
const DEPTH: usize = 24;
/// Bytes that are looked at of one thing that was sent, all its layers together.
const BUDGET: usize = 48 << 20;
/// Shorter values hold no document that is worth a look.
const DOCUMENT: usize = 200;
/// Parts that have single characters, of one thing that was sent.
const KEYS: usize = 20_000;

/// Who looks.
pub trait Look {
    /// Bytes as they stand there, in any layer. Whether anything was met.
    fn part(&mut self, bytes: &[u8], trail: &Trail<'_>) -> bool;
    /// Something that is as long as a digest, and how it was written.
    fn digest(&mut self, bytes: Vec<u8>, trail: &Trail<'_>);
    /// A part that is a single character, or a key's code; `shape` is where it stands, without numbers.
    fn key(&mut self, shape: &str, key: char);
    /// A JSON document, before its parts.
    fn document(&mut self, _value: &Value) {}
}

/// Takes apart.
pub struct Peeler<'a, L> {
    look: &'a mut L,
    left: usize,
    keys: usize,
    /// Short values, and letters that were exchanged, are left alone: it is documents that are looked for.
    shallow: bool,
    /// Whether something was not looked at.
    pub cut: bool,
}

impl<'a, L: Look> Peeler<'a, L> {
    /// For one thing that was sent.
    pub fn new(look: &'a mut L) -> Peeler<'a, L> {
        Peeler { look, left: BUDGET, keys: KEYS, shallow: false, cut: false }
    }

    /// For the documents in one thing that was sent.
    pub fn shallow(look: &'a mut L) -> Peeler<'a, L> {
        Peeler { shallow: true, ..Peeler::new(look) }
    }

    /// An address: its host, path, query and fragment.
    pub fn address(&mut self, url: &str) {
        let (rest, fragment) = url.split_once('#').map_or((url, None), |(r, f)| (r, Some(f)));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(r, q)| (r, Some(q)));
        let rest = rest.split_once("://").map_or(rest, |(_, r)| r);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let start = Trail::START;
        for label in host.split('.').filter(|l| l.len() > 6) {
            let step = Step::Part("host", host.to_owned());
            self.leaf(label, &start.then(&step));
        }
        self.look.part(host.as_bytes(), &start.then(&Step::Part("host", host.to_owned())));
        for (n, segment) in path.split(['/', ';']).enumerate().filter(|(_, s)| s.len() > 1) {
            let step = Step::Part("path", (n + 1).to_string());
            self.encoded(segment, false, &start.then(&step));
        }
        if let Some(q) = query {
            self.pairs("query", q, '&', &start);
        }
        if let Some(f) = fragment {
            let step = Step::Part("fragment", String::new());
            let here = start.then(&step);
            if f.contains('=') {
                self.pairs("fragment", f, '&', &start)
            } else {
                self.encoded(f, false, &here)
            }
        }
    }

    /// A header: `Cookie` is a list of pairs, an address is taken apart as one.
    pub fn header(&mut self, name: &str, value: &str) {
        let step = Step::Part("header", name.to_ascii_lowercase());
        let here = Trail::START.then(&step);
        match name.to_ascii_lowercase().as_str() {
            "cookie" => self.pairs("cookie", value, ';', &Trail::START),
            "referer" if value.contains('?') => {
                if let Some((_, query)) = value.split_once('?') {
                    self.pairs("referer", query, '&', &Trail::START);
                }
            }
            _ => self.encoded(value, false, &here),
        }
    }

    /// A body, or a frame of a WebSocket.
    pub fn body(&mut self, bytes: &[u8]) {
        if is_digest(bytes.len()) {
            self.look.digest(bytes.to_vec(), &Trail::START);
        }
        self.bytes(bytes, &Trail::START, true);
    }

    fn may(&mut self, len: usize, trail: &Trail<'_>) -> bool {
        if trail.layers > LAYERS || trail.depth > DEPTH || len > self.left {
            self.cut |= len > self.left;
            return false;
        }
        self.left -= len;
        true
    }

    /// Bytes: packed, text, or neither. `whole`: these are all there is, and may be packed without a sign of it.
    fn bytes(&mut self, bytes: &[u8], trail: &Trail<'_>, whole: bool) {
        if bytes.len() < 4 {
            // A single key of a stream.
            if let Ok(text) = std::str::from_utf8(bytes) {
                self.single("", text);
            }
            return;
        }
        if !self.may(bytes.len(), trail) {
            return;
        }
        if let Some((name, inner)) = unpack::unpack(bytes, false) {
            let step = Step::Undone(name.to_owned());
            self.bytes(&inner, &trail.then(&step), true);
            return;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if unpack::is_text(bytes) || text.starts_with(['{', '[']) => self.text(text, trail),
            _ => self.binary(bytes, trail, whole),
        }
    }

    /// Neither packed nor text: what stands in it as it is, texts in it, and what it may be packed as.
    fn binary(&mut self, bytes: &[u8], trail: &Trail<'_>, whole: bool) {
        self.look.part(bytes, trail);
        if whole && is_digest(bytes.len()) {
            self.look.digest(bytes.to_vec(), trail);
        }
        if whole && let Some(inner) = unpack::small(bytes).filter(|b| is_digest(b.len())) {
            let step = Step::Undone("deflate".to_owned());
            self.look.digest(inner, &trail.then(&step));
        }
        if whole && let Some((name, inner)) = unpack::unpack(bytes, true) {
            let step = Step::Undone(name.to_owned());
            self.bytes(&inner, &trail.then(&step), true);
            return;
        }
        self.yenc(bytes, trail);
        // Wide characters, as lz-string's UTF-16 variants, arrive as UTF-8.
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Some((name, inner)) = lz::units(text, unpack::MOST)
        {
            let step = Step::Undone(name.to_owned());
            self.bytes(inner.as_bytes(), &trail.then(&step), true);
        }
        // Texts in it, as protobuf, MessagePack and CBOR hold them; and parts that are packed on their own.
        let mut at = 0;
        while at < bytes.len() {
            let printable = |b: &u8| (32..127).contains(b);
            let len = bytes[at..].iter().take_while(|b| printable(b)).count();
            if len >= 8 {
                let step = Step::Part("bytes", at.to_string());
                if let Ok(text) = std::str::from_utf8(&bytes[at..at + len]) {
                    self.nested(text, &trail.then(&step));
                }
            } else if at > 0
                && matches!(
                    bytes.get(at..at + 3),
                    Some([0x1f, 0x8b, 8] | [0x28, 0xb5, 0x2f] | [0x78, 0x5e | 0x9c | 0xda, _])
                )
                && let Some((name, inner)) = unpack::unpack(&bytes[at..], false)
            {
                let part = Step::Part("bytes", at.to_string());
                let step = Step::Undone(name.to_owned());
                self.bytes(&inner, &trail.then(&part).then(&step), true);
            }
            at += len.max(1);
        }
    }

    /// Text: a structure, or a value.
    fn text(&mut self, text: &str, trail: &Trail<'_>) {
        let trimmed = text.trim_start();
        match trimmed.as_bytes().first() {
            Some(b'{' | b'[' | b'"') => {
                if let Ok(value) = serde_json::from_str::<Value>(trimmed) {
                    return self.json(&value, &mut String::from("$"), trail);
                }
                if trimmed.contains('\n') {
                    return self.lines(trimmed, trail);
                }
            }
            Some(b'-') if trimmed.starts_with("--") && trimmed.contains("ontent-") => {
                return self.multipart(trimmed, trail);
            }
            _ => {}
        }
        if text.contains('\n') && text.lines().any(|l| l.starts_with(['{', '['])) {
            return self.lines(text, trail);
        }
        let form = text.contains('=') && !text.contains([' ', '<', '"', '{', '\n']);
        let key = text.split('=').next().unwrap_or_default();
        if form && !key.is_empty() && key.len() < 200 && text.trim_end_matches('=').contains('=') {
            self.pairs("form", text, '&', trail);
            return;
        }
        self.encoded(text, true, trail);
    }

    /// A text inside something else: it may be a structure itself, and is looked at as it is too.
    fn nested(&mut self, text: &str, trail: &Trail<'_>) {
        let structure =
            text.trim_start().starts_with(['{', '[', '"']) || text.contains('=') && text.contains('&');
        if structure && self.may(text.len(), trail) {
            return self.text(text, trail);
        }
        if text.contains("://") && text.contains(['?', '#']) {
            // An address in a value, its query in it.
            for part in text.split(['?', '#', '&']).skip(1) {
                let (name, value) = part.split_once('=').unwrap_or(("", part));
                let step = Step::Part("query", name.chars().take(80).collect());
                self.encoded(value, true, &trail.then(&step));
            }
        }
        self.encoded(text, false, trail);
    }

    fn lines(&mut self, text: &str, trail: &Trail<'_>) {
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let step = Step::Part("line", (n + 1).to_string());
            let here = trail.then(&step);
            match serde_json::from_str::<Value>(line) {
                Ok(value) if self.may(line.len(), &here) => self.json(&value, &mut String::from("$"), &here),
                _ => self.encoded(line, false, &here),
            }
        }
    }

    fn multipart(&mut self, text: &str, trail: &Trail<'_>) {
        let boundary = text.lines().next().unwrap_or_default().trim_end();
        for part in text.split(boundary) {
            let Some((head, body)) = part.split_once("\r\n\r\n").or_else(|| part.split_once("\n\n")) else {
                continue;
            };
            let name = head.split_once("name=\"").and_then(|(_, r)| r.split('"').next()).unwrap_or_default();
            let step = Step::Part("multipart", name.chars().take(80).collect());
            self.nested(body.trim_end_matches(['\r', '\n']), &trail.then(&step));
        }
    }

    /// `name=value` pairs.
    fn pairs(&mut self, of: &'static str, text: &str, between: char, trail: &Trail<'_>) {
        for pair in text.split(between) {
            let pair = pair.trim_start();
            if pair.is_empty() {
                continue;
            }
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            if value.len() <= 3 && !value.is_empty() {
                self.single(name, &percent_decode_str(value).decode_utf8_lossy());
                continue;
            }
            let step = Step::Part(of, name.chars().take(80).collect());
            self.encoded(value, true, &trail.then(&step));
            // A value may stand where the name belongs.
            if name.len() > 12 {
                let step = Step::Part(of, "name".to_owned());
                self.encoded(name, true, &trail.then(&step));
            }
        }
    }

    /// Every text in a JSON value, with its place.
    fn json(&mut self, value: &Value, at: &mut String, trail: &Trail<'_>) {
        let place = at.len();
        if place == 1 {
            self.look.document(value);
        }
        match value {
            Value::String(s) if s.chars().count() <= 1 => self.single(at, s),
            Value::String(s) => {
                let step = Step::Part("json", at.clone());
                match packed_text(s) {
                    Some(bytes) => self.bytes(&bytes, &trail.then(&step), true),
                    None => self.nested(s, &trail.then(&step)),
                }
            }
            Value::Number(n) => {
                let text = n.to_string();
                if text.len() >= 5 {
                    let step = Step::Part("json", at.clone());
                    self.leaf(&text, &trail.then(&step));
                } else if let Some(c) = n.as_u64().and_then(code) {
                    self.key(at, c);
                }
            }
            Value::Array(all) => {
                for (i, v) in all.iter().enumerate() {
                    at.push_str(&format!("[{i}]"));
                    self.json(v, at, trail);
                    at.truncate(place);
                }
            }
            Value::Object(all) => {
                for (k, v) in all {
                    at.push('.');
                    at.push_str(k.get(..k.len().min(80)).unwrap_or("…"));
                    self.json(v, at, trail);
                    if k.len() >= 6 {
                        let step = Step::Part("json", format!("{at} (name)"));
                        self.encoded(k, false, &trail.then(&step));
                    }
                    at.truncate(place);
                }
            }
            _ => {}
        }
    }

    /// One character, or a key's code.
    fn single(&mut self, at: &str, text: &str) {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => self.key(at, c),
            (Some(_), Some(_)) => {
                if let Some(c) = text.parse().ok().and_then(code) {
                    self.key(at, c);
                }
            }
            _ => {}
        }
    }

    fn key(&mut self, at: &str, c: char) {
        if self.keys > 0 {
            self.keys -= 1;
            let shape: String = at.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
            self.look.key(&shape, c);
        }
    }

    /// A value that may be written with escapes of several kinds. `form`: a plus may be a space.
    fn encoded(&mut self, text: &str, form: bool, trail: &Trail<'_>) {
        let percent = text.contains('%');
        if percent || form && text.contains('+') {
            // What is plainly text in base64 has a plus as well: both are tried.
            let spaced = if form { text.replace('+', " ") } else { text.to_owned() };
            let plain = percent_decode_str(&spaced).collect::<Vec<u8>>();
            if plain != text.as_bytes() && self.may(plain.len(), trail) {
                let step = Step::Undone("percent".to_owned());
                let here = trail.then(&step);
                // Escapes in an address are how it is written, no layer that somebody chose.
                let here = if trail.layers == 0 { *trail } else { here };
                match std::str::from_utf8(&plain) {
                    Ok(t) if percent => self.deeper(t, &here),
                    Ok(t) => {
                        self.look.part(t.as_bytes(), trail);
                    }
                    Err(_) => self.binary(&plain, trail, true),
                }
            }
            if percent {
                return;
            }
        }
        self.deeper(text, trail);
    }

    /// A value after its escapes: another structure, entities, backslashes, or the end.
    fn deeper(&mut self, text: &str, trail: &Trail<'_>) {
        let first = text.trim_start().bytes().next();
        if matches!(first, Some(b'{' | b'[' | b'"'))
            && text.len() > 6
            && let Ok(value) = serde_json::from_str::<Value>(text)
        {
            return self.json(&value, &mut String::from("$"), trail);
        }
        if text.contains('%') {
            let plain = percent_decode_str(text).decode_utf8_lossy().into_owned();
            if plain != text && self.may(plain.len(), trail) {
                let step = Step::Undone("percent".to_owned());
                self.encoded(&plain, false, &trail.then(&step));
            }
        }
        if text.contains("://") && text.contains('?') {
            for part in text.split(['?', '#', '&']).skip(1) {
                let (name, value) = part.split_once('=').unwrap_or(("", part));
                let step = Step::Part("query", name.chars().take(80).collect());
                self.leaf(value, &trail.then(&step));
            }
        } else if text.contains('=') && text.contains('&') && !text.contains(' ') {
            self.pairs("form", text, '&', trail);
        }
        if text.contains('&') && text.contains(';') {
            let plain = unescape_entities(text);
            if plain != text && self.may(plain.len(), trail) {
                let step = Step::Undone("entity".to_owned());
                self.deeper(&plain, &trail.then(&step));
            }
        }
        if text.contains("\\u") || text.contains("\\x") {
            let plain = unescape_backslashes(text);
            if plain != text && self.may(plain.len(), trail) {
                let step = Step::Undone("escaped".to_owned());
                self.deeper(&plain, &trail.then(&step));
            }
        }
        self.leaf(text, trail);
    }

    /// A value: as it is, and each run of letters in it that may be an encoding.
    fn leaf(&mut self, text: &str, trail: &Trail<'_>) {
        if self.shallow && text.len() < DOCUMENT {
            return;
        }
        self.look.part(text.as_bytes(), trail);
        if trail.layers >= LAYERS {
            return;
        }
        let bytes = text.as_bytes();
        if bytes.iter().any(|b| *b >= 128)
            && let Some((name, inner)) = lz::units(text, unpack::MOST)
        {
            let step = Step::Undone(name.to_owned());
            self.bytes(inner.as_bytes(), &trail.then(&step), true);
        }
        // A digest as bytes that happen to read as text.
        if is_digest(bytes.len()) && bytes.iter().any(|b| !(32..127).contains(b)) {
            self.look.digest(bytes.to_vec(), trail);
        }
        // yEnc of what is digits or capitals reads as text itself.
        if bytes.len() >= 12 && bytes.iter().take(12).all(|b| (74..=168).contains(b)) {
            self.yenc(bytes, trail);
        }
        let mut at = 0;
        while at < bytes.len() {
            let run = bytes[at..].iter().take_while(|b| in_run(**b)).count();
            if run >= 5 {
                self.run(&bytes[at..at + run], trail);
            }
            at += run.max(1);
        }
    }

    /// A run of letters: whole, and in its parts.
    fn run(&mut self, run: &[u8], trail: &Trail<'_>) {
        self.token(run, trail);
        let inner = run.strip_suffix(b"==").or_else(|| run.strip_suffix(b"=")).unwrap_or(run);
        if inner.iter().any(|b| !b.is_ascii_alphanumeric()) {
            let dashed = run.len() == 36 && [8, 13, 18, 23].iter().all(|i| run[*i] == b'-');
            if dashed {
                let plain: Vec<u8> = run.iter().copied().filter(|b| *b != b'-').collect();
                self.token(&plain, trail);
                return;
            }
            for part in
                inner.split(|b| !b.is_ascii_alphanumeric()).filter(|p| p.len() >= 8 && p.len() < inner.len())
            {
                self.token(part, trail);
            }
        }
    }

    fn token(&mut self, token: &[u8], trail: &Trail<'_>) {
        if token.iter().all(|b| b.is_ascii_digit() || *b == b'-') {
            self.number(token, trail);
        }
        if token.len() < 8 {
            return;
        }
        let core = {
            let end = token.iter().rposition(|b| *b != b'=').map_or(0, |i| i + 1);
            &token[..end]
        };
        if let Some(plain) = bits(core) {
            if !self.undone("bits", plain, trail) {
                self.swapped(core, trail);
            }
            return;
        }
        let hex = core.len().is_multiple_of(2) && core.iter().all(u8::is_ascii_hexdigit);
        if hex && let Ok(plain) = HEXLOWER_PERMISSIVE.decode(core) {
            let name = if core.iter().any(u8::is_ascii_uppercase) { "HEX" } else { "hex" };
            if self.undone(name, plain, trail) {
                return;
            }
            // As if turned round before it was sent.
            if is_digest(core.len() / 2) {
                for chain in swapped::to_hex(core) {
                    self.swapped_digest(core, chain, trail);
                }
            }
        }
        let mut read = false;
        if let Some((name, plain)) = base64(core) {
            read = self.undone(name, plain, trail);
        }
        if read {
            return;
        }
        if let Some(plain) = base32(core) {
            read = self.undone("base32", plain, trail);
        }
        if !read
            && (11..=320).contains(&core.len())
            && let Ok(plain) = bs58::decode(core).into_vec()
        {
            read = self.undone("base58", plain, trail);
        }
        if !read
            && core.len() >= 8
            && let Some((name, plain)) = lz::letters(core, unpack::MOST)
        {
            read = plain.len() >= 6 && self.undone(name, plain.into_bytes(), trail);
        }
        if !read {
            self.swapped(core, trail);
        }
    }

    /// Something was undone. Whether it makes sense: text, or packed.
    fn undone(&mut self, name: &str, plain: Vec<u8>, trail: &Trail<'_>) -> bool {
        let step = Step::Undone(name.to_owned());
        let here = trail.then(&step);
        let sense = plain.len() >= 6 && (unpack::is_text(&plain) || unpack::has_sign(&plain));
        if is_length(plain.len()) && !(sense && plain.len() > 32) {
            self.look.digest(plain.clone(), &here);
        }
        if plain.len() < 6 {
            return false;
        }
        if sense {
            self.bytes(&plain, &here, true);
            return true;
        }
        // Raw deflate and brotli have no sign: tried where these are all the bytes there are.
        if trail.layers < 3
            && let Some((packing, inner)) = unpack::unpack(&plain, plain.len() >= 8)
        {
            let packing = Step::Undone(packing.to_owned());
            self.bytes(&inner, &here.then(&packing), true);
            return true;
        }
        if self.yenc(&plain, &here) {
            return true;
        }
        self.look.part(&plain, &here)
    }

    /// yEnc: once, or twice. Whether it makes sense.
    fn yenc(&mut self, bytes: &[u8], trail: &Trail<'_>) -> bool {
        if !begins_as_yenc(bytes) {
            return false;
        }
        let Some(plain) = unyenc(bytes) else { return false };
        let step = Step::Undone("yenc".to_owned());
        let here = trail.then(&step);
        if is_digest(plain.len()) {
            self.look.digest(plain.clone(), &here);
        }
        if unpack::is_text(&plain) || unpack::has_sign(&plain) {
            self.bytes(&plain, &here, true);
            return true;
        }
        if let Some(twice) = unyenc(&plain).filter(|t| unpack::is_text(t)) {
            self.bytes(&twice, &here.then(&step), false);
            return true;
        }
        false
    }

    /// Letters exchanged for others after an encoding.
    fn swapped(&mut self, token: &[u8], trail: &Trail<'_>) {
        if self.shallow || token.len() < 11 || trail.layers + 1 >= LAYERS {
            return;
        }
        let letters = token.iter().filter(|b| **b != b'=').count();
        if is_digest(letters * 3 / 4) || is_digest(letters * 5 / 8) && letters > 20 {
            for chain in swapped::single() {
                self.swapped_digest(token, chain, trail);
            }
        }
        if letters.is_multiple_of(2) && is_digest(letters / 2) {
            for chain in swapped::to_hex(token) {
                self.swapped_digest(token, chain, trail);
            }
        }
        for chain in swapped::likely(token) {
            let plain = chain.undo(token);
            let steps: Vec<Step> = chain.names.iter().map(|n| Step::Undone(n.clone())).collect();
            let once = steps.first().map(|s| trail.then(s));
            let Some(once) = &once else { continue };
            let here = steps.get(1).map_or(*once, |s| once.then(s));
            if self.may(plain.len(), &here) {
                self.plain_token(&plain, &here);
            }
        }
    }

    /// A token whose letters were put back: read, and not swapped again.
    fn plain_token(&mut self, token: &[u8], trail: &Trail<'_>) {
        if let Some(plain) = bits(token) {
            self.undone("bits", plain, trail);
            return;
        }
        if token.len().is_multiple_of(2) && token.iter().all(u8::is_ascii_hexdigit) {
            if let Ok(plain) = HEXLOWER_PERMISSIVE.decode(token) {
                self.undone("hex", plain, trail);
            }
        } else if let Some((name, plain)) = base64(token) {
            self.undone(name, plain, trail);
        }
        if let Some(plain) = base32(token) {
            self.undone("base32", plain, trail);
        }
        if let Some((name, plain)) = lz::letters(token, unpack::MOST) {
            self.undone(name, plain.into_bytes(), trail);
        }
    }

    /// What may be a digest after its letters were put back.
    fn swapped_digest(&mut self, token: &[u8], chain: &swapped::Chain, trail: &Trail<'_>) {
        let plain = chain.undo(token);
        let step = Step::Undone(chain.name());
        let here = trail.then(&step);
        let hex = plain
            .iter()
            .all(u8::is_ascii_hexdigit)
            .then(|| HEXLOWER_PERMISSIVE.decode(&plain).ok())
            .flatten();
        let all = hex
            .map(|b| ("hex", b))
            .into_iter()
            .chain(base64(&plain))
            .chain(base32(&plain).map(|b| ("base32", b)));
        for (name, bytes) in all {
            if is_digest(bytes.len()) {
                let inner = Step::Undone(name.to_owned());
                self.look.digest(bytes, &here.then(&inner));
            }
        }
    }

    /// A number may be a checksum.
    fn number(&mut self, token: &[u8], trail: &Trail<'_>) {
        let Some(text) = std::str::from_utf8(token).ok().filter(|t| t.len() >= 5) else { return };
        let bytes = if let Ok(n) = text.parse::<u32>() {
            n.to_be_bytes().to_vec()
        } else if let Ok(n) = text.parse::<i32>() {
            n.to_be_bytes().to_vec()
        } else if let Ok(n) = text.parse::<u64>() {
            n.to_be_bytes().to_vec()
        } else if let Ok(n) = text.parse::<i64>() {
            n.to_be_bytes().to_vec()
        } else if let Ok(n) = text.parse::<u128>() {
            n.to_be_bytes().to_vec()
        } else {
            return;
        };
        let step = Step::Undone("decimal".to_owned());
        self.look.digest(bytes, &trail.then(&step));
    }
}

/// Letters of the usual encodings.
fn in_run(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'$')
}

/// Packed bytes as a text of one character each, as scripts put them into JSON.
fn packed_text(text: &str) -> Option<Vec<u8>> {
    let first: Vec<u8> =
        text.chars().take(4).map(|c| u8::try_from(u32::from(c))).collect::<Result<_, _>>().ok()?;
    if !unpack::has_sign(&first) {
        return None;
    }
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The character of a key's code.
fn code(n: u64) -> Option<char> {
    let c = u32::try_from(n).ok().and_then(char::from_u32)?;
    (c.is_ascii_graphic() || c == ' ').then_some(c)
}

/// Zeros and ones, the highest of each byte first.
fn bits(text: &[u8]) -> Option<Vec<u8>> {
    let all =
        text.len() >= 48 && text.len().is_multiple_of(8) && text.iter().all(|b| matches!(b, b'0' | b'1'));
    all.then(|| text.chunks(8).map(|c| c.iter().fold(0, |n, b| n << 1 | (b - b'0'))).collect())
}

/// Base32, in letters of one case.
fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: &u8| (b'2'..=b'7').contains(b);
    if text.len() < 8 {
        None
    } else if text.iter().all(|b| b.is_ascii_uppercase() || digit(b)) {
        BASE32_NOPAD.decode(text).ok()
    } else if text.iter().all(|b| b.is_ascii_lowercase() || digit(b)) {
        BASE32_NOPAD.decode(&text.to_ascii_uppercase()).ok()
    } else {
        None
    }
}

/// Without a look at the bits that are left over.
static LENIENT: LazyLock<Option<Encoding>> = LazyLock::new(|| lenient(&BASE64_NOPAD));
static LENIENT_URL: LazyLock<Option<Encoding>> = LazyLock::new(|| lenient(&BASE64URL_NOPAD));

fn lenient(of: &Encoding) -> Option<Encoding> {
    let mut spec = of.specification();
    spec.check_trailing_bits = false;
    spec.encoding().ok()
}

/// Base64 of either alphabet, with or without its filler; a last letter that cannot be whole is left out.
fn base64(text: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let end = text.iter().rposition(|b| *b != b'=').map_or(0, |i| i + 1);
    let text = &text[..end];
    let cut = if text.len() % 4 == 1 { text.len() - 1 } else { text.len() };
    let text = &text[..cut];

    let (name, with) = if text.iter().any(|b| matches!(b, b'-' | b'_')) {
        ("base64url", &BASE64URL_NOPAD)
    } else {
        ("base64", &BASE64_NOPAD)
    };
    match with.decode(text) {
        Ok(plain) => Some((name, plain)),
        // Bits that are left over may be anything.
        Err(e) if e.kind == data_encoding::DecodeKind::Trailing => {
            let lenient = if name == "base64" { &*LENIENT } else { &*LENIENT_URL };
            Some((name, lenient.as_ref()?.decode(text).ok()?))
        }
        Err(_) => None,
    }
}

/// Whether bytes begin as yEnc of text, of yEnc of text, or of something packed does; or are as long as a digest.
fn begins_as_yenc(bytes: &[u8]) -> bool {
    let first: Vec<u8> = bytes.iter().take(8).map(|b| b.wrapping_sub(42)).collect();
    let text = |b: &u8| (32..127).contains(b);
    first.len() >= 6
        && (first.iter().all(text)
            || unpack::has_sign(&first)
            || bytes.contains(&b'=')
            || first.iter().all(|b| text(&b.wrapping_sub(42)))
            || is_digest(bytes.len()))
}

/// yEnc undone.
fn unyenc(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut it = bytes.iter();
    while let Some(b) = it.next() {
        let b = if *b == b'=' { it.next()?.wrapping_sub(64) } else { *b };
        out.push(b.wrapping_sub(42));
    }
    (out.len() >= 6).then_some(out)
}

fn unescape_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(i, _)| i);
        let read = end.and_then(|end| {
            let name = &rest[1..end];
            let c = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "commat" => '@',
                "period" => '.',
                "nbsp" => ' ',
                "plus" => '+',
                "lowbar" => '_',
                "hyphen" | "dash" => '-',
                "num" => '#',
                "lpar" => '(',
                "rpar" => ')',
                "sol" => '/',
                "colon" => ':',
                "comma" => ',',
                "equals" => '=',
                _ => {
                    let n = name.strip_prefix('#')?;
                    let n = match n.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => n.parse().ok()?,
                    };
                    char::from_u32(n)?
                }
            };
            Some((c, end))
        });
        match read {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `\u0040`, `\x40` and `\u{40}` as scripts write them.
fn unescape_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let hex = |from: usize, len: usize| {
            tail.get(from..from + len).and_then(|h| u32::from_str_radix(h, 16).ok()).map(|n| (n, from + len))
        };
        let read = match tail.as_bytes().get(1) {
            Some(b'u') if tail.as_bytes().get(2) == Some(&b'{') => tail
                .find('}')
                .and_then(|end| u32::from_str_radix(tail.get(3..end)?, 16).ok().map(|n| (n, end + 1))),
            Some(b'u') => hex(2, 4),
            Some(b'x') => hex(2, 2),
            _ => None,
        };
        match read {
            Some((n, len)) => {
                // Half of a pair is nothing that is looked for.
                out.extend(char::from_u32(n));
                rest = &tail[len..];
            }
            None => {
                out.push('\\');
                rest = &tail[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
