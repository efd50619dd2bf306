//! `affiant completions`: shell completions from the command line's own definition.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::{Args, CompletionsArgs};
use crate::exit::Exit;

/// Prints them.
pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "affiant", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Nothing)
}
