//! Other gatherers, where they are installed.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Ready;
use super::driver::node;
use crate::processes::Costs;

/// What a peer did.
pub(super) struct Ran {
    pub(super) name: String,
    pub(super) visits: u64,
    pub(super) wall_s: f64,
    pub(super) costs: Costs,
}

/// Runs those that are there, each on the same pages with the same browser.
pub(super) fn all(folder: &Path, ready: &Ready, switches: &Value, pages: &[String]) -> Result<Vec<Ran>> {
    let folder = folder.canonicalize().with_context(|| format!("no folder {}", folder.display()))?;
    let mut ran = Vec::new();
    let blacklight = folder.join("node_modules/@themarkup/blacklight-collector/package.json");
    if blacklight.is_file() {
        let about: Value = serde_json::from_slice(&std::fs::read(&blacklight)?)?;
        let name = format!("Blacklight collector {}", about["version"].as_str().unwrap_or_default());
        ran.push(run_blacklight(name, &folder, ready, switches, pages)?);
    }
    if ran.is_empty() {
        eprintln!("no peer is installed in {}", folder.display());
    }
    Ok(ran)
}

fn run_blacklight(
    name: String,
    folder: &Path,
    ready: &Ready,
    switches: &Value,
    pages: &[String],
) -> Result<Ran> {
    // What leads to the server and no more: the rest is its own business.
    let needed: Vec<&str> = switches
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|s| s.starts_with("--host-resolver-rules=") || *s == "--ignore-certificate-errors")
        .collect();
    let asked = json!({
        "folder": folder, "browser": ready.chromium, "switches": needed, "pages": pages,
        "out": ready.scratch.join("blacklight"),
    });
    let began = Instant::now();
    let (out, costs) = node("blacklight.mjs", &asked)?;
    let wall_s = began.elapsed().as_secs_f64();
    // What it says on the way is not ours to read: the last line tells.
    let said = String::from_utf8_lossy(&out);
    let told: Value =
        serde_json::from_str(said.lines().last().unwrap_or_default()).context("the peer did not finish")?;
    Ok(Ran { name, visits: told["finished"].as_u64().unwrap_or(0), wall_s, costs })
}
