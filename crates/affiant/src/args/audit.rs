//! What `affiant audit` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Asked, FailOn, Format, HeaderArgs, StoreArgs, VantageName, scenario};

#[derive(Debug, Args)]
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
        "vantage", "browser", "header", "header_file", "proxy", "dns", "timeout", "dwell", "resolve", "insecure",
        "block_third_party_cookies", "device", "identify", "parallel", "print_request"])]
    pub(crate) request: Option<PathBuf>,
    /// Go on with an audit that was killed: its folder, or its name in the store. What was sealed stays; what is left is visited by
    /// fresh sessions. Give --header or --header-file, and a proxy's login, once more: secrets are not kept.
    #[arg(long, value_name = "AUDIT", conflicts_with_all = [
        "urls", "list", "demo", "pages", "scenario", "no_return", "no_probe", "no_probe_on", "no_probe_in", "repeat", "gpc",
        "vantage", "browser", "dns", "timeout", "dwell", "resolve", "insecure", "block_third_party_cookies", "device", "identify", "parallel",
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
    #[command(flatten)]
    pub(crate) headers: HeaderArgs,
    /// Proxy: an http, https, socks4 or socks5 address with its port; http and https ones also with a login
    /// (http://USER:PASSWORD@HOST:PORT, percent-encoded), which is never written down. Default: AFFIANT_PROXY, which
    /// keeps a login out of the list of processes.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Name server that is asked what hosts under the site's own domain are aliases of: 'system' (this machine's; not asked
    /// with a proxy, a remote browser or hosts of --resolve), 'off', or an address.
    #[arg(long, value_name = "system|SERVER[:PORT]|off", default_value = "system")]
    pub(crate) dns: String,
    /// Bound for one visit until its page is left, in seconds. To load and come to rest a page gets two thirds of it, and 45 s
    /// at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u64).range(5..=600))]
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
    /// The visitor's device: phones are shown other banners.
    #[arg(long, value_enum, default_value_t = DeviceName::Desktop)]
    pub(crate) device: DeviceName,
    /// Add a word to the user agent, so that you know the audit in your own logs ('affiant/VERSION' unless told otherwise). Without
    /// it pages and servers see a common browser.
    #[arg(long, value_name = "WORD", num_args = 0..=1, require_equals = true,
        default_missing_value = concat!("affiant/", env!("CARGO_PKG_VERSION")))]
    pub(crate) identify: Option<String>,
    /// Sessions that run side by side. Default: as many as fit this machine's cores and memory.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) parallel: Option<u8>,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressAs {
    /// Bars on a terminal, lines elsewhere.
    Auto,
    /// One event a line, as JSON: for programs.
    Json,
}

/// Whether Global Privacy Control is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Gpc {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// The visitor's device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    /// A desktop with a mouse.
    Desktop,
    /// A phone with touch.
    Mobile,
}

impl From<DeviceName> for affiant_engine::Device {
    fn from(name: DeviceName) -> affiant_engine::Device {
        match name {
            DeviceName::Desktop => affiant_engine::Device::Desktop,
            DeviceName::Mobile => affiant_engine::Device::Mobile,
        }
    }
}
