//! affiant: what a website really sends, to whom, and under which consent.
//!
//! The binary only reads its arguments and hands over to `commands/<verb>.rs`.

mod args;
mod commands;
mod config;
mod exit;
mod interrupt;
mod kept;
mod list;
mod progress;
mod reporting;
mod table;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use config::Config;
use exit::Exit;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let code = if e.use_stderr() { Exit::CouldNot } else { Exit::Nothing };
            // The terminal may be gone; there is nobody left to tell then.
            let _ = e.print();
            return code.into();
        }
    };
    log(args.verbose);
    match run(args) {
        Ok(exit) => exit.into(),
        Err(e) if is_broken_pipe(&e) => Exit::Nothing.into(),
        Err(e) => {
            exit::complain(&e);
            Exit::CouldNot.into()
        }
    }
}

/// Does what the verb says. The configuration is read by those that need it.
fn run(args: Args) -> anyhow::Result<Exit> {
    let quiet = args.quiet;
    let config = || Config::load(args.config.as_deref());
    match args.command {
        Command::Audit(a) => commands::audit::run(*a, &config()?, quiet),
        Command::History(a) => commands::history::run(&a, &config()?),
        Command::Findings(a) => commands::findings::run(&a, &config()?),
        Command::Inventory(a) => commands::inventory::run(&a, &config()?),
        Command::Store(a) => commands::store::run(&a, &config()?, quiet),
        Command::Serve(a) => commands::serve::run(&a, &config()?, quiet),
        Command::Watch(a) => commands::watch::run(&a, &config()?, quiet),
        Command::Worker(a) => commands::worker::run(&a, &config()?, quiet),
        Command::Jobs(a) => commands::jobs::run(&a, &config()?, quiet),
        Command::Config(a) => commands::config::run(&a, &config()?),
        Command::Report(a) => commands::report::run(&a, &config()?, quiet),
        Command::Compare(a) => commands::compare::run(&a, &config()?),
        Command::Judge(a) => commands::judge::run(&a, &config()?, quiet),
        Command::Import(a) => commands::import::run(&a, &config()?, quiet),
        Command::Export(a) => commands::export::run(&a, &config()?, quiet),
        Command::Cmp(a) => commands::cmp::run(a, config, quiet),
        Command::Record(a) => commands::record::run(&a),
        Command::Rule(a) => commands::rule::run(&a),
        Command::Browser(a) => commands::browser::run(&a, quiet),
        Command::Demo(a) => commands::demo::run(&a),
        Command::Completions(a) => commands::completions::run(&a),
        Command::Man(a) => commands::man::run(&a),
    }
}

/// Whoever reads our output may stop reading: `affiant rule list | head` is no error.
fn is_broken_pipe(e: &anyhow::Error) -> bool {
    e.chain()
        .filter_map(|c| c.downcast_ref::<std::io::Error>())
        .any(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

fn log(verbose: u8) {
    use tracing_subscriber::EnvFilter;
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "affiant=debug,affiant_gather=debug,info",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_env("AFFIANT_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
