//! `affiant completions`: shell completions from the command line's own definition.

use std::io::Write as _;

use clap::Args;
use clap::CommandFactory as _;

use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Prints them.
pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut crate::args::Args::command(), "affiant", &mut text);
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Nothing)
}
