//! The command line. What a verb takes stands with the verb, in `commands/`; here is what they share, and `audit`'s own.

mod audit;
mod headers;
mod print;
mod store;
mod visitor;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::browser::BrowserArgs;
use crate::commands::cmp::CmpArgs;
use crate::commands::compare::CompareArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::export::ExportArgs;
use crate::commands::findings::FindingsArgs;
use crate::commands::history::HistoryArgs;
use crate::commands::import::ImportArgs;
use crate::commands::inventory::InventoryArgs;
use crate::commands::jobs::JobsArgs;
use crate::commands::judge::JudgeArgs;
use crate::commands::man::ManArgs;
use crate::commands::record::RecordArgs;
use crate::commands::report::ReportArgs;
use crate::commands::rule::RuleArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::store::StoreVerbs;
use crate::commands::watch::WatchArgs;
use crate::commands::worker::WorkerArgs;

pub(crate) use audit::{AuditArgs, Gpc, ProgressAs};
pub(crate) use headers::HeaderArgs;
pub(crate) use print::{FailOn, Format, TableAs};
pub(crate) use store::StoreArgs;
pub(crate) use visitor::{Asked, VantageName, scenario};

/// What a website really sends, to whom, and under which consent.
#[derive(Debug, Parser)]
#[command(
    name = "affiant",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 nothing found, 1 findings, 2 it could not be done (or not wholly, and nothing was found).\n\
                  affiant states what was observed. It is no legal advice."
)]
pub(crate) struct Args {
    /// Say only what was asked for: no progress, no hints.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more about what is going on (-vv, -vvv for more). AFFIANT_LOG takes a filter.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The configuration. Default: AFFIANT_CONFIG, or affiant.toml here, or ~/.config/affiant/affiant.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Visit a site in every consent scenario, record what it sends, and judge it.
    Audit(Box<AuditArgs>),
    /// The audits of a site, or of all: when, what was visited, what was found.
    History(HistoryArgs),
    /// The findings of a site over its audits: new, open, gone, or not tested again; and since when.
    Findings(FindingsArgs),
    /// What was seen on a site over its audits: tags, vendors, cookies, hosts; first and last, in how many, on how many pages.
    Inventory(InventoryArgs),
    /// Serve the web pages: properties, audits as they go on, findings; and make audits.
    Serve(ServeArgs),
    /// Sites that are audited by a schedule, and who is told what is new.
    Watch(WatchArgs),
    /// Make the audits that were put into the store, beside other workers.
    Worker(WorkerArgs),
    /// What workers have to do and could not do; and stopping an audit that they make.
    Jobs(JobsArgs),
    /// The configuration: what holds, and where it comes from.
    Config(ConfigArgs),
    /// The store itself: take audits in, make its database again.
    Store(StoreVerbs),
    /// Write the reports of an audit again.
    Report(ReportArgs),
    /// What differs between two audits, two vantages, or two scenarios of one audit.
    Compare(CompareArgs),
    /// Judge an audit again with today's rules, offline.
    Judge(JudgeArgs),
    /// Turn a HAR that another tool made into an audit folder, to be judged like any other.
    Import(ImportArgs),
    /// Write the records of an audit or a visit as a HAR, which browsers' own tools open.
    Export(ExportArgs),
    /// What the consent platform itself declares: categories, defaults, and what is said to be in each.
    Cmp(CmpArgs),
    /// Look into sealed records, or check that nobody changed them.
    Record(RecordArgs),
    /// The rules: what each observes, why it matters, what to do.
    Rule(RuleArgs),
    /// What to start a browser elsewhere with, for `affiant audit --browser http://HOST:PORT`.
    Browser(BrowserArgs),
    /// Serve the bundled demo shop on loopback until Ctrl-C.
    Demo(DemoArgs),
    /// Print shell completions.
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of every command into a folder.
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
