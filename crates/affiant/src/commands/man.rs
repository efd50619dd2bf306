//! `affiant man`: manual pages from the command line's own definition.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use clap::CommandFactory as _;

use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write a page for every command into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Prints the main page, or writes all.
pub(crate) fn run(args: &ManArgs) -> anyhow::Result<Exit> {
    let command = crate::args::Args::command();
    match &args.out {
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            clap_mangen::generate_to(command, dir)
                .with_context(|| format!("cannot write into {}", dir.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            std::io::stdout().lock().write_all(&page)?;
        }
    }
    Ok(Exit::Nothing)
}
