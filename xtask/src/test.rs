//! `test`: set up, then every test of the workspace.

use crate::run::{cargo, run};
use crate::{browser, setup};
use anyhow::Result;

/// Runs them all.
pub(crate) fn test(arguments: &[String]) -> Result<()> {
    let found = setup::setup()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--locked"]).args(arguments);
    browser::give(&mut tests, &found);
    run(&mut tests)
}
