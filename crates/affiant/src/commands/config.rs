//! `affiant config check`: what holds, and where it comes from.

use std::io::Write as _;
use std::path::Path;

use clap::{Args, Subcommand};

use crate::args::StoreArgs;
use crate::config::Config;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Read it, and print what holds and why. Exit code 2: something is wrong with it.
    Check,
}

/// Checks it; an error names the file, the line and the column.
pub(crate) fn run(args: &ConfigArgs, config: &Config) -> anyhow::Result<Exit> {
    let ConfigVerb::Check = args.verb;
    let store = StoreArgs::default().place(config)?;
    let browser = config.browser().filter(|b| !b.contains("://"));
    let mut wrong = Vec::new();
    if let Some(program) = browser.filter(|p| !Path::new(p).is_file()) {
        wrong.push(format!("browser.program: there is no file {program}"));
    }
    wrong.extend(
        Config::unknown_variables().into_iter().map(|n| format!("{n} is no variable that affiant reads")),
    );
    wrong.extend(config.delivery().err().map(|e| format!("{e:#}")));
    let mut out = crate::exit::stdout();
    match &config.from {
        Some(path) => writeln!(out, "{}\n", path.display())?,
        None => writeln!(out, "There is no affiant.toml here, and none of this user's own.\n")?,
    }
    for set in config.settings(store.to_string()) {
        writeln!(out, "{:16} {}  ({})", set.name, set.value, set.from)?;
    }
    out.flush()?;
    for what in &wrong {
        writeln!(std::io::stderr(), "affiant: {what}")?;
    }
    Ok(if wrong.is_empty() { Exit::Nothing } else { Exit::CouldNot })
}
