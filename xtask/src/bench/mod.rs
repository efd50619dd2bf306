//! `bench`: what affiant costs beside bare Chromium: of the demo site, of many pages at once, and over a long time.
//!
//! What is compared runs in one run, alternating, against one server. The figures go into `docs/BENCHMARKS.md` by hand.

mod audited;
mod bare;
mod consent;
mod demo;
mod driver;
mod gather;
mod judge;
mod peers;
mod records;
mod served;
mod settle;
mod soak;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;

use crate::browser;
use crate::run::{cargo, root, run};

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum What {
    /// An audit of the demo site, beside bare Chromium loading the same pages.
    Demo {
        /// How often both are run, alternating.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
    },
    /// Many pages of 60 requests each, beside bare Chromium and other gatherers, by how many run side by side.
    Gather {
        /// Pages.
        #[arg(long, default_value_t = 120)]
        pages: u32,
        /// How often all are run, alternating.
        #[arg(long, default_value_t = 1)]
        rounds: u32,
        /// Sessions side by side.
        #[arg(long, value_delimiter = ',', default_values_t = [4, 8, 12])]
        parallel: Vec<usize>,
        /// How long bare Chromium stays after a load, in ms. Default: as long as affiant is seen to.
        #[arg(long)]
        dwell: Option<u64>,
        /// Folder in which `npm install` put peers: `@themarkup/blacklight-collector` is run if it is there.
        #[arg(long)]
        peers: Option<PathBuf>,
        /// Pages that each peer is given: they take their time.
        #[arg(long, default_value_t = 6)]
        peer_pages: u32,
    },
    /// Ten pages in every consent scenario, beside the same pages in `no-choice` alone.
    Consent {
        /// Pages.
        #[arg(long, default_value_t = 10)]
        pages: u32,
        /// How often both are run, alternating.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
    },
    /// Judging and reporting of large audits, made of the demo's visits over and over.
    Judge {
        /// Visits.
        #[arg(long, value_delimiter = ',', default_values_t = [3_000, 10_000, 30_000])]
        visits: Vec<u32>,
    },
    /// What a visit sees of what one sees that stays long on each page of the testbed.
    Settle {
        /// How long that one stays, in seconds.
        #[arg(long, default_value_t = 30)]
        stay: u64,
    },
    /// Memory over thousands of pages: a row each hundred.
    Soak {
        /// Pages.
        #[arg(long, default_value_t = 5000)]
        pages: u32,
        /// Sessions side by side; affiant's own choice if not given.
        #[arg(long)]
        parallel: Option<usize>,
    },
}

/// Measures it.
pub(crate) fn bench(what: &What) -> Result<()> {
    match what {
        What::Demo { rounds } => demo::bench(*rounds),
        What::Gather { pages, rounds, parallel, dwell, peers, peer_pages } => gather::bench(&gather::Asked {
            pages: *pages,
            rounds: *rounds,
            parallel,
            dwell: *dwell,
            peers: peers.clone(),
            peer_pages: *peer_pages,
        }),
        What::Consent { pages, rounds } => consent::bench(*pages, *rounds),
        What::Judge { visits } => judge::bench(visits),
        What::Settle { stay } => settle::bench(*stay),
        What::Soak { pages, parallel } => soak::bench(*pages, *parallel),
    }
}

/// What every benchmark needs.
struct Ready {
    chromium: PathBuf,
    affiant: PathBuf,
    /// An empty folder.
    scratch: PathBuf,
}

/// Finds the browser and builds affiant with optimisation.
fn ready() -> Result<Ready> {
    let chromium = browser::find_or_install()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "affiant"]))?;
    let scratch = root().join("target/bench");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
    Ok(Ready { chromium, affiant: root().join("target/release/affiant"), scratch })
}
