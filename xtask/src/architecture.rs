//! `architecture`: the invariants that the shape of the workspace can prove.

use crate::run::{cargo, output, root};
use anyhow::{Context, Result, bail};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Which workspace crates each crate may depend on. A crate that is not here may depend on none.
const DIRECTIONS: [(&str, &[&str]); 12] = [
    ("affiant-record", &[]),
    ("affiant-signals", &[]),
    ("affiant-leaks", &["affiant-signals"]),
    ("affiant-gather", &["affiant-record", "affiant-signals"]),
    ("affiant-detect", &["affiant-leaks", "affiant-record", "affiant-signals"]),
    ("affiant-rules", &["affiant-detect", "affiant-record"]),
    ("affiant-report", &["affiant-rules", "affiant-detect", "affiant-record"]),
    ("affiant-plan", &["affiant-record"]),
    (
        "affiant-engine",
        &["affiant-plan", "affiant-gather", "affiant-rules", "affiant-detect", "affiant-record"],
    ),
    (
        "affiant",
        &[
            "affiant-engine",
            "affiant-plan",
            "affiant-gather",
            "affiant-report",
            "affiant-rules",
            "affiant-detect",
            "affiant-record",
            "affiant-testbed",
        ],
    ),
    ("affiant-testbed", &[]),
    ("xtask", &[]),
];

/// Rules are pure and a record is plain data: none of these may be below them.
const IMPURE: [&str; 7] = ["tokio", "async-std", "sqlx", "reqwest", "hyper", "ureq", "rusqlite"];

/// The crates that must not reach any of [`IMPURE`].
const PURE: [&str; 6] = [
    "affiant-record",
    "affiant-signals",
    "affiant-leaks",
    "affiant-detect",
    "affiant-rules",
    "affiant-report",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    path: Option<String>,
    kind: Option<String>,
}

/// Checks them all; prints each.
pub(crate) fn check() -> Result<()> {
    let mut wrong = directions()?;
    wrong.extend(purity()?);
    wrong.extend(only_gather_speaks_cdp()?);
    if !wrong.is_empty() {
        bail!("the architecture is not kept:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

fn directions() -> Result<Vec<String>> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--no-deps", "--locked"]))?;
    let metadata: Metadata =
        serde_json::from_str(&text).context("cannot read what `cargo metadata` printed")?;
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let allowed =
            DIRECTIONS.iter().find(|(name, _)| *name == package.name).map_or(&[][..], |(_, allowed)| allowed);
        // Tests may use anything; only what is built into the crate counts.
        let used: BTreeSet<&str> = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some() && dependency.kind.as_deref() != Some("dev"))
            .map(|dependency| dependency.name.as_str())
            .collect();
        let shown = if used.is_empty() {
            "none of ours".into()
        } else {
            used.iter().copied().collect::<Vec<_>>().join(", ")
        };
        println!("direction: {} depends on {shown}", package.name);
        wrong.extend(used.iter().filter(|name| !allowed.contains(name)).map(|name| {
            format!(
                "{} must not depend on {name} (see DIRECTIONS in xtask/src/architecture.rs)",
                package.name
            )
        }));
    }
    Ok(wrong)
}

fn purity() -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for name in PURE {
        let tree = output(cargo().args([
            "tree",
            "--locked",
            "--package",
            name,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]))?;
        let found: Vec<&str> = IMPURE
            .into_iter()
            .filter(|impure| tree.lines().any(|line| line.split(' ').next() == Some(impure)))
            .collect();
        println!(
            "purity: {name} reaches {}",
            if found.is_empty() { "no runtime, client or database".into() } else { found.join(", ") }
        );
        wrong.extend(found.iter().map(|impure| format!("{name} must not reach {impure}")));
    }
    Ok(wrong)
}

fn only_gather_speaks_cdp() -> Result<Vec<String>> {
    let method = Regex::new(
        r#""(Browser|DOM|DOMDebugger|DOMStorage|Debugger|Emulation|Fetch|IO|Input|Log|Network|Page|Runtime|Security|Storage|Target)\.[a-z][A-Za-z]+""#,
    )?;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let folder = entry?.path();
        if folder.file_name().is_some_and(|name| name != "gather") {
            visit(&folder.join("src"), &method, &mut wrong)?;
        }
    }
    println!("CDP: {} methods named outside gather", wrong.len());
    Ok(wrong)
}

fn visit(folder: &Path, method: &Regex, wrong: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            visit(&path, method, wrong)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            if let Some(found) = method.find(&text) {
                let path = path.strip_prefix(root()).unwrap_or(&path);
                wrong.push(format!(
                    "{} names the CDP method {}: only gather may",
                    path.display(),
                    found.as_str()
                ));
            }
        }
    }
    Ok(())
}
