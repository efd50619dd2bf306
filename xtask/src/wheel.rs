//! A Rust program that PyPI has ready to run; built from its source where the wheel cannot be had.

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{cargo, command, root, run};

/// A program, pinned.
pub(crate) struct Wheel {
    /// Its name, also as a crate.
    pub(crate) program: &'static str,
    /// The package on PyPI that brings it, with its version.
    pub(crate) package: &'static str,
    /// The version of the crate.
    pub(crate) version: &'static str,
}

impl Wheel {
    /// Installs it below `target/`, unless it is there.
    pub(crate) fn install(&self) -> Result<PathBuf> {
        let folder = root().join("target").join(self.program);
        let program = folder.join("bin").join(self.program);
        if program.is_file() {
            return Ok(program);
        }
        let wheel = run(command("python3").args(["-m", "venv"]).arg(&folder)).and_then(|()| {
            let pip = ["install", "--quiet", "--disable-pip-version-check", self.package];
            run(command(folder.join("bin/pip")).args(pip))
        });
        if let Err(error) = wheel {
            eprintln!(
                "{error:#}: building {} from its source instead, which takes some minutes",
                self.program
            );
            let version = ["--version", self.version, "--locked", "--root"];
            run(cargo().args(["install", self.program]).args(version).arg(&folder))?;
        }
        Ok(program)
    }
}
