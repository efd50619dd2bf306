//! `bench settle`: what a visit that waits for what the page announces sees of what one that stays 30 s sees.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Result, bail};

use super::served::Served;
use super::{Ready, ready, records};
use crate::run::command;

/// Pages of the testbed: each list is one session, that rejects on its first page.
const SITES: [(&str, &[&str]); 8] = [
    (
        "late-tags",
        &[
            "https://www.late.test/",
            "https://www.late.test/shaped",
            "https://www.late.test/heartbeats",
            "https://www.late.test/busy",
        ],
    ),
    ("demo", &["https://www.fernhollow.test/"]),
    ("early-recorder", &["https://www.early-recorder.test/"]),
    ("gated-shop", &["https://www.gated-shop.test/"]),
    ("no-banner", &["https://www.no-banner.test/"]),
    ("reject-ignored", &["https://www.reject-ignored.test/"]),
    ("tag-chain", &["https://www.tag-chain.test/"]),
    ("sixty", &["https://www.sixty.test/p/1"]),
];

/// What one audit saw.
struct Saw {
    /// Distinct requests: method, host and path. The query is left out: it often bears a number of its own.
    requests: BTreeSet<String>,
    wall_s: f64,
}

/// Audits each site as it is, and staying for so long; prints the table.
pub(super) fn bench(stay_s: u64) -> Result<()> {
    let ready = ready()?;
    let served = Served::start(false)?;
    println!(
        "| site | as it is: requests | wall (s) | {stay_s} s: requests | wall (s) | of these, seen as it is |"
    );
    println!("|---|---|---|---|---|---|");
    let (mut seen, mut all, mut short, mut long) = (0, 0, 0.0, 0.0);
    let mut missed = Vec::new();
    for (site, pages) in SITES {
        let a = saw(&ready, &served, site, pages, None)?;
        let b = saw(&ready, &served, site, pages, Some(stay_s))?;
        let both = b.requests.intersection(&a.requests).count();
        println!(
            "| {site} | {} | {:.1} | {} | {:.1} | {both} |",
            a.requests.len(),
            a.wall_s,
            b.requests.len(),
            b.wall_s
        );
        missed.extend(b.requests.difference(&a.requests).map(|r| format!("{site}: {r}")));
        (seen, all) = (seen + both, all + b.requests.len());
        (short, long) = (short + a.wall_s, long + b.wall_s);
    }
    let share = 100.0 * seen as f64 / all.max(1) as f64;
    println!(
        "\n{seen} of {all} distinct requests ({share:.2}%), in {:.0}% of the time.",
        100.0 * short / long
    );
    for m in missed {
        println!("missed: {m}");
    }
    Ok(())
}

fn saw(ready: &Ready, served: &Served, site: &str, pages: &[&str], stay_s: Option<u64>) -> Result<Saw> {
    let out = ready.scratch.join(format!("settle-{site}-{}", stay_s.unwrap_or_default()));
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut audit = command(&ready.affiant);
    audit
        .arg("audit")
        .args(pages)
        .args(["--pages", "1", "--no-return", "--scenario", "reject-all"])
        .args(&served.flags);
    if let Some(s) = stay_s {
        audit.arg("--dwell").arg(s.to_string());
    }
    audit.arg("--out").arg(&out).arg("--browser").arg(&ready.chromium);
    let began = Instant::now();
    let status = audit.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let wall_s = began.elapsed().as_secs_f64();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the audit of {site} failed ({status})");
    }
    let read = records::read(&ready.affiant, &out)?;
    let plain = |r: &String| r.split('?').next().unwrap_or_default().to_owned();
    Ok(Saw { requests: read.requests.keys().filter(|r| r.contains(" http")).map(plain).collect(), wall_s })
}
