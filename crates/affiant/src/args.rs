//! The command line.

use std::path::PathBuf;

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
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Visit a site in every consent scenario, record what it sends, and judge it.
    Audit(Box<AuditArgs>),
    /// Write the reports of an audit folder again.
    Report(ReportArgs),
    /// Judge an audit folder again with today's rules, offline.
    Judge(JudgeArgs),
    /// Look into sealed records, or check that nobody changed them.
    Record(RecordArgs),
    /// The rules: what each observes, why it matters, what to do.
    Rule(RuleArgs),
    /// Serve the bundled demo shop on loopback until Ctrl-C.
    Demo(DemoArgs),
    /// Print shell completions.
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of every command into a folder.
    Man(ManArgs),
}

/// How many pages, by default.
pub(crate) const PAGES: u32 = 5;

#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  \
    affiant audit https://www.example.com\n  \
    affiant audit https://www.example.com --pages 20 --scenario no-choice,reject-all\n  \
    affiant audit https://staging.example.com --resolve staging.example.com:443:10.0.0.5 --insecure\n  \
    affiant audit --demo")]
pub(crate) struct AuditArgs {
    /// Address of the site. Several addresses: exactly these pages are visited, the choice is made on the first.
    #[arg(value_name = "URL", required_unless_present = "demo")]
    pub(crate) urls: Vec<String>,
    /// Audit the bundled demo shop, served on loopback meanwhile.
    #[arg(long, conflicts_with_all = ["urls", "resolve", "insecure"])]
    pub(crate) demo: bool,
    /// Pages each session visits at most; those beyond the first are found on it. Default: 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) pages: Option<u32>,
    /// Consent scenarios, separated by commas. Default: all.
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = scenario)]
    pub(crate) scenario: Vec<Scenario>,
    /// Folder for the audit; made new. Default: ./affiant-audits/HOST-TIME.
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Program of the Chromium or Chrome to drive. Default: AFFIANT_BROWSER, or the first
    /// of the usual places.
    #[arg(long, value_name = "PATH")]
    pub(crate) browser: Option<PathBuf>,
    /// Extra request header, 'Name: value'; sent to the site's own origin only. May be given more than once.
    #[arg(long, value_name = "HEADER", value_parser = header)]
    pub(crate) header: Vec<(String, String)>,
    /// Proxy: an http, https, socks4 or socks5 address with its port.
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Bound for one page to load and come to rest, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(5..=600))]
    pub(crate) timeout: u64,
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
    /// Sessions that run side by side. Default: one a core, at most 4.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) parallel: Option<u8>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ReportArgs {
    /// The audit's folder.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What is printed on stdout; report.html and report.json are written anyway.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct JudgeArgs {
    /// The audit's folder. Its records stay as they are; a new judgement is added.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,
    /// Least severity of a finding that makes the exit code 1.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Low)]
    pub(crate) fail_on: FailOn,
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

fn scenario(text: &str) -> Result<Scenario, String> {
    text.parse().map_err(|e: affiant_record::scenario::UnknownScenario| e.to_string())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written 'Name: value'")?;
    let name = name.trim();
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(format!("'{name}' is no header name"));
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err("a header's value cannot hold line breaks".to_owned());
    }
    Ok((name.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn headers_are_checked() {
        assert_eq!(header("X-A: b: c").unwrap(), ("X-A".into(), "b: c".into()));
        for bad in ["", "nocolon", ": v", "a b: c", "a: b\r\nc: d"] {
            assert!(header(bad).is_err(), "{bad:?}");
        }
    }
}
