//! `setup`: a browser, PostgreSQL, the test runner and the npm bundle; the second run finds all of them in place.

use crate::step::Step;
use crate::{browser, nextest, npm, postgres};
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

/// What tests run with.
pub(crate) struct Tools {
    pub(crate) browser: PathBuf,
    pub(crate) nextest: PathBuf,
    pub(crate) postgres: postgres::Source,
}

const BUNDLE: Step = Step {
    what: "setting up the testbed's npm packages",
    about: "half a minute and a download of 60 MB the first time",
    otherwise: "see that registry.npmjs.org, or the registry that `npm config get registry` names, can be reached",
};
const RUNNER: Step = Step {
    what: "setting up the test runner, cargo-nextest",
    about: "seconds and a download of 10 MB, where it is not on PATH",
    otherwise: "install it by hand (https://nexte.st), so that it is on PATH",
};

/// Sets up everything.
pub(crate) fn setup() -> Result<Tools> {
    let browser = browser::find_or_install()?;
    let postgres = postgres::find_or_install()?;
    let nextest = RUNNER.run(nextest::find_or_install)?;
    BUNDLE.run(npm::bundle)?;
    Ok(Tools { browser, nextest, postgres })
}
