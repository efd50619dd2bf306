//! `affiant audit`: visit a site in every consent scenario, record what it sends, and judge it.

use std::io::Write as _;
use std::path::Path;

use affiant_gather::{BrowserOptions, GatherError, Proxy, RemoteAddress, StopHandle, Which};
use affiant_record::audit::Plan;
use affiant_record::header::{Settings, Vantage};
use affiant_record::{AuditFolder, Scenario};
use affiant_testbed::{Sites, Testbed};
use anyhow::Context as _;
use jiff::Timestamp;

use crate::args::{Asked, AuditArgs, FailOn, Format, Gpc, PAGES};
use crate::audit::progress::{Loudness, Totals, show};
use crate::audit::{Job, Ran, address, canary, fit, lanes, list, run as run_lanes};
use crate::exit::{Exit, complain};
use crate::{judging, reporting};

/// The viewport: a common laptop's.
pub(crate) const VIEWPORT: (u32, u32) = (1280, 800);
/// The languages that pages are told.
pub(crate) const LOCALE: &str = "en-US";

/// Runs the audit.
pub(crate) fn run(args: AuditArgs, quiet: bool) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let done = runtime.block_on(audit(args, quiet));
    // A browser that hangs must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

async fn audit(args: AuditArgs, quiet: bool) -> anyhow::Result<Exit> {
    let (format, fail_on) = (args.format, args.fail_on);
    let (folder, error) = gather(args, quiet).await?;
    conclude(&folder, error, format, fail_on, quiet)
}

/// Makes the visits, into a folder. The error is of a part that could not be done.
pub(crate) async fn gather(
    mut args: AuditArgs,
    quiet: bool,
) -> anyhow::Result<(AuditFolder, Option<GatherError>)> {
    // Kept until the end: dropped, the demo site is gone.
    let demo = if args.demo {
        Some(Testbed::start(Sites::demo()).await.context("cannot serve the demo site")?)
    } else {
        None
    };
    if let Some(bed) = &demo {
        let site = bed.sites().next().context("the demo site is missing from this build")?;
        args.urls = vec![site.start.clone()];
        args.pages = Some(args.pages.unwrap_or(site.pages.len() as u32));
        args.resolve = bed.resolve_rules();
        args.insecure = true;
    }
    let listed = args.list.is_some();
    let words = affiant_gather::words_of_nobody();
    let given = args.urls.iter().map(|u| address::read(&canary::fill(u, &words)));
    let mut urls = given.collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &args.list {
        urls.extend(list::read(path, &words)?);
    }
    let has_words = urls.iter().any(|u| canary::is_in(u.as_str(), &words));
    let mut known = std::collections::HashSet::new();
    urls.retain(|u| known.insert(u.clone()));
    if urls.len() > list::MOST {
        anyhow::bail!("{} addresses were given: an audit visits at most {}", urls.len(), list::MOST);
    }
    let start = urls.first().context("no address was given")?.clone();
    let named = args
        .browser
        .clone()
        .or_else(|| std::env::var_os("AFFIANT_BROWSER").filter(|b| !b.is_empty()).map(Into::into));
    let remote = named.as_deref().and_then(Path::to_str).map(RemoteAddress::read).transpose()?.flatten();
    let browser = match remote {
        Some(address) => Which::Remote(address),
        None => Which::Program(affiant_gather::find::find(named.as_deref())?),
    };
    let now = Timestamp::now();
    let id = address::folder_name(&start, &now.strftime("%Y%m%d-%H%M%S").to_string());
    let out = args.out.clone().unwrap_or_else(|| lanes::default_out(&id));
    let scenarios = scenarios(&args.scenario);
    let pages: Vec<String> = urls.iter().map(|u| u.to_string()).collect();
    let max_pages = args.pages.unwrap_or(PAGES).max(pages.len() as u32);
    // The login stays with the browser's options: neither the plan nor a record holds it.
    let proxy = args.proxy.take().or_else(|| std::env::var("AFFIANT_PROXY").ok().filter(|p| !p.is_empty()));
    let proxy = proxy.as_deref().map(Proxy::read).transpose()?;
    let vantage = vantage(&args, proxy.as_ref());
    let plan = Plan {
        start: start.to_string(),
        max_pages: if pages.len() > 1 || listed { pages.len() as u32 } else { max_pages },
        pages,
        scenarios,
        // What the signal changes is seen where nothing else is decided.
        controls: if vantage.gpc { vec![Scenario::NoChoice] } else { Vec::new() },
        returns: !args.no_return,
        repeat: args.repeat,
        vantage: vantage.clone(),
        extra: Default::default(),
    };
    let folder = AuditFolder::create(&out, id, lanes::tool(), now.to_string(), plan.clone())?;

    let (handle, stop) = StopHandle::new();
    on_interrupt(handle, quiet);
    let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
    let loudness = if quiet { Loudness::Quiet } else { Loudness::Normal };
    let totals = Totals::default();
    let shown = tokio::spawn(show(rx, loudness, Totals::clone(&totals)));
    let parallel = args.parallel.map_or_else(fit::slots, usize::from);
    let job = Job {
        folder,
        plan,
        browser: BrowserOptions { browser, vantage, proxy, dns: args.dns.clone() },
        settings: Settings {
            visit_timeout_ms: args.timeout * 1000,
            quiet_ms: 500,
            dwell_ms: args.dwell * 1000,
            banner_wait_ms: 4000,
            body_limit: 2 << 20,
            probe: !args.no_probe,
            probe_not_on: args.no_probe_on.clone(),
            probe_leave_out: args.no_probe_in.clone(),
            canary: has_words.then_some(words),
            extra: Default::default(),
        },
        headers: args.header.clone(),
        parallel,
        worn: fit::Worn::with(parallel),
        stop: stop.clone(),
        progress: tx,
        totals,
    };
    let Ran { mut folder, error, browsers } = run_lanes(job).await.with_context(|| stays(&out))?;
    let _ = shown.await;
    tracing::info!(parallel, browsers, "all sessions have ended");
    folder.manifest.interrupted = stop.is_stopped();
    folder.manifest.finished = Some(Timestamp::now().to_string());
    folder.save().with_context(|| stays(&out))?;
    drop(demo);
    Ok((folder, error))
}

/// Judges, reports, and says how it went.
fn conclude(
    folder: &AuditFolder,
    error: Option<GatherError>,
    format: Format,
    fail_on: FailOn,
    quiet: bool,
) -> anyhow::Result<Exit> {
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
    let judged = judging::judge(folder)?;
    judging::append(&folder.dir, &judged.judgement).with_context(|| stays(&folder.dir))?;
    reporting::write(folder, &judged, format, quiet).with_context(|| stays(&folder.dir))?;
    let mut err = std::io::stderr().lock();
    if let Some(e) = error {
        complain(&anyhow::Error::from(e).context("a part of the audit could not be done"));
    }
    let opened = visits.iter().any(|v| {
        v.outcome
            .as_ref()
            .is_some_and(|o| o.is_complete() || matches!(o, affiant_record::Outcome::TimedOut { .. }))
    });
    if !opened && let Some(o) = visits.iter().find_map(|v| v.outcome.as_ref()) {
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
    let found = judged.judgement.findings.iter().any(|f| fail_on.counts(f.severity));
    let whole = visits.iter().all(|v| v.outcome.as_ref().is_some_and(affiant_record::Outcome::is_complete));
    Ok(match (opened, found, whole && !folder.manifest.interrupted) {
        (false, ..) => Exit::CouldNot,
        (_, true, _) => Exit::Findings,
        (_, false, true) => Exit::Nothing,
        (_, false, false) => Exit::CouldNot,
    })
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
fn scenarios(asked: &[Asked]) -> Vec<Scenario> {
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

fn vantage(args: &AuditArgs, proxy: Option<&Proxy>) -> Vantage {
    let named = affiant_gather::named_vantage(args.vantage.name()).unwrap_or_default();
    Vantage {
        locale: Some(named.locale.clone().unwrap_or_else(|| LOCALE.to_owned())),
        width: VIEWPORT.0,
        height: VIEWPORT.1,
        proxy: proxy.map(|p| p.address().to_owned()),
        third_party_cookies: !args.block_third_party_cookies,
        gpc: args.gpc == Gpc::On,
        insecure: args.insecure,
        resolve: args.resolve.clone(),
        header_names: args.header.iter().map(|(n, _)| n.clone()).collect(),
        ..named
    }
}

/// Ctrl-C once: finish what is cheap, seal, summarise. Twice: stop now; what is sealed stays.
fn on_interrupt(handle: StopHandle, quiet: bool) {
    tokio::spawn(async move {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok();
        for round in 0..2 {
            tokio::select! {
                heard = tokio::signal::ctrl_c() => if heard.is_err() { return },
                () = async { match &mut terminate { Some(t) => { t.recv().await; } None => std::future::pending().await } } => {}
            }
            if round == 0 {
                handle.stop();
                if !quiet {
                    let _ = writeln!(
                        std::io::stderr(),
                        "affiant: stopping; sealing what was seen (once more to stop at once)"
                    );
                }
            } else {
                // The browser ends when its pipe closes; its profile is swept by the next run.
                std::process::exit(2);
            }
        }
    });
}

/// Whether a path is an audit folder.
pub(crate) fn is_audit(dir: &Path) -> bool {
    dir.join(affiant_record::audit::MANIFEST_FILE).is_file()
}
