//! `affiant cmp`: what the consent platform itself declares, and what differs between two times of asking.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use affiant_detect::facts::{DeclarationFact, VisitFacts};
use affiant_engine::folder::{self, is_audit};
use affiant_engine::{AuditRequest, Probe, judge};
use affiant_record::declaration::Declaration;
use affiant_record::{AuditFolder, Scenario};
use affiant_report::declaration::{diff, distinct, text};
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::args::{HeaderArgs, VantageName};
use crate::config::Config;
use crate::exit::Exit;
use crate::progress::Told;

#[derive(Debug, Args)]
pub(crate) struct CmpArgs {
    #[command(subcommand)]
    pub(crate) verb: CmpVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CmpVerb {
    /// Print what the platform declares on a page, held against what the page did: cookies that were not seen, and those that
    /// are in no category.
    Show(Box<CmpShow>),
    /// Print what differs between two declarations. Exit code 1: something does.
    Diff {
        /// What `cmp show --save` wrote, or an audit folder.
        #[arg(value_name = "BEFORE")]
        before: PathBuf,
        /// What `cmp show --save` wrote, or an audit folder.
        #[arg(value_name = "AFTER")]
        after: PathBuf,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant cmp show https://www.example.com --save 2026-11.json\n  \
    affiant cmp diff 2026-10.json 2026-11.json")]
pub(crate) struct CmpShow {
    /// Address of a page, which is visited once without a choice; or an audit folder.
    #[arg(value_name = "URL|DIR")]
    pub(crate) what: String,
    /// Keep the declaration in this file, to be compared later.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = DeclaredAs::Text)]
    pub(crate) format: DeclaredAs,
    /// Keep the visit's sealed record in this folder; made new. Default: it is not kept.
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// As in `affiant audit`.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = VantageName::Default)]
    pub(crate) vantage: VantageName,
    /// As in `affiant audit`.
    #[arg(long, value_name = "PATH|URL")]
    pub(crate) browser: Option<String>,
    /// As in `affiant audit`.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    #[command(flatten)]
    pub(crate) headers: HeaderArgs,
    /// As in `affiant audit`.
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// As in `affiant audit`.
    #[arg(long)]
    pub(crate) insecure: bool,
}

/// How a declaration is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeclaredAs {
    /// For people.
    Text,
    /// The saved form.
    Json,
}

/// Name and version of the file.
const SCHEMA: &str = "affiant-declaration/1";

/// A declaration that was kept.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    schema: String,
    /// The page.
    url: String,
    /// When it was read, RFC 3339.
    read: String,
    /// Digests of the records that hold it.
    records: Vec<affiant_record::Digest>,
    /// What is declared.
    declarations: Vec<DeclarationFact>,
}

/// Shows or compares.
pub(crate) fn run(
    args: CmpArgs,
    config: impl FnOnce() -> anyhow::Result<Config>,
    quiet: bool,
) -> anyhow::Result<Exit> {
    match args.verb {
        CmpVerb::Show(show) => shown(*show, &config()?, quiet),
        CmpVerb::Diff { before, after } => compared(&before, &after),
    }
}

fn shown(args: CmpShow, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let dir = Path::new(&args.what);
    // What was visited only in order to be shown is not kept, unless a folder was named.
    let passing = tempfile::tempdir().context("cannot make a folder for the visit")?;
    let folder = if is_audit(dir) {
        folder::open(dir)?
    } else {
        let out = args.out.clone().unwrap_or_else(|| passing.path().join("audit"));
        let told = if quiet { Told::Quiet } else { Told::ForPeople };
        let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
        let done = runtime.block_on(super::audit::gather(
            one_page(&args)?,
            &super::audit::To::Folder(out.clone()),
            config,
            told,
        ));
        runtime.shutdown_timeout(std::time::Duration::from_secs(2));
        done?;
        folder::open(&out)?
    };
    let judged = judge(&folder)?;
    let all = distinct(&judged.facts);
    let saved = saved(&folder, &judged.facts, &all);
    if let Some(path) = &args.save {
        let json = serde_json::to_string_pretty(&saved)? + "\n";
        affiant_record::write_whole(path, json.as_bytes())
            .with_context(|| format!("cannot save the declaration as {}", path.display()))?;
    }
    let mut stdout = crate::exit::stdout();
    match args.format {
        DeclaredAs::Json => writeln!(stdout, "{}", serde_json::to_string_pretty(&saved)?)?,
        DeclaredAs::Text if all.is_empty() => {
            let url = affiant_report::hostile::line(&saved.url, 200);
            writeln!(stdout, "No declaration of a consent platform could be read on {url}.")?;
        }
        DeclaredAs::Text => write!(stdout, "{}", text(&all, &judged.facts))?,
    }
    if !quiet && let Some(path) = &args.save {
        let _ = writeln!(
            std::io::stderr(),
            "affiant: saved as {0}; compare it later with `affiant cmp diff {0} OTHER`",
            path.display()
        );
    }
    let opened = judged.facts.iter().any(|v| v.outcome.is_complete());
    Ok(if opened { Exit::Nothing } else { Exit::CouldNot })
}

fn saved(folder: &AuditFolder, facts: &[VisitFacts], all: &[&DeclarationFact]) -> Saved {
    Saved {
        schema: SCHEMA.to_owned(),
        url: folder.manifest.plan.start.clone(),
        read: folder.manifest.started.clone(),
        records: facts.iter().filter(|v| !v.declarations.is_empty()).map(|v| v.record).collect(),
        declarations: all.iter().map(|d| (*d).clone()).collect(),
    }
}

fn compared(before: &Path, after: &Path) -> anyhow::Result<Exit> {
    let (a, b) = (read(before)?, read(after)?);
    let lines = diff(&a, &b);
    let mut stdout = crate::exit::stdout();
    if lines.is_empty() {
        writeln!(stdout, "Nothing differs in what is declared.")?;
        return Ok(Exit::Nothing);
    }
    for l in lines {
        writeln!(stdout, "{l}")?;
    }
    Ok(Exit::Findings)
}

/// The declarations of a saved file or of an audit folder.
fn read(path: &Path) -> anyhow::Result<Vec<Declaration>> {
    let strip = |all: Vec<DeclarationFact>| all.into_iter().map(|d| d.declared).collect();
    if is_audit(path) {
        let judged = judge(&folder::open(path)?)?;
        return Ok(strip(distinct(&judged.facts).into_iter().cloned().collect()));
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let saved: Saved = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no declaration that `affiant cmp show --save` wrote, and no audit folder",
            path.display()
        )
    })?;
    if saved.schema != SCHEMA {
        anyhow::bail!("{}: its format is {}, and this affiant reads {SCHEMA}", path.display(), saved.schema);
    }
    Ok(strip(saved.declarations))
}

/// One visit without a choice, of the page that is to be shown.
fn one_page(args: &CmpShow) -> anyhow::Result<AuditRequest> {
    Ok(AuditRequest {
        max_pages: 1,
        scenarios: vec![Scenario::NoChoice],
        returns: false,
        probe: Probe { on: false, ..Probe::default() },
        browser: args.browser.clone(),
        proxy: args.proxy.clone(),
        vantage: args.vantage.name().to_owned(),
        resolve: args.resolve.clone(),
        insecure: args.insecure,
        headers: args.headers.all()?,
        ..AuditRequest::of(vec![args.what.clone()])
    })
}
