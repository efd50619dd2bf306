//! `affiant compare`: what differs between two audits, two vantages, or two scenarios of one audit.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use affiant_engine::{Judged, folder, judge};
use affiant_record::{AuditFolder, BlobStore, Scenario};
use affiant_report::ReportInput;
use affiant_report::compare::{Side, compare, text};
use anyhow::Context as _;
use clap::Args;

use crate::args::{Format, StoreArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant compare audits/october audits/november\n  \
    affiant compare audits/november --scenario reject-all --with accept-all\n  \
    affiant compare audits/default audits/us-ca --scenario no-choice")]
pub(crate) struct CompareArgs {
    /// The audit: its folder, or its name in the store.
    #[arg(value_name = "FIRST")]
    pub(crate) first: PathBuf,
    /// The other audit; without it two scenarios of the first are compared.
    #[arg(value_name = "SECOND")]
    pub(crate) second: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only this scenario of both; with --with, of the first.
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Option<Scenario>,
    /// This scenario of the second.
    #[arg(long, value_name = "NAME", requires = "scenario")]
    pub(crate) with: Option<Scenario>,
    /// What is printed on stdout. Exit code 1: something differs.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Write the difference as one HTML file too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// Compares. Both sides are judged with today's rules, so that rules make no difference.
pub(crate) fn run(args: &CompareArgs, config: &Config) -> anyhow::Result<Exit> {
    if args.second.is_none() && (args.scenario.is_none() || args.with.is_none()) {
        anyhow::bail!(
            "one audit is compared by its scenarios: give --scenario NAME and --with NAME, or a second audit"
        );
    }
    let opened = |audit: &Path| Opened::of(&kept::folder(audit, &args.store, config)?);
    let first = opened(&args.first)?;
    let second = args.second.as_deref().map(opened).transpose()?;
    let second = second.as_ref().unwrap_or(&first);
    let (a, b) = (first.input(), second.input());
    let c = compare(
        Side { input: &a, scenario: args.scenario },
        Side { input: &b, scenario: args.with.or(args.scenario) },
    );
    for (is, dir, scenario) in [
        (c.empty()[0], &first.folder.dir, args.scenario),
        (c.empty()[1], &second.folder.dir, args.with.or(args.scenario)),
    ] {
        if is {
            let what = scenario.map_or("visit that could be read".to_owned(), |s| format!("visit in {s}"));
            anyhow::bail!("{} has no {what}: there is nothing to compare", dir.display());
        }
    }
    if let Some(path) = &args.html {
        let html = affiant_report::html::comparison(&c)?;
        affiant_record::write_whole(path, html.as_bytes())
            .with_context(|| format!("cannot write the comparison as {}", path.display()))?;
    }
    let mut stdout = crate::exit::stdout();
    match args.format {
        Format::Json => writeln!(stdout, "{}", serde_json::to_string_pretty(&c)?)?,
        Format::Terminal => write!(stdout, "{}", text(&c))?,
    }
    Ok(if c.differs() { Exit::Findings } else { Exit::Nothing })
}

/// An audit, judged.
struct Opened {
    folder: AuditFolder,
    judged: Judged,
    blobs: BlobStore,
}

impl Opened {
    fn of(dir: &Path) -> anyhow::Result<Opened> {
        let folder = folder::open(dir)?;
        let judged = judge(&folder)?;
        let blobs = folder.blobs();
        Ok(Opened { folder, judged, blobs })
    }

    fn input(&self) -> ReportInput<'_> {
        ReportInput {
            facts: &self.judged.facts,
            header: self.judged.header.as_ref(),
            ..ReportInput::new(&self.folder, &self.blobs, &self.judged.judgement)
        }
    }
}
