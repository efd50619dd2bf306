//! The testbed's npm project: installed and bundled when its lock or its bundler changed.

use crate::run::{command, on_path, root, run};
use crate::setup::Missing;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// The folder of the npm project.
pub(crate) fn folder() -> PathBuf {
    root().join("testbed/npm")
}

/// Where npm puts the packages.
pub(crate) fn packages() -> PathBuf {
    folder().join("node_modules")
}

/// Installs the locked packages and bundles them, unless that was done for just these files.
pub(crate) fn bundle() -> Result<()> {
    let wanted = inputs()?;
    let stamp = packages().join(".affiant-bundled");
    if fs::read_to_string(&stamp).is_ok_and(|done| done == wanted) && folder().join("dist").is_dir() {
        return Ok(());
    }
    for program in ["node", "npm"] {
        if on_path(program).is_none() {
            return Err(Missing(format!(
                "{program} is not on PATH; the testbed's sites need Node 20 or later with npm: install it \
                 (Debian: `sudo apt-get install nodejs npm`), then run this again. `cargo xtask audit` does not need it"
            ))
            .into());
        }
    }
    run(command("npm").current_dir(folder()).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    run(command("npm").current_dir(folder()).args(["run", "--silent", "bundle"]))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Everything that the bundle is made from, as one text: it is the stamp.
fn inputs() -> Result<String> {
    let mut all = String::new();
    for name in ["package.json", "package-lock.json", "bundle.mjs"] {
        let path = folder().join(name);
        all += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(all)
}
