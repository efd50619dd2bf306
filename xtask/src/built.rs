//! affiant, built with optimisation and with a browser at hand.

use crate::browser;
use crate::run::{cargo, command, run, target};
use crate::step::Step;
use anyhow::{Context, Result};
use std::env;
use std::process::Command;

const BUILD: Step = Step {
    what: "building affiant with optimisation",
    about: "about 12 minutes on two cores the first time, then seconds",
    otherwise: "read the compiler's words above; Rust 1.95 or later is needed (`rustup update stable`), \
                and a C compiler (Debian: `sudo apt-get install build-essential`)",
};

/// Sets all up and gives the command, which runs where the caller stands: relative paths in its flags, and the place of what it
/// writes, mean what they say.
pub(crate) fn affiant() -> Result<Command> {
    let browser = browser::find_or_install()?;
    BUILD.run(|| run(cargo().args(["build", "--release", "--locked", "--package", "affiant"])))?;
    let built = target().join("release").join(format!("affiant{}", env::consts::EXE_SUFFIX));
    let mut affiant = command(&built);
    affiant.current_dir(env::current_dir().context("cannot tell the current directory")?);
    browser::give(&mut affiant, &browser);
    Ok(affiant)
}

/// Runs it to its end, and gives its exit code.
pub(crate) fn code(affiant: &mut Command) -> Result<i32> {
    let status =
        affiant.status().with_context(|| format!("cannot run {}", affiant.get_program().display()))?;
    Ok(status.code().unwrap_or(101))
}
