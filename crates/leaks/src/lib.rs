//! Values found in bytes that were sent, through any transform.
//!
//! What was sent is taken apart until the value is there, or something as long as a digest; digests are compared with
//! those of every shape of the value, written in every way, three layers deep.
//!
//! It knows no record, no request and no catalogue: bytes and values in, places and formulas out. Total over any bytes.

mod forms;
mod hashes;
mod lz;
mod peel;
mod search;
mod seeds;
mod swapped;
mod table;
mod trail;
mod unpack;

use affiant_signals::InputKind;

pub use peel::{Look, Peeler};
pub use search::{Found, Hit, Looking, Searcher};
pub use trail::Trail;

/// Calls with every JSON document in a body, in whatever it is packed and written.
pub fn documents(body: &[u8], with: &mut dyn FnMut(&serde_json::Value)) {
    let mut look = Documents(with);
    Peeler::shallow(&mut look).body(body);
}

struct Documents<'a>(&'a mut dyn FnMut(&serde_json::Value));

impl Look for Documents<'_> {
    fn part(&mut self, _: &[u8], _: &Trail<'_>) -> bool {
        false
    }
    fn digest(&mut self, _: Vec<u8>, _: &Trail<'_>) {}
    fn key(&mut self, _: &str, _: char) {}
    fn document(&mut self, value: &serde_json::Value) {
        (self.0)(value);
    }
}

/// For benchmarks and fuzzing: the values among `values` that are met in these addresses, and how they are written.
pub fn in_addresses<'a>(
    values: &[(&str, InputKind)],
    urls: impl IntoIterator<Item = &'a str>,
) -> Vec<(usize, usize, String)> {
    let searcher = Searcher::new(values);
    let mut found = Found::default();
    for (n, url) in urls.into_iter().enumerate() {
        searcher.look(&mut found, n, "", |p| p.address(url));
    }
    searcher.end(found).hits.into_iter().map(|h| (h.source, h.value, h.formula)).collect()
}

/// For fuzzing: the values that are met in a body.
pub fn in_body(values: &[(&str, InputKind)], body: &[u8]) -> Vec<(usize, String)> {
    let searcher = Searcher::new(values);
    let mut found = Found::default();
    searcher.look(&mut found, 0, "", |p| p.body(body));
    searcher.end(found).hits.into_iter().map(|h| (h.value, h.formula)).collect()
}
