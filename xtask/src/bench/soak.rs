//! `bench soak`: memory over thousands of pages, a row each hundred: it must not grow with them.

use std::time::Instant;

use anyhow::Result;

use super::served::Served;
use super::{audited, ready};

/// Runs it and prints a row each hundred visits.
pub(super) fn bench(pages: u32, parallel: Option<usize>) -> Result<()> {
    let ready = ready()?;
    let served = Served::start(false)?;
    let began = Instant::now();
    println!("| visits | after (s) | browser memory (MB) | own memory (MB) | browsers started |");
    println!("|---|---|---|---|---|");
    let ran = audited::audit(&ready, &served, &audited::pages(pages), parallel, "soak", |n, watch| {
        if n.is_multiple_of(100) {
            let now = watch.now();
            println!(
                "| {n} | {:.0} | {:.0} | {:.0} | {} |",
                began.elapsed().as_secs_f64(),
                now.below.now_mb,
                now.own.now_mb,
                now.browsers
            );
        }
    })?;
    println!(
        "\n{:.0} s of gathering, {:.0} s of judging; browser CPU {:.0} s, own {:.0} s; most memory: browser {:.0} MB, own {:.0} MB",
        ran.gathering_s,
        ran.judging_s,
        ran.costs.below.cpu_s,
        ran.costs.own.cpu_s,
        ran.costs.below.peak_mb,
        ran.costs.own.peak_mb
    );
    Ok(())
}
