//! `affiant judge`: judge an audit folder again with today's rules, offline.

use std::path::PathBuf;

use affiant_engine::{folder, judge};
use clap::Args;

use crate::args::{FailOn, Format, StoreArgs};
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::kept;
use crate::reporting;

#[derive(Debug, Args)]
pub(crate) struct JudgeArgs {
    /// The audit: its folder, or its name in the store. Its records stay as they are; a new judgement is added.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Least severity of a finding that makes the exit code 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Low)]
    pub(crate) fail_on: FailOn,
}

/// Judges and reports. The records stay as they are; the judgement is added to the earlier ones.
pub(crate) fn run(args: &JudgeArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let folder = folder::open(&kept::folder(&args.audit, &args.store, config)?)?;
    let judged = judge(&folder)?;
    folder::append(&folder.dir, &judged.judgement)?;
    reporting::write(&folder, &judged, args.format, quiet)?;
    kept::run(kept::file(&folder, Some(&judged), &args.store, config))?;
    for what in &judged.damaged {
        complain(&anyhow::anyhow!("{what}"));
    }
    let found = judged.judgement.findings.iter().any(|f| args.fail_on.counts(f.severity));
    Ok(match (found, judged.damaged.is_empty() && !judged.facts.is_empty()) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::Nothing,
        (false, false) => Exit::CouldNot,
    })
}
