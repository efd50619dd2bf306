//! `setup`: a browser and the npm bundle; the second run finds both in place.

use crate::{browser, npm};
use anyhow::Result;
use std::path::PathBuf;

/// Something that has to be installed by hand: exit code 2.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

impl std::fmt::Display for Missing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// Sets up everything; gives the browser.
pub(crate) fn setup() -> Result<PathBuf> {
    let browser = browser::find_or_install()?;
    println!("browser: {}", browser.display());
    npm::bundle()?;
    println!("testbed: bundled");
    Ok(browser)
}
