//! `test`: set up, then every test of the workspace, side by side; with `--check` everything that CI checks.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::step::{Step, spent};
use crate::{beside, browser, busy, check, nextest, postgres, setup, tally};

/// How the tests are run.
#[derive(clap::Args)]
pub(crate) struct How {
    /// Run only tests whose name contains one of these.
    names: Vec<String>,
    /// Run them so many times, and show how often each failed.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Keep every core busy with something else meanwhile: what only holds on an idle machine shows.
    #[arg(long)]
    busy: bool,
    /// Beside the tests, everything else that CI checks: `cargo xtask check`.
    #[arg(long)]
    check: bool,
    /// What else to hand to `cargo nextest run`, such as `-p affiant-rules`.
    #[arg(last = true)]
    arguments: Vec<String>,
}

const BUILD: Step = Step {
    what: "building the tests",
    about: "a few minutes the first time",
    otherwise: "read the compiler's words above; Rust 1.95 or later is needed (`rustup update stable`), \
                and a C compiler (Debian: `sudo apt-get install build-essential`)",
};
const RUN: Step = Step {
    what: "running the tests",
    about: "about 40 minutes on two cores",
    otherwise: "run one that failed alone: `cargo xtask test NAME`; with `--repeat 20` to see how often it fails",
};

/// Runs them.
pub(crate) fn test(how: &How) -> Result<()> {
    let began = Instant::now();
    if how.check {
        check::QUICK.run(check::quick)?;
    }
    let (built, ready) = beside::both(|| build(how), ready);
    let ((tools, server), ()) = (ready?, built?);
    let (tested, checked) = if how.check {
        beside::both(|| RUN.run(|| run(how, &tools, &server)), || check::SLOW.run(check::slow))
    } else {
        (RUN.run(|| run(how, &tools, &server)), Ok(()))
    };
    eprintln!("==> all in all {}", spent(began.elapsed()));
    tested.and(checked)
}

fn build(how: &How) -> Result<()> {
    BUILD.run(|| crate::run::run(&mut nextest::build(&how.arguments)))
}

/// What the tests need that is not built.
fn ready() -> Result<(setup::Tools, postgres::Server)> {
    let tools = setup::setup()?;
    let server = postgres::start(&tools.postgres)?;
    Ok((tools, server))
}

fn run(how: &How, tools: &setup::Tools, server: &postgres::Server) -> Result<()> {
    let _busy = how.busy.then(busy::keep);
    let mut tally = tally::Tally::default();
    let mut failed = 0;
    for turn in 1..=how.repeat {
        if how.repeat > 1 {
            eprintln!("==> run {turn} of {}", how.repeat);
        }
        let mut tests = nextest::command(&tools.nextest, &how.arguments);
        tests.args(&how.names);
        browser::give(&mut tests, &tools.browser);
        postgres::give(&mut tests, server);
        nextest::draw(&mut tests, turn);
        failed += u32::from(!nextest::run(&mut tests)?);
        tally.add(nextest::results()?);
    }
    eprintln!("{}", tally.slowest(10));
    if how.repeat > 1 {
        eprintln!("{}", tally.failures(how.repeat));
    }
    if failed > 0 {
        eprintln!("{}", tally.said());
        bail!("{} of {} tests failed; what they said stands above", tally.failed(), tally.count());
    }
    Ok(())
}
