//! `affiant worker`: makes the audits that were put into the store, beside other workers, on this machine or others.

use std::io::Write as _;
use std::time::Duration;

use affiant_engine::jobs::{Happened, What, Worker, work};
use affiant_engine::run;
use affiant_engine::watch::{self, Served, keep_schedules};
use affiant_gather::{Guard, Stop, StopHandle};
use affiant_store::{Jobs, Place, Store};
use anyhow::Context as _;
use clap::Args;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::args::StoreArgs;
use crate::config::Config;
use crate::exit::Exit;
use crate::{interrupt, kept};

/// How long a worker that is not heard of keeps its jobs, in seconds, unless `--lease` says otherwise.
const LEASE_S: u64 = 30;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    affiant worker\n  \
    affiant worker --store postgres://affiant@db/affiant --store-folder /srv/affiant --parallel 4\n  \
    affiant audit https://www.example.com --queue && affiant worker --until-idle")]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    /// End when no job is left.
    #[arg(long)]
    pub(crate) until_idle: bool,
    /// Let audits reach public addresses only, and hosts that limits.allow_hosts allows: for a server that audits what others ask
    /// for.
    #[arg(long)]
    pub(crate) only_public: bool,
}

/// How a worker works.
#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// Sessions that it lives side by side. Default: limits.parallel, or as many as fit the machine.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) parallel: Option<u8>,
    /// How long it keeps its jobs when nothing is heard of it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE_S, value_parser = clap::value_parser!(u64).range(2..=3600))]
    pub(crate) lease: u64,
    /// Leave schedules to other workers: audits that are due are put in by those.
    #[arg(long)]
    pub(crate) no_schedules: bool,
    /// The browser, in the place of what a request says. Default: AFFIANT_BROWSER, browser.program, or the first of the usual
    /// places.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) browser: Option<String>,
}

/// Works until it is stopped, or until nothing is left to do.
pub(crate) fn run(args: &WorkerArgs, config: &Config, quiet: bool) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let worker = args.work.worker(config, args.until_idle, args.only_public)?;
    kept::run(async {
        let store = Store::open(&place).await.context("the worker was not begun")?;
        let jobs = args.work.jobs(&store, config);
        let (handle, stop) = StopHandle::new();
        interrupt::on(
            handle,
            quiet,
            "stopping; sealing what was seen and giving jobs back (once more to stop at once)",
        );
        if !quiet {
            say(&format!("worker {} at {place}, {} sessions side by side", worker.name, worker.slots));
        }
        let worked = args.work.at_work(worker, &store, &place, &jobs, stop, quiet).await;
        store.close().await;
        worked
    })?;
    Ok(Exit::Nothing)
}

impl WorkArgs {
    /// The worker that is meant.
    pub(crate) fn worker(
        &self,
        config: &Config,
        until_idle: bool,
        only_public: bool,
    ) -> anyhow::Result<Worker> {
        let browser = self.browser.clone().or_else(|| config.browser());
        // A worker without a browser would fail every job that it takes.
        let found = affiant_engine::browser(browser.as_deref()).context("the worker was not begun")?;
        let guard = only_public.then(|| Guard { allow: config.limits.allow_hosts.clone() });
        if let Some(guard) = &guard {
            guard.may_serve(&found).context("the worker was not begun")?;
        }
        let slots = self.parallel.map(u32::from).or(config.limits.parallel);
        Ok(Worker {
            name: name(),
            slots: slots.map_or_else(run::slots, |n| n as usize),
            per_site: config.limits.per_site(),
            browser,
            guard,
            delivery: config.delivery()?,
            until_idle,
        })
    }

    /// Works, and keeps schedules if it is to, until it is stopped or nothing is left to do.
    pub(crate) async fn at_work(
        &self,
        worker: Worker,
        store: &Store,
        place: &Place,
        jobs: &Jobs,
        stop: Stop,
        quiet: bool,
    ) -> anyhow::Result<()> {
        let (tx, rx) = tokio::sync::mpsc::unbounded_channel();
        let told = tokio::spawn(tell(rx, quiet));
        // What is being put in when the worker ends is put in wholly.
        let (end, ended) = StopHandle::new();
        let scheduled = async {
            if !self.no_schedules {
                keep_schedules(store, place, jobs, watch::EVERY, &ended, |served| due(&served, quiet)).await;
            }
        };
        let works = async {
            let worked = work(worker, store.clone(), place.clone(), jobs.clone(), stop, tx).await;
            end.stop();
            worked
        };
        let (worked, ()) = tokio::join!(works, scheduled);
        let _ = told.await;
        Ok(worked?)
    }

    /// The jobs of a store, as this worker claims them.
    pub(crate) fn jobs(&self, store: &Store, config: &Config) -> Jobs {
        Jobs::new(store, Duration::from_secs(self.lease), config.limits.per_site() as u32)
    }
}

fn due(served: &Served, quiet: bool) {
    let text = match &served.what {
        watch::What::Began(audit) => format!("is due: {audit}"),
        watch::What::Skipped(open) => format!("is due, and left out: {open} is still being made"),
        watch::What::Broken(why) | watch::What::Waits(why) => format!("is due, and was not begun: {why}"),
        _ => return,
    };
    if !quiet {
        say(&affiant_report::hostile::line(&format!("{}  {text}", served.property), 400));
    }
}

/// The machine's name and the process's number.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}", if host.trim().is_empty() { "worker" } else { host.trim() }, std::process::id())
}

/// Says what happens to jobs.
async fn tell(mut happened: UnboundedReceiver<Happened>, quiet: bool) {
    while let Some(Happened { job, what }) = happened.recv().await {
        let text = match what {
            What::Taken(1) => "taken".to_owned(),
            What::Taken(n) => format!("taken, attempt {n}"),
            What::Done => "done".to_owned(),
            What::GivenBack => "given back".to_owned(),
            What::Lost => "another worker's by now".to_owned(),
            What::Failed(why) => format!("failed: {}", affiant_report::hostile::line(&why, 400)),
            _ => continue,
        };
        if !quiet {
            say(&format!("{}  {text}", affiant_report::hostile::line(&job, 200)));
        }
    }
}

/// A line for whoever started it.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "affiant: {text}");
}
