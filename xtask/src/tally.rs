//! What came of each test over several runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::nextest::Ran;
use crate::step::spent;

/// So much of what a failed test said is said again.
const MOST_LINES: usize = 40;

/// Of each test: what came of it, a run after the other.
#[derive(Default)]
pub(crate) struct Tally {
    tests: BTreeMap<String, Vec<Ran>>,
}

impl Tally {
    /// Takes in one run.
    pub(crate) fn add(&mut self, results: BTreeMap<String, Ran>) {
        for (name, ran) in results {
            self.tests.entry(name).or_default().push(ran);
        }
    }

    /// How many tests ran.
    pub(crate) fn count(&self) -> usize {
        self.tests.len()
    }

    /// How many failed at least once.
    pub(crate) fn failed(&self) -> usize {
        self.tests.values().filter(|runs| runs.iter().any(|r| r.failed.is_some())).count()
    }

    /// Those that took longest, by their slowest run.
    pub(crate) fn slowest(&self, most: usize) -> String {
        let longest = |runs: &[Ran]| runs.iter().map(|r| r.took).max().unwrap_or_default();
        let mut all: Vec<(Duration, &String)> = self.tests.iter().map(|(n, r)| (longest(r), n)).collect();
        all.sort_by(|a, b| b.cmp(a));
        let mut out = "The slowest tests:\n".to_owned();
        for (took, name) in all.into_iter().take(most) {
            let _ = writeln!(out, "  {:>12}  {name}", spent(took));
        }
        out
    }

    /// What each that failed said, the beginning of it, without its backtrace: in a long log it stands far above.
    pub(crate) fn said(&self) -> String {
        let mut out = String::new();
        for (name, ran) in &self.tests {
            for words in ran.iter().filter_map(|r| r.failed.as_deref()) {
                let _ = writeln!(out, "FAILED {name}");
                for line in words
                    .lines()
                    .take_while(|l| !l.trim_start().starts_with("stack backtrace:"))
                    .take(MOST_LINES)
                {
                    let _ = writeln!(out, "  {line}");
                }
            }
        }
        out
    }

    /// Test × runs × failures, of those that failed; and how many never did.
    pub(crate) fn failures(&self, runs: u32) -> String {
        let mut out = "| test | runs | failures |\n|---|---|---|\n".to_owned();
        for (name, ran) in &self.tests {
            let failed = ran.iter().filter(|r| r.failed.is_some()).count();
            if failed > 0 {
                let _ = writeln!(out, "| {name} | {} | {failed} |", ran.len());
            }
        }
        let good = self.count() - self.failed();
        let other = if good < self.count() { "other " } else { "" };
        let _ = writeln!(out, "| {good} {other}tests | {runs} each | 0 |");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "panicked: left: 1\nstack backtrace:\n  0: somewhere";

    fn run(tests: &[(&str, u64, bool)]) -> BTreeMap<String, Ran> {
        let ran = |ms, failed: bool| Ran {
            took: Duration::from_millis(ms),
            failed: failed.then(|| SAID.to_owned()),
        };
        tests.iter().map(|(name, ms, failed)| ((*name).to_owned(), ran(*ms, *failed))).collect()
    }

    #[test]
    fn what_ever_failed_is_told_with_how_often() {
        let mut tally = Tally::default();
        tally.add(run(&[("a", 100, false), ("b", 90_000, true), ("c", 3000, false)]));
        tally.add(run(&[("a", 100, false), ("b", 2000, false), ("c", 200, false)]));
        assert_eq!((tally.count(), tally.failed()), (3, 1));
        assert_eq!(
            tally.failures(2),
            "| test | runs | failures |\n|---|---|---|\n| b | 2 | 1 |\n| 2 other tests | 2 each | 0 |\n"
        );
        assert_eq!(tally.said(), "FAILED b\n  panicked: left: 1\n");
        assert_eq!(tally.slowest(2), "The slowest tests:\n    1 min 30 s  b\n         3.0 s  c\n");
    }
}
