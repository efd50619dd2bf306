//! The command line.

use std::path::PathBuf;

use crate::commands::jobs::JobsArgs;
use crate::commands::serve::ServeArgs;
use crate::commands::watch::WatchArgs;
use crate::commands::worker::WorkerArgs;
use affiant_engine::Header;
use affiant_record::Scenario;
use affiant_rules::judgement::Severity;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

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

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant audit https://www.example.com\n  \
    affiant audit https://www.example.com --pages 20 --scenario no-choice,reject-all\n  \
    affiant audit https://staging.example.com --resolve staging.example.com:443:10.0.0.5 --insecure\n  \
    affiant audit --demo")]
pub(crate) struct AuditArgs {
    /// Address of the site. Several addresses: exactly these pages are visited, the choice is made on the first.
    /// '{canary}' in an address, or in a list, is filled with words that are nobody's: a search for them is unmistakable.
    #[arg(value_name = "URL", required_unless_present_any = ["demo", "list", "request", "resume"])]
    pub(crate) urls: Vec<String>,
    /// File with more addresses, one a line, at most 10,000 in all: exactly these pages are visited. '-' reads stdin.
    #[arg(id = "list", long = "urls", value_name = "FILE", conflicts_with_all = ["demo", "pages"])]
    pub(crate) list: Option<PathBuf>,
    /// Audit the bundled demo shop, served on loopback meanwhile.
    #[arg(long, conflicts_with_all = ["urls", "resolve", "insecure"])]
    pub(crate) demo: bool,
    /// Pages each scenario visits at most; those beyond the first are found on it. Default: 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pages: Option<u32>,
    /// Consent scenarios, separated by commas: no-choice, ignore, dismiss, reject-all, custom:PURPOSES, accept-all, withdraw,
    /// returning, or 'all' (with custom:functional). PURPOSES: functional, analytics, advertising, social, joined by '+'.
    /// Default: no-choice, reject-all, accept-all.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = scenario)]
    pub(crate) scenario: Vec<Asked>,
    /// End each scenario with its last page; otherwise its visitor leaves (tab closed, session cookies gone) and comes back.
    #[arg(long)]
    pub(crate) no_return: bool,
    /// Do not type into the pages' fields. Otherwise each field that is seen is typed into once a session, a value that is
    /// nobody's and unique to it, to see who reads it; nothing is ever submitted.
    #[arg(long)]
    pub(crate) no_probe: bool,
    /// Do not type into pages whose address holds this text. May be given more than once.
    #[arg(long, value_name = "TEXT", conflicts_with = "no_probe")]
    pub(crate) no_probe_on: Vec<String>,
    /// Do not type into fields that this CSS selector, or one around them, fits. May be given more than once.
    #[arg(long, value_name = "SELECTOR", conflicts_with = "no_probe")]
    pub(crate) no_probe_in: Vec<String>,
    /// Live each scenario so many times, in fresh profiles: what depends on a race shows only then, and times get a spread.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) repeat: u32,
    /// Global Privacy Control: 'on' sends the signal in every scenario, and lives no-choice once more without it, as control.
    #[arg(long, value_enum, value_name = "on|off", default_value_t = Gpc::Off)]
    pub(crate) gpc: Gpc,
    /// Where the visitor is said to be. 'us-ca': California's time zone and languages, a place in Los Angeles for pages that
    /// ask, and OneTrust's own test parameter. All of it is declared: the site still sees this machine's address, or the
    /// proxy's.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = VantageName::Default)]
    pub(crate) vantage: VantageName,
    /// Audit what this file asks for, as --print-request writes it ('-' reads stdin), instead of what flags ask for. Those that
    /// say where results go, and how they are told, go with it.
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "urls", "list", "demo", "pages", "scenario", "no_return", "no_probe", "no_probe_on", "no_probe_in", "repeat", "gpc",
        "vantage", "browser", "header", "proxy", "dns", "timeout", "dwell", "resolve", "insecure",
        "block_third_party_cookies", "parallel", "print_request"])]
    pub(crate) request: Option<PathBuf>,
    /// Go on with an audit that was killed: its folder, or its name in the store. What was sealed stays; what is left is visited by
    /// fresh sessions. Give --header, and a proxy's login, once more: secrets are not kept.
    #[arg(long, value_name = "AUDIT", conflicts_with_all = [
        "urls", "list", "demo", "pages", "scenario", "no_return", "no_probe", "no_probe_on", "no_probe_in", "repeat", "gpc",
        "vantage", "browser", "dns", "timeout", "dwell", "resolve", "insecure", "block_third_party_cookies", "parallel",
        "print_request", "request", "out"])]
    pub(crate) resume: Option<PathBuf>,
    /// Put the audit into the store, for workers to make (`affiant worker`), and print its name.
    #[arg(long, conflicts_with_all = ["demo", "out", "resume", "print_request", "progress", "format", "fail_on", "browser"])]
    pub(crate) queue: bool,
    /// Print what these flags ask for as JSON (docs/schema/audit-request.v1.schema.json), with any secrets in it, and audit
    /// nothing.
    #[arg(long, conflicts_with = "demo")]
    pub(crate) print_request: bool,
    /// Folder for the audit; made new. It is not kept in the store then. Default: one in the store, HOST-TIME.
    #[arg(long, short, value_name = "DIR", conflicts_with_all = ["store", "store_folder"])]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// How what happens meanwhile is told on stderr.
    #[arg(long, value_enum, value_name = "auto|json", default_value_t = ProgressAs::Auto)]
    pub(crate) progress: ProgressAs,
    /// Program of the Chromium or Chrome to drive, or the address of a running one (http://HOST:PORT, ws://…, wss://…),
    /// which is left as it was. Default: AFFIANT_BROWSER, or the first of the usual places.
    #[arg(long, value_name = "PATH|URL")]
    pub(crate) browser: Option<String>,
    /// Extra request header, 'Name: value'; sent to the site's own origin only. May be given more than once.
    #[arg(long, value_name = "HEADER", value_parser = Header::read)]
    pub(crate) header: Vec<Header>,
    /// Proxy: an http, https, socks4 or socks5 address with its port; http and https ones also with a login
    /// (http://USER:PASSWORD@HOST:PORT, percent-encoded), which is never written down. Default: AFFIANT_PROXY, which
    /// keeps a login out of the list of processes.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Name server that is asked what hosts under the site's own domain are aliases of: 'system' (this machine's; not asked
    /// with a proxy, a remote browser or hosts of --resolve), 'off', or an address.
    #[arg(long, value_name = "system|SERVER[:PORT]|off", default_value = "system")]
    pub(crate) dns: String,
    /// Bound for one page to load and come to rest, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(5..=600))]
    pub(crate) timeout: u64,
    /// Least time to stay on a page after its load, and after the choice, in seconds. Timers and requests that the page
    /// announces are waited for anyway.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub(crate) dwell: u64,
    /// Least severity of a finding that makes the exit code 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Low)]
    pub(crate) fail_on: FailOn,
    /// Reach HOST:PORT at ADDR (or ADDR:PORT) without asking DNS; '*' is any host. May be given more than once.
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Accept any certificate, e.g. of a staging host. The record says so.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Block third-party cookies, as some visitors' browsers do. Default: allowed.
    #[arg(long)]
    pub(crate) block_third_party_cookies: bool,
    /// Sessions that run side by side. Default: as many as fit this machine's cores and memory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) parallel: Option<u8>,
}

/// Where audits are kept.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct StoreArgs {
    /// The store: a folder, or postgres://USER@HOST/DATABASE. Default: AFFIANT_STORE, or ~/.local/share/affiant.
    #[arg(long, value_name = "PLACE")]
    pub(crate) store: Option<String>,
    /// With a database server: the folder that the audits themselves are in. Default: AFFIANT_STORE_FOLDER.
    #[arg(long, value_name = "DIR")]
    pub(crate) store_folder: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant history\n  \
    affiant history example.com --format csv")]
pub(crate) struct HistoryArgs {
    /// The site: its domain, or an address on it. Without it: all of them.
    #[arg(value_name = "SITE")]
    pub(crate) site: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant findings example.com\n  \
    affiant findings example.com --standing new,open --format csv")]
pub(crate) struct FindingsArgs {
    /// The site: its domain, or an address on it.
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// Only those that stand so after the last audit, separated by commas.
    #[arg(long, value_enum, value_name = "STANDING", value_delimiter = ',')]
    pub(crate) standing: Vec<StandingAs>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

/// How a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StandingAs {
    /// The last audit observed it, none before it did.
    New,
    /// The last audit observed it, as an earlier one did.
    Open,
    /// The last audit looked and did not observe it.
    Gone,
    /// The last audit did not look at all of where it was observed before.
    NotTestedAgain,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant inventory example.com vendors\n  \
    affiant inventory example.com cookies --format csv")]
pub(crate) struct InventoryArgs {
    /// The site: its domain, or an address on it.
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// What.
    #[arg(value_enum, value_name = "WHAT")]
    pub(crate) what: Things,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = TableAs::Table)]
    pub(crate) format: TableAs,
}

/// What an inventory lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Things {
    /// Vendors' deployed instances, by account.
    Tags,
    /// Who received something.
    Vendors,
    /// Cookies that were set.
    Cookies,
    /// Hosts that something was sent to.
    Hosts,
}

/// How a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableAs {
    /// For people.
    Table,
    /// Comma-separated, with a heading.
    Csv,
    /// A list of objects.
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Read it, and print what holds and why. Exit code 2: something is wrong with it.
    Check,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StoreVerbs {
    #[command(subcommand)]
    pub(crate) verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreVerb {
    /// Take audit folders into the store; they stay as they are.
    Import {
        /// Folders of audits.
        #[arg(value_name = "DIR", required = true)]
        dirs: Vec<PathBuf>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Make the store's database again from the audits in it.
    Rebuild {
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// The audit: its folder, or its name in the store.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout; report.html and report.json are written anyway.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant compare audits/october audits/november\n  \
    affiant compare audits/november --scenario reject-all --with accept-all\n  \
    affiant compare audits/default audits/us-ca --scenario no-choice")]
pub(crate) struct CompareArgs {
    /// The audit: its folder, or its name in the store.
    #[arg(value_name = "FIRST")]
    pub(crate) first: PathBuf,
    /// The other audit; without it two scenarios of the first are compared.
    #[arg(value_name = "SECOND")]
    pub(crate) second: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Only this scenario of both; with --with, of the first.
    #[arg(long, value_name = "NAME")]
    pub(crate) scenario: Option<Scenario>,
    /// This scenario of the second.
    #[arg(long, value_name = "NAME", requires = "scenario")]
    pub(crate) with: Option<Scenario>,
    /// What is printed on stdout. Exit code 1: something differs.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Write the difference as one HTML file too.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct JudgeArgs {
    /// The audit: its folder, or its name in the store. Its records stay as they are; a new judgement is added.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Least severity of a finding that makes the exit code 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Low)]
    pub(crate) fail_on: FailOn,
}

#[derive(Debug, ClapArgs)]
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

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// The audit: its folder, or its name in the store; or the folder of one of its records.
    #[arg(value_name = "AUDIT")]
    pub(crate) audit: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The HAR to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    pub(crate) har: PathBuf,
}

#[derive(Debug, ClapArgs)]
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

#[derive(Debug, ClapArgs)]
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
    /// As in `affiant audit`.
    #[arg(long, value_name = "HEADER", value_parser = Header::read)]
    pub(crate) header: Vec<Header>,
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

#[derive(Debug, ClapArgs)]
pub(crate) struct RecordArgs {
    #[command(subcommand)]
    pub(crate) verb: RecordVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordVerb {
    /// Print a record's lines as JSON, one a line.
    Show {
        /// Folder of a record, or of an audit (then with --digest).
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Only this line.
        #[arg(long, value_name = "N")]
        line: Option<u64>,
        /// Only lines of this type, e.g. request, cookie-write, phase.
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// Which record of an audit: its digest or the beginning of it.
        #[arg(long, value_name = "HEX")]
        digest: Option<String>,
    },
    /// Check digests and seals of a record or of a whole audit folder, blobs included.
    Verify {
        /// Folder of a record or of an audit.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RuleArgs {
    #[command(subcommand)]
    pub(crate) verb: RuleVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleVerb {
    /// List the rules.
    List,
    /// Explain one rule.
    Explain {
        /// The rule's id, as in `affiant rule list`.
        #[arg(value_name = "RULE")]
        id: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BrowserArgs {
    #[command(subcommand)]
    pub(crate) verb: BrowserVerb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BrowserVerb {
    /// Print the switches, one a line and quoted: `affiant browser args | xargs chromium`.
    Args {
        /// Port on loopback where the browser is to be reached. Whoever reaches it drives the browser.
        #[arg(long, value_name = "PORT", default_value_t = 9222)]
        port: u16,
        /// Profile folder, prepared by writing its preferences into it: third parties may set cookies there. It must
        /// be empty or absent.
        #[arg(long, value_name = "DIR")]
        profile: Option<PathBuf>,
        /// As in the profile of `audit --block-third-party-cookies`.
        #[arg(long, requires = "profile")]
        block_third_party_cookies: bool,
        /// As of `audit`.
        #[arg(long, value_name = "HOST:PORT:ADDR")]
        resolve: Vec<String>,
        /// As of `audit`.
        #[arg(long)]
        insecure: bool,
        /// Major version of that browser, for its user agent. Default: that of the browser on this machine.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..1000))]
        major: Option<u32>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// Print the arguments that let `affiant audit` reach it, and nothing else.
    #[arg(long)]
    pub(crate) print_args: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// Shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManArgs {
    /// Write a page for every command into this folder instead.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// What goes to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A summary for people.
    Terminal,
    /// The whole report as JSON and nothing else.
    Json,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressAs {
    /// Bars on a terminal, lines elsewhere.
    Auto,
    /// One event a line, as JSON: for programs.
    Json,
}

/// From which severity on the exit code is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Note,
    Low,
    Medium,
    High,
    Critical,
    /// Findings never change the exit code.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity counts.
    pub(crate) fn counts(self, severity: Severity) -> bool {
        let least = match self {
            FailOn::Note => Severity::Note,
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
            FailOn::Never => return false,
        };
        severity >= least
    }
}

/// What `--scenario` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// One of each kind.
    All,
    /// This one.
    One(Scenario),
}

/// Where the visitor is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VantageName {
    /// This machine's time zone, and U.S. English.
    Default,
    /// California.
    UsCa,
}

impl VantageName {
    /// Its name in records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            VantageName::Default => "default",
            VantageName::UsCa => "us-ca",
        }
    }
}

/// Whether Global Privacy Control is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gpc {
    /// It is.
    On,
    /// It is not.
    Off,
}

pub(crate) fn scenario(text: &str) -> Result<Asked, String> {
    if text == "all" {
        return Ok(Asked::All);
    }
    text.parse().map(Asked::One).map_err(|e: affiant_record::scenario::UnknownScenario| e.to_string())
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
