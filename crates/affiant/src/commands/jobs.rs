//! `affiant jobs`: what workers have to do, do, and could not do; and stopping an audit that they make.

use std::io::Write as _;
use std::time::Duration;

use affiant_store::{Job, JobState, Jobs, Store};
use anyhow::bail;
use clap::Args;

use crate::args::{StoreArgs, TableAs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;
use crate::table::{Table, time};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant jobs\n  \
    affiant jobs example.com-20261130-090000 --format json\n  \
    affiant jobs example.com-20261130-090000 --cancel")]
pub(crate) struct JobsArgs {
    /// The audit. Without it: the jobs of all audits that are not over, and those that were given up.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: Option<String>,
    /// Stop the audit: what was seen is sealed and judged.
    #[arg(long, requires = "audit")]
    pub(crate) cancel: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

/// Lists them, or stops an audit.
pub(crate) fn run(args: &JobsArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let all = kept::run(async {
        let store = Store::open(&place).await?;
        let jobs = Jobs::new(&store, Duration::ZERO, 0);
        let all = jobs.list(args.audit.as_deref()).await?;
        if let Some(audit) = &args.audit
            && all.is_empty()
        {
            bail!(
                "the store {place} has no jobs of an audit '{}': `affiant jobs` lists them",
                affiant_report::hostile::line(audit, 200)
            );
        }
        if let Some(audit) = args.audit.as_ref().filter(|_| args.cancel) {
            let stopped = jobs.cancel(audit).await?;
            if stopped == 0 {
                bail!("{audit} is over: there is nothing to stop");
            }
            if !quiet {
                let mut out = std::io::stdout();
                writeln!(out, "{audit} is being stopped; what was seen is sealed and judged by the workers")?;
            }
            return Ok(None);
        }
        store.close().await;
        Ok(Some(all))
    })?;
    let Some(mut all) = all else { return Ok(Exit::Nothing) };
    if args.audit.is_none() {
        let open = |j: &Job| matches!(j.state, JobState::Ready | JobState::Running);
        let audits: Vec<String> = all.iter().filter(|j| open(j)).map(|j| j.audit.clone()).collect();
        all.retain(|j| j.state == JobState::Dead || audits.contains(&j.audit));
    }
    if all.is_empty() && args.format == TableAs::Table {
        writeln!(
            std::io::stdout(),
            "The store {place} has no jobs: `affiant audit URL --queue` puts some in."
        )?;
        return Ok(Exit::Nothing);
    }
    let mut table = Table::new(&["put in (UTC)", "job", "stands", "attempts", "worker", "what went wrong"]);
    for j in &all {
        table.row(vec![
            time(j.created),
            j.key.clone(),
            stands(j).to_owned(),
            j.attempts.to_string(),
            j.worker.clone().unwrap_or_default(),
            j.error.clone().unwrap_or_default(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)?;
    Ok(Exit::Nothing)
}

fn stands(job: &Job) -> &'static str {
    match job.state {
        JobState::Ready => "waits",
        JobState::Running if job.late => "its worker is not heard of",
        JobState::Running => "is done now",
        JobState::Done => "done",
        JobState::Dead => "given up",
        JobState::Cancelled => "stopped",
    }
}
