//! `affiant audit`: visit a site in every consent scenario, record what it sends, and judge it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use affiant_engine::jobs::{Wanted, ask};
use affiant_engine::{
    AuditRequest, DEFAULT_PAGES, EngineError, Judged, KeptRequest, Prepared, Probe, address, folder, judge,
    kept as audits, tool,
};
use affiant_gather::StopHandle;
use affiant_plan::Part;
use affiant_record::{AuditFolder, Scenario, VisitEntry};
use affiant_store::{Jobs, Place, Store};
use affiant_testbed::{Sites, Testbed};
use anyhow::Context as _;
use jiff::Timestamp;

use crate::args::{Asked, AuditArgs, FailOn, Format, Gpc, ProgressAs};
use crate::config::Config;
use crate::exit::{Exit, complain};
use crate::progress::{Told, show};
use crate::{interrupt, kept, list, reporting};

/// Runs the audit.
pub(crate) fn run(args: AuditArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let done = runtime.block_on(audit(args, config, quiet));
    // A browser that hangs must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

async fn audit(args: AuditArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    if args.print_request {
        let request = serde_json::to_string_pretty(&request(&args)?)?;
        writeln!(std::io::stdout(), "{request}")?;
        return Ok(Exit::Nothing);
    }
    if let Some(audit) = &args.resume {
        return resume(audit, &args, config, quiet).await;
    }
    // Kept until the end: dropped, the demo site is gone.
    let demo = if args.demo {
        Some(Testbed::start(Sites::demo()).await.context("cannot serve the demo site")?)
    } else {
        None
    };
    let mut request = request(&args)?;
    if args.queue {
        return queue(request, &args, config).await;
    }
    if let Some(bed) = &demo {
        let site = bed.sites().next().context("the demo site is missing from this build")?;
        request.pages = vec![site.start.clone()];
        request.max_pages = args.pages.unwrap_or(site.pages.len() as u32);
        request.resolve = bed.resolve_rules();
        request.insecure = true;
    }
    let told = told(&args, quiet);
    let to = match &args.out {
        Some(out) => To::Folder(out.clone()),
        None => To::Store(Keeping::open(args.store.place(config)?).await?),
    };
    let mut asked = KeptRequest::new(request);
    fill(&mut asked.request, config);
    let (made, prepared) = make(&asked, &to).await?;
    let _alone = folder::alone(&made.dir)?;
    // The demo's site ends with this process: nobody can go on with it.
    if demo.is_none() {
        folder::keep_request(&made, &asked)?;
    }
    let (folder, error) = visit(made, prepared, None, told).await?;
    drop(demo);
    let judged = conclude(&folder, error, args.format, quiet);
    if let To::Store(store) = to {
        store.file(&folder, judged.as_ref().ok()).await.with_context(|| kept::unfiled(&store.place))?;
        store.store.close().await;
    }
    let judged = judged?;
    Ok(exit(&folder, &judged, args.fail_on))
}

fn told(args: &AuditArgs, quiet: bool) -> Told {
    match args.progress {
        ProgressAs::Json => Told::Json,
        ProgressAs::Auto if quiet => Told::Quiet,
        ProgressAs::Auto => Told::ForPeople,
    }
}

/// Puts the audit into the store for workers, and prints its name.
async fn queue(request: AuditRequest, args: &AuditArgs, config: &Config) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let store = Store::open(&place).await.context("the audit was not put in")?;
    let mut asked = KeptRequest::new(request);
    // The browser is each worker's own.
    asked.request.proxy = asked.request.proxy.take().or_else(|| config.proxy());
    let jobs = Jobs::new(&store, Duration::ZERO, 0);
    let id = ask(&jobs, &store, &place, &asked, None, &Wanted::AskedFor).await?.unwrap_or_default();
    store.close().await;
    writeln!(std::io::stdout(), "{id}")?;
    Ok(Exit::Nothing)
}

/// Goes on with an audit that was killed.
async fn resume(audit: &Path, args: &AuditArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let dir = kept::folder(audit, &args.store, config)?;
    kept::not_busy(&dir, &args.store, config).await?;
    let _alone = folder::alone(&dir)?;
    let (mut made, mut asked) = folder::resume(&dir, &args.headers.all()?)?;
    asked.request.proxy = args.proxy.clone().or(asked.request.proxy);
    fill(&mut asked.request, config);
    let prepared = asked.prepare()?;
    let parts = folder::go_on(&mut made, &prepared)?;
    let (folder, error) = visit(made, prepared, parts, told(args, quiet)).await?;
    let judged = conclude(&folder, error, args.format, quiet);
    kept::file(&folder, judged.as_ref().ok(), &args.store, config).await?;
    Ok(exit(&folder, &judged?, args.fail_on))
}

/// Where the request says nothing, the installation does.
fn fill(request: &mut AuditRequest, config: &Config) {
    request.browser = request.browser.take().or_else(|| config.browser());
    request.proxy = request.proxy.take().or_else(|| config.proxy());
    request.parallel = request.parallel.or(config.limits.parallel);
}

/// Where an audit is kept.
pub(crate) enum To {
    /// In a folder of its own.
    Folder(PathBuf),
    /// In the store.
    Store(Keeping),
}

/// A store that is open while an audit goes on.
pub(crate) struct Keeping {
    place: Place,
    store: Store,
}

impl Keeping {
    /// Before anything is visited: a store that cannot be used is said at once.
    async fn open(place: Place) -> anyhow::Result<Keeping> {
        let store = Store::open(&place)
            .await
            .context("the audit was not begun (--out DIR keeps it in a folder of its own)")?;
        Ok(Keeping { place, store })
    }

    async fn file(&self, folder: &AuditFolder, judged: Option<&Judged>) -> Result<(), EngineError> {
        audits::file(&self.store, folder, judged).await
    }
}

/// What the command line asks for, or the file that it names.
fn request(args: &AuditArgs) -> anyhow::Result<AuditRequest> {
    if let Some(path) = &args.request {
        let text = list::text(path, "the request")?;
        return serde_json::from_slice(&text)
            .with_context(|| format!("{} is no request for an audit", list::name(path)));
    }
    let mut pages = args.urls.clone();
    if let Some(path) = &args.list {
        pages.extend(list::read(path)?);
    }
    // A list says which pages are visited, also one of a single page.
    let max_pages = if args.list.is_some() { 1 } else { args.pages.unwrap_or(DEFAULT_PAGES) };
    Ok(AuditRequest {
        max_pages,
        scenarios: scenarios(&args.scenario),
        returns: !args.no_return,
        repeat: args.repeat,
        vantage: args.vantage.name().to_owned(),
        gpc: args.gpc == Gpc::On,
        block_third_party_cookies: args.block_third_party_cookies,
        device: args.device.into(),
        identify: args.identify.clone(),
        probe: Probe {
            on: !args.no_probe,
            not_on: args.no_probe_on.clone(),
            leave_out: args.no_probe_in.clone(),
        },
        timeout_s: args.timeout,
        dwell_s: args.dwell,
        headers: args.headers.all()?,
        proxy: args.proxy.clone(),
        dns: args.dns.clone(),
        resolve: args.resolve.clone(),
        insecure: args.insecure,
        browser: args.browser.clone(),
        parallel: args.parallel.map(u32::from),
        ..AuditRequest::of(pages)
    })
}

/// Makes the visits, into a folder. The error is of a part that could not be done.
pub(crate) async fn gather(
    request: AuditRequest,
    to: &To,
    config: &Config,
    told: Told,
) -> anyhow::Result<(AuditFolder, Option<EngineError>)> {
    let mut asked = KeptRequest::new(request);
    fill(&mut asked.request, config);
    let (made, audit) = make(&asked, to).await?;
    let _alone = folder::alone(&made.dir)?;
    visit(made, audit, None, told).await
}

/// Makes the folder of an audit that is to be.
async fn make(asked: &KeptRequest, to: &To) -> anyhow::Result<(AuditFolder, Prepared)> {
    let audit: Prepared = asked.prepare()?;
    let now = Timestamp::now();
    let start = address::read(&audit.plan.start)?;
    let id = address::folder_name(&start, &now.strftime("%Y%m%d-%H%M%S").to_string());
    let made = match to {
        To::Folder(out) => AuditFolder::create(out, id, tool(), now.to_string(), audit.plan.clone())?,
        To::Store(keeping) => {
            let made = audits::make(&keeping.place, &id, now.to_string(), audit.plan.clone())?;
            // Should this process be killed, the store knows of the audit.
            keeping.file(&made, None).await?;
            made
        }
    };
    Ok((made, audit))
}

/// Makes the visits, those that are left, and ends the audit.
async fn visit(
    made: AuditFolder,
    audit: Prepared,
    parts: Option<Vec<Part>>,
    told: Told,
) -> anyhow::Result<(AuditFolder, Option<EngineError>)> {
    let out = made.dir.clone();
    let (handle, stop) = StopHandle::new();
    interrupt::on(handle, told == Told::Quiet, "stopping; sealing what was seen (once more to stop at once)");
    let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
    let shown = tokio::spawn(show(rx, told));
    let parallel = audit.parallel;
    let (mut done, ran) =
        folder::audit(made, audit, parts, stop.clone(), tx).await.with_context(|| stays(&out))?;
    let _ = shown.await;
    tracing::info!(parallel, browsers = ran.browsers, "all sessions have ended");
    done.end(Timestamp::now().to_string(), stop.is_stopped()).with_context(|| stays(&out))?;
    Ok((done, ran.error))
}

/// Judges, reports, and says what could not be done.
fn conclude(
    folder: &AuditFolder,
    error: Option<EngineError>,
    format: Format,
    quiet: bool,
) -> anyhow::Result<Judged> {
    let visits = &folder.manifest.visits;
    let sealed = visits.iter().filter(|v| v.digest.is_some()).count();
    if sealed == 0 {
        let why = error
            .map(anyhow::Error::from)
            .unwrap_or_else(|| anyhow::anyhow!("the audit was stopped before its first visit was done"));
        return Err(
            why.context(format!("nothing could be recorded; the audit's folder is {}", folder.dir.display()))
        );
    }
    let judged = judge(folder)?;
    folder::append(&folder.dir, &judged.judgement).with_context(|| stays(&folder.dir))?;
    reporting::write(folder, &judged, format, quiet).with_context(|| stays(&folder.dir))?;
    let mut err = std::io::stderr().lock();
    if let Some(e) = error {
        complain(&anyhow::Error::from(e).context("a part of the audit could not be done"));
    }
    if !opened(visits)
        && let Some(o) = visits.iter().find_map(|v| v.outcome.as_ref())
    {
        let reason = o.reason().unwrap_or("it was interrupted");
        let start = affiant_report::hostile::line(&folder.manifest.plan.start, 200);
        let _ = writeln!(
            err,
            "affiant: {start} could not be audited: {}",
            affiant_report::hostile::line(reason, 400)
        );
    }
    if folder.manifest.interrupted && format == Format::Terminal {
        let _ = writeln!(
            err,
            "affiant: stopped on request; {sealed} of {} visits are recorded and sealed",
            visits.len()
        );
    }
    Ok(judged)
}

/// How it went, in one number.
fn exit(folder: &AuditFolder, judged: &Judged, fail_on: FailOn) -> Exit {
    let visits = &folder.manifest.visits;
    let found = judged.judgement.findings.iter().any(|f| fail_on.counts(f.severity));
    let whole = visits.iter().all(|v| v.outcome.as_ref().is_some_and(affiant_record::Outcome::is_complete));
    match (opened(visits), found, whole && !folder.manifest.interrupted) {
        (false, ..) => Exit::CouldNot,
        (_, true, _) => Exit::Findings,
        (_, false, true) => Exit::Nothing,
        (_, false, false) => Exit::CouldNot,
    }
}

/// Whether any page could be opened.
fn opened(visits: &[VisitEntry]) -> bool {
    let seen = |o: &affiant_record::Outcome| {
        o.is_complete() || matches!(o, affiant_record::Outcome::TimedOut { .. })
    };
    visits.iter().any(|v| v.outcome.as_ref().is_some_and(seen))
}

/// What to know when writing ended early.
fn stays(dir: &Path) -> String {
    format!(
        "the audit could not go on; every visit that was sealed stays as it is: see `affiant record verify {0}`, and, \
         once that folder can be written to again, `affiant judge {0}`",
        dir.display()
    )
}

/// The scenarios asked for, each once, in the order of living.
pub(crate) fn scenarios(asked: &[Asked]) -> Vec<Scenario> {
    let mut all: Vec<Scenario> = asked
        .iter()
        .flat_map(|a| match a {
            Asked::All => Scenario::ALL.to_vec(),
            Asked::One(s) => vec![*s],
        })
        .collect();
    if all.is_empty() {
        all = Scenario::DEFAULT.to_vec();
    }
    all.sort();
    all.dedup();
    all
}
