//! `bench demo`: what an audit of the demo site costs, beside bare Chromium loading the same pages as often.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Ready, bare, ready};
use crate::processes::{Costs, watch};
use crate::run::command;

/// The demo site, served until dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs both `rounds` times and prints a table.
pub(super) fn bench(rounds: u32) -> Result<()> {
    let Ready { chromium, affiant, scratch } = ready()?;
    let mut demo = command(&affiant);
    let mut demo = Demo(demo.args(["demo", "--print-args"]).stdout(Stdio::piped()).spawn()?);
    let mut line = String::new();
    BufReader::new(demo.0.stdout.take().context("no output")?).read_line(&mut line)?;
    let flags: Vec<String> = line.split_whitespace().map(|w| w.trim_matches('\'').to_owned()).collect();

    println!(
        "| | visits | wall (s) | browser CPU (s) | own CPU (s) | browser memory (MB) | own memory (MB) |"
    );
    println!("|---|---|---|---|---|---|---|");
    for round in 0..rounds {
        let out = scratch.join(format!("audit{round}"));
        let (wall, costs) = audit(&affiant, &chromium, &flags, &out)?;
        let manifest: Value = serde_json::from_slice(&fs::read(out.join("audit.json"))?)?;
        let visits = manifest["visits"].as_array().context("no visits")?;
        row("affiant", visits.len() as u64, wall, costs);
        let no_choice = visits.iter().filter(|v| v["scenario"] == "no-choice");
        let pages: Vec<String> = no_choice.filter_map(|v| v["url"].as_str()).map(str::to_owned).collect();
        let switches = bare::switches(&affiant, &out.join("visits/no-choice/000"))?;
        for dwell in [0, 2500] {
            let profile = scratch.join(format!("bare-{round}-{dwell}"));
            let sessions = [pages.clone(), pages.clone(), pages.clone()];
            let ran = bare::load(&chromium, &switches, &profile, &sessions, 2, dwell)?;
            let name = format!("bare, load{}", if dwell > 0 { " + 2.5 s" } else { "" });
            row(&name, ran.visits, ran.wall_s, ran.costs);
        }
    }
    Ok(())
}

fn row(name: &str, visits: u64, wall: f64, c: Costs) {
    println!(
        "| {name} | {visits} | {wall:.1} | {:.1} | {:.1} | {:.0} | {:.0} |",
        c.below.cpu_s, c.own.cpu_s, c.below.peak_mb, c.own.peak_mb
    );
}

fn audit(affiant: &Path, chromium: &Path, flags: &[String], out: &Path) -> Result<(f64, Costs)> {
    let began = Instant::now();
    let mut child = command(affiant)
        .arg("audit")
        .args(flags)
        .args(["--pages", "7", "--no-return", "--parallel", "2", "--quiet", "--out"])
        .arg(out)
        .arg("--browser")
        .arg(chromium)
        .stdout(Stdio::null())
        .spawn()?;
    let costs = watch(child.id());
    let status = child.wait()?;
    let wall = began.elapsed().as_secs_f64();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the audit failed: {status}");
    }
    Ok((wall, costs.stop()))
}
