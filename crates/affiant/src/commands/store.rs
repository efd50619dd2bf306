//! `affiant store`: take audits into the store, and make its database again.

use std::io::Write as _;
use std::path::PathBuf;

use affiant_engine::kept as audits;
use affiant_store::{Place, Store};
use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::args::StoreArgs;
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::kept;

#[derive(Debug, Args)]
pub(crate) struct StoreVerbs {
    #[command(subcommand)]
    pub(crate) verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Take audit folders into the store; they stay as they are.
    Import {
        /// Folders of audits.
        #[arg(value_name = "DIR", required = true)]
        dirs: Vec<PathBuf>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Make the store's database again from the audits in it.
    Rebuild {
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// Runs the verb.
pub(crate) fn run(args: &StoreVerbs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    match &args.verb {
        StoreVerb::Import { dirs, store } => import(dirs, &store.place(config)?, quiet),
        StoreVerb::Rebuild { store } => rebuild(&store.place(config)?, quiet),
    }
}

/// What cannot be taken in is named, and the others are.
fn import(dirs: &[PathBuf], place: &Place, quiet: bool) -> anyhow::Result<Exit> {
    let mut out = std::io::stdout().lock();
    let mut whole = true;
    kept::run(async {
        let store = Store::open(place).await?;
        for dir in dirs {
            let imported = audits::import(&store, place, dir).await;
            match imported.with_context(|| format!("{} is not in the store", dir.display())) {
                Ok(done) => {
                    let how = if done.there { "was there already; filed again" } else { "imported" };
                    writeln!(out, "{}{}", done.id, if quiet { String::new() } else { format!("  {how}") })?;
                    for what in &done.damaged {
                        whole = false;
                        complain(&anyhow::anyhow!("{what}"));
                    }
                }
                Err(e) => {
                    whole = false;
                    complain(&e);
                }
            }
        }
        store.close().await;
        Ok(())
    })?;
    out.flush()?;
    Ok(if whole { Exit::Nothing } else { Exit::CouldNot })
}

fn rebuild(place: &Place, quiet: bool) -> anyhow::Result<Exit> {
    let done = kept::run(async {
        let store = Store::open(place).await?;
        let done = audits::rebuild(&store).await?;
        store.close().await;
        Ok(done)
    })?;
    for what in &done.unread {
        complain(&anyhow::anyhow!("not read: {what}"));
    }
    if !quiet {
        let mut out = std::io::stdout().lock();
        let n = done.audits;
        let audits = if n == 1 { "audit" } else { "audits" };
        writeln!(
            out,
            "{n} {audits} in {place}; {} filed again, {} forgotten",
            done.changed.len(),
            done.gone.len()
        )?;
        for id in &done.changed {
            writeln!(out, "  filed again  {id}")?;
        }
        for id in &done.busy {
            writeln!(out, "  being made   {id}")?;
        }
        for id in &done.gone {
            writeln!(out, "  forgotten    {id}")?;
        }
        out.flush()?;
    }
    Ok(if done.unread.is_empty() { Exit::Nothing } else { Exit::CouldNot })
}
