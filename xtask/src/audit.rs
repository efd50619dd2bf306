//! `audit`: the first command. Build affiant with optimisation, then audit the given pages or the demo site.

use crate::browser;
use crate::run::{cargo, command, run, target};
use crate::step::Step;
use anyhow::{Context, Result};
use std::env;

/// What `affiant audit` exits with when it made findings.
const FINDINGS: i32 = 1;

const BUILD: Step = Step {
    what: "building affiant with optimisation",
    about: "about 12 minutes on two cores the first time, then seconds",
    otherwise: "read the compiler's words above; Rust 1.95 or later is needed (`rustup update stable`), \
                and a C compiler (Debian: `sudo apt-get install build-essential`)",
};

/// Gives the exit code.
pub(crate) fn audit(urls: &[String], flags: &[String]) -> Result<u8> {
    let browser = browser::find_or_install()?;
    BUILD.run(|| run(cargo().args(["build", "--release", "--locked", "--package", "affiant"])))?;
    let built = target().join("release").join(format!("affiant{}", env::consts::EXE_SUFFIX));
    // Where the caller stands, so that relative paths in the flags and the reports' place mean what they say.
    let mut affiant = command(&built);
    affiant.current_dir(env::current_dir().context("cannot tell the current directory")?);
    browser::give(&mut affiant, &browser);
    affiant.arg("audit").args(urls).args(flags);
    if urls.is_empty() {
        affiant.arg("--demo");
    }
    let status = affiant.status().with_context(|| format!("cannot run {}", built.display()))?;
    let code = status.code().unwrap_or(101);
    if urls.is_empty() && code == FINDINGS {
        eprintln!(
            "The demo site is made to have findings, so this counts as success (affiant itself exited with 1)."
        );
        return Ok(0);
    }
    Ok(u8::try_from(code).unwrap_or(101))
}
