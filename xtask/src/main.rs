//! `cargo xtask <verb>`: everything a developer or CI does, one file a verb.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

mod architecture;
mod audit;
mod bench;
mod beside;
mod browser;
mod built;
mod busy;
mod check;
mod deny;
mod nextest;
mod npm;
mod package;
mod postgres;
mod processes;
mod run;
mod serve;
mod setup;
mod step;
mod tally;
mod test;
mod vendor;
mod wheel;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Set up, audit, test and check affiant.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Find or install a browser, PostgreSQL and the test runner, and build the testbed's npm bundle.
    Setup,
    /// Build affiant with optimisation and audit: the given URLs, or the bundled demo site.
    Audit {
        /// The pages to start from; none means the demo site.
        urls: Vec<String>,
        /// What else to hand to `affiant audit`.
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Build affiant with optimisation and serve its web pages.
    Serve {
        /// What else to hand to `affiant serve`.
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Set up, then run every test.
    Test(test::How),
    /// Everything CI checks besides the tests.
    Check,
    /// What affiant costs, beside bare Chromium loading the same pages.
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Check that crates depend on each other only in the permitted direction.
    Architecture,
    /// Copy what is embedded from the locked npm packages into third_party/.
    Vendor {
        /// Only say whether third_party/ equals the locked packages.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().verb {
        Verb::Setup => setup::setup().map(|_| 0),
        Verb::Audit { urls, flags } => audit::audit(&urls, &flags),
        Verb::Serve { flags } => serve::serve(&flags),
        Verb::Test(how) => test::test(&how).map(|()| 0),
        Verb::Check => check::check().map(|()| 0),
        Verb::Bench { what } => bench::bench(&what).map(|()| 0),
        Verb::Architecture => architecture::check().map(|()| 0),
        Verb::Vendor { check: true } => vendor::check().map(|()| 0),
        Verb::Vendor { check: false } => vendor::copy().map(|()| 0),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(if error.is::<setup::Missing>() { 2 } else { 1 })
        }
    }
}
