//! One run of `affiant audit` over a list of pages, watched.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Ready;
use super::served::Served;
use crate::processes::{Costs, Watch, watch};
use crate::run::command;

/// What an audit did.
pub(super) struct Ran {
    /// Its folder.
    pub(super) out: PathBuf,
    /// Seconds from its start to its last visit's end, the browser's start included.
    pub(super) gathering_s: f64,
    /// Seconds after that: judging and reporting.
    pub(super) judging_s: f64,
    /// affiant's cost and the browser's.
    pub(super) costs: Costs,
}

/// The first so many pages of the site.
pub(super) fn pages(n: u32) -> Vec<String> {
    (1..=n).map(|n| format!("https://www.sixty.test/p/{n}")).collect()
}

/// Audits these pages in `no-choice` with everything on. `each` is told of every visit that ended: how many have.
pub(super) fn audit(
    ready: &Ready,
    served: &Served,
    pages: &[String],
    parallel: Option<usize>,
    name: &str,
    mut each: impl FnMut(u64, &Watch),
) -> Result<Ran> {
    let out = ready.scratch.join(name);
    let list = ready.scratch.join(format!("{name}.urls"));
    fs::write(&list, pages.join("\n"))?;
    let began = Instant::now();
    let mut audit = command(&ready.affiant);
    audit.args(["audit", "--no-return", "--scenario", "no-choice", "--progress", "json"]).args(&served.flags);
    if let Some(n) = parallel {
        audit.arg("--parallel").arg(n.to_string());
    }
    audit.arg("--urls").arg(&list).arg("--out").arg(&out).arg("--browser").arg(&ready.chromium);
    let mut child = audit.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let costs = watch(child.id());
    let said = follow(child.stderr.take(), |n| each(n, &costs));
    let status = child.wait()?;
    let wall_s = began.elapsed().as_secs_f64();
    let costs = costs.stop();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("the audit failed ({status}): {}", said.join(" | "));
    }
    let gathering_s = gathering(&out)?;
    Ok(Ran { out, gathering_s, judging_s: (wall_s - gathering_s).max(0.0), costs })
}

/// Reads what affiant says until it ends; gives the last lines.
fn follow(said: Option<ChildStderr>, mut each: impl FnMut(u64)) -> Vec<String> {
    let mut ended = 0;
    let mut last: Vec<String> = Vec::new();
    for line in said.into_iter().flat_map(|s| BufReader::new(s).lines().map_while(Result::ok)) {
        match serde_json::from_str::<Value>(&line) {
            Ok(event) if event["event"] == "visit-ended" => {
                ended += 1;
                each(ended);
            }
            Ok(event) if event["event"].is_string() => {}
            _ => {
                last.push(line);
                if last.len() > 5 {
                    last.remove(0);
                }
            }
        }
    }
    last
}

/// Seconds between the manifest's `started` and `finished`.
fn gathering(out: &Path) -> Result<f64> {
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("audit.json"))?)?;
    let time = |name: &str| -> Result<jiff::Timestamp> {
        manifest[name].as_str().with_context(|| format!("no {name}"))?.parse().context("no time")
    };
    Ok((time("finished")?.as_millisecond() - time("started")?.as_millisecond()) as f64 / 1000.0)
}
