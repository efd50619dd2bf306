//! `bench gather`: pages of 60 requests, many at once: affiant with everything on, bare Chromium, and peers.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::served::Served;
use super::{Ready, audited, bare, peers, ready, records};
use crate::processes::Costs;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) pages: u32,
    pub(super) rounds: u32,
    /// Sessions side by side.
    pub(super) parallel: &'a [usize],
    /// How long bare Chromium stays after a load, in ms; measured if not given.
    pub(super) dwell: Option<u64>,
    /// Folder in which peers are installed.
    pub(super) peers: Option<PathBuf>,
    pub(super) peer_pages: u32,
}

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    BareLoad,
    BareDwell,
    Affiant,
    Peer,
}

/// A row of the table.
struct Row {
    who: Who,
    name: String,
    visits: u64,
    parallel: usize,
    wall_s: f64,
    costs: Costs,
    /// What only affiant has.
    audit: Option<Audit>,
    note: String,
}

struct Audit {
    judging_s: f64,
    /// Bytes of the records, sealed and as plain JSON, and of the blobs beside them.
    stored: u64,
    raw: u64,
    blobs: u64,
}

/// Pages of the run that tells how long affiant stays on a page.
const UNHURRIED: u32 = 5;

/// Runs all, `rounds` times, and prints the table of each round.
pub(super) fn bench(asked: &Asked<'_>) -> Result<()> {
    let ready = ready()?;
    let served = Served::start(true)?;
    let all = audited::pages(asked.pages);
    // Warms the caches of the machine, tells the switches, and how long affiant stays where nothing is in its way.
    let few = audited::pages(UNHURRIED);
    let warm = audited::audit(&ready, &served, &few, Some(1), "warm", |_, _| {})?;
    let switches = bare::switches(&ready.affiant, &warm.out.join("visits/no-choice/000"))?;
    let dwell = match asked.dwell {
        Some(ms) => ms,
        None => {
            let settled = records::read(&ready.affiant, &warm.out)?.settled_ms;
            let load = run_bare(&ready, &switches, &few, 1, 0)?.load_ms;
            (settled - load).max(0.0).round() as u64
        }
    };
    let _ = served.take();
    for round in 1..=asked.rounds {
        let mut rows = Vec::new();
        for parallel in asked.parallel {
            for (who, dwell) in [(Who::BareLoad, 0), (Who::BareDwell, dwell)] {
                let ran = run_bare(&ready, &switches, &all, *parallel, dwell)?;
                rows.push(Row {
                    who,
                    name: if dwell == 0 {
                        "bare, load only".to_owned()
                    } else {
                        format!("bare, load + {dwell} ms")
                    },
                    visits: ran.visits,
                    parallel: *parallel,
                    wall_s: ran.wall_s,
                    costs: ran.costs,
                    audit: None,
                    note: format!("{} requests", served.take().values().sum::<u64>()),
                });
            }
            rows.push(affiant(&ready, &served, &all, *parallel, round)?);
            // Told at once: a run that is ended early has shown something.
            for row in rows.iter().filter(|r| r.parallel == *parallel) {
                eprintln!("{}", line(row));
            }
        }
        if let Some(folder) = &asked.peers {
            let few = audited::pages(asked.peer_pages);
            for ran in peers::all(folder, &ready, &switches, &few)? {
                let received: u64 = served.take().values().sum();
                rows.push(Row {
                    who: Who::Peer,
                    name: ran.name,
                    visits: ran.visits,
                    parallel: 1,
                    wall_s: ran.wall_s,
                    costs: ran.costs,
                    audit: None,
                    note: format!("{received} requests"),
                });
            }
        }
        print(round, dwell, &mut rows);
    }
    Ok(())
}

fn affiant(ready: &Ready, served: &Served, pages: &[String], parallel: usize, round: u32) -> Result<Row> {
    let name = format!("affiant-{round}-{parallel}");
    let ran = audited::audit(ready, served, pages, Some(parallel), &name, |_, _| {})?;
    let received = served.take();
    let records = records::read(&ready.affiant, &ran.out).context("the records cannot be read")?;
    let missing = records.missing(&received);
    for request in missing.iter().take(5) {
        eprintln!("not recorded: {request}");
    }
    let note = format!(
        "{} requests, {} of them not recorded; {} of {} visits not complete",
        received.values().sum::<u64>(),
        missing.len(),
        records.visits - records.complete,
        records.visits
    );
    let _ = std::fs::remove_dir_all(&ran.out);
    Ok(Row {
        who: Who::Affiant,
        name: "affiant".to_owned(),
        visits: records.visits,
        parallel,
        wall_s: ran.gathering_s,
        costs: ran.costs,
        audit: Some(Audit {
            judging_s: ran.judging_s,
            stored: records.stored,
            raw: records.raw,
            blobs: records.blobs,
        }),
        note,
    })
}

fn run_bare(
    ready: &Ready,
    switches: &Value,
    pages: &[String],
    parallel: usize,
    dwell: u64,
) -> Result<bare::Ran> {
    let profile = ready.scratch.join("bare-profile");
    let ran = bare::load(&ready.chromium, switches, &profile, &deal(pages, parallel), parallel, dwell)?;
    let _ = std::fs::remove_dir_all(&profile);
    Ok(ran)
}

/// As affiant deals them: each session begins with the first page.
fn deal(pages: &[String], sessions: usize) -> Vec<Vec<String>> {
    let (first, rest) = pages.split_at(pages.len().min(1));
    (0..sessions)
        .map(|hand| first.iter().chain(rest.iter().skip(hand).step_by(sessions)).cloned().collect())
        .collect()
}

fn rate(r: &Row) -> f64 {
    r.visits as f64 / r.wall_s.max(0.001)
}

fn best(rows: &[Row], who: Who) -> Option<&Row> {
    rows.iter().filter(|r| r.who == who).max_by(|a, b| rate(a).total_cmp(&rate(b)))
}

fn line(r: &Row) -> String {
    let each = |s: f64| 1000.0 * s / r.visits.max(1) as f64;
    let (browser, own) = (r.costs.below, r.costs.own);
    format!(
        "| {} | {} | {} | {:.1} | {:.2} | {:.0} | {:.0} | {:.1}% | {:.0} | {:.0} | {} |",
        r.name,
        r.parallel,
        r.visits,
        r.wall_s,
        rate(r),
        each(browser.cpu_s),
        each(own.cpu_s),
        100.0 * own.cpu_s / browser.cpu_s.max(0.001),
        browser.peak_mb,
        own.peak_mb,
        r.note
    )
}

fn print(round: u32, dwell: u64, rows: &mut [Row]) {
    rows.sort_by_key(|r| (r.who, r.parallel));
    println!("\nRound {round}\n");
    println!(
        "| | side by side | visits | wall (s) | visits/s | browser CPU (ms a visit) | own CPU (ms a visit) | \
         own of browser's | browser memory (MB) | own memory (MB) | server received |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for r in rows.iter() {
        println!("{}", line(r));
    }
    println!(
        "\n'load + {dwell} ms': the same browser, switches, pages and sessions, with nothing attached; it stays {dwell} ms on \
         each page after the load event, as long as affiant settles beyond bare's load when it visits one page at a time. \
         affiant also waits for a banner on each session's first page, looks, takes a picture, leaves and seals: that \
         is its own cost. Wall time of affiant includes the browser's start; judging comes after it."
    );
    let Some(ours) = best(rows, Who::Affiant) else { return };
    for (who, what) in [(Who::BareDwell, "with the same dwell"), (Who::BareLoad, "load only")] {
        if let Some(bare) = best(rows, who) {
            println!(
                "Best of affiant against best of bare, {what}: {:.2} visits/s ({} side by side) / {:.2} ({}) = {:.2}",
                rate(ours),
                ours.parallel,
                rate(bare),
                bare.parallel,
                rate(ours) / rate(bare).max(0.001)
            );
        }
    }
    for r in rows.iter() {
        let Some(a) = &r.audit else { continue };
        let each = |bytes: u64| bytes as f64 / r.visits.max(1) as f64 / 1000.0;
        println!(
            "{} side by side: a sealed record is {:.1} kB, {:.1}% of its {:.0} kB of JSON; blobs {:.1} kB a visit; \
             judging and reporting {:.1} s",
            r.parallel,
            each(a.stored),
            100.0 * a.stored as f64 / a.raw.max(1) as f64,
            each(a.raw),
            each(a.blobs),
            a.judging_s
        );
    }
}
