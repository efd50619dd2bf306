//! `bench consent`: what eight scenarios cost beside one: processor time a page load, wall time that the choices add, and
//! how much of the cores is used meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::served::Served;
use super::{Ready, ready};
use crate::processes::{Costs, watch};
use crate::run::command;

/// Scenarios of the second run.
const ALL: &str = "all";

/// What one audit did.
struct Ran {
    visits: usize,
    sessions: usize,
    wall_s: f64,
    costs: Costs,
    /// Seconds of a session's first visit, by scenario.
    first_s: BTreeMap<String, f64>,
}

impl Ran {
    fn cpu_ms(&self) -> f64 {
        1000.0 * (self.costs.below.cpu_s + self.costs.own.cpu_s) / self.visits.max(1) as f64
    }
}

/// Audits ten pages in `no-choice` alone and in every scenario, alternating, and prints the table.
pub(super) fn bench(pages: u32, rounds: u32) -> Result<()> {
    let ready = ready()?;
    let served = Served::start(false)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("| round | scenarios | sessions | visits | wall (s) | CPU ms a visit | of the cores |");
    println!("|---|---|---|---|---|---|---|");
    let (mut ratios, mut added) = (Vec::new(), BTreeMap::<String, Vec<f64>>::new());
    for round in 1..=rounds {
        let one = run(&ready, &served, pages, "no-choice", round)?;
        let all = run(&ready, &served, pages, ALL, round)?;
        for (name, ran) in [("no-choice", &one), ("all eight", &all)] {
            let used = (ran.costs.below.cpu_s + ran.costs.own.cpu_s) / (ran.wall_s * cores as f64);
            println!(
                "| {round} | {name} | {} | {} | {:.1} | {:.0} | {:.0}% |",
                ran.sessions,
                ran.visits,
                ran.wall_s,
                ran.cpu_ms(),
                used * 100.0
            );
        }
        ratios.push(all.cpu_ms() / one.cpu_ms());
        let alone = all.first_s.get("no-choice").copied().unwrap_or_default();
        for (scenario, s) in &all.first_s {
            added.entry(scenario.clone()).or_default().push(s - alone);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "\nA page load in all eight costs {:.2}× one in no-choice alone (median).",
        ratios[ratios.len() / 2]
    );
    println!("\n| scenario | its first visit took longer than no-choice's by (s) |\n|---|---|");
    for (scenario, all) in &added {
        println!("| {scenario} | {:.1} |", all.iter().sum::<f64>() / all.len() as f64);
    }
    Ok(())
}

fn run(ready: &Ready, served: &Served, pages: u32, scenarios: &str, round: u32) -> Result<Ran> {
    let out = ready.scratch.join(format!("consent-{scenarios}-{round}"));
    let list = ready.scratch.join("consent.urls");
    let further = (1..pages).map(|n| format!("https://www.gated-shop.test/product?n={n}"));
    let urls: Vec<String> =
        std::iter::once("https://www.gated-shop.test/".to_owned()).chain(further).collect();
    fs::write(&list, urls.join("\n"))?;
    let mut audit = command(&ready.affiant);
    audit.args(["audit", "--no-return", "--scenario", scenarios]).args(&served.flags);
    audit.arg("--urls").arg(&list).arg("--out").arg(&out).arg("--browser").arg(&ready.chromium);
    let began = Instant::now();
    let mut child = audit.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let costs = watch(child.id());
    let status = child.wait()?;
    let wall_s = began.elapsed().as_secs_f64();
    let costs = costs.stop();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the audit failed ({status})");
    }
    let report: Value = serde_json::from_slice(&fs::read(out.join("report.json"))?)?;
    let visits = report["visits"].as_array().context("no visits")?;
    let mut first: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut sessions = std::collections::BTreeSet::new();
    for v in visits {
        sessions.insert(v["session"].to_string());
        let marks = &v["facts"]["marks"];
        if v["ordinal"] == 0
            && let (Some(end), Some(scenario)) = (marks["end"].as_f64(), v["scenario"].as_str())
        {
            first.entry(scenario.to_owned()).or_default().push(end / 1000.0);
        }
    }
    let mean = |all: Vec<f64>| all.iter().sum::<f64>() / all.len().max(1) as f64;
    Ok(Ran {
        visits: visits.len(),
        sessions: sessions.len(),
        wall_s,
        costs,
        first_s: first.into_iter().map(|(k, v)| (k, mean(v))).collect(),
    })
}
