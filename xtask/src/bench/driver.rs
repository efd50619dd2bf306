//! A driver on Node.js from `testbed/bench/`, watched: it is asked on standard input and answers on standard output.

use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::processes::{Costs, watch};
use crate::run::{command, root};

/// Runs it to its end. What it wrote, and what it and its browser cost.
pub(super) fn node(script: &str, asked: &Value) -> Result<(Vec<u8>, Costs)> {
    let mut node = command("node")
        .arg(root().join("testbed/bench").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run node")?;
    let costs = watch(node.id());
    node.stdin.take().context("no input")?.write_all(asked.to_string().as_bytes())?;
    let out = node.wait_with_output()?;
    Ok((out.stdout, costs.stop()))
}
