//! What an audit's records hold, read through `affiant record show`: requests, and bytes with and without their seal.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::served::Requests;
use crate::run::command;

/// All records of an audit together.
#[derive(Default)]
pub(super) struct Records {
    /// Records that are sealed.
    pub(super) sealed: u64,
    /// Visits in the manifest.
    pub(super) visits: u64,
    /// Visits that are complete.
    pub(super) complete: u64,
    /// Bytes of the lines as JSON.
    pub(super) raw: u64,
    /// Bytes of the sealed records.
    pub(super) stored: u64,
    /// Bytes of the blobs that they share.
    pub(super) blobs: u64,
    /// Mean of how long a page was waited for until it was at rest, in ms.
    pub(super) settled_ms: f64,
    /// Requests, as `METHOD URL`.
    pub(super) requests: Requests,
}

/// Reads every record of an audit folder.
pub(super) fn read(affiant: &Path, out: &Path) -> Result<Records> {
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("audit.json"))?)?;
    let mut all = Records::default();
    let mut settled = Vec::new();
    for visit in manifest["visits"].as_array().context("no visits")? {
        all.visits += 1;
        all.complete += u64::from(visit["outcome"]["is"] == "complete");
        let dir = out.join(visit["path"].as_str().context("no path")?);
        if !dir.join("seal.json").is_file() {
            continue;
        }
        all.sealed += 1;
        all.stored += fs::metadata(dir.join("record.jsonl.zst"))?.len();
        all.stored += fs::metadata(dir.join("seal.json"))?.len();
        let shown = command(affiant).args(["record", "show"]).arg(&dir).output()?;
        if !shown.status.success() {
            bail!("{} cannot be read: {}", dir.display(), String::from_utf8_lossy(&shown.stderr));
        }
        all.raw += shown.stdout.len() as u64;
        for line in shown.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            let line: Value = serde_json::from_slice(line)?;
            if line["type"] == "settle" && line["data"]["phase"] == "arrive" {
                settled.extend(line["data"]["waited_ms"].as_f64());
            }
            if line["type"] == "request" {
                let (method, url) = (line["data"]["method"].as_str(), line["data"]["url"].as_str());
                let url = url.unwrap_or_default().split('#').next().unwrap_or_default();
                *all.requests.entry(format!("{} {url}", method.unwrap_or_default())).or_default() += 1;
            }
        }
    }
    all.settled_ms = settled.iter().sum::<f64>() / settled.len().max(1) as f64;
    all.blobs = size(&out.join("blobs"))?;
    Ok(all)
}

fn size(folder: &Path) -> Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let entry = entry?;
        all += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(all)
}

impl Records {
    /// Requests that the server received and no record holds.
    pub(super) fn missing(&self, received: &Requests) -> Vec<String> {
        let mut out = Vec::new();
        for (request, n) in received {
            let held = self.requests.get(request).copied().unwrap_or(0);
            if held < *n {
                out.push(format!("{request} (received {n}, recorded {held})"));
            }
        }
        out
    }
}
