//! `affiant inventory`: what was seen on a site over its audits.

use affiant_store::{Store, ThingKind};
use clap::{Args, ValueEnum};

use crate::args::{StoreArgs, TableAs};
use crate::config::Config;
use crate::exit::Exit;
use crate::kept;
use crate::table::{Table, time};

#[derive(Debug, Args)]
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

/// Lists it: what most audits saw first.
pub(crate) fn run(args: &InventoryArgs, config: &Config) -> anyhow::Result<Exit> {
    let place = args.store.place(config)?;
    let (kind, head) = match args.what {
        Things::Tags => (ThingKind::Tag, "tag"),
        Things::Vendors => (ThingKind::Vendor, "vendor"),
        Things::Cookies => (ThingKind::Cookie, "cookie"),
        Things::Hosts => (ThingKind::Host, "host"),
    };
    let all = kept::run(async {
        let store = Store::open(&place).await?;
        let site = kept::site(&store, &args.site).await?;
        Ok(store.inventory(&site, kind).await?)
    })?;
    let mut table =
        Table::new(&[head, "what", "first seen (UTC)", "last seen", "in audits", "on pages", "scenarios"]);
    for t in &all {
        table.row(vec![
            t.name.clone(),
            t.detail.clone(),
            time(t.first_seen),
            time(t.last_seen),
            format!("{} of {}", t.audits, t.out_of),
            t.pages.to_string(),
            t.scenarios.join(", "),
        ]);
    }
    table.print(std::io::stdout().lock(), args.format, &all)?;
    Ok(Exit::Nothing)
}
