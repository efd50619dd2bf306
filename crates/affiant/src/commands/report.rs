//! `affiant report`: write the reports of an audit folder again.

use std::io::Write as _;
use std::path::PathBuf;

use affiant_engine::{folder, judge, shown};
use clap::Args;

use crate::args::{Format, StoreArgs};
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::kept;
use crate::reporting;

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The audit: its folder, or its name in the store.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout; report.html and report.json are written anyway.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
}

/// Writes them from the newest judgement and the facts that it saw; judges first where they are not there.
pub(crate) fn run(args: &ReportArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let folder = folder::open(&kept::folder(&args.audit, &args.store, config)?)?;
    let judged = match shown(&folder)? {
        // The report shows what was judged then, not what today's rules would say.
        Some(judged) => judged,
        None => {
            let earlier = folder::newest(&folder.dir)?.is_some();
            let judged = judge(&folder)?;
            folder::append(&folder.dir, &judged.judgement)?;
            kept::run(kept::file(&folder, Some(&judged), &args.store, config))?;
            if earlier && !quiet {
                let _ = writeln!(
                    std::io::stderr(),
                    "affiant: the facts that the last judgement saw are not there any more, or are of other records: \
                     the audit was judged again, and the report shows that"
                );
            }
            judged
        }
    };
    reporting::write(&folder, &judged, args.format, quiet)?;
    for what in &judged.damaged {
        complain(&anyhow::anyhow!("{what}"));
    }
    Ok(if judged.damaged.is_empty() { Exit::Nothing } else { Exit::CouldNot })
}
