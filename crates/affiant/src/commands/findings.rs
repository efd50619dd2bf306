//! `affiant findings`: the findings of a site over its audits.

use affiant_store::{Standing, Store, severity_rank};
use clap::{Args, ValueEnum};

use crate::args::{StoreArgs, TableAs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;
use crate::table::{Table, time};

#[derive(Debug, Args)]
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

/// Lists them: those that stand first.
pub(crate) fn run(args: &FindingsArgs, config: &Config) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let mut all = kept::run(async {
        let store = Store::open(&place).await?;
        let site = kept::site(&store, &args.site).await?;
        Ok(store.findings(&site).await?)
    })?;
    all.retain(|f| args.standing.is_empty() || args.standing.iter().any(|s| standing(*s) == f.standing));
    all.sort_by_key(|f| (f.standing, severity_rank(&f.severity)));
    let mut table = Table::new(&[
        "standing",
        "severity",
        "since (UTC)",
        "last seen",
        "audits",
        "finding",
        "rule",
        "fingerprint",
    ]);
    for f in &all {
        table.row(vec![
            f.standing.in_words().to_owned(),
            f.severity.clone(),
            time(f.since),
            time(f.last_seen),
            f.audits.to_string(),
            f.rule.clone(),
            f.fingerprint.clone(),
            f.title.clone(),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)?;
    Ok(Exit::Nothing)
}

fn standing(asked: StandingAs) -> Standing {
    match asked {
        StandingAs::New => Standing::New,
        StandingAs::Open => Standing::Open,
        StandingAs::Gone => Standing::Gone,
        StandingAs::NotTestedAgain => Standing::NotTestedAgain,
    }
}
