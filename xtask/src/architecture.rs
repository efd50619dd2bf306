//! `architecture`: the invariants that the shape of the workspace can prove.

use crate::run::{cargo, output, root};
use anyhow::{Context, Result, bail};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which workspace crates each crate may depend on. A crate that is not here may depend on none.
const DIRECTIONS: [(&str, &[&str]); 14] = [
    ("affiant-record", &[]),
    ("affiant-signals", &[]),
    ("affiant-leaks", &["affiant-signals"]),
    ("affiant-gather", &["affiant-record", "affiant-signals"]),
    ("affiant-detect", &["affiant-leaks", "affiant-record", "affiant-signals"]),
    ("affiant-rules", &["affiant-detect", "affiant-record"]),
    ("affiant-report", &["affiant-rules", "affiant-detect", "affiant-record"]),
    ("affiant-plan", &["affiant-record"]),
    ("affiant-store", &[]),
    (
        "affiant-engine",
        &[
            "affiant-plan",
            "affiant-gather",
            "affiant-rules",
            "affiant-detect",
            "affiant-record",
            "affiant-store",
        ],
    ),
    (
        "affiant-web",
        &["affiant-engine", "affiant-gather", "affiant-report", "affiant-record", "affiant-store"],
    ),
    (
        "affiant",
        &[
            "affiant-web",
            "affiant-engine",
            "affiant-plan",
            "affiant-gather",
            "affiant-report",
            "affiant-rules",
            "affiant-detect",
            "affiant-record",
            "affiant-store",
            "affiant-testbed",
        ],
    ),
    ("affiant-testbed", &[]),
    ("xtask", &[]),
];

/// The crates that reach the world and live in its time. Every other one in `crates/` is pure, a new one too.
const AT_WORK: [&str; 5] = ["affiant", "engine", "gather", "store", "web"];

/// Rules are pure and a record is plain data: none of these may be below a pure crate.
const IMPURE: [&str; 7] = ["tokio", "async-std", "sqlx", "reqwest", "hyper", "ureq", "rusqlite"];

/// Databases' clients, and the crate that may have them: only it knows SQL.
const SQL: (&str, [&str; 4]) = ("affiant-store", ["sqlx", "rusqlite", "diesel", "tokio-postgres"]);

/// The wall clock. Clippy reads the nearest `clippy.toml`, so that each pure crate has one that bans these.
const CLOCKS: [&str; 4] =
    ["std::time::SystemTime::now", "std::time::Instant::now", "jiff::Timestamp::now", "jiff::Zoned::now"];

/// Literals outside gather that read like a CDP method and are none: each with what it is.
const NO_CDP: [(&str, &str); 1] =
    [("HTMLCanvasElement.toDataURL", "a function of the page, as hooks name it in records: a sample of one")];

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
        let clients = package
            .dependencies
            .iter()
            .filter(|d| d.kind.as_deref() != Some("dev") && SQL.1.contains(&d.name.as_str()));
        wrong.extend(clients.filter(|_| package.name != SQL.0).map(|client| {
            format!("{} must not depend on {}: only {} knows SQL", package.name, client.name, SQL.0)
        }));
    }
    println!("SQL: only {} has a database's client", SQL.0);
    Ok(wrong)
}

fn purity() -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for folder in crates()? {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if AT_WORK.contains(&name) {
            continue;
        }
        let tree = output(cargo().args([
            "tree",
            "--locked",
            "--package",
            &format!("affiant-{name}"),
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
        let lints = fs::read_to_string(folder.join("clippy.toml")).unwrap_or_default();
        wrong.extend(
            not_banned(&lints).map(|clock| {
                format!("crates/{name}/clippy.toml must ban {clock} (copy that of crates/rules)")
            }),
        );
    }
    println!("purity: {} are banned by lint there", CLOCKS.join(", "));
    Ok(wrong)
}

/// The clocks that this `clippy.toml` does not ban.
fn not_banned(lints: &str) -> impl Iterator<Item = &'static str> {
    let banned = lints.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<String>();
    let at = banned.find("disallowed-methods").unwrap_or(banned.len());
    CLOCKS.into_iter().filter(move |clock| !banned[at..].contains(&format!("path = \"{clock}\"")))
}

/// The folders of the crates of the product.
fn crates() -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(root().join("crates")).context("cannot list crates/")? {
        let folder = entry?.path();
        if folder.join("Cargo.toml").is_file() {
            folders.push(folder);
        }
    }
    folders.sort();
    Ok(folders)
}

fn only_gather_speaks_cdp() -> Result<Vec<String>> {
    let method = method()?;
    let (mut wrong, mut excused) = (Vec::new(), BTreeSet::new());
    for folder in crates()?.iter().filter(|folder| !folder.ends_with("gather")) {
        for file in sources(&folder.join("src"))? {
            let text =
                fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let path = file.strip_prefix(root()).unwrap_or(&file);
            for literal in named(&method, &text) {
                match NO_CDP.iter().find(|(allowed, _)| *allowed == literal) {
                    Some((allowed, _)) => {
                        excused.insert(*allowed);
                    }
                    None => wrong.push(format!(
                        "{} names the CDP method {literal}: only gather may. If it is none, say so in NO_CDP of \
                         xtask/src/architecture.rs",
                        path.display()
                    )),
                }
            }
        }
    }
    println!("CDP: {} methods named outside gather", wrong.len());
    for (literal, _) in NO_CDP.iter().filter(|(literal, _)| !excused.contains(literal)) {
        wrong.push(format!(
            "{literal} stands nowhere any more: take it out of NO_CDP in xtask/src/architecture.rs"
        ));
    }
    Ok(wrong)
}

/// A string that is a method or an event of the protocol, by its shape: `Domain.name`. Domains come and go, the shape
/// stays.
fn method() -> Result<Regex> {
    Ok(Regex::new(r#""([A-Z][A-Za-z]+\.[a-z][A-Za-z]+)""#)?)
}

fn named<'t>(method: &Regex, text: &'t str) -> Vec<&'t str> {
    method.captures_iter(text).filter_map(|found| Some(found.get(1)?.as_str())).collect()
}

/// Every Rust file in a folder, however deep.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_known_by_its_shape_and_not_by_its_domain() {
        let method = method().unwrap();
        let of = |text| named(&method, text);
        let text = r##"call("Network.enable", json!({})); once(r#"WebAuthn.enable"#); "DOMDebugger.getEventListeners""##;
        assert_eq!(of(text), ["Network.enable", "WebAuthn.enable", "DOMDebugger.getEventListeners"]);
        for none in [
            r#""see Network.enable there""#,
            r#""network.enable""#,
            r#""Chromium.App""#,
            r#""Cargo.toml.orig""#,
            r#""https://Shop.example""#,
            r#""A.b""#,
            "Network.enable",
            r#""Network.""#,
        ] {
            assert_eq!(of(none), [] as [&str; 0], "{none}");
        }
    }

    #[test]
    fn every_clock_has_to_be_banned_as_a_method() {
        let all: String =
            CLOCKS.iter().map(|clock| format!("  {{ path = \"{clock}\", reason = \"x\" }},\n")).collect();
        assert_eq!(not_banned(&format!("disallowed-methods = [\n{all}]\n")).count(), 0);
        assert_eq!(not_banned("").count(), CLOCKS.len());
        assert_eq!(not_banned(&format!("disallowed-types = [\n{all}]\n")).count(), CLOCKS.len());
        let one = "disallowed-methods = [\n  # { path = \"jiff::Zoned::now\" },\n  { path = \"jiff::Timestamp::now\" },\n]";
        assert_eq!(not_banned(one).collect::<Vec<_>>(), [CLOCKS[0], CLOCKS[1], CLOCKS[3]]);
    }
}
