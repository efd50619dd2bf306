//! `check`: everything CI checks besides the tests: what takes seconds first, then what compiles.

use crate::run::{cargo, command, on_path, run};
use crate::step::Step;
use crate::{architecture, deny, npm, vendor};
use anyhow::Result;
use std::process::Command;

/// What takes seconds.
pub(crate) const QUICK: Step = Step {
    what: "checking format and architecture",
    about: "seconds",
    otherwise: "`cargo fmt --all` mends the format; ARCHITECTURE.md says who may depend on whom",
};
/// What compiles.
pub(crate) const SLOW: Step = Step {
    what: "checking lints, documentation, licences and third_party/",
    about: "about 3 minutes the first time",
    otherwise: "read what the last command printed; `cargo xtask check` runs these checks alone",
};

/// Runs all checks; stops at the first that fails.
pub(crate) fn check() -> Result<()> {
    QUICK.run(quick)?;
    npm::bundle()?;
    SLOW.run(slow)
}

/// Before anything is built.
pub(crate) fn quick() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    architecture::check()
}

/// The same command with what the tests beside it leave of the processors, where `nice` is there.
fn patient(of: Command) -> Command {
    let Some(nice) = on_path("nice") else { return of };
    let mut out = command(nice);
    out.args(["-n", "19"]).arg(of.get_program());
    out
}

/// When the npm packages are there.
pub(crate) fn slow() -> Result<()> {
    vendor::check()?;
    deny::check()?;
    run(patient(cargo()).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    let mut doc = patient(cargo());
    run(doc.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"))
}
