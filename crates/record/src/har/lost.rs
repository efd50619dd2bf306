//! What of a HAR is not in the audit that is made of it.

use serde::Serialize;

/// So many entries are told one by one.
const TOLD: usize = 100;

/// Entries that could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// How many.
    pub entries: u64,
    /// The first of them, and why.
    pub told: Vec<LostEntry>,
    /// From where on the file could not be read, and why.
    pub cut: Option<String>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostEntry {
    /// Its place in `log.entries`, from 0.
    pub entry: u64,
    /// What is wrong with it: `has no time …`.
    pub why: String,
}

impl Lost {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.entries == 0 && self.cut.is_none()
    }

    pub(super) fn add(&mut self, entry: u64, why: String) {
        self.entries += 1;
        if self.told.len() < TOLD {
            self.told.push(LostEntry { entry, why });
        }
    }

    /// In a few words, of a file with so many entries; none where nothing is lost.
    pub(super) fn in_short(&self, of: u64) -> Option<String> {
        let entries =
            (self.entries > 0).then(|| format!("{} of its {of} entries could not be read", self.entries));
        let cut = self
            .cut
            .as_ref()
            .map(|_| format!("what follows entry {} could not be read", of.saturating_sub(1)));
        let all: Vec<String> = entries.into_iter().chain(cut).collect();
        (!all.is_empty()).then(|| all.join(", and "))
    }
}
