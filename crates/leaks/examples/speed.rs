//! How many addresses a second are searched for two values, with every transform: prints one row.
//!
//! `cargo run --release -p affiant-leaks --example speed`

#![expect(clippy::print_stdout, reason = "its output is its purpose")]
#![expect(clippy::disallowed_methods, reason = "it tells how long it took")]

use std::time::Instant;

use affiant_leaks::in_addresses;
use affiant_signals::InputKind;

/// Numbers that look like chance and are the same every time (splitmix64).
fn noise(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An address of about 300 characters as trackers write them: ids, digests, times, encoded addresses and titles.
fn address(seed: &mut u64) -> String {
    let mut n = || noise(seed);
    let mut url = format!(
        "https://px{}.tracker.example/collect/v2/{:x}?cid={}.{}&t={}&sid={:016x}{:016x}&dl=https%3A%2F%2Fwww.shop.example%2Fp%2F{}%3Fref%3D{:x}&dt=Green%20chairs%20and%20tables",
        n() % 9,
        n(),
        n() % 1_000_000_000,
        n() % 1_000_000_000,
        1_700_000_000_000 + n() % 1_000_000_000,
        n(),
        n(),
        n() % 100_000,
        n()
    );
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    url.push_str("&z=");
    while url.len() < 300 {
        url.push(char::from(LETTERS[(n() % 64) as usize]));
    }
    url
}

fn main() {
    let mut seed = 7;
    let urls: Vec<String> = (0..200_000).map(|_| address(&mut seed)).collect();
    let values =
        [("tovanelk7q3@mail-x4k9.example.com", InputKind::Email), ("Belokavi Trunsk", InputKind::Name)];
    println!("| addresses | characters each | s | addresses/s | met |");
    println!("|---|---|---|---|---|");
    for n in [20_000, 200_000] {
        let began = Instant::now();
        let met = in_addresses(&values, urls.iter().take(n).map(String::as_str));
        let s = began.elapsed().as_secs_f64();
        let mean = urls.iter().take(n).map(String::len).sum::<usize>() / n;
        println!("| {n} | {mean} | {s:.2} | {:.0} | {} |", n as f64 / s, met.len());
    }
}
