//! `ci`: everything CI checks besides the tests, cheapest first.

use crate::run::{cargo, run};
use crate::{architecture, deny, npm, vendor};
use anyhow::Result;

/// Runs all checks; stops at the first that fails.
pub(crate) fn ci() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    architecture::check()?;
    npm::bundle()?;
    vendor::check()?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    run(cargo().args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    deny::check()
}
