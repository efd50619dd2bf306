//! `affiant audit`: visit a site in every consent scenario, record what it sends, and judge it.

use std::io::Write as _;
use std::path::Path;

use affiant_gather::{BrowserOptions, GatherError, StopHandle};
use affiant_record::audit::Plan;
use affiant_record::header::{Settings, Vantage};
use affiant_record::{AuditFolder, Scenario};
use affiant_testbed::{Sites, Testbed};
use anyhow::Context as _;
use jiff::Timestamp;

use crate::args::{AuditArgs, Format, PAGES};
use crate::audit::progress::{Loudness, show};
use crate::audit::{Job, Ran, address, lanes, run as run_lanes};
use crate::exit::{Exit, complain};
use crate::{judging, reporting};

/// The viewport: a common laptop's.
const VIEWPORT: (u32, u32) = (1280, 800);

/// Runs the audit.
pub(crate) fn run(args: AuditArgs, quiet: bool) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let done = runtime.block_on(audit(args, quiet));
    // A browser that hangs must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

async fn audit(mut args: AuditArgs, quiet: bool) -> anyhow::Result<Exit> {
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
    let urls = args.urls.iter().map(|u| address::read(u)).collect::<Result<Vec<_>, _>>()?;
    let start = urls.first().context("no address was given")?.clone();
    let named = args
        .browser
        .clone()
        .or_else(|| std::env::var_os("AFFIANT_BROWSER").filter(|b| !b.is_empty()).map(Into::into));
    let browser = affiant_gather::find::find(named.as_deref())?;
    let now = Timestamp::now();
    let id = address::folder_name(&start, &now.strftime("%Y%m%d-%H%M%S").to_string());
    let out = args.out.clone().unwrap_or_else(|| lanes::default_out(&id));
    let mut scenarios = if args.scenario.is_empty() { Scenario::ALL.to_vec() } else { args.scenario.clone() };
    scenarios.sort();
    scenarios.dedup();
    let pages: Vec<String> = urls.iter().map(|u| u.to_string()).collect();
    let max_pages = args.pages.unwrap_or(PAGES).max(pages.len() as u32);
    let vantage = vantage(&args)?;
    let plan = Plan {
        start: start.to_string(),
        max_pages: if pages.len() > 1 { pages.len() as u32 } else { max_pages },
        pages,
        scenarios,
        vantage: vantage.clone(),
        extra: Default::default(),
    };
    let folder = AuditFolder::create(&out, id, lanes::tool(), now.to_string(), plan.clone())?;

    let (handle, stop) = StopHandle::new();
    on_interrupt(handle, quiet);
    let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
    let loudness = if quiet { Loudness::Quiet } else { Loudness::Normal };
    let shown = tokio::spawn(show(rx, loudness, u64::from(plan.max_pages)));
    let job = Job {
        folder,
        plan,
        browser: BrowserOptions { browser, vantage, proxy: args.proxy.clone() },
        settings: Settings {
            visit_timeout_ms: args.timeout * 1000,
            quiet_ms: 500,
            banner_wait_ms: 4000,
            body_limit: 2 << 20,
            extra: Default::default(),
        },
        headers: args.header.clone(),
        parallel: args.parallel.map_or_else(cores, usize::from),
        stop: stop.clone(),
        progress: tx,
    };
    let Ran { mut folder, error } = run_lanes(job).await.with_context(|| stays(&out))?;
    let _ = shown.await;
    folder.manifest.interrupted = stop.is_stopped();
    folder.manifest.finished = Some(Timestamp::now().to_string());
    folder.save().with_context(|| stays(&out))?;
    drop(demo);
    conclude(&folder, error, &args, quiet)
}

/// Judges, reports, and says how it went.
fn conclude(
    folder: &AuditFolder,
    error: Option<GatherError>,
    args: &AuditArgs,
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
    reporting::write(folder, &judged, args.format, quiet).with_context(|| stays(&folder.dir))?;
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
    if folder.manifest.interrupted && args.format == Format::Terminal {
        let _ = writeln!(
            err,
            "affiant: stopped on request; {sealed} of {} visits are recorded and sealed",
            visits.len()
        );
    }
    let found = judged.judgement.findings.iter().any(|f| args.fail_on.counts(f.severity));
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

fn vantage(args: &AuditArgs) -> anyhow::Result<Vantage> {
    let proxy = args.proxy.as_deref().map(without_credentials).transpose()?;
    Ok(Vantage {
        name: "default".to_owned(),
        locale: Some("en-US".to_owned()),
        timezone: None,
        width: VIEWPORT.0,
        height: VIEWPORT.1,
        proxy,
        third_party_cookies: !args.block_third_party_cookies,
        gpc: false,
        insecure: args.insecure,
        resolve: args.resolve.clone(),
        header_names: args.header.iter().map(|(n, _)| n.clone()).collect(),
        extra: Default::default(),
    })
}

/// The proxy's address as it may be written down.
fn without_credentials(proxy: &str) -> anyhow::Result<String> {
    let text = if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    let url = url::Url::parse(&text)
        .with_context(|| format!("'{proxy}' is no proxy address: write it like http://proxy.example:3128"))?;
    if !matches!(url.scheme(), "http" | "https" | "socks4" | "socks5") || url.host_str().is_none() {
        anyhow::bail!("'{proxy}' is no proxy address: http, https, socks4 and socks5 proxies are understood");
    }
    if !url.username().is_empty() || url.password().is_some() {
        anyhow::bail!(
            "a proxy with a login is not supported yet: run a local proxy that adds it, and name that one"
        );
    }
    Ok(text)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, 4)
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
