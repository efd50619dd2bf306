//! Bare Chromium: the same program and switches, with nothing attached but a driver that navigates and waits.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::driver::node;
use crate::processes::Costs;
use crate::run::command;

/// What bare Chromium did.
pub(super) struct Ran {
    /// Seconds from the first navigation to the end of the last dwell.
    pub(super) wall_s: f64,
    /// Median time from navigation to load event, in ms.
    pub(super) load_ms: f64,
    /// Visits.
    pub(super) visits: u64,
    /// The driver's cost and the browser's.
    pub(super) costs: Costs,
}

/// Loads the pages of each session in a fresh context, so many contexts at once. `dwell_ms` follows each load.
pub(super) fn load(
    chromium: &Path,
    switches: &Value,
    profile: &Path,
    sessions: &[Vec<String>],
    parallel: usize,
    dwell_ms: u64,
) -> Result<Ran> {
    let _ = fs::remove_dir_all(profile);
    fs::create_dir_all(profile.join("Default"))?;
    fs::write(profile.join("Default/Preferences"), r#"{"profile":{"cookie_controls_mode":0}}"#)?;
    let asked = json!({
        "browser": chromium, "switches": switches, "profile": profile,
        "sessions": sessions, "parallel": parallel, "dwell": dwell_ms,
    });
    let (out, costs) = node("bare.mjs", &asked)?;
    let told: Value = serde_json::from_slice(&out).context("the bare browser did not finish")?;
    Ok(Ran {
        wall_s: told["wall_ms"].as_f64().unwrap_or(0.0) / 1000.0,
        load_ms: told["load_ms"].as_f64().unwrap_or(0.0),
        visits: told["visits"].as_u64().unwrap_or(0),
        costs,
    })
}

/// The switches that affiant gave, from a record's header: the bare browser gets the same.
pub(super) fn switches(affiant: &Path, record: &Path) -> Result<Value> {
    let shown = command(affiant).args(["record", "show", "--line", "0"]).arg(record).output()?;
    let header: Value =
        serde_json::from_slice(&shown.stdout).context("the record's header cannot be read")?;
    Ok(header["data"]["browser"]["switches"].clone())
}
