//! `bench`: what an audit of the demo site costs, beside bare Chromium loading the same pages as often.
//!
//! Both in the same run, alternating, against one server. The figures go into `docs/BENCHMARKS.md` by hand.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::browser;
use crate::processes::{Cost, watch};
use crate::run::{cargo, command, root, run};

/// The demo site, served until dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs both `rounds` times and prints a table.
pub(crate) fn bench(rounds: u32) -> Result<()> {
    let chromium = browser::find_or_install()?;
    run(cargo().args(["build", "--release", "--locked", "--package", "affiant"]))?;
    let affiant = root().join("target/release/affiant");
    let scratch = root().join("target/bench");
    let _ = fs::remove_dir_all(&scratch);
    fs::create_dir_all(&scratch)?;
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
        let (wall, theirs, ours) = audit(&affiant, &chromium, &flags, &out)?;
        let manifest: Value = serde_json::from_slice(&fs::read(out.join("audit.json"))?)?;
        let visits = manifest["visits"].as_array().context("no visits")?;
        row("affiant", visits.len() as u64, wall, theirs, Some(ours));
        let pages: Vec<&Value> =
            visits.iter().filter(|v| v["scenario"] == "no-choice").map(|v| &v["url"]).collect();
        let switches = switches(&affiant, &out)?;
        for dwell in [0, 2500] {
            let asked = json!({
                "browser": chromium, "switches": switches, "pages": pages, "sessions": 3, "parallel": 2, "dwell": dwell,
                "profile": scratch.join(format!("bare-profile-{round}-{dwell}")),
            });
            let (told, cost) = bare(&asked)?;
            let name = format!("bare, load{}", if dwell > 0 { " + 2.5 s" } else { "" });
            let seconds = told["wall_ms"].as_f64().unwrap_or(0.0) / 1000.0;
            row(&name, told["visits"].as_u64().unwrap_or(0), seconds, cost, None);
        }
    }
    Ok(())
}

fn row(name: &str, visits: u64, wall: f64, browser: Cost, own: Option<Cost>) {
    let own = own.map_or(("–".to_owned(), "–".to_owned()), |c| {
        (format!("{:.1}", c.cpu_s), format!("{:.0}", c.memory_mb))
    });
    println!(
        "| {name} | {visits} | {wall:.1} | {:.1} | {} | {:.0} | {} |",
        browser.cpu_s, own.0, browser.memory_mb, own.1
    );
}

fn audit(affiant: &Path, chromium: &Path, flags: &[String], out: &Path) -> Result<(f64, Cost, Cost)> {
    let began = Instant::now();
    let mut child = command(affiant)
        .arg("audit")
        .args(flags)
        .args(["--pages", "7", "--parallel", "2", "--quiet", "--out"])
        .arg(out)
        .arg("--browser")
        .arg(chromium)
        .stdout(Stdio::null())
        .spawn()?;
    let theirs = watch(format!("affiant-profile-{}-", child.id()));
    let ours = watch(out.display().to_string());
    let status = child.wait()?;
    let wall = began.elapsed().as_secs_f64();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the audit failed: {status}");
    }
    Ok((wall, theirs.stop(), ours.stop()))
}

/// The switches that affiant gave, from a record's header: the bare browser gets the same.
fn switches(affiant: &Path, out: &Path) -> Result<Value> {
    let record = out.join("visits/no-choice/000");
    let shown = command(affiant).args(["record", "show", "--line", "0"]).arg(record).output()?;
    let header: Value =
        serde_json::from_slice(&shown.stdout).context("the record's header cannot be read")?;
    Ok(header["data"]["browser"]["switches"].clone())
}

fn bare(asked: &Value) -> Result<(Value, Cost)> {
    let profile = PathBuf::from(asked["profile"].as_str().context("no profile")?);
    fs::create_dir_all(profile.join("Default"))?;
    fs::write(profile.join("Default/Preferences"), r#"{"profile":{"cookie_controls_mode":0}}"#)?;
    let cost = watch(profile.display().to_string());
    let mut node = command("node")
        .arg(root().join("testbed/bench/bare.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run node")?;
    node.stdin.take().context("no input")?.write_all(asked.to_string().as_bytes())?;
    let out = node.wait_with_output()?;
    std::thread::sleep(Duration::from_millis(300));
    let told = serde_json::from_slice(&out.stdout).context("the bare browser did not finish")?;
    Ok((told, cost.stop()))
}
