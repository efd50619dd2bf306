//! What the sessions of one audit share in one process: browsers, and how many of them could open their first page.

use std::sync::Mutex;

use affiant_gather::BrowserOptions;

use super::browsers::Browsers;
use super::capacity::Worn;
use super::context::lock;

/// First pages that could not be opened, and none that could, after which nothing more is tried.
const TRIES: u32 = 2;

/// Shared by the sessions of one audit.
pub(crate) struct Shared {
    pub(crate) browsers: Browsers,
    arrivals: Mutex<Arrivals>,
}

/// How many sessions could open their first page.
#[derive(Default)]
struct Arrivals {
    opened: u32,
    unopened: u32,
}

impl Shared {
    /// For sessions of which so many live at once.
    pub(crate) fn new(options: BrowserOptions, slots: usize) -> Shared {
        Shared { browsers: Browsers::new(options, Worn::with(slots)), arrivals: Mutex::default() }
    }

    /// Where no session could open its first page, none will: those that wait are not begun.
    pub(crate) fn note_arrival(&self, opened: bool) {
        let mut arrivals = lock(&self.arrivals);
        *(if opened { &mut arrivals.opened } else { &mut arrivals.unopened }) += 1;
    }

    pub(crate) fn is_hopeless(&self) -> bool {
        let arrivals = lock(&self.arrivals);
        arrivals.opened == 0 && arrivals.unopened >= TRIES
    }
}
