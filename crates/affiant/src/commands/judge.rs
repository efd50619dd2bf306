//! `affiant judge`: judge an audit folder again with today's rules, offline.

use affiant_engine::{folder, judge};

use crate::args::JudgeArgs;
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::kept;
use crate::reporting;

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
