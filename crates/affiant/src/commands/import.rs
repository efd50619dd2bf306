//! `affiant import`: a HAR that another tool made, as an audit folder like any other.

use std::io::Write as _;
use std::path::PathBuf;

use affiant_engine::{address, kept as audits, tool};
use affiant_record::AuditFolder;
use affiant_record::har;
use affiant_store::Store;
use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;

use crate::args::StoreArgs;
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant import exhibit-3.har --out exhibit-3 && affiant judge exhibit-3")]
pub(crate) struct ImportArgs {
    /// The HAR: of Chrome, Firefox, Safari, Charles, Playwright and others; at most 300 MiB.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Folder for the audit; made new. It is not kept in the store then. Default: one in the store, HOST-TIME.
    #[arg(long, short, value_name = "DIR", conflicts_with_all = ["store", "store_folder"])]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// So many entries that could not be read are told one by one.
const TOLD: usize = 10;

/// Looks at all of the file, then writes the folder. What fails leaves no folder behind.
pub(crate) fn run(args: &ImportArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let survey = har::survey(&args.file)?;
    let plan = har::plan(&survey);
    let now = Timestamp::now();
    let stamp = now.strftime("%Y%m%d-%H%M%S").to_string();
    let id = url::Url::parse(&plan.start)
        .map_or_else(|_| format!("har-{stamp}"), |u| address::folder_name(&u, &stamp));
    let is_new = args.out.as_ref().is_none_or(|out| !out.exists());
    let (mut folder, place) = match &args.out {
        Some(out) => (AuditFolder::create(out, id, tool(), now.to_string(), plan)?, None),
        None => {
            let place = args.store.place(config)?;
            (audits::make(&place, &id, now.to_string(), plan)?, Some(place))
        }
    };
    let out = folder.dir.clone();
    if let Err(e) = har::import(&survey, &mut folder, &mut rand::random) {
        if is_new && std::fs::remove_dir_all(&out).is_ok() {
            return Err(e).context("the import could not go on; nothing of it was kept");
        }
        return Err(e).with_context(|| {
            format!("the import could not go on; remove what is in {} and import again", out.display())
        });
    }
    folder.end(Timestamp::now().to_string(), false)?;
    if let Some(place) = &place {
        kept::run(async { Ok(audits::file(&Store::open(place).await?, &folder, None).await?) })
            .with_context(|| kept::unfiled(place))?;
    }
    let mut stdout = crate::exit::stdout();
    let maker =
        affiant_report::hostile::line(format!("{} {}", survey.creator.0, survey.creator.1).trim(), 120);
    let maker = if maker.is_empty() { "a program that it does not name".to_owned() } else { maker };
    if quiet {
        writeln!(stdout, "{}", out.display())?;
    } else {
        let n = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        writeln!(
            stdout,
            "Imported {} as {}, made by {maker}.",
            n(survey.entries, "entry", "entries"),
            n(survey.visits.len() as u64, "visit", "visits"),
        )?;
        writeln!(
            stdout,
            "A HAR tells nothing of banners, choices, storage or fields, and nothing vouches that it is complete:\n\
             what it shows can be found, and nothing can be shown to be absent.\n"
        )?;
        writeln!(
            stdout,
            "  sha256  {}\n  audit   {dir}\n  next    affiant judge {dir}",
            survey.sha256,
            dir = out.display()
        )?;
    }
    stdout.flush()?;
    if !survey.lost.is_empty() {
        lost(&survey)?;
    }
    Ok(Exit::Nothing)
}

/// What is not in the audit. It is told to whoever asks for quiet, too: a judgement is of less than the file then.
fn lost(survey: &har::Survey) -> std::io::Result<()> {
    let lost = &survey.lost;
    let mut out = std::io::stderr().lock();
    if lost.entries > 0 {
        writeln!(
            out,
            "affiant: {} of {} entries could not be read and are not in the audit (counted from 0):",
            lost.entries, survey.entries
        )?;
        for e in lost.told.iter().take(TOLD) {
            writeln!(out, "  entry {} {}", e.entry, e.why)?;
        }
        let more = lost.entries.saturating_sub(TOLD as u64);
        if more > 0 {
            writeln!(out, "  and {more} more; the first {} stand in audit.json", lost.told.len())?;
        }
    }
    if let Some(cut) = &lost.cut {
        let last = survey.entries.saturating_sub(1);
        writeln!(out, "affiant: what follows entry {last} is not in the audit: {cut}")?;
    }
    Ok(())
}
