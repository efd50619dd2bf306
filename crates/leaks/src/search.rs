//! Looks for values in everything that was sent. Encodings are undone until the value or something as long as a digest
//! is there; digests are made of every shape of the value, through every way of writing it, and compared.

use std::collections::HashMap;

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use crate::forms::{FORMS, Swap};
use crate::hashes::HASHES;
use crate::peel::{Look, Peeler};
use crate::seeds::{Seed, seeds};
use crate::table::{ByKey, Pattern, Table};
use crate::trail::{Trail, VALUE};
use affiant_signals::InputKind;

/// Things as long as a digest that are kept to compare, and places of each.
const DIGESTS: usize = 300_000;
const PLACES: usize = 5_000;
/// Characters of a stream of keys that are kept.
const STREAM: usize = 200_000;

/// A value that was met.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// In which of the things that were sent.
    pub source: usize,
    /// Which value.
    pub value: usize,
    /// How it is written.
    pub formula: String,
    /// Which part of it.
    pub fraction: f64,
    /// Whether chance can do that: a checksum of four bytes.
    pub weak: bool,
    /// Whether it is but a part of the value by itself: the local part of an address, its domain.
    pub part: bool,
}

/// Knows the values.
#[derive(Debug)]
pub struct Searcher {
    values: Vec<Vec<Seed>>,
    table: Table,
    /// Of each pattern: which value, how it is written, and which part of the value it is.
    whats: Vec<(usize, String, f64)>,
}

/// By their bytes: where, with the formula around them.
type Digests = HashMap<Vec<u8>, Vec<(usize, String)>, ByKey>;

/// What was met so far.
#[derive(Debug, Default)]
pub struct Found {
    /// Values.
    pub hits: Vec<Hit>,
    /// As long as a digest: where, with the formula around it.
    digests: Digests,
    /// Single characters by receiver and shape: the text, and from which source each came.
    streams: HashMap<(String, String), (String, Vec<usize>)>,
    /// Whether something was not looked at.
    pub cut: bool,
}

fn call(name: &str, inner: &str) -> String {
    if name.is_empty() { inner.to_owned() } else { format!("{name}({inner})") }
}

impl Searcher {
    /// For these values.
    pub fn new(values: &[(&str, InputKind)]) -> Searcher {
        let values: Vec<Vec<Seed>> = values.iter().map(|(v, kind)| seeds(v, *kind)).collect();
        let mut made = Made::default();
        for (n, all) in values.iter().enumerate() {
            for seed in all {
                made.of(n, seed);
            }
        }
        Searcher { table: Table::new(made.patterns), whats: made.whats, values }
    }

    /// Whether a value can be told from chance at all.
    pub fn can_find(&self, value: usize) -> bool {
        self.values.get(value).is_some_and(|s| !s.is_empty())
    }

    /// Looks through one thing that was sent. Keys that go one by one to the same receiver are put together.
    pub fn look(
        &self,
        found: &mut Found,
        source: usize,
        receiver: &str,
        at: impl FnOnce(&mut Peeler<'_, Looking<'_>>),
    ) {
        let mut looking = Looking { searcher: self, found, source, receiver };
        let mut peeler = Peeler::new(&mut looking);
        at(&mut peeler);
        let cut = peeler.cut;
        found.cut |= cut;
    }

    /// What the digests and the streams of keys hold; ends the search.
    pub fn end(&self, mut found: Found) -> Found {
        self.streams(&mut found);
        self.digests(&mut found);
        found.hits.sort_by(|a, b| {
            (a.source, a.value, a.weak)
                .cmp(&(b.source, b.value, b.weak))
                .then(b.fraction.total_cmp(&a.fraction))
                .then(a.formula.len().cmp(&b.formula.len()))
                .then(a.formula.cmp(&b.formula))
        });
        let whole: std::collections::BTreeSet<(usize, usize)> =
            found.hits.iter().filter(|h| !h.part && h.fraction == 1.0).map(|h| (h.source, h.value)).collect();
        found.hits.retain(|h| !h.part || !whole.contains(&(h.source, h.value)));
        found.hits.dedup_by(|a, b| (a.source, a.value) == (b.source, b.value) && a.formula == b.formula);
        found
    }

    fn streams(&self, found: &mut Found) {
        let streams: std::collections::BTreeMap<_, _> =
            std::mem::take(&mut found.streams).into_iter().collect();
        for ((_, shape), (text, sources)) in streams {
            let whole = text.chars().count() == sources.len();
            self.table.find(text.as_bytes(), |m| {
                let Some((value, inner, share)) = self.whats.get(m.what as usize) else { return };
                let last = text[..].char_indices().position(|(i, _)| i >= m.at + m.len - 1).filter(|_| whole);
                let source =
                    last.and_then(|i| sources.get(i)).or(sources.last()).copied().unwrap_or_default();
                found.hits.push(Hit {
                    source,
                    value: *value,
                    formula: format!(
                        "keys({shape}{})",
                        if inner == VALUE { String::new() } else { format!(": {inner}") }
                    ),
                    fraction: share * m.len as f64 / m.of as f64,
                    weak: false,
                    part: is_part(inner),
                });
            });
        }
    }

    fn digests(&self, found: &mut Found) {
        let mut open = std::mem::take(&mut found.digests);
        for (n, all) in self.values.iter().enumerate() {
            let mut told = |digest: &[u8],
                            (weak, share): (bool, f64),
                            inner: &dyn Fn() -> String,
                            open: &mut Digests| {
                let Some(places) = open.remove(digest) else { return };
                let inner = inner();
                for (source, around) in places {
                    let formula = around.replacen(HERE, &inner, 1);
                    found.hits.push(Hit {
                        source,
                        value: n,
                        formula,
                        fraction: share,
                        weak,
                        part: is_part(&inner),
                    });
                }
            };
            for layer in 1..=3 {
                let lengths = lengths(&open);
                if lengths == [false; 65] {
                    return;
                }
                for seed in all.iter().filter(|s| layer < 3 || s.plain) {
                    let start = Written { bytes: seed.bytes.clone(), how: vec![seed.how] };
                    written(&start, layer - 1, &mut |w| {
                        for h in HASHES.iter().filter(|h| lengths[h.len]) {
                            // A checksum of a checksum is met by chance. MD2 is too slow to be tried on all there is.
                            if h.len < 8 && layer > 1 || h.name == "md2" && layer > 2 {
                                continue;
                            }
                            let digest = (h.of)(&w.bytes);
                            told(&digest, (h.len < 8, seed.share), &|| call(h.name, &w.formula()), &mut open);
                        }
                    });
                }
            }
        }
    }
}

fn is_part(formula: &str) -> bool {
    ["local_part(", "domain("].iter().any(|p| formula.contains(p))
}

/// Stands for what is not known yet.
const HERE: &str = "\u{1}";

fn lengths(open: &Digests) -> [bool; 65] {
    let mut out = [false; 65];
    #[expect(clippy::iter_over_hash_type, reason = "a set of lengths has no order")]
    for digest in open.keys() {
        if let Some(l) = out.get_mut(digest.len()) {
            *l = true;
        }
    }
    out
}

/// A value written in some way: names from the inside.
struct Written {
    bytes: Vec<u8>,
    how: Vec<&'static str>,
}

impl Written {
    fn formula(&self) -> String {
        self.how.iter().fold(VALUE.to_owned(), |inner, name| call(name, &inner))
    }

    fn then(&self, name: &[&'static str], bytes: Vec<u8>) -> Written {
        let mut how = self.how.clone();
        how.extend(name);
        Written { bytes, how }
    }
}

/// Calls with every way of writing it in exactly `layers` further layers.
fn written(from: &Written, layers: usize, with: &mut dyn FnMut(&Written)) {
    if layers == 0 {
        return with(from);
    }
    for f in FORMS {
        if let Some(bytes) = (f.of)(&from.bytes) {
            written(&from.then(&[f.name], bytes), layers - 1, with);
        }
    }
    for n in 1..=25u8 {
        let bytes = Swap::Rot(n).apply(&from.bytes);
        if bytes == from.bytes {
            break;
        }
        written(&from.then(&[ROT[usize::from(n) - 1]], bytes), layers - 1, with);
    }
    for h in HASHES {
        let raw = (h.of)(&from.bytes);
        let texts = [
            ("hex", HEXLOWER.encode(&raw)),
            ("HEX", HEXUPPER.encode(&raw)),
            ("base64", BASE64.encode(&raw)),
            ("base64url", BASE64URL_NOPAD.encode(&raw)),
        ];
        for (name, text) in texts {
            written(&from.then(&[h.name, name], text.into_bytes()), layers - 1, with);
        }
        if let Some(text) = decimal(&raw) {
            written(&from.then(&[h.name, "decimal"], text.into_bytes()), layers - 1, with);
        }
        written(&from.then(&[h.name], raw), layers - 1, with);
    }
}

/// A short digest as a number, as Murmur's and checksums are written.
fn decimal(raw: &[u8]) -> Option<String> {
    match raw.len() {
        4 => Some(u32::from_be_bytes(raw.try_into().ok()?).to_string()),
        8 => Some(i64::from_be_bytes(raw.try_into().ok()?).to_string()),
        _ => None,
    }
}

const ROT: [&str; 25] = [
    "rot1", "rot2", "rot3", "rot4", "rot5", "rot6", "rot7", "rot8", "rot9", "rot10", "rot11", "rot12",
    "rot13", "rot14", "rot15", "rot16", "rot17", "rot18", "rot19", "rot20", "rot21", "rot22", "rot23",
    "rot24", "rot25",
];

/// Patterns as they are made.
#[derive(Default)]
struct Made {
    patterns: Vec<Pattern>,
    /// Of the seed at hand.
    share: f64,
    whats: Vec<(usize, String, f64)>,
}

impl Made {
    fn add(&mut self, value: usize, bytes: Vec<u8>, enough: usize, number: bool, formula: String) {
        let what = match self.whats.last() {
            Some((v, f, _)) if *v == value && *f == formula => self.whats.len() - 1,
            _ => {
                self.whats.push((value, formula, self.share));
                self.whats.len() - 1
            }
        };
        let Ok(what) = u32::try_from(what) else { return };
        self.patterns.push(Pattern { bytes, enough, number, what });
    }

    /// Everything that is met as it stands: the seed itself; what cannot be undone because one does not see where it
    /// begins (base64 inside longer base64); letters exchanged; and digests as bytes.
    fn of(&mut self, value: usize, seed: &Seed) {
        self.share = seed.share;
        let inner = call(seed.how, VALUE);
        self.add(value, seed.bytes.clone(), seed.enough, seed.number, inner.clone());
        let mut encoded: Vec<(Vec<u8>, String)> = vec![];
        for with in [BASE64, BASE64URL_NOPAD] {
            for shift in 0..3 {
                let text = with.encode(&[&[0; 3][..shift], seed.bytes.as_slice()].concat()).into_bytes();
                let (from, to) = ([0, 2, 3][shift], (shift + seed.bytes.len()) * 8 / 6);
                if let Some(part) = text.get(from..to.min(text.len())) {
                    encoded.push((part.to_vec(), format!("base64({inner})")));
                }
            }
        }
        encoded.push((HEXLOWER.encode(&seed.bytes).into_bytes(), format!("hex({inner})")));
        encoded.push((HEXUPPER.encode(&seed.bytes).into_bytes(), format!("HEX({inner})")));
        for (bytes, formula) in &encoded {
            let enough = bytes.len().min(bytes.len() * seed.enough / seed.bytes.len() + 1);
            self.add(value, bytes.clone(), enough, false, formula.clone());
        }
        for f in FORMS
            .iter()
            .filter(|f| matches!(f.name, "base32" | "base58" | "percent" | "entity" | "json" | "yenc"))
        {
            let text = (f.of)(&seed.bytes).filter(|b| *b != seed.bytes);
            encoded.extend(text.map(|b| (b, format!("{}({inner})", f.name))));
        }
        if seed.plain {
            twice(&mut encoded, seed, &inner);
            self.swapped(value, seed, &inner);
        }
        encoded.push((seed.bytes.clone(), inner.clone()));
        for swap in Swap::all() {
            for (bytes, formula) in &encoded {
                let swapped = swap.apply(bytes);
                // Two exchanges that undo each other are none.
                if swapped == *bytes || swapped.windows(seed.bytes.len()).any(|w| w == seed.bytes) {
                    continue;
                }
                let formula = format!("{}({formula})", swap.name());
                let enough = swapped.len().min(if swap == Swap::Reverse {
                    swapped.len()
                } else {
                    12.max(seed.enough)
                });
                self.add(value, swapped, enough, false, formula);
            }
        }
        for h in HASHES.iter().filter(|h| h.len >= 8) {
            let raw = (h.of)(&seed.bytes);
            if seed.plain {
                let text = BASE64_NOPAD.encode(&raw).into_bytes();
                for (a, b) in Swap::all().flat_map(|a| Swap::all().map(move |b| (a, b))) {
                    if !matches!((a, b), (Swap::Rot(_), Swap::Rot(_))) {
                        let formula = format!("{}({}(base64({}({inner}))))", b.name(), a.name(), h.name);
                        self.add(value, b.apply(&a.apply(&text)), text.len(), false, formula);
                    }
                }
            }
            self.add(value, raw, h.len, false, format!("{}({inner})", h.name));
        }
    }
}

impl Made {
    /// The letters of the value itself, exchanged twice and three times.
    fn swapped(&mut self, value: usize, seed: &Seed, inner: &str) {
        let mut known: std::collections::HashSet<Vec<u8>> = [seed.bytes.clone()].into();
        let mut layer = vec![(seed.bytes.clone(), inner.to_owned())];
        for depth in 1..=3 {
            let mut next = vec![];
            for (bytes, formula) in &layer {
                for swap in Swap::all() {
                    let swapped = swap.apply(bytes);
                    if known.insert(swapped.clone()) {
                        next.push((swapped, format!("{}({formula})", swap.name())));
                    }
                }
            }
            for (bytes, formula) in next.iter().filter(|_| depth > 1) {
                self.add(value, bytes.clone(), bytes.len(), false, formula.clone());
            }
            layer = next;
        }
    }
}

/// Texts that are not seen to be encoded once their letters were exchanged: base58 of something, and escapes.
fn twice(encoded: &mut Vec<(Vec<u8>, String)>, seed: &Seed, inner: &str) {
    let start = Written { bytes: seed.bytes.clone(), how: vec![] };
    written(&start, 1, &mut |w| {
        let formula = w.how.iter().fold(inner.to_owned(), |inner, name| call(name, &inner));
        for f in FORMS.iter().filter(|f| matches!(f.name, "base58" | "percent" | "entity" | "json")) {
            if let Some(bytes) = (f.of)(&w.bytes).filter(|b| b.len() <= 200 && *b != w.bytes) {
                encoded.push((bytes, format!("{}({formula})", f.name)));
            }
        }
    });
}

/// Looks in one thing that was sent.
pub struct Looking<'a> {
    searcher: &'a Searcher,
    found: &'a mut Found,
    source: usize,
    receiver: &'a str,
}

impl Look for Looking<'_> {
    fn part(&mut self, bytes: &[u8], trail: &Trail<'_>) -> bool {
        let mut met = false;
        self.searcher.table.find(bytes, |m| {
            let Some((value, inner, share)) = self.searcher.whats.get(m.what as usize) else { return };
            met = true;
            self.found.hits.push(Hit {
                source: self.source,
                value: *value,
                formula: trail.around(inner),
                fraction: share * m.len as f64 / m.of as f64,
                weak: false,
                part: is_part(inner),
            });
        });
        met
    }

    fn digest(&mut self, bytes: Vec<u8>, trail: &Trail<'_>) {
        if self.found.digests.len() >= DIGESTS {
            self.found.cut = true;
            return;
        }
        let places = self.found.digests.entry(bytes).or_default();
        if places.len() < PLACES && places.last().is_none_or(|(s, _)| *s != self.source) {
            places.push((self.source, trail.around(HERE)));
        }
    }

    fn key(&mut self, shape: &str, key: char) {
        let stream = self.found.streams.entry((self.receiver.to_owned(), shape.to_owned())).or_default();
        if stream.0.len() < STREAM {
            stream.0.push(key);
            stream.1.push(self.source);
        }
    }
}

#[cfg(test)]
mod tests;
