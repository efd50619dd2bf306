//! `bench judge`: judging and reporting of large audits: time and memory must grow with the visits and no faster.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Result, bail};

use super::ready;
use crate::processes::{Costs, watch};
use crate::run::{cargo, command, root, run};

/// Audits the demo, multiplies its visits, and prints a row for each size.
pub(super) fn bench(sizes: &[u32]) -> Result<()> {
    let ready = ready()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "affiant-engine", "--examples"]))?;
    let many = root().join("target/release/examples/many_visits");
    let small = ready.scratch.join("small");
    // Findings are its answer: exit code 1.
    let mut audit = command(&ready.affiant);
    audit.args(["audit", "--demo", "--quiet", "--out"]).arg(&small).env("AFFIANT_BROWSER", &ready.chromium);
    timed(&mut audit)?;
    println!("| visits | step | wall (s) | CPU (s) | most memory (MB) |");
    println!("|---|---|---|---|---|");
    for visits in sizes {
        let large = ready.scratch.join(format!("many-{visits}"));
        run(command(&many).arg(&small).arg(&large).arg(visits.to_string()))?;
        for (step, verb) in [("judge", "judge"), ("judge again", "judge"), ("report", "report")] {
            let (wall, costs) = timed(command(&ready.affiant).args(["--quiet", verb]).arg(&large))?;
            println!("| {visits} | {step} | {wall:.1} | {:.1} | {:.0} |", costs.own.cpu_s, costs.own.peak_mb);
        }
        size(&large)?;
        fs::remove_dir_all(&large)?;
    }
    Ok(())
}

fn timed(command: &mut std::process::Command) -> Result<(f64, Costs)> {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let watch = watch(child.id());
    let status = child.wait()?;
    let costs = watch.stop();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("it ended with {status}");
    }
    Ok((began.elapsed().as_secs_f64(), costs))
}

fn size(audit: &Path) -> Result<()> {
    for name in ["report.html", "report.json"] {
        eprintln!("{name}: {:.1} MB", fs::metadata(audit.join(name))?.len() as f64 / 1e6);
    }
    Ok(())
}
